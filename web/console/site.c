// One site: how it does, who owns it, what was done with it, and what can be done. Also the lists
// behind its figures: sales by day, mails that came back.
#include "base/clock.h"
#include "base/date.h"
#include "base/zone.h"
#include "data/db.h"
#include "domain/plan.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/home.sql.h"
#include "web/console/site.sql.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/object.h"
#include "web/platform/platform.h"
#include "web/setup_text.h"

#define SALES_US (30 * US_PER_DAY)

struct read {
    struct unit *site, *platform;
    int facts, owners, invited, visits, history, figures, health;
};

static bool read_site(struct request *r, struct read *read)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->about->tenant), from = form_str(r, KEY(history));
    int64_t now = clock_now_us(), number;
    read->site = unit_new(a, DB_READ, r->about->tenant);
    read->facts = unit_add(read->site, &SQL_console_site, tenant);
    read->owners = unit_add(read->site, &SQL_console_owners, tenant);
    read->invited = unit_add(read->site, &SQL_console_owner_invited, tenant);
    read->visits = unit_add(read->site, &SQL_console_visits, tenant, db_time(a, now));
    read->history = unit_add(read->site, &SQL_console_site_history, tenant,
        str_to_i64(from, &number) ? from : db_i64(a, INT64_MAX));
    read->figures =
        unit_add(read->site, &SQL_console_site_figures, tenant, db_time(a, now - SALES_US));
    if (unit_run(read->site) != DB_OK)
        return false;
    read->platform = unit_new(a, DB_PLATFORM, 0);
    read->health = unit_add(read->platform, &SQL_console_site_health, tenant, db_time(a, now));
    return unit_run(read->platform) == DB_OK;
}

static void add_count(
    struct request *r, struct value *view, value_key key, int64_t count, struct str url)
{
    struct value *figure = value_object(r->arena);
    value_set(r->arena, view, key, count ? figure : value_null());
    value_set_int(r->arena, figure, KEY(count), count);
    value_set_str(r->arena, figure, KEY(list_url), url);
}

static void add_figures(struct request *r, struct value *about, const struct read *read)
{
    struct arena *a = r->arena;
    const struct rows *f = unit_rows(read->site, read->figures);
    const struct rows *h = unit_rows(read->platform, read->health);
    struct str slug = r->about->slug, query = str_join(a, STR("?site="), slug, STR_NULL);
    struct str errors = str_join(a, request_url(r, STR("/console/errors")), query, STR_NULL);
    struct value *sales = value_object(a);
    value_set(a, about, KEY(sales), sales);
    value_set_int(a, sales, KEY(orders), rows_i64(f, 0, KEY(orders)));
    value_set(a, sales, KEY(amount),
        format_money_value(a, r->format, rows_i64(f, 0, KEY(total_minor)), r->about->currency));
    value_set_str(a, sales, KEY(list_url), console_site_url(r, slug, "/sales"));
    add_count(
        r, about, KEY(bounces), rows_i64(f, 0, KEY(bounces)), console_site_url(r, slug, "/mails"));
    add_count(r, about, KEY(errors), rows_i64(h, 0, KEY(errors)), errors);
    add_count(r, about, KEY(tripped), rows_i64(h, 0, KEY(tripped)),
        str_join(a, errors, STR("&state=paused"), STR_NULL));
    add_count(r, about, KEY(jobs), rows_i64(h, 0, KEY(jobs)),
        str_join(a, request_url(r, STR("/console/jobs")), query, STR_NULL));
    add_count(r, about, KEY(approvals), rows_i64(h, 0, KEY(approvals)),
        str_join(a, request_url(r, STR("/console/approvals")), query, STR_NULL));
    value_set_int(a, about, KEY(feature_count), rows_i64(h, 0, KEY(features)));
    value_set_str(a, about, KEY(setup_url), console_site_url(r, slug, "/setup"));
}

