#include "change.h"

#include "series.h"

enum scope { SCOPE_THIS, SCOPE_FOLLOWING, SCOPE_ALL };
static const char *const scopes[] = {"this", "following", "all"};

// What is asked for, of which dates.
struct change {
    struct vt_call *call;
    struct vt_value *form, *series, *id;
    int64_t number;
    enum scope scope;
    struct vt_value *dates; // rows of the scope that are still ahead
    struct vt_value *first; // the row of `number`; NULL: there is none
};

static enum scope scope_of(struct vt_str name)
{
    for (int i = 0; i < 3; i++)
        if (vt_str_eq(name, vt_str_of(scopes[i])))
            return (enum scope)i;
    return SCOPE_THIS;
}

static bool is_planned(struct vt_value *n)
{
    return vt_str_eq(vt_get_text(n, "state"), VT("planned"));
}

static bool is_ahead(struct vt_value *n)
{
    bool booked = vt_str_eq(vt_get_text(n, "state"), VT("booked")) && vt_get_int(n, "live", 0);
    return is_planned(n) || (booked && vt_get_int(n, "starts_us", 0) > series_now_us());
}

static bool is_in(const struct change *c, struct vt_value *n)
{
    int64_t number = vt_get_int(n, "number", 0);
    return c->scope == SCOPE_ALL || number == c->number ||
           (c->scope == SCOPE_FOLLOWING && number > c->number);
}

// False when the answer was given.
static bool begin(struct change *c, struct vt_call *call, struct vt_value *request, int64_t number)
{
    *c = (struct change){.call = call, .form = vt_get(request, "form")};
    c->series = series_require(call, request);
    if (!c->series)
        return false;
    c->id = vt_get(c->series, "id");
    c->number = number;
    c->scope = scope_of(vt_get_text(c->form, "scope"));
    c->dates = vt_list(call);
    struct vt_value *all =
        vt_db_read(call, VT("series_occurrences"), vt_list_of(call, c->id, NULL));
    for (size_t i = 0; i < vt_count(all); i++) {
        struct vt_value *n = vt_at(all, i);
        if (vt_get_int(n, "number", 0) == number)
            c->first = n;
        if (is_in(c, n) && is_ahead(n))
            vt_append(call, c->dates, n);
    }
    bool running = vt_str_eq(vt_get_text(c->series, "state"), VT("running"));
    if (running && c->first)
        return true;
    if (!vt_failed(call))
        vt_response_problem(call, VT("not_found"));
    return false;
}

static struct vt_str url(struct change *c, const char *rest)
{
    return vt_site_url(c->call, series_path(c->call, vt_as_text(c->id), rest));
}

static struct vt_value *view_of(struct change *c)
{
    struct vt_call *call = c->call;
    struct vt_value *view = vt_object(call), *list = vt_list(call);
    vt_set(call, view, "id", c->id);
    vt_set_text(call, view, "title", series_title(call, vt_get(c->series, "title")));
    vt_set_text(call, view, "words", series_words(call, c->series));
    vt_set(call, view, "name", vt_get(c->series, "name"));
    vt_set_bool(call, view, "told", vt_get_text(c->series, "email").len);
    vt_set(call, view, "version", vt_get(c->series, "version"));
    vt_set_int(call, view, "number", c->number);
    vt_set_text(call, view, "when", series_date_when(call, c->first));
    vt_set_text(call, view, "series_url", url(c, ""));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT("/manage/x/recurring-bookings/")));
    vt_set_bool(call, view, "busy", vt_get_text(c->series, "round").len);
    for (int i = 0; i < 3; i++) {
        struct vt_value *v = vt_object(call), *args = vt_object(call);
        vt_set_text(call, args, "scope", vt_str_of(scopes[i]));
        vt_set_text(call, v, "value", vt_str_of(scopes[i]));
        vt_set_text(call, v, "text", vt_translate_text(call, VT("scope"), args));
        vt_set_bool(call, v, "chosen", (int)c->scope == i);
        vt_append(call, list, v);
    }
    vt_set(call, view, "scopes", list);
    vt_set_text(call, view, "scope", vt_str_of(scopes[c->scope]));
    return view;
}

