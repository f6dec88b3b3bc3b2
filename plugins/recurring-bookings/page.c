#include "page.h"

#include "series.h"

// What staff decide of a date that something stands in the way of.
enum decision { DECIDED_NOT, DECIDED_SKIP, DECIDED_STOP, DECIDED_WAIT };
// So many can be decided one by one, of a form that has its limits; the others follow the rule.
enum { SINGLE_MAX = 50 };

// For all that were shown with something in the way, and for single ones otherwise.
struct decisions {
    struct vt_value *single;
    struct vt_str asked; // "3,4,9": the dates that were shown so
    enum decision blocked, early;
};

// ---- One series

static struct vt_value *occurrences_of(struct vt_call *call, struct vt_value *series)
{
    return vt_db_read(call, VT("series_occurrences"), vt_list_of(call, vt_get(series, "id"), NULL));
}

static struct vt_value *look_at(
    struct vt_call *call, struct vt_value *series, struct vt_value *dates)
{
    struct vt_value *ask = vt_object(call), *times = vt_list(call);
    for (size_t i = 0; i < vt_count(dates); i++)
        vt_append(call, times, vt_get(vt_at(dates, i), "local_time"));
    vt_set(call, ask, "times", times);
    return series_look(call, series, ask);
}

static void add_facts(struct vt_call *call, struct vt_value *view, struct vt_value *s)
{
    static const char *const same[] = {"id", "name", "version", "created_by", "rrule"};
    static const char *const maybe[] = {"email", "phone", "public_note", "private_note"};
    struct vt_str id = vt_get_text(s, "id"), customer = vt_get_text(s, "customer_id");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        vt_set(call, view, same[i], vt_get(s, same[i]));
    for (size_t i = 0; i < sizeof maybe / sizeof *maybe; i++)
        vt_set_text(call, view, maybe[i], series_or_null(vt_get_text(s, maybe[i])));
    vt_set_text(call, view, "title", series_title(call, vt_get(s, "title")));
    vt_set_text(call, view, "words", series_words(call, s));
    vt_set_text(call, view, "time", vt_get_text(vt_get(s, "rule"), "time"));
    vt_set_text(call, view, "resource", vt_get_text(s, "resource_name"));
    vt_set_bool(call, view, "owner_gone", vt_get_bool(s, "owner_gone", false));
    vt_set_text(call, view, "customer_url",
        customer.len && !vt_get_bool(s, "owner_gone", false)
            ? vt_site_url(call,
                  vt_str_format(call, "/manage/customers/%.*s", (int)customer.len, customer.p))
            : VT_NULL);
    vt_set_bool(call, view, "pay_series", vt_str_eq(vt_get_text(s, "pay"), VT("series")));
    vt_set_text(call, view, "created", vt_format_time(call, vt_get_int(s, "created_us", 0)));
    vt_set_text(call, view, "url", vt_site_url(call, series_path(call, id, "")));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT("/manage/x/recurring-bookings/")));
}

static enum decision decision_of(struct vt_value *typed, int64_t number)
{
    for (size_t i = 0; i < vt_count(typed); i++) {
        struct vt_str key = vt_get_text(vt_at(typed, i), "key");
        int64_t n = 0;
        for (size_t k = 0; k < key.len && key.len < 5; k++)
            n = n * 10 + key.p[k] - '0';
        if (n == number)
            return (enum decision)vt_get_int(vt_at(typed, i), "count", 0);
    }
    return DECIDED_NOT;
}

static enum decision decision_named(struct vt_str name, enum decision otherwise)
{
    return vt_str_eq(name, VT("skip"))   ? DECIDED_SKIP
           : vt_str_eq(name, VT("stop")) ? DECIDED_STOP
           : vt_str_eq(name, VT("wait")) ? DECIDED_WAIT
                                         : otherwise;
}