static void add_facts(struct request *r, struct value *about, const struct read *read)
{
    struct arena *a = r->arena;
    const struct rows *f = unit_rows(read->site, read->facts);
    struct value *owners = value_list(a), *languages = value_list(a);
    struct str reason = rows_str(f, 0, KEY(state_reason));
    for (int i = 0; i < r->about->language_count; i++)
        value_append(a, languages, value_str(a, format_language_name(a, r->about->languages[i])));
    value_set_str(a, about, KEY(kind_title), platform_kind_title(r, r->about->kind));
    value_set_str(a, about, KEY(plan), r->about->plan);
    value_set_str(a, about, KEY(currency), str_of(r->about->currency.code));
    value_set_str(a, about, KEY(time_zone), zone_name(r->about->zone));
    value_set_str(a, about, KEY(languages_text), format_list(a, r->format, languages));
    value_set_str(a, about, KEY(reason), reason.len ? reason : STR_NULL);
    value_set(a, about, KEY(state_since),
        rows_is_null(f, 0, KEY(state_since_us))
            ? value_null()
            : format_time_value(a, r->format, r->about->zone, rows_us(f, 0, KEY(state_since_us))));
    value_set(a, about, KEY(created),
        format_time_value(a, r->format, r->about->zone, rows_us(f, 0, KEY(created_us))));
    value_set(a, about, KEY(owners), owners);
    for (int i = 0; i < unit_rows(read->site, read->owners)->count; i++)
        value_append(a, owners, rows_object(a, unit_rows(read->site, read->owners), i));
    value_set_bool(a, about, KEY(has_owners), value_count(owners) > 0);
}

// Until the first owner has come in: who is invited, until when.
static void add_invitation(struct request *r, struct value *about, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *invited = value_object(a);
    bool owned = value_get_bool(about, KEY(has_owners), false);
    value_set_bool(a, about, KEY(ownerless), !owned);
    value_set(a, about, KEY(invited), !owned && rows->count ? invited : value_null());
    if (owned || !rows->count)
        return;
    int64_t until_us = rows_us(rows, 0, KEY(expires_us));
    value_set_str(a, invited, KEY(email), rows_str(rows, 0, KEY(email)));
    value_set(a, invited, KEY(until), format_time_value(a, r->format, r->about->zone, until_us));
    value_set_bool(a, invited, KEY(over), until_us <= clock_now_us());
}

static void add_visits(struct request *r, struct value *about, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *visits = value_list(a);
    value_set(a, about, KEY(visits), visits);
    for (int i = 0; i < rows->count; i++) {
        struct value *visit = value_append_object(a, visits);
        value_set_str(a, visit, KEY(who), rows_str(rows, i, KEY(operator_name)));
        value_set_str(a, visit, KEY(visit_reason), rows_str(rows, i, KEY(reason)));
        value_set(a, visit, KEY(until),
            format_time_value(a, r->format, r->about->zone, rows_us(rows, i, KEY(ends_us))));
    }
}

// Which feature a row is about; other objects are named in what changed.
static struct str name_of(struct request *r, const void *of, const struct rows *rows, int i)
{
    (void)of;
    bool feature = str_is(rows_str(rows, i, KEY(object_kind)), "feature");
    return feature ? console_feature_title(r, rows_str(rows, i, KEY(object_id))) : STR_NULL;
}

static void add_ways(struct request *r, struct value *view, struct value *about)
{
    struct arena *a = r->arena;
    struct str slug = r->about->slug;
    struct value *plans = plan_list(a), *options = value_list(a);
    for (size_t i = 0; i < value_count(plans); i++) {
        struct value *option = value_append_object(a, options);
        struct str name = value_get_str(value_at(plans, i), KEY(name));
        value_set_str(a, option, KEY(value), name);
        value_set_str(a, option, KEY(label), value_get_str(value_at(plans, i), KEY(title)));
        value_set_bool(a, option, KEY(chosen), str_eq(name, r->about->plan));
    }
    value_set(a, view, KEY(plan_options), options);
    value_set_bool(a, about, KEY(can_suspend), r->about->state == SITE_OPEN);
    value_set_bool(a, about, KEY(can_resume), r->about->state != SITE_OPEN);
    value_set_bool(a, about, KEY(can_close), r->about->state != SITE_CLOSED);
    value_set_bool(
        a, view, KEY(may_change), role_has(role_of(r->session.role), PERMIT_SITES_CHANGE));
    value_set_str(a, view, KEY(invite_url), console_site_url(r, slug, "/invite"));
    value_set_str(a, view, KEY(suspend_url), console_site_url(r, slug, "/suspend"));
    value_set_str(a, view, KEY(resume_url), console_site_url(r, slug, "/resume"));
    value_set_str(a, view, KEY(close_url), console_site_url(r, slug, "/close"));
    value_set_str(a, view, KEY(export_url), console_site_url(r, slug, "/export"));
    value_set_str(a, view, KEY(plan_url), console_site_url(r, slug, "/plan"));
    value_set_str(a, view, KEY(support_url), console_site_url(r, slug, "/support"));
}