static void set_problem(struct vt_call *call, struct vt_value *view, const char *key)
{
    vt_set_text(
        call, view, "problem", key ? vt_translate_text(call, vt_str_of(key), NULL) : VT_NULL);
}

// ---- A date's page

static int64_t number_of(struct vt_str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.len && s.len < 5; i++)
        n = s.p[i] >= '0' && s.p[i] <= '9' ? n * 10 + s.p[i] - '0' : -10000;
    return n;
}

static void add_choices(struct change *c, struct vt_value *view)
{
    struct vt_call *call = c->call;
    struct vt_value *offer = vt_get(c->series, "offer_id");
    struct vt_str local = vt_get_text(c->first, "local_time");
    struct vt_str day = {local.p, local.len < 10 ? local.len : 10};
    struct vt_value *now = vt_int(call, series_now_us());
    struct vt_value *times = vt_db_read(
        call, VT("form_times"), vt_list_of(call, offer, now, vt_text(call, day), now, NULL));
    for (size_t i = 0; i < vt_count(times); i++) {
        struct vt_value *t = vt_at(times, i);
        struct vt_str text = vt_get_text(t, "time_text");
        bool same = local.len == 16 && vt_str_eq(text, (struct vt_str){local.p + 11, 5});
        vt_set_bool(call, t, "chosen", same);
    }
    vt_set(call, view, "times", times);
    struct vt_value *resources =
        vt_get_bool(c->series, "exclusive", false)
            ? vt_db_read(call, VT("form_resources"), vt_list_of(call, offer, NULL))
            : vt_list(call);
    for (size_t i = 0; i < vt_count(resources); i++) {
        struct vt_value *r = vt_at(resources, i);
        vt_set_bool(call, r, "chosen",
            vt_str_eq(vt_get_text(r, "id"), vt_get_text(c->series, "resource_id")));
    }
    vt_set(call, view, "resources", resources);
    vt_set_bool(call, view, "has_resources", vt_count(resources) > 0);
}

static struct vt_str own_or(struct change *c, const char *field)
{
    struct vt_str text = vt_get_text(c->first, field);
    return text.p ? text : vt_get_text(c->series, field);
}

static void show_date(struct change *c, int status, const char *problem)
{
    struct vt_call *call = c->call;
    struct vt_value *view = view_of(c);
    add_choices(c, view);
    vt_set_bool(call, view, "ahead", is_ahead(c->first));
    vt_set_text(call, view, "public_note", own_or(c, "public_note"));
    vt_set_text(call, view, "private_note", own_or(c, "private_note"));
    vt_set_text(call, view, "place", vt_get_text(c->first, "place"));
    vt_set_text(call, view, "notes_url", url(c, "/notes"));
    vt_set_text(call, view, "change_url", url(c, "/change"));
    vt_set_text(call, view, "cancel_url", url(c, "/cancel"));
    set_problem(call, view, problem);
    if (!vt_failed(call))
        vt_response_page(call, status, VT("date"), view);
}

void change_date(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    struct vt_str number = vt_as_text(vt_at(vt_get(request, "params"), 1));
    if (begin(&c, call, request, number_of(number)))
        show_date(&c, 200, NULL);
}

// ---- Writing

static struct vt_value *numbers_of(struct change *c, struct vt_value *dates, bool planned)
{
    struct vt_value *numbers = vt_list(c->call);
    for (size_t i = 0; i < vt_count(dates); i++)
        if (is_planned(vt_at(dates, i)) == planned)
            vt_append(c->call, numbers, vt_get(vt_at(dates, i), "number"));
    return numbers;
}