static struct decisions decisions_of(struct vt_value *form)
{
    return (struct decisions){.single = vt_get(form, "conflict"),
        .asked = vt_get_text(form, "asked"),
        .blocked = decision_named(vt_get_text(form, "blocked"), DECIDED_SKIP),
        .early = decision_named(vt_get_text(form, "early"), DECIDED_WAIT)};
}

static bool was_asked(struct vt_str asked, int64_t number)
{
    int64_t n = 0;
    for (size_t i = 0; i < asked.len; i++) {
        if (asked.p[i] >= '0' && asked.p[i] <= '9' && n < INT32_MAX) {
            n = n * 10 + asked.p[i] - '0';
            continue;
        }
        if (n == number)
            return true;
        n = 0;
    }
    return n == number;
}

static void add_preview_row(
    struct vt_call *call, struct vt_value *rows, struct vt_value *n, struct vt_value *t)
{
    struct vt_value *row = vt_object(call);
    struct vt_str obstacle = vt_get_text(t, "obstacle");
    vt_set(call, row, "number", vt_get(n, "number"));
    vt_set(call, row, "local_time", vt_get(n, "local_time"));
    vt_set(call, row, "at_us", series_has(t, "at_us") ? vt_get(t, "at_us") : vt_null());
    vt_set_text(call, row, "when",
        series_when(call, vt_get_int(t, "at_us", 0), vt_get_int(n, "day_us", 0),
            vt_get_text(n, "local_time")));
    vt_set_bool(call, row, "free", !obstacle.len);
    vt_set_text(call, row, "obstacle", obstacle);
    vt_set_text(call, row, "why", obstacle.len ? series_why(call, t) : VT_NULL);
    vt_set_bool(call, row, "twice", vt_get_bool(t, "twice", false));
    vt_append(call, rows, row);
}

// May it be booked when its sale opens? Not as part of one order.
static bool may_wait(struct vt_value *series, struct vt_value *t)
{
    return vt_str_eq(vt_get_text(t, "obstacle"), VT("early")) &&
           vt_str_eq(vt_get_text(series, "pay"), VT("each"));
}

// What got in the way since it was shown stays undecided.
static enum decision decide(
    const struct decisions *d, struct vt_value *series, struct vt_value *n, struct vt_value *t)
{
    int64_t number = vt_get_int(n, "number", 0);
    enum decision single = decision_of(d->single, number);
    if (single != DECIDED_NOT || !vt_get_text(t, "obstacle").len || !was_asked(d->asked, number))
        return single;
    return may_wait(series, t) ? d->early : d->blocked;
}

static void add_choices(struct vt_call *call, struct vt_value *row, enum decision single, bool wait)
{
    vt_set_bool(call, row, "may_wait", wait);
    vt_set_bool(call, row, "as_rule", single == DECIDED_NOT);
    vt_set_bool(call, row, "skip", single == DECIDED_SKIP);
    vt_set_bool(call, row, "stop", single == DECIDED_STOP);
    vt_set_bool(call, row, "wait", single == DECIDED_WAIT);
}

static void add_rule(
    struct vt_call *call, struct vt_value *view, const struct decisions *d, int64_t early)
{
    int64_t blocked = vt_get_int(view, "blocked", 0);
    vt_set_bool(call, view, "any_early", early > 0);
    vt_set_bool(call, view, "any_blocked", blocked > early);
    vt_set_bool(call, view, "blocked_stop", d->blocked == DECIDED_STOP);
    vt_set_bool(call, view, "early_skip", d->early == DECIDED_SKIP);
    vt_set_bool(call, view, "early_stop", d->early == DECIDED_STOP);
}

