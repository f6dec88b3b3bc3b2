// What plugins did wrong, per site (P7): where, how often, since when, and whether it was switched
// off for the site because it kept failing. The newest come first; one that happens again meanwhile
// is found at the beginning.
#include "base/clock.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/errors.sql.h"
#include "web/fault.h"
#include "web/office/frame/list.h"

static void add_error(struct request *r, struct value *list, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *e = fault_append(r, list, rows, i, zone_utc());
    struct str slug = rows_str(rows, i, KEY(slug));
    value_set_str(a, e, KEY(site_name), rows_str(rows, i, KEY(name)));
    value_set_str(a, e, KEY(site), slug);
    value_set_str(a, e, KEY(filter_url),
        str_join(a, request_url(r, STR("/console/errors")), STR("?site="), slug, STR_NULL));
}

static struct str or_null(struct str s)
{
    return s.len ? s : STR_NULL;
}

static const char *const states[] = {"", "paused", NULL};

static void on_errors(struct request *r)
{
    static const struct office_filter filter = {"state", "console.errors.state", states};
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct str site = or_null(form_str(r, KEY(site))), plugin = or_null(form_str(r, KEY(plugin)));
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_console_errors, site, plugin, office_list_limit(&list),
        db_bool(form_str(r, KEY(state)).len > 0), db_time(a, clock_now_us()), list.after,
        list.after_id);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = page_view(r);
    for (int i = 0; office_list_more(rows, i); i++)
        add_error(r, list.items, rows, i);
    office_list_next(&list, rows, KEY(last_us), KEY(number));
    value_set_str(a, view, KEY(only_site), site);
    value_set_str(a, view, KEY(only_plugin), plugin);
    office_list_filter(r, view, &filter);
    office_list_respond(r, "console/errors", view, &list);
}

static const struct form query = FORM({"site", FIELD_TEXT, .max = 63},
    {"plugin", FIELD_TEXT, .max = 40}, {"state", .kind = FIELD_CHOICE, .choices = states},
    {"after", .kind = FIELD_TEXT, .max = 400});

static const struct route routes[] = {
    {HTTP_GET, "/console/errors", PERMIT_CONSOLE_USE, on_errors, &query, 0, 0},
};

void console_errors_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