// What was asked for, in the fields of the history: `after` may have more of them already.
static void add_audit(
    struct change *c, struct vt_value *steps, const char *action, struct vt_value *after)
{
    struct vt_call *call = c->call;
    struct vt_value *audit = vt_object(call);
    struct vt_str local = vt_get_text(c->first, "local_time");
    vt_set_text(call, after, "scope", vt_str_of(scopes[c->scope]));
    if (c->scope != SCOPE_ALL)
        vt_set_text(call, after, "date", (struct vt_str){local.p, local.len < 10 ? local.len : 10});
    vt_set_int(call, after, "count", (int64_t)vt_count(c->dates));
    vt_set_text(call, audit, "audit", vt_str_of(action));
    vt_set(call, audit, "object", c->id);
    vt_set(call, audit, "after", after);
    vt_append(call, steps, audit);
}

static void add_work(struct change *c, struct vt_value *steps)
{
    struct vt_value *job = vt_object(c->call), *data = vt_object(c->call);
    vt_set(c->call, data, "series", c->id);
    vt_set_text(c->call, job, "job", VT("work"));
    vt_set(c->call, job, "data", data);
    vt_append(c->call, steps, job);
}

static void done(struct change *c)
{
    struct vt_value *view = vt_object(c->call);
    vt_set(c->call, view, "id", c->id);
    vt_set_text(c->call, view, "url", url(c, ""));
    vt_response_done(c->call, 200, series_path(c->call, vt_as_text(c->id), ""), view);
}

static struct vt_value *text_or_empty(struct change *c, const char *field)
{
    struct vt_str text = vt_get_text(c->form, field);
    return vt_text(c->call, text.p ? text : VT(""));
}

void change_notes(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    struct vt_str refused;
    if (!begin(&c, call, request, vt_get_int(vt_get(request, "form"), "number", 0)))
        return;
    struct vt_value *steps = vt_list(call), *numbers = vt_list(call);
    struct vt_value *public = text_or_empty(&c, "public_note");
    struct vt_value *private = text_or_empty(&c, "private_note");
    struct vt_value *version = vt_int(call, vt_get_int(c.form, "version", -1));
    if (c.scope == SCOPE_ALL) {
        vt_db_step(call, steps, VT("series_note_all"),
            vt_list_of(call, c.id, version, public, private, NULL));
    } else {
        vt_append(call, numbers, vt_get(c.first, "number"));
        for (size_t i = 0; i < vt_count(c.dates); i++)
            if (vt_get_int(vt_at(c.dates, i), "number", 0) != c.number)
                vt_append(call, numbers, vt_get(vt_at(c.dates, i), "number"));
        vt_db_step(call, steps, VT("series_touch"), vt_list_of(call, c.id, version, NULL));
        vt_db_step(
            call, steps, VT("series_note"), vt_list_of(call, c.id, numbers, public, private, NULL));
    }
    add_audit(&c, steps, "notes", vt_object(call));
    if (vt_db_write(call, steps, &refused))
        done(&c);
    else if (!vt_failed(call))
        show_date(&c, 409, "problem.changed");
}

// ---- Another time or resource

static struct vt_str wanted_time(struct change *c)
{
    struct vt_str time = vt_get_text(c->form, "time"), local = vt_get_text(c->first, "local_time");
    bool good = time.len == 5 && time.p[2] == ':';
    return good ? time : (struct vt_str){local.p + 11, local.len == 16 ? 5 : 0};
}

static struct vt_value *wanted_resource(struct change *c)
{
    struct vt_str resource = vt_get_text(c->form, "resource");
    return vt_text(c->call, series_is_id(resource) ? resource : SERIES_ANY);
}

static struct vt_value *look_at(struct change *c)
{
    struct vt_call *call = c->call;
    struct vt_value *ask = vt_object(call), *times = vt_list(call), *own = vt_list(call);
    struct vt_str time = wanted_time(c);
    for (size_t i = 0; i < vt_count(c->dates); i++) {
        struct vt_value *n = vt_at(c->dates, i), *lines = vt_get(n, "line_ids");
        struct vt_str local = vt_get_text(n, "local_time");
        vt_append(call, times,
            vt_text(call, vt_str_format(call, "%.*sT%.*s", 10, local.p, (int)time.len, time.p)));
        for (size_t k = 0; k < vt_count(lines); k++)
            vt_append(call, own, vt_at(lines, k));
    }
    vt_set(call, ask, "times", times);
    vt_set(call, ask, "own", own);
    vt_set_text(call, ask, "resource", vt_as_text(wanted_resource(c)));
    return series_look(call, c->series, ask);
}