struct value *console_site_page(struct request *r)
{
    struct read read;
    if (!read_site(r, &read)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    // The form that opens the back office leads to the site's own host.
    r->forms_lead_to = platform_site_url(r, r->about->slug, "");
    struct value *view = console_site_view(r), *about = value_get(view, KEY(about));
    add_figures(r, about, &read);
    add_facts(r, about, &read);
    add_invitation(r, about, unit_rows(read.site, read.invited));
    add_visits(r, about, unit_rows(read.site, read.visits));
    add_ways(r, view, about);
    office_history_view_with(r, view, unit_rows(read.site, read.history),
        &(struct history_words){.names = setup_names(r), .object = name_of});
    return view;
}

static void on_site(struct request *r)
{
    struct value *view = console_site(r) ? console_site_page(r) : NULL;
    if (!view)
        return;
    office_done(r, view, r->about->name);
    respond_page(r, 200, "console/site", view);
}

static void add_days(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *days = value_list(a);
    int64_t orders = 0, total = 0, most = 1;
    for (int i = 0; i < rows->count; i++) {
        int64_t minor = rows_i64(rows, i, KEY(total_minor));
        most = minor > most ? minor : most;
    }
    for (int i = 0; i < rows->count; i++) {
        struct value *day = value_append_object(a, days);
        struct date date;
        int64_t minor = rows_i64(rows, i, KEY(total_minor));
        if (!date_parse(rows_str(rows, i, KEY(day)), &date))
            continue;
        value_set_str(a, day, KEY(date), rows_str(rows, i, KEY(day)));
        value_set_str(a, day, KEY(date_text), format_date(a, r->format, date, FORMAT_DATE_SHORT));
        value_set_int(a, day, KEY(orders), rows_i64(rows, i, KEY(orders)));
        value_set(a, day, KEY(amount), format_money_value(a, r->format, minor, r->about->currency));
        value_set_int(a, day, KEY(share), minor * 100 / most);
        orders += rows_i64(rows, i, KEY(orders));
        total += minor;
    }
    value_set(a, view, KEY(days), days);
    value_set_bool(a, view, KEY(has_days), value_count(days) > 0);
    value_set_int(a, view, KEY(orders), orders);
    value_set(a, view, KEY(total), format_money_value(a, r->format, total, r->about->currency));
}

static void on_sales(struct request *r)
{
    struct arena *a = r->arena;
    if (!console_site(r))
        return;
    struct unit *u = unit_new(a, DB_READ, r->about->tenant);
    int place = unit_add(u, &SQL_console_sales, db_i64(a, r->about->tenant),
        db_time(a, clock_now_us() - SALES_US), zone_name(r->about->zone));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = console_site_view(r);
    add_days(r, view, unit_rows(u, place));
    respond_page(r, 200, "console/sales", view);
}

static void on_mails(struct request *r)
{
    struct arena *a = r->arena;
    if (!console_site(r))
        return;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_READ, r->about->tenant);
    int place = unit_add(u, &SQL_console_mails, db_i64(a, r->about->tenant),
        office_list_below(&list), office_list_limit(&list), db_time(a, clock_now_us() - SALES_US));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++) {
        struct value *mail = value_append_object(a, list.items);
        value_set_str(a, mail, KEY(mail_key), rows_str(rows, i, KEY(key)));
        value_set_str(a, mail, KEY(mail_subject), rows_str(rows, i, KEY(subject)));
        value_set_str(a, mail, KEY(recipient), rows_str(rows, i, KEY(recipient)));
        value_set(a, mail, KEY(when),
            format_time_value(a, r->format, r->about->zone, rows_us(rows, i, KEY(at_us))));
    }
    office_list_next(&list, rows, KEY(mail_id), KEY(mail_id));
    office_list_respond(r, "console/mails", console_site_view(r), &list);
}

static const struct form form_site = FORM(OFFICE_HISTORY_FIELD, {"done", FIELD_TEXT, .max = 40});
static const struct form form_mails = FORM(OFFICE_LIST_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/console/sites/{slug}", PERMIT_CONSOLE_USE, on_site, &form_site, 0, 0},
    {HTTP_GET, "/console/sites/{slug}/sales", PERMIT_CONSOLE_USE, on_sales, NULL, 0, 0},
    {HTTP_GET, "/console/sites/{slug}/mails", PERMIT_CONSOLE_USE, on_mails, &form_mails, 0, 0},
};

void console_site_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
