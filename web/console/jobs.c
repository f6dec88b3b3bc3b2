// Jobs that failed or wait, in all sites or in one: what they carry, what went wrong, when they run
// again, and running them now.
#include "base/clock.h"
#include "base/json.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/jobs.sql.h"
#include "web/office/frame/history.h"
#include "web/office/frame/list.h"
#include "web/office/frame/object.h"

enum { PAYLOAD_MAX = 256 << 10, ERROR_SHOWN = 200 };

static struct str or_null(struct str s)
{
    return s.len ? s : STR_NULL;
}

// failed, waiting, or running while somebody is at it.
static struct str state_of(const struct rows *rows, int i)
{
    bool running = rows_i64_or(rows, i, KEY(lease_us), 0) > clock_now_us();
    return running ? STR("running") : rows_str(rows, i, KEY(state));
}

static struct value *time_of(struct request *r, int64_t us)
{
    return format_time_value(r->arena, r->format, zone_utc(), us);
}

static void set_job(struct request *r, struct value *job, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct str state = state_of(rows, i), slug = rows_str(rows, i, KEY(slug));
    struct str tenant = rows_str(rows, i, KEY(tenant_id)), id = rows_str(rows, i, KEY(job_id));
    bool site = !rows_is_null(rows, i, KEY(slug));
    struct str path = str_join(a, STR("/console/jobs/"), tenant, STR("/"), id, STR_NULL);
    value_set_str(a, job, KEY(id), id);
    value_set_str(a, job, KEY(kind), rows_str(rows, i, KEY(kind)));
    value_set_str(a, job, KEY(state), state);
    value_set_bool(a, job, KEY(is_failed), str_is(state, "failed"));
    value_set_int(a, job, KEY(attempt), rows_i64(rows, i, KEY(attempt)));
    value_set_str(a, job, KEY(last_error),
        or_null(str_utf8_clip(rows_str(rows, i, KEY(last_error)), ERROR_SHOWN)));
    value_set(a, job, KEY(next),
        str_is(state, "failed") ? value_null() : time_of(r, rows_us(rows, i, KEY(run_us))));
    value_set_str(a, job, KEY(job_site), site ? slug : STR_NULL);
    value_set_str(a, job, KEY(site_name), site ? rows_str(rows, i, KEY(name)) : STR_NULL);
    value_set_str(a, job, KEY(page_url), request_url(r, path));
    value_set_str(
        a, job, KEY(retry_url), request_url(r, str_join(a, path, STR("/retry"), STR_NULL)));
    value_set_bool(a, job, KEY(can_retry), !str_is(state, "running") && !str_is(state, "done"));
}

static int add_list(struct request *r, struct unit *u, const struct office_list *list)
{
    struct str site = or_null(form_str(r, KEY(site))), kind = or_null(form_str(r, KEY(kind)));
    struct str state = form_str(r, KEY(state)), limit = office_list_limit(list);
    bool waiting = str_is(state, "waiting");
    if (site.p)
        return unit_add(u, &SQL_console_jobs_of_site, list->after, list->after_id, kind, limit,
            site, waiting ? state : STR("failed"));
    return unit_add(u, waiting ? &SQL_console_jobs_waiting : &SQL_console_jobs_failed, list->after,
        list->after_id, kind, limit);
}

static const char *const states[] = {"", "waiting", NULL};

static void on_jobs(struct request *r)
{
    static const struct office_filter state = {"state", "console.jobs.state", states};
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = add_list(r, u, &list);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    for (int i = 0; office_list_more(rows, i); i++)
        set_job(r, value_append_object(a, list.items), rows, i);
    office_list_next(&list, rows, KEY(sort_us), KEY(job_id));
    struct value *view = page_view(r);
    office_done(r, view, form_str(r, KEY(what)));
    value_set_str(a, view, KEY(only_site), or_null(form_str(r, KEY(site))));
    value_set_str(a, view, KEY(only_kind), or_null(form_str(r, KEY(kind))));
    value_set_bool(a, view, KEY(may_retry), role_has(role_of(r->session.role), PERMIT_JOBS_RETRY));
    office_list_filter(r, view, &state);
    office_list_respond(r, "console/jobs", view, &list);
}

