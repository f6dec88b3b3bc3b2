#include "work.h"

#include <string.h>

#include "series.h"

// Of one run: each takes some ten milliseconds, and a job has a minute.
enum { BATCH = 50, ONE_ORDER = 400, PATIENCE_S = 2 * 86400 };

struct work {
    struct vt_call *call;
    struct vt_value *series, *id;
};

static bool write_one(struct work *w, const char *statement, struct vt_value *params)
{
    struct vt_value *steps = vt_list(w->call);
    struct vt_str refused;
    vt_db_step(w->call, steps, vt_str_of(statement), params);
    return vt_db_write(w->call, steps, &refused) || !vt_failed(w->call);
}

static bool skip(struct work *w, struct vt_value *n, struct vt_str why)
{
    return write_one(w, "work_skipped",
        vt_list_of(w->call, w->id, vt_get(n, "number"), vt_text(w->call, why), NULL));
}

static bool keep(struct work *w, struct vt_value *n, struct vt_str why)
{
    return write_one(w, "work_kept",
        vt_list_of(w->call, w->id, vt_get(n, "number"), vt_text(w->call, why), NULL));
}

// The time's row, as it is by now.
static struct vt_value *look(
    struct work *w, struct vt_str time, struct vt_value *resource, struct vt_value *own)
{
    struct vt_value *ask = vt_object(w->call);
    vt_set(w->call, ask, "times", vt_list_of(w->call, vt_text(w->call, time), NULL));
    if (resource)
        vt_set(w->call, ask, "resource", resource);
    if (own)
        vt_set(w->call, ask, "own", own);
    return vt_at(series_look(w->call, w->series, ask), 0);
}

// Somebody was faster between the look and the booking.
static struct vt_str why_refused(struct vt_str refused)
{
    return vt_str_eq(refused, VT("not_found"))     ? VT("owner_gone")
           : vt_str_eq(refused, VT("sold_out"))    ? VT("full")
           : vt_str_eq(refused, VT("not_on_sale")) ? VT("not_sold")
           : vt_str_eq(refused, VT("feature_off")) ? VT("feature_off")
           : vt_str_eq(refused, VT("too_few"))     ? VT("too_few")
           : vt_str_eq(refused, VT("too_many"))    ? VT("too_many")
                                                   : VT("refused");
}

// Worth another try of the job: the order changed meanwhile, or the hold of an earlier try ran out.
static bool is_passing(struct vt_str refused)
{
    return vt_str_eq(refused, VT("changed")) || vt_str_eq(refused, VT("expired"));
}

static struct vt_value *resource_of(struct work *w, struct vt_value *n)
{
    struct vt_value *data = vt_get(n, "todo_data");
    return series_has(data, "resource") ? vt_get(data, "resource")
                                        : vt_get(w->series, "resource_id");
}

static struct vt_value *to_ask_for(struct work *w, struct vt_value *n)
{
    struct vt_value *resource = resource_of(w, n);
    return vt_str_eq(vt_as_text(resource), SERIES_ANY) ? vt_null() : resource;
}

static struct vt_value *part_of(struct work *w, struct vt_value *n, struct vt_value *time)
{
    struct vt_value *part = vt_object(w->call);
    vt_set(w->call, part, "slot", vt_get(time, "slot"));
    vt_set(w->call, part, "resource", to_ask_for(w, n));
    vt_set(w->call, part, "counts", vt_get(w->series, "counts"));
    return part;
}

static struct vt_value *booking_of(
    struct work *w, struct vt_value *session, struct vt_value *numbers, struct vt_value *parts)
{
    static const char *const same[] = {"name", "email", "phone", "language"};
    struct vt_call *call = w->call;
    struct vt_value *b = vt_object(call), *guards = vt_list(call), *slots = vt_list(call);
    for (size_t i = 0; i < vt_count(parts); i++)
        vt_append(call, slots, vt_get(vt_at(parts, i), "slot"));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        vt_set(call, b, same[i], vt_get(w->series, same[i]));
    vt_db_step(
        call, guards, VT("work_booked"), vt_list_of(call, w->id, session, numbers, slots, NULL));
    vt_set(call, b, "session", session);
    vt_set(call, b, "customer", vt_get(w->series, "customer_id"));
    vt_set(call, b, "parts", parts);
    vt_set_bool(call, b, "silent", true);
    vt_set(call, b, "guards", guards);
    return b;
}