static void show_change(struct change *c, int status, const char *problem)
{
    struct vt_call *call = c->call;
    struct vt_value *view = view_of(c), *rows = vt_list(call), *times = look_at(c);
    int64_t free = 0;
    for (size_t i = 0; i < vt_count(c->dates); i++) {
        struct vt_value *row = vt_object(call), *t = vt_at(times, i), *n = vt_at(c->dates, i);
        struct vt_str obstacle = vt_get_text(t, "obstacle");
        bool good = !obstacle.len || (is_planned(n) && vt_str_eq(obstacle, VT("early")));
        vt_set_text(call, row, "from", series_date_when(call, n));
        vt_set_text(call, row, "to",
            series_when(call, vt_get_int(t, "at_us", 0), vt_get_int(n, "day_us", 0),
                vt_get_text(t, "time")));
        vt_set_bool(call, row, "good", good);
        vt_set_text(call, row, "why", good ? VT_NULL : series_why(call, t));
        free += good;
        vt_append(call, rows, row);
    }
    vt_set(call, view, "dates", rows);
    vt_set_int(call, view, "count", (int64_t)vt_count(rows));
    vt_set_int(call, view, "free", free);
    vt_set_int(call, view, "stay", (int64_t)vt_count(rows) - free);
    vt_set_bool(call, view, "any", free > 0);
    vt_set_text(call, view, "time", wanted_time(c));
    vt_set_text(call, view, "resource", vt_as_text(wanted_resource(c)));
    vt_set_text(call, view, "action", url(c, "/change"));
    set_problem(call, view, problem);
    if (!vt_failed(call))
        vt_response_page(call, status, VT("change"), view);
}

void change_look(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    if (begin(&c, call, request, vt_get_int(vt_get(request, "form"), "number", 0)))
        show_change(&c, 200, NULL);
}

static struct vt_str resource_name(struct change *c, struct vt_str id)
{
    struct vt_value *rows = vt_db_read(
        c->call, VT("form_resources"), vt_list_of(c->call, vt_get(c->series, "offer_id"), NULL));
    for (size_t i = 0; i < vt_count(rows); i++)
        if (vt_str_eq(vt_get_text(vt_at(rows, i), "id"), id))
            return vt_get_text(vt_at(rows, i), "name");
    return VT_NULL;
}

static bool write_round(struct change *c, const char *round, struct vt_value *data)
{
    struct vt_call *call = c->call;
    struct vt_value *steps = vt_list(call), *booked = numbers_of(c, c->dates, false);
    struct vt_value *planned = numbers_of(c, c->dates, true), *after = vt_object(call);
    struct vt_str refused, resource = vt_get_text(data, "resource");
    if (vt_get_text(data, "time").len)
        vt_set_text(call, after, "time", vt_get_text(data, "time"));
    if (resource.len && !vt_str_eq(resource, SERIES_ANY))
        vt_set_text(call, after, "resource", resource_name(c, resource));
    vt_db_step(call, steps, VT("series_begin_round"),
        vt_list_of(call, c->id, vt_int(call, vt_get_int(c->form, "version", -1)),
            vt_text(call, vt_str_of(round)), vt_int(call, (int64_t)vt_count(booked)), NULL));
    vt_db_step(call, steps, VT("series_mark"),
        vt_list_of(call, c->id, booked, vt_text(call, vt_str_of(round)), data, NULL));
    if (vt_str_eq(vt_str_of(round), VT("cancel")))
        vt_db_step(call, steps, VT("series_drop"), vt_list_of(call, c->id, planned, NULL));
    else
        vt_db_step(call, steps, VT("series_replan"),
            vt_list_of(call, c->id, planned, vt_get(data, "time"), data, NULL));
    add_work(c, steps);
    add_audit(c, steps, round, after);
    return vt_db_write(call, steps, &refused) != NULL;
}