static struct vt_value *preview(struct vt_call *call, struct vt_value *series,
    struct vt_value *dates, struct vt_value *times, const struct decisions *d)
{
    struct vt_value *view = vt_object(call), *rows = vt_list(call);
    struct vt_str id = vt_get_text(series, "id"), asked = VT("");
    int64_t blocked = 0, early = 0;
    add_facts(call, view, series);
    for (size_t i = 0; i < vt_count(dates); i++) {
        struct vt_value *t = vt_at(times, i);
        int64_t number = vt_get_int(vt_at(dates, i), "number", 0);
        add_preview_row(call, rows, vt_at(dates, i), t);
        struct vt_value *row = vt_at(rows, i);
        add_choices(call, row, decision_of(d->single, number), may_wait(series, t));
        bool free = vt_get_bool(row, "free", false);
        vt_set_bool(call, row, "single", !free && blocked < SINGLE_MAX);
        if (!free)
            asked = vt_str_format(
                call, "%.*s%s%d", (int)asked.len, asked.p, asked.len ? "," : "", (int)number);
        blocked += !free;
        early += may_wait(series, t);
    }
    vt_set_text(call, view, "asked", asked);
    vt_set(call, view, "dates", rows);
    vt_set_text(call, view, "state", VT("draft"));
    vt_set_int(call, view, "count", (int64_t)vt_count(rows));
    vt_set_int(call, view, "blocked", blocked);
    vt_set_int(call, view, "free", (int64_t)vt_count(rows) - blocked);
    vt_set_bool(call, view, "in_the_way", blocked > 0);
    add_rule(call, view, d, early);
    vt_set_text(call, view, "action", vt_site_url(call, series_path(call, id, "/book")));
    vt_set_text(call, view, "change_url",
        vt_site_url(call,
            vt_str_format(call, "/manage/x/recurring-bookings/new?draft=%.*s", (int)id.len, id.p)));
    return view;
}

static void show_draft(struct vt_call *call, struct vt_value *series)
{
    struct vt_value *dates = occurrences_of(call, series);
    struct vt_value *times = look_at(call, series, dates);
    struct decisions d = decisions_of(NULL);
    struct vt_value *view = preview(call, series, dates, times, &d);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("draft"), view);
}

static const char *state_of(struct vt_value *n)
{
    struct vt_str state = vt_get_text(n, "state");
    if (vt_str_eq(state, VT("booked")) && !vt_get_int(n, "live", 0))
        return "cancelled";
    if (vt_str_eq(state, VT("planned")))
        return series_has(n, "try_us") ? "waiting" : "planned";
    return vt_str_eq(state, VT("booked"))    ? "booked"
           : vt_str_eq(state, VT("skipped")) ? "skipped"
                                             : "cancelled";
}

static struct vt_str date_url(struct vt_call *call, struct vt_str id, int64_t number)
{
    return vt_site_url(call, vt_str_format(call, "/manage/x/recurring-bookings/%.*s/dates/%d",
                                 (int)id.len, id.p, (int)number));
}

static bool is_ahead(struct vt_value *row, struct vt_value *n)
{
    bool booked = vt_get_bool(row, "good", false);
    return vt_str_eq(vt_get_text(row, "state"), VT("waiting")) ||
           (booked && vt_get_int(n, "starts_us", 0) > series_now_us());
}

static void add_date_row(
    struct vt_call *call, struct vt_value *rows, struct vt_value *series, struct vt_value *n)
{
    struct vt_value *row = vt_object(call), *args = vt_object(call);
    const char *state = state_of(n);
    struct vt_str code = vt_get_text(n, "order_code"), id = vt_get_text(series, "id");
    struct vt_str reason = vt_get_text(n, "reason");
    bool stands =
        vt_str_eq(vt_str_of(state), VT("waiting")) || vt_str_eq(vt_str_of(state), VT("booked"));
    vt_set(call, row, "number", vt_get(n, "number"));
    vt_set_text(call, row, "when", series_date_when(call, n));
    vt_set_text(call, row, "state", vt_str_of(state));
    vt_set_text(call, args, "state", vt_str_of(state));
    vt_set_text(call, args, "date", vt_format_date(call, vt_get_int(n, "try_us", 0)));
    vt_set_text(call, row, "state_text", vt_translate_text(call, VT("state"), args));
    vt_set_bool(call, row, "good", vt_str_eq(vt_str_of(state), VT("booked")));
    vt_set_text(call, row, "why", reason.len ? series_why_code(call, reason) : VT_NULL);
    vt_set_text(call, row, "place", vt_get_text(n, "place"));
    vt_set_text(call, row, "note", series_or_null(vt_get_text(n, "public_note")));
    vt_set_text(call, row, "private_note", series_or_null(vt_get_text(n, "private_note")));
    vt_set_text(call, row, "order_code", code);
    vt_set_text(call, row, "order_url",
        code.len
            ? vt_site_url(call, vt_str_format(call, "/manage/orders/%.*s", (int)code.len, code.p))
            : VT_NULL);
    vt_set_text(
        call, row, "edit_url", stands ? date_url(call, id, vt_get_int(n, "number", 0)) : VT_NULL);
    vt_append(call, rows, row);
}

