// What plugins did wrong, per site (P7): where, how often, since when, and whether it was switched
// off for the site because it kept failing.
#include "base/clock.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/errors.sql.h"
#include "web/fault.h"

enum { ERRORS_SHOWN = 200 };

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

static void on_errors(struct request *r)
{
    struct arena *a = r->arena;
    struct str site = or_null(form_str(r, KEY(site))), plugin = or_null(form_str(r, KEY(plugin)));
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(
        u, &SQL_console_errors, site, plugin, db_i64(a, ERRORS_SHOWN), db_time(a, clock_now_us()));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    struct value *view = page_view(r), *list = value_list(a);
    for (int i = 0; i < rows->count; i++)
        add_error(r, list, rows, i);
    page_list(r, view, KEY(plugin_errors), list);
    value_set_bool(a, view, KEY(has_errors), value_count(list) > 0);
    value_set_str(a, view, KEY(only_site), site);
    value_set_str(a, view, KEY(only_plugin), plugin);
    value_set_bool(a, view, KEY(is_filtered), site.p || plugin.p);
    respond_page(r, 200, "console/errors", view);
}

static const struct form query =
    FORM({"site", FIELD_TEXT, .max = 63}, {"plugin", FIELD_TEXT, .max = 40});

static const struct route routes[] = {
    {HTTP_GET, "/console/errors", PERMIT_CONSOLE_USE, on_errors, &query, 0, 0},
};

void console_errors_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