void change_move(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    struct vt_value *data = vt_object(call);
    if (!begin(&c, call, request, vt_get_int(vt_get(request, "form"), "number", 0)))
        return;
    vt_set_text(call, data, "time", wanted_time(&c));
    vt_set(call, data, "resource", wanted_resource(&c));
    if (!vt_count(c.dates))
        show_change(&c, 409, "problem.none_ahead");
    else if (write_round(&c, "move", data))
        done(&c);
    else if (!vt_failed(call))
        show_change(&c, 409, "problem.changed");
}

// ---- Cancelling

// What all of them together give back; false when it can't be read.
static bool add_quote(struct change *c, struct vt_value *view)
{
    struct vt_call *call = c->call;
    int64_t back = 0, waived = 0, kept = 0;
    for (size_t i = 0; i < vt_count(c->dates); i++) {
        struct vt_value *n = vt_at(c->dates, i), *ids = vt_get(n, "line_ids");
        struct vt_value *lines = vt_list(call);
        struct vt_str refused;
        for (size_t k = 0; k < vt_count(ids); k++) {
            struct vt_value *line = vt_object(call);
            vt_set(call, line, "line", vt_at(ids, k));
            vt_append(call, lines, line);
        }
        if (is_planned(n))
            continue;
        struct vt_value *q = vt_order_quote(call, vt_get_text(n, "order_id"), lines, &refused);
        back += vt_get_int(q, "back_minor", 0);
        waived += vt_get_int(q, "waived_minor", 0);
        kept += vt_get_int(q, "kept_minor", 0);
    }
    vt_set_int(call, view, "back_minor", back);
    vt_set_text(call, view, "back", vt_format_money(call, back));
    vt_set_text(call, view, "waived", waived ? vt_format_money(call, waived) : VT_NULL);
    vt_set_text(call, view, "kept", kept ? vt_format_money(call, kept) : VT_NULL);
    return !vt_failed(call);
}

static void show_cancel(struct change *c, int status, const char *problem)
{
    struct vt_call *call = c->call;
    struct vt_value *view = view_of(c), *rows = vt_list(call);
    for (size_t i = 0; i < vt_count(c->dates); i++) {
        struct vt_value *row = vt_object(call);
        vt_set_text(call, row, "when", series_date_when(call, vt_at(c->dates, i)));
        vt_append(call, rows, row);
    }
    vt_set(call, view, "dates", rows);
    vt_set_int(call, view, "count", (int64_t)vt_count(rows));
    vt_set_bool(call, view, "any", vt_count(rows) > 0);
    vt_set_text(call, view, "action", url(c, "/cancel"));
    set_problem(call, view, problem);
    if (add_quote(c, view))
        vt_response_page(call, status, VT("cancel"), view);
}

void change_cancel_look(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    if (begin(&c, call, request, vt_get_int(vt_get(request, "form"), "number", 0)))
        show_cancel(&c, 200, NULL);
}

void change_cancel(struct vt_call *call, struct vt_value *request)
{
    struct change c;
    struct vt_value *data = vt_object(call), *quote = vt_object(call);
    if (!begin(&c, call, request, vt_get_int(vt_get(request, "form"), "number", 0)))
        return;
    vt_set_text(call, data, "reason", vt_get_text(c.form, "reason"));
    if (!add_quote(&c, quote))
        return;
    // What was shown is what happens, or nothing does.
    bool same = vt_get_int(quote, "back_minor", 0) == vt_get_int(c.form, "back_minor", -1);
    if (!vt_count(c.dates))
        show_cancel(&c, 409, "problem.none_ahead");
    else if (same && write_round(&c, "cancel", data))
        done(&c);
    else if (!vt_failed(call))
        show_cancel(&c, 409, "problem.changed");
}
