#include "http/permission.h"

static const struct {
    struct str name;
    enum role least;
} permissions[PERMISSION_COUNT] = {
#define PERMISSION_ROW(name, role) {{#name, sizeof #name - 1}, role},
    PERMISSIONS(PERMISSION_ROW)
#undef PERMISSION_ROW
};

enum role role_of(struct str name)
{
    static const struct {
        const char *name;
        enum role role;
    } roles[] = {{"customer", ROLE_CUSTOMER}, {"box_office", ROLE_BOX_OFFICE},
        {"manager", ROLE_MANAGER}, {"owner", ROLE_OWNER},
        // What owners alone decide stays theirs.
        {"support", ROLE_MANAGER}, {"account_manager", ROLE_ACCOUNT_MANAGER},
        {"operator", ROLE_OPERATOR}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (str_is(name, roles[i].name))
            return roles[i].role;
    return ROLE_NOBODY;
}

bool role_has(enum role role, enum permission permission)
{
    enum role least = permissions[permission].least;
    bool same_side = (least >= ROLE_ACCOUNT_MANAGER) == (role >= ROLE_ACCOUNT_MANAGER);
    return least == ROLE_NOBODY || (same_side && role >= least);
}

bool permission_is_scope(enum permission permission)
{
    enum role least = permissions[permission].least;
    return (least == ROLE_BOX_OFFICE || least == ROLE_MANAGER) && permission != PERMIT_OFFICE_USE;
}

struct str permission_name(enum permission permission)
{
    return permissions[permission].name;
}

enum permission permission_find(struct str name)
{
    for (int i = 0; i < PERMISSION_COUNT; i++)
        if (str_ieq(name, permissions[i].name))
            return (enum permission)i;
    return PERMISSION_COUNT;
}