static void add_progress(
    struct vt_call *call, struct vt_value *view, struct vt_value *series, int64_t left)
{
    struct vt_value *progress = vt_object(call), *args = vt_object(call);
    int64_t all = vt_get_int(series, "round_all", 0);
    if (!vt_get_text(series, "round").len) {
        vt_set(call, view, "progress", vt_null());
        return;
    }
    vt_set_int(call, progress, "all", all);
    vt_set_int(call, progress, "most", all ? all : 1);
    vt_set_int(call, progress, "done", all > left ? all - left : 0);
    vt_set_text(call, args, "round", vt_get_text(series, "round"));
    vt_set_text(call, progress, "title", vt_translate_text(call, VT("progress.title"), args));
    vt_set(call, view, "progress", progress);
}

static void show_running(struct vt_call *call, struct vt_value *series)
{
    struct vt_value *dates = occurrences_of(call, series), *view = vt_object(call);
    struct vt_value *rows = vt_list(call);
    int64_t left = 0, booked = 0, due_minor = 0, next = 0;
    struct vt_str order = VT_NULL;
    add_facts(call, view, series);
    for (size_t i = 0; i < vt_count(dates); i++) {
        struct vt_value *n = vt_at(dates, i);
        add_date_row(call, rows, series, n);
        left += vt_get_text(n, "todo").len && !series_has(n, "try_us");
        booked += vt_get_bool(vt_at(rows, i), "good", false);
        if (!next && is_ahead(vt_at(rows, i), n))
            next = vt_get_int(n, "number", 0);
        // Dates of one order owe once.
        if (!vt_str_eq(order, vt_get_text(n, "order_id")))
            due_minor += vt_get_int(n, "due_minor", 0);
        order = vt_get_text(n, "order_id");
    }
    vt_set(call, view, "dates", rows);
    vt_set_text(call, view, "state", VT("running"));
    vt_set_int(call, view, "count", (int64_t)vt_count(rows));
    vt_set_int(call, view, "booked", booked);
    struct vt_str whole = date_url(call, vt_get_text(series, "id"), next);
    vt_set_text(call, view, "whole_url",
        next ? vt_str_format(call, "%.*s?scope=all", (int)whole.len, whole.p) : VT_NULL);
    vt_set_text(call, view, "due", due_minor ? vt_format_money(call, due_minor) : VT_NULL);
    add_progress(call, view, series, left);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("series"), view);
}

void page_series(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *series = series_require(call, request);
    if (!series)
        return;
    if (vt_str_eq(vt_get_text(series, "state"), VT("draft")))
        show_draft(call, series);
    else
        show_running(call, series);
}

// ---- From draft to bookings

struct plan {
    struct vt_value *dates; // for series_plan
    int64_t now, later, first_try_us;
    bool undecided; // something is in the way that nobody was asked about
};