// Times are made once a day: on the first day of its sale, one that was waited for may be missing.
static bool is_coming(struct vt_value *n, struct vt_value *time, struct vt_str obstacle)
{
    int64_t opens_us = vt_get_int(time, "opens_us", 0);
    bool missing = vt_str_eq(obstacle, VT("no_time")) || vt_str_eq(obstacle, VT("early"));
    return missing && vt_get_bool(n, "waited", false) &&
           series_now_us() < opens_us + PATIENCE_S * INT64_C(1000000);
}

// An order of its own.
static bool book_one(struct work *w, struct vt_value *n)
{
    struct vt_call *call = w->call;
    struct vt_str refused = VT_NULL;
    int64_t part;
    struct vt_value *time = look(w, vt_get_text(n, "local_time"), resource_of(w, n), NULL);
    struct vt_str obstacle = time ? vt_get_text(time, "obstacle") : VT("not_sold");
    if (vt_failed(call))
        return false;
    if (is_coming(n, time, obstacle))
        return write_one(w, "work_postponed",
            vt_list_of(call, w->id, vt_get(n, "number"), vt_int(call, series_now_us()), NULL));
    if (obstacle.len)
        return skip(w, n, obstacle);
    struct vt_value *booking = booking_of(w, vt_get(n, "session_id"),
        vt_list_of(call, vt_get(n, "number"), NULL), vt_list_of(call, part_of(w, n, time), NULL));
    if (vt_booking_make(call, booking, &refused, &part))
        return true;
    if (vt_failed(call) || is_passing(refused))
        return false;
    // Another run of this job was faster.
    return vt_str_eq(refused, VT("already")) || skip(w, n, why_refused(refused));
}

// All of them as one order: what can't be held any more is left out, and the rest tried again.
static bool book_together(struct work *w, struct vt_value *due)
{
    struct vt_call *call = w->call;
    struct vt_value *numbers = vt_list(call), *parts = vt_list(call), *dates = vt_list(call);
    for (size_t i = 0; i < vt_count(due); i++) {
        struct vt_value *n = vt_at(due, i);
        struct vt_value *time = look(w, vt_get_text(n, "local_time"), resource_of(w, n), NULL);
        struct vt_str slot = vt_get_text(time, "slot"), why = vt_get_text(time, "obstacle");
        // A try that was interrupted holds its places by itself: only the sale tells.
        bool held = vt_str_eq(why, VT("busy")) || vt_str_eq(why, VT("full"));
        if (vt_failed(call))
            return false;
        if (!slot.len || (why.len && !held)) {
            if (!skip(w, n, why.len ? why : VT("not_sold")))
                return false;
            continue;
        }
        vt_append(call, numbers, vt_get(n, "number"));
        vt_append(call, parts, part_of(w, n, time));
        vt_append(call, dates, n);
    }
    if (!vt_count(parts))
        return true;
    struct vt_str refused = VT_NULL;
    int64_t part = -1;
    if (vt_booking_make(call, booking_of(w, w->id, numbers, parts), &refused, &part))
        return true;
    if (vt_failed(call) || is_passing(refused))
        return false;
    if (part < 0)
        return vt_str_eq(refused, VT("already")) || skip(w, vt_at(dates, 0), why_refused(refused));
    return skip(w, vt_at(dates, (size_t)part), why_refused(refused));
}

static struct vt_value *lines_to(struct work *w, struct vt_value *n, struct vt_value *time)
{
    struct vt_value *lines = vt_list(w->call), *ids = vt_get(n, "line_ids");
    for (size_t i = 0; i < vt_count(ids); i++) {
        struct vt_value *line = vt_object(w->call);
        vt_set(w->call, line, "line", vt_at(ids, i));
        vt_set(w->call, line, "slot", vt_get(time, "slot"));
        vt_set(w->call, line, "resource", to_ask_for(w, n));
        vt_append(w->call, lines, line);
    }
    return lines;
}

