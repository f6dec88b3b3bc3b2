#include "web/platform/signup_address.h"

#include "base/text.h"
#include "http/form.h"
#include "web/platform/platform.h"

static bool is_free(struct request *r, struct str candidate)
{
    return candidate.len && blueprint_address(r->arena, candidate) == ADDRESS_FREE;
}

// "castle-spa" in English, "spa-castle" where what a thing is stands before its name.
static struct str with_kind(struct request *r, struct str stem, struct str kind)
{
    bool after = str_is(r->language, "en");
    if (!stem.len || !kind.len || str_find(stem, kind) >= 0)
        return STR_NULL;
    return str_join(r->arena, after ? stem : kind, STR("-"), after ? kind : stem, STR_NULL);
}

struct str signup_address_suggest(struct request *r, enum address_result why)
{
    struct arena *a = r->arena;
    struct str typed = text_slug(a, form_str(r, KEY(slug)));
    struct str name = text_slug(a, form_str(r, KEY(venue_name))), kind = form_str(r, KEY(kind));
    kind = platform_kind_find(kind) ? text_slug(a, platform_kind_title(r, kind)) : STR_NULL;
    bool builds = why == ADDRESS_TAKEN || why == ADDRESS_BAD;
    if (why == ADDRESS_LOOKALIKE && str_find(name, typed) >= 0)
        name = STR_NULL;
    const struct str candidates[] = {why == ADDRESS_BAD ? typed : STR_NULL, name,
        with_kind(r, name, kind), builds ? with_kind(r, typed, kind) : STR_NULL};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (is_free(r, candidates[i]))
            return candidates[i];
    return STR_NULL;
}

static const char *const codes[] = {[ADDRESS_BAD] = "address_bad",
    [ADDRESS_RESERVED] = "address_reserved",
    [ADDRESS_TAKEN] = "address_taken",
    [ADDRESS_LOOKALIKE] = "address_lookalike"};

struct str signup_address_text(struct request *r, enum address_result why)
{
    struct arena *a = r->arena;
    struct str other = signup_address_suggest(r, why);
    struct str key = str_join(a, STR("platform.signup."), str_of(codes[why]), STR_NULL);
    return message(
        a, r->words, key, "suggestion", value_str(a, other.p ? other : STR("none")), NULL);
}

void signup_address_refuse(struct request *r, enum address_result why)
{
    form_refuse_text(r, "slug", codes[why], signup_address_text(r, why));
}