static void plan_date(struct vt_call *call, struct plan *p, struct vt_value *n, const char *state,
    struct vt_str reason)
{
    struct vt_value *v = vt_object(call);
    vt_set(call, v, "number", vt_get(n, "number"));
    vt_set_text(call, v, "state", vt_str_of(state));
    vt_set_text(call, v, "reason", reason);
    if (!vt_str_eq(vt_str_of(state), VT("skipped")))
        vt_set_text(call, v, "todo", VT("book"));
    vt_append(call, p->dates, v);
}

static void plan_wait(struct vt_call *call, struct plan *p, struct vt_value *n, int64_t opens_us)
{
    plan_date(call, p, n, "planned", VT_NULL);
    vt_set_int(call, vt_at(p->dates, vt_count(p->dates) - 1), "try_us", opens_us);
    if (!p->later++ || opens_us < p->first_try_us)
        p->first_try_us = opens_us;
}

static struct plan plan_of(struct vt_call *call, struct vt_value *series, struct vt_value *dates,
    struct vt_value *times, const struct decisions *decisions)
{
    struct plan p = {.dates = vt_list(call)};
    bool stopped = false;
    for (size_t i = 0; i < vt_count(dates); i++) {
        struct vt_value *n = vt_at(dates, i), *t = vt_at(times, i);
        struct vt_str obstacle = vt_get_text(t, "obstacle");
        enum decision d = decide(decisions, series, n, t);
        stopped |= d == DECIDED_STOP;
        if (stopped) {
            plan_date(call, &p, n, "skipped", VT("stopped"));
        } else if (d == DECIDED_WAIT && may_wait(series, t)) {
            plan_wait(call, &p, n, vt_get_int(t, "opens_us", 0));
        } else if (!obstacle.len && d == DECIDED_NOT) {
            plan_date(call, &p, n, "planned", VT_NULL);
            p.now++;
        } else {
            p.undecided |= d == DECIDED_NOT;
            plan_date(call, &p, n, "skipped", obstacle.len ? obstacle : VT("chosen"));
        }
    }
    return p;
}

static void add_job(
    struct vt_call *call, struct vt_value *steps, struct vt_value *id, int64_t at_us)
{
    struct vt_value *job = vt_object(call), *data = vt_object(call);
    vt_set(call, data, "series", id);
    vt_set_text(call, job, "job", VT("work"));
    vt_set(call, job, "data", data);
    if (at_us)
        vt_set_int(call, job, "at_us", at_us);
    vt_append(call, steps, job);
}

static bool write_plan(struct vt_call *call, struct vt_value *series, const struct plan *p,
    int64_t version, struct vt_str *refused)
{
    struct vt_value *steps = vt_list(call), *id = vt_get(series, "id"), *audit = vt_object(call);
    struct vt_value *after = vt_object(call);
    vt_db_step(call, steps, VT("series_start"),
        vt_list_of(call, id, vt_int(call, version), vt_int(call, p->now), NULL));
    vt_db_step(call, steps, VT("series_plan"), vt_list_of(call, id, p->dates, NULL));
    if (p->now)
        add_job(call, steps, id, 0);
    if (p->later)
        add_job(call, steps, id, p->first_try_us);
    vt_set_int(call, after, "count", p->now + p->later);
    vt_set_int(call, after, "left_out", (int64_t)vt_count(p->dates) - p->now - p->later);
    vt_set_text(call, after, "from_date", vt_get_text(vt_get(series, "rule"), "first"));
    vt_set_text(call, after, "time", vt_get_text(vt_get(series, "rule"), "time"));
    vt_set_text(call, audit, "audit", VT("book"));
    vt_set(call, audit, "object", id);
    vt_set(call, audit, "after", after);
    vt_append(call, steps, audit);
    return vt_db_write(call, steps, refused) != NULL;
}

static void show_again(struct vt_call *call, int status, struct vt_value *view, const char *problem)
{
    vt_set_text(call, view, "problem", vt_translate_text(call, vt_str_of(problem), NULL));
    if (!vt_failed(call))
        vt_response_page(call, status, VT("draft"), view);
}