static bool move_one(struct work *w, struct vt_value *n)
{
    struct vt_call *call = w->call;
    struct vt_str refused = VT_NULL, old = vt_get_text(n, "local_time");
    struct vt_str hour = vt_get_text(vt_get(n, "todo_data"), "time");
    struct vt_str to = vt_str_format(call, "%.*sT%.*s", 10, old.p, (int)hour.len, hour.p);
    struct vt_value *time = look(w, to, resource_of(w, n), vt_get(n, "line_ids"));
    struct vt_str obstacle = time ? vt_get_text(time, "obstacle") : VT("not_sold");
    struct vt_value *what = vt_object(call), *guards = vt_list(call);
    if (vt_failed(call))
        return false;
    if (obstacle.len)
        return keep(w, n, obstacle);
    vt_db_step(call, guards, VT("work_moved"),
        vt_list_of(call, w->id, vt_get(n, "number"), vt_text(call, to), NULL));
    vt_set(call, what, "id", vt_get(n, "order_id"));
    vt_set(call, what, "lines", lines_to(w, n, time));
    vt_set(call, what, "guards", guards);
    if (vt_booking_move(call, what, &refused))
        return true;
    return !vt_failed(call) && !is_passing(refused) && keep(w, n, why_refused(refused));
}

static struct vt_value *return_lines(struct work *w, struct vt_value *n)
{
    struct vt_value *lines = vt_list(w->call), *ids = vt_get(n, "line_ids");
    for (size_t i = 0; i < vt_count(ids); i++) {
        struct vt_value *line = vt_object(w->call);
        vt_set(w->call, line, "line", vt_at(ids, i));
        vt_append(w->call, lines, line);
    }
    return lines;
}

static bool cancel_one(struct work *w, struct vt_value *n)
{
    struct vt_call *call = w->call;
    struct vt_value *what = vt_object(call), *guards = vt_list(call);
    struct vt_str refused = VT_NULL;
    struct vt_value *params = vt_list_of(call, w->id, vt_get(n, "number"), NULL);
    vt_db_step(call, guards, VT("work_cancelled"), params);
    vt_set(call, what, "id", vt_get(n, "order_id"));
    vt_set(call, what, "lines", return_lines(w, n));
    vt_set_text(call, what, "reason", vt_get_text(vt_get(n, "todo_data"), "reason"));
    vt_set_bool(call, what, "silent", true);
    vt_set(call, what, "guards", guards);
    if (vt_order_cancel(call, what, &refused))
        return true;
    if (vt_failed(call) || is_passing(refused))
        return false;
    // By the customer or in the order's page: what is left is ours to note.
    if (vt_str_eq(refused, VT("already")))
        return write_one(w, "work_cancelled", params);
    return keep(w, n, why_refused(refused));
}

static bool do_one(struct work *w, struct vt_value *n)
{
    struct vt_str todo = vt_get_text(n, "todo");
    return vt_str_eq(todo, VT("book"))   ? book_one(w, n)
           : vt_str_eq(todo, VT("move")) ? move_one(w, n)
                                         : cancel_one(w, n);
}

static bool run_again(struct work *w, int64_t at_us)
{
    struct vt_value *data = vt_object(w->call);
    vt_set(w->call, data, "series", w->id);
    return vt_jobs_add(w->call, VT("work"), data, at_us);
}

// ---- One mail for all that was done

static struct vt_str joined(struct work *w, struct vt_value *untold, const char *state)
{
    struct vt_call *call = w->call;
    struct vt_str s = VT("");
    for (size_t i = 0; i < vt_count(untold); i++) {
        struct vt_value *n = vt_at(untold, i);
        if (!vt_str_eq(vt_get_text(n, "state"), vt_str_of(state)))
            continue;
        struct vt_str when = vt_format_time(call, vt_get_int(n, "starts_us", 0));
        s = vt_str_format(
            call, "%.*s%s%.*s", (int)s.len, s.p, s.len ? "\n" : "", (int)when.len, when.p);
    }
    return s;
}

