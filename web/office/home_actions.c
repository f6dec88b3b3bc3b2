#include "web/office/home_actions.h"

#include "base/clock.h"
#include "domain/site.h"
#include "http/permission.h"
#include "http/respond.h"
#include "web/office/home_actions.sql.h"
#include "web/office/mails/refused.h"

static int add_refunds(const struct request *r, struct unit *u)
{
    return unit_add(u, &SQL_home_refused, db_i64(unit_arena(u), r->site->tenant));
}

static int add_left_over(const struct request *r, struct unit *u)
{
    return unit_add(u, &SQL_home_left_over, db_i64(unit_arena(u), r->site->tenant));
}

static int add_asks(const struct request *r, struct unit *u)
{
    return unit_add(u, &SQL_home_asks, db_i64(unit_arena(u), r->site->tenant));
}

static int add_paused(const struct request *r, struct unit *u)
{
    struct arena *a = unit_arena(u);
    return unit_add(u, &SQL_home_paused, db_i64(a, r->site->tenant), db_time(a, clock_now_us()));
}

static int add_stopped(const struct request *r, struct unit *u)
{
    return unit_add(u, &SQL_home_stopped, db_i64(unit_arena(u), r->site->tenant));
}

static int64_t waiting(const struct request *r)
{
    int64_t count = 0;
    for (int i = 0; i < r->site->feature_count; i++)
        count += r->site->features[i].state == FEATURE_WAITING;
    return count;
}

// The most urgent first. Words: office.home.<kind>, office.home.<kind>_text.
static const struct kind {
    const char *name, *path;
    enum permission permission;
    int (*add)(const struct request *r, struct unit *u); // NULL: the site itself knows
    bool patient;
} kinds[] = {
    {"left_over", "/manage/orders?state=left_over", PERMIT_ORDERS_READ, add_left_over, false},
    {"refused", "/manage/orders?state=refunding", PERMIT_ORDERS_READ, add_refunds, false},
    {"asks", "/manage/customers?state=asks", PERMIT_CUSTOMERS_READ, add_asks, false},
    {"mails", "/manage/mails", PERMIT_CUSTOMERS_READ, mails_refused_count_add, false},
    {"paused", "/manage/features?state=paused", PERMIT_FEATURES_READ, add_paused, false},
    {"stopped", "/manage/webhooks?state=failed", PERMIT_WEBHOOKS_CHANGE, add_stopped, false},
    {"waiting", "/manage/features?state=waiting", PERMIT_FEATURES_READ, NULL, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };
_Static_assert(sizeof kinds <= HOME_ACTIONS_MAX * sizeof *kinds, "a place for each");

struct home_actions home_actions_add(const struct request *r, struct unit *u)
{
    struct home_actions read;
    enum role role = role_of(r->session.role);
    for (int i = 0; i < KINDS; i++) {
        bool may = role_has(role, kinds[i].permission);
        read.places[i] = may && kinds[i].add ? kinds[i].add(r, u) : may ? 0 : -1;
    }
    return read;
}

static int64_t count_of(
    const struct request *r, const struct unit *u, const struct kind *kind, int place)
{
    if (place < 0)
        return 0;
    return kind->add ? rows_i64(unit_rows(u, place), 0, KEY(count)) : waiting(r);
}

void home_actions_view(
    struct request *r, struct value *view, const struct unit *u, const struct home_actions *read)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    value_set(a, view, KEY(actions), list);
    for (int i = 0; i < KINDS; i++) {
        int64_t count = count_of(r, u, &kinds[i], read->places[i]);
        if (!count)
            continue;
        struct str name = str_of(kinds[i].name);
        struct str title = str_join(a, STR("office.home."), name, STR_NULL);
        struct value *v = value_append_object(a, list);
        value_set_str(a, v, KEY(kind), name);
        value_set_int(a, v, KEY(count), count);
        value_set_str(
            a, v, KEY(title), message(a, r->words, title, "count", value_int(a, count), NULL));
        value_set_str(a, v, KEY(text),
            message(a, r->words, str_join(a, title, STR("_text"), STR_NULL), "count",
                value_int(a, count), NULL));
        value_set_str(a, v, KEY(action_url), request_url(r, str_of(kinds[i].path)));
        value_set_bool(a, v, KEY(patient), kinds[i].patient);
    }
}