void page_book(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *series = series_require(call, request), *form = vt_get(request, "form");
    struct vt_value *done = vt_object(call);
    struct decisions d = decisions_of(form);
    struct vt_str refused = VT_NULL;
    if (!series)
        return;
    struct vt_str path = series_path(call, vt_get_text(series, "id"), "");
    vt_set(call, done, "id", vt_get(series, "id"));
    vt_set_text(call, done, "url", vt_site_url(call, path));
    if (!vt_str_eq(vt_get_text(series, "state"), VT("draft"))) {
        vt_response_done(call, 200, path, done);
        return;
    }
    struct vt_value *dates = occurrences_of(call, series);
    struct vt_value *times = look_at(call, series, dates);
    struct plan p = plan_of(call, series, dates, times, &d);
    struct vt_value *view = preview(call, series, dates, times, &d);
    if (vt_failed(call))
        return;
    if (series_closing(call)) {
        show_again(call, 409, view, "problem.closing");
    } else if (vt_get_bool(series, "owner_gone", false)) {
        show_again(call, 409, view, "problem.owner_gone");
    } else if (p.undecided) {
        show_again(call, 409, view, "problem.undecided");
    } else if (!p.now && !p.later) {
        show_again(call, 422, view, "problem.nothing");
    } else if (write_plan(call, series, &p, vt_get_int(form, "version", -1), &refused)) {
        vt_response_done(call, 200, path, done);
    } else if (!vt_failed(call)) {
        show_again(call, 409, view, "problem.changed");
    }
}

// ---- The customer's page

void page_customer(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *view = vt_object(call), *rows = vt_list(call);
    struct vt_str id = vt_as_text(vt_at(vt_get(request, "params"), 0));
    struct vt_str token = vt_get_text(vt_get(request, "form"), "t");
    struct vt_value *series = series_load(call, id);
    if (vt_failed(call))
        return;
    bool theirs = series && vt_str_eq(vt_get_text(series, "state"), VT("running")) &&
                  vt_get_text(series, "name").len && vt_crypto_same(token, series_key(call, id));
    if (!theirs) {
        vt_response_problem(call, VT("not_found"));
        return;
    }
    struct vt_value *dates = occurrences_of(call, series);
    for (size_t i = 0; i < vt_count(dates); i++) {
        struct vt_value *n = vt_at(dates, i), *row = vt_object(call), *args = vt_object(call);
        const char *state = state_of(n);
        if (vt_str_eq(vt_get_text(n, "state"), VT("skipped")))
            continue;
        vt_set(call, row, "number", vt_get(n, "number"));
        vt_set_text(call, row, "when", series_date_when(call, n));
        vt_set_text(call, args, "state", vt_str_of(state));
        vt_set_text(call, args, "date", vt_format_date(call, vt_get_int(n, "try_us", 0)));
        vt_set_text(call, row, "state_text", vt_translate_text(call, VT("state"), args));
        vt_set_bool(call, row, "cancelled", vt_str_eq(vt_str_of(state), VT("cancelled")));
        vt_set_text(call, row, "place", vt_get_text(n, "place"));
        vt_set_text(call, row, "note", series_or_null(vt_get_text(n, "public_note")));
        struct vt_str code = vt_get_text(n, "order_code");
        vt_set_text(call, row, "order_code", code);
        vt_set_text(call, row, "order_url",
            code.len ? vt_site_url(call, vt_order_path(call, vt_get_text(n, "order_id"), code))
                     : VT_NULL);
        vt_append(call, rows, row);
    }
    vt_set_text(call, view, "title", series_title(call, vt_get(series, "title")));
    vt_set_text(call, view, "words", series_words(call, series));
    vt_set_text(call, view, "note", series_or_null(vt_get_text(series, "public_note")));
    vt_set(call, view, "dates", rows);
    vt_set_bool(call, view, "has_dates", vt_count(rows) > 0);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("customer"), view);
}