static struct vt_value *mail_of(struct work *w, const char *key, struct vt_str dates)
{
    struct vt_call *call = w->call;
    struct vt_value *mail = vt_object(call), *v = vt_object(call);
    vt_set(call, v, "name", vt_get(w->series, "name"));
    vt_set_text(call, v, "title", series_title(call, vt_get(w->series, "title")));
    vt_set_text(call, v, "rule", series_words(call, w->series));
    vt_set_text(call, v, "dates", dates);
    vt_set_text(call, v, "note", vt_get_text(w->series, "public_note"));
    vt_set_text(
        call, v, "series_url", vt_site_absolute_url(call, series_link(call, vt_as_text(w->id))));
    vt_set_text(call, mail, "mail", vt_str_of(key));
    vt_set(call, mail, "to", vt_get(w->series, "email"));
    vt_set(call, mail, "language", vt_get(w->series, "language"));
    vt_set(call, mail, "variables", v);
    return mail;
}

static bool tell(struct work *w)
{
    struct vt_call *call = w->call;
    struct vt_value *steps = vt_list(call), *numbers = vt_list(call);
    struct vt_str refused, round = vt_get_text(w->series, "round");
    vt_speak(call, vt_get_text(w->series, "language"));
    struct vt_value *untold = vt_db_read(call, VT("work_untold"), vt_list_of(call, w->id, NULL));
    for (size_t i = 0; i < vt_count(untold); i++)
        vt_append(call, numbers, vt_get(vt_at(untold, i), "number"));
    if (!vt_count(numbers) || vt_failed(call))
        return !vt_failed(call);
    vt_db_step(call, steps, VT("work_told"), vt_list_of(call, w->id, numbers, NULL));
    struct vt_str booked = joined(w, untold, "booked"), gone = joined(w, untold, "cancelled");
    if (vt_get_text(w->series, "email").len && booked.len)
        vt_append(call, steps,
            mail_of(w, vt_str_eq(round, VT("move")) ? "series_moved" : "series_booked", booked));
    if (vt_get_text(w->series, "email").len && gone.len)
        vt_append(call, steps, mail_of(w, "series_cancelled", gone));
    return vt_db_write(call, steps, &refused) || !vt_failed(call);
}

static bool finish(struct work *w)
{
    struct vt_call *call = w->call;
    struct vt_value *left = vt_at(vt_db_read(call, VT("work_left"),
                                      vt_list_of(call, w->id, vt_int(call, series_now_us()), NULL)),
        0);
    if (vt_failed(call))
        return false;
    if (vt_get_int(left, "due", 0))
        return run_again(w, 0);
    if (!tell(w) || !write_one(w, "work_end_round", vt_list_of(call, w->id, NULL)))
        return false;
    int64_t next_us = vt_get_int(left, "next_us", 0);
    return !next_us || run_again(w, next_us);
}

struct vt_value *work_resume(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *open = vt_db_read(call, VT("work_open"), NULL);
    (void)in;
    for (size_t i = 0; i < vt_count(open); i++) {
        struct work w = {.call = call, .id = vt_get(vt_at(open, i), "id")};
        run_again(&w, 0);
    }
    return NULL;
}

enum vt_job_result work_run(struct vt_call *call, struct vt_value *data)
{
    struct work w = {.call = call, .id = vt_get(data, "series")};
    w.series = series_load(call, vt_as_text(w.id));
    if (!w.series)
        return vt_failed(call) ? VT_JOB_RETRY : VT_JOB_DONE;
    bool together = vt_str_eq(vt_get_text(w.series, "pay"), VT("series")) &&
                    vt_str_eq(vt_get_text(w.series, "round"), VT("book"));
    struct vt_value *due = vt_db_read(call, VT("work_due"),
        vt_list_of(call, w.id, vt_int(call, together ? ONE_ORDER : BATCH),
            vt_int(call, series_now_us()), NULL));
    bool good = !vt_failed(call);
    if (good && together && vt_count(due))
        good = book_together(&w, due);
    for (size_t i = 0; good && !together && i < vt_count(due); i++)
        good = do_one(&w, vt_at(due, i));
    return good && finish(&w) ? VT_JOB_DONE : VT_JOB_RETRY;
}