static bool read_numbers(struct request *r, int64_t *tenant, int64_t *job)
{
    if (str_to_i64(r->params[0], tenant) && str_to_i64(r->params[1], job) && *tenant >= 0)
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct str pretty(struct arena *a, const struct value *payload)
{
    struct buf b;
    buf_init(&b, a, PAYLOAD_MAX);
    json_write(&b, payload);
    return buf_str(&b);
}

// Links in mails let their reader in or show an order: their secret part is the recipient's alone.
static struct value *without_secrets(struct arena *a, const struct value *v)
{
    if (value_is(v, VALUE_STR)) {
        bool link = str_starts(v->str, STR("http://")) || str_starts(v->str, STR("https://")) ||
                    str_starts(v->str, STR("/"));
        ptrdiff_t query = link ? str_find(v->str, STR("?")) : -1;
        if (query < 0)
            return value_copy(a, v);
        return value_str(a, str_join(a, str_sub(v->str, 0, (size_t)query), STR("?…"), STR_NULL));
    }
    if (value_is(v, VALUE_OBJECT)) {
        struct value *object = value_object(a);
        for (size_t i = 0; i < v->object.count; i++)
            value_set(
                a, object, v->object.fields[i].key, without_secrets(a, v->object.fields[i].value));
        return object;
    }
    if (!value_is(v, VALUE_LIST))
        return value_copy(a, v);
    struct value *list = value_list(a);
    for (size_t i = 0; i < value_count(v); i++)
        value_append(a, list, without_secrets(a, value_at(v, i)));
    return list;
}

// Field by field, so that a person reads it; nested values as JSON.
static struct value *fields_of(struct request *r, const struct value *payload)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    for (size_t i = 0; value_is(payload, VALUE_OBJECT) && i < payload->object.count; i++) {
        const struct value_field *f = &payload->object.fields[i];
        struct value *field = value_append_object(a, list);
        value_set_str(a, field, KEY(field_name), value_key_name(f->key));
        value_set_str(a, field, KEY(field_value),
            value_is(f->value, VALUE_STR) ? f->value->str : pretty(a, f->value));
    }
    return list;
}

static void on_job(struct request *r)
{
    struct arena *a = r->arena;
    int64_t tenant, id;
    if (!read_numbers(r, &tenant, &id))
        return;
    struct unit *u = unit_new(a, DB_PLATFORM, tenant);
    int place = unit_add(u, &SQL_console_job, db_i64(a, tenant), db_i64(a, id));
    int history = office_history_add(r, u, "job", db_i64(a, id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, place);
    if (!rows->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct value *view = page_view(r), *job = value_object(a);
    struct office_object object = {
        rows_str(rows, 0, KEY(kind)), "/console/jobs", "console.nav.jobs"};
    office_object_view(r, view, &object);
    value_set(a, view, KEY(job), job);
    set_job(r, job, rows, 0);
    value_set_str(a, job, KEY(last_error), or_null(rows_str(rows, 0, KEY(last_error))));
    value_set(a, job, KEY(created), time_of(r, rows_us(rows, 0, KEY(created_us))));
    value_set(a, job, KEY(finished),
        rows_is_null(rows, 0, KEY(finished_us)) ? value_null()
                                                : time_of(r, rows_us(rows, 0, KEY(finished_us))));
    struct value *payload = without_secrets(a, rows_json(a, rows, 0, KEY(payload)));
    if (r->wants_json)
        value_set(a, job, KEY(payload), payload);
    office_history_view(r, view, unit_rows(u, history));
    value_set(a, job, KEY(fields), fields_of(r, payload));
    value_set_bool(a, view, KEY(may_retry), role_has(role_of(r->session.role), PERMIT_JOBS_RETRY));
    respond_page(r, 200, "console/job", view);
}

static void on_retry(struct request *r)
{
    struct arena *a = r->arena;
    int64_t tenant, id;
    if (!read_numbers(r, &tenant, &id))
        return;
    struct str now = db_time(a, clock_now_us());
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_console_job_again, db_i64(a, tenant), db_i64(a, id), now);
    unit_add(u, &SQL_console_job_audit, db_i64(a, tenant), db_i64(a, id), now,
        db_i64(a, r->session.person), r->session.name);
    switch (unit_run(u)) {
    case DB_OK:
        respond_done(r, 200, STR("/console/jobs?done=job_again"), value_object(a));
        return;
    case DB_REFUSED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_jobs =
    FORM(OFFICE_LIST_FIELDS, {"state", .kind = FIELD_CHOICE, .choices = states + 1},
        {"site", .kind = FIELD_TEXT, .max = 63}, {"kind", .kind = FIELD_TEXT, .max = 60});
static const struct form form_job = FORM(OFFICE_HISTORY_FIELD);
static const struct form form_retry = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/console/jobs", PERMIT_CONSOLE_USE, on_jobs, &form_jobs, 0, 0},
    {HTTP_GET, "/console/jobs/{tenant}/{job}", PERMIT_CONSOLE_USE, on_job, &form_job, 0, 0},
    {HTTP_POST, "/console/jobs/{tenant}/{job}/retry", PERMIT_JOBS_RETRY, on_retry, &form_retry, 0,
        0},
};

void console_jobs_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
