// All sites, with what is wrong with them.
#include "base/clock.h"
#include "base/zone.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/home.sql.h"
#include "web/platform/platform.h"

enum { SITES_SHOWN = 50 };

static struct str dot_of(struct str state, bool practice)
{
    if (str_is(state, "suspended"))
        return STR("bad");
    if (str_is(state, "closed"))
        return STR("off");
    return practice ? STR("practice") : STR("on");
}

static struct value *date_of(struct request *r, int64_t at_us)
{
    struct value *date = value_object(r->arena);
    struct date day = zone_date(zone_utc(), at_us);
    value_set_str(r->arena, date, KEY(at), instant_text(r->arena, zone_utc(), at_us));
    value_set_str(
        r->arena, date, KEY(text), format_date(r->arena, r->format, day, FORMAT_DATE_LONG));
    return date;
}

static void add_site(struct request *r, struct value *list, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *site = value_append_object(a, list);
    struct str slug = rows_str(rows, i, KEY(slug));
    int64_t errors = rows_i64(rows, i, KEY(errors));
    value_set_str(a, site, KEY(slug), slug);
    value_set_str(a, site, KEY(name), rows_str(rows, i, KEY(name)));
    value_set_str(a, site, KEY(kind), rows_str(rows, i, KEY(kind)));
    value_set_str(a, site, KEY(kind_title), platform_kind_title(r, rows_str(rows, i, KEY(kind))));
    value_set_str(a, site, KEY(state),
        dot_of(rows_str(rows, i, KEY(state)), rows_bool(rows, i, KEY(practice))));
    value_set_str(a, site, KEY(plan), rows_str(rows, i, KEY(plan)));
    value_set(a, site, KEY(created), date_of(r, rows_us(rows, i, KEY(created_us))));
    value_set(a, site, KEY(error_count), errors ? value_int(a, errors) : value_null());
    value_set_bool(a, site, KEY(tripped), rows_i64(rows, i, KEY(tripped)) > 0);
    value_set_str(a, site, KEY(site_url), platform_site_url(r, slug, "/"));
    value_set_str(a, site, KEY(errors_url),
        str_join(a, request_url(r, STR("/console/errors")), STR("?site="), slug, STR_NULL));
}

static void on_home(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    struct str after = form_str(r, KEY(after));
    int sites = unit_add(u, &SQL_console_sites, after.p ? after : STR(""),
        db_i64(a, SITES_SHOWN + 1), db_time(a, clock_now_us()));
    int total = unit_add_plain(u, &SQL_console_site_count);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, sites);
    struct value *view = page_view(r), *list = value_list(a);
    value_set_int(a, view, KEY(site_count), rows_i64(unit_rows(u, total), 0, KEY(sites)));
    value_set(a, view, KEY(sites), list);
    for (int i = 0; i < rows->count && i < SITES_SHOWN; i++)
        add_site(r, list, rows, i);
    struct str more = STR_NULL;
    if (rows->count > SITES_SHOWN)
        more = str_join(a, request_url(r, STR("/console")), STR("?after="),
            rows_str(rows, SITES_SHOWN - 1, KEY(slug)), STR_NULL);
    value_set_str(a, view, KEY(more_url), more);
    value_set_bool(a, view, KEY(has_sites), value_count(list) > 0);
    respond_page(r, 200, "console/home", view);
}

static const struct form query = FORM({"after", FIELD_TEXT, .max = 63});

static const struct route routes[] = {
    {HTTP_GET, "/console", PERMIT_CONSOLE_USE, on_home, &query, 0, 0},
};

void console_home_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
