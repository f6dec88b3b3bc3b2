#include "apply.h"

#include "store.h"

// Of one unit, and units of one run: what is read lives until the run is over.
enum { ROWS = 500, UNITS = 4, KEPT_S = 7 * 86400 };

struct work {
    struct vt_call *call;
    struct vt_value *import, *id;
    bool undo;
    int64_t step;
};

static void copy(struct vt_call *call, struct vt_value *to, struct vt_value *from)
{
    static const char *const fields[] = {"first_name", "last_name", "phone", "gender", "birthdate"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        vt_set(call, to, fields[i], vt_get(from, fields[i]));
}

static struct vt_value *row_of(struct work *w, struct vt_value *due)
{
    struct vt_call *call = w->call;
    struct vt_value *row = vt_object(call);
    bool new = vt_str_eq(vt_get_text(due, "kind"), VT("new"));
    bool own = vt_get_bool(due, "own", true);
    vt_set(call, row, "id", vt_get(due, "customer_id"));
    vt_set(call, row, "version", vt_get(due, "version"));
    vt_set(call, row, "email", vt_get(due, "email"));
    vt_set_text(call, row, "do", new ? VT("make") : own ? VT("alter") : VT("keep"));
    copy(call, row, due);
    if (vt_count(vt_get(due, "put")))
        vt_set(call, row, "put", vt_get(due, "put"));
    return row;
}

// The groups of those customers as they are by now.
static struct vt_value *groups_of(struct work *w, struct vt_value *due)
{
    struct vt_value *ids = vt_list(w->call);
    for (size_t i = 0; i < vt_count(due); i++)
        if (vt_count(vt_get(vt_at(due, i), "put")))
            vt_append(w->call, ids, vt_get(vt_at(due, i), "customer_id"));
    return vt_count(ids) ? vt_customers_groups(w->call, ids) : NULL;
}

// Whether the customer still is in the group as the import put it there.
static bool is_as_put(struct vt_value *groups, struct vt_value *due)
{
    struct vt_value *put = vt_get(due, "put");
    for (size_t i = 0; i < vt_count(groups); i++) {
        struct vt_value *group = vt_at(groups, i), *members = vt_get(group, "members");
        if (!vt_str_eq(vt_get_text(group, "plugin"), vt_get_text(put, "plugin")) ||
            !vt_str_eq(vt_get_text(group, "id"), vt_get_text(put, "group")))
            continue;
        for (size_t m = 0; m < vt_count(members); m++)
            if (vt_str_eq(
                    vt_get_text(vt_at(members, m), "customer"), vt_get_text(due, "customer_id")))
                return vt_str_eq(
                    vt_get_text(vt_at(members, m), "until"), vt_get_text(put, "until"));
    }
    return false;
}

static void put_back(
    struct work *w, struct vt_value *row, struct vt_value *due, struct vt_value *groups)
{
    struct vt_call *call = w->call;
    struct vt_value *put = vt_get(due, "put"), *before = vt_get(due, "before");
    struct vt_value *move = vt_object(call);
    if (!vt_count(put) || !is_as_put(groups, due))
        return;
    bool member = vt_get_bool(before, "member", false);
    vt_set(call, move, "plugin", vt_get(put, "plugin"));
    vt_set(call, move, "group", vt_get(put, "group"));
    if (member)
        vt_set(call, move, "until", vt_get(before, "until"));
    vt_set(call, row, member ? "put" : "out", move);
}

static struct vt_value *row_back(struct work *w, struct vt_value *due, struct vt_value *groups)
{
    struct vt_call *call = w->call;
    struct vt_value *row = vt_object(call);
    bool new = vt_str_eq(vt_get_text(due, "kind"), VT("new"));
    bool own = vt_get_bool(due, "own", true);
    vt_set(call, row, "id", vt_get(due, "customer_id"));
    vt_set(call, row, "email", vt_get(due, "email"));
    vt_set_text(call, row, "do", new ? VT("unmake") : own ? VT("alter") : VT("keep"));
    // As the import left it: anything else was somebody's change.
    vt_set_int(call, row, "version", new ? 1 : vt_get_int(due, "version", 0) + 1);
    if (!new)
        copy(call, row, vt_get(due, "before"));
    put_back(w, row, due, groups);
    return row;
}

static struct vt_value *read_due(struct work *w)
{
    return vt_db_read(w->call, w->undo ? VT("undo_due") : VT("apply_due"),
        vt_list_of(w->call, w->id, vt_int(w->call, w->step), vt_int(w->call, ROWS), NULL));
}

// False: nothing of these rows has happened.
static bool save(struct work *w, struct vt_value *due)
{
    struct vt_call *call = w->call;
    struct vt_value *what = vt_object(call), *rows = vt_list(call), *by = vt_object(call);
    struct vt_value *groups = w->undo ? groups_of(w, due) : NULL;
    int64_t last = vt_get_int(vt_at(due, vt_count(due) - 1), "number", 0);
    for (size_t i = 0; i < vt_count(due); i++)
        vt_append(
            call, rows, w->undo ? row_back(w, vt_at(due, i), groups) : row_of(w, vt_at(due, i)));
    vt_set(call, by, "id", vt_get(w->import, "staff_id"));
    vt_set(call, by, "name", vt_get(w->import, "staff_name"));
    vt_set(call, what, "rows", rows);
    vt_set(call, what, "by", by);
    vt_set_text(call, what, "action", w->undo ? VT("import_undo") : VT("import"));
    vt_set_text(call, what, "statement", w->undo ? VT("undo_done") : VT("apply_done"));
    vt_set(call, what, "params",
        vt_list_of(call, w->id, vt_int(call, w->step), vt_int(call, last), NULL));
    if (!vt_customers_save(call, what))
        return false;
    w->step = last;
    return true;
}

static bool go_on(struct work *w, bool over)
{
    struct vt_call *call = w->call;
    struct vt_value *steps = vt_list(call);
    struct vt_str refused, id = vt_as_text(w->id);
    if (over) {
        vt_db_step(call, steps, VT("work_end"),
            vt_list_of(call, w->id, vt_int(call, vt_time_now()), NULL));
        store_add_job(call, steps, "forget", id, vt_time_now() + KEPT_S + 60);
    } else
        store_add_job(call, steps, w->undo ? "undo" : "apply", id, 0);
    return store_write(call, steps, &refused);
}

static enum vt_job_result run(struct vt_call *call, struct vt_value *data, bool undo)
{
    struct work w = {.call = call, .id = vt_get(data, "import"), .undo = undo};
    w.import = store_load(call, vt_as_text(w.id));
    if (!w.import || !store_is(w.import, undo ? "undoing" : "applying"))
        return vt_failed(call) ? VT_JOB_RETRY : VT_JOB_DONE;
    w.step = vt_get_int(w.import, "step", 0);
    bool over = false;
    for (int i = 0; i < UNITS && !over; i++) {
        struct vt_value *due = read_due(&w);
        if (vt_failed(call))
            return VT_JOB_RETRY;
        over = !vt_count(due);
        if (!over && !save(&w, due))
            return VT_JOB_RETRY;
    }
    return go_on(&w, over) ? VT_JOB_DONE : VT_JOB_RETRY;
}

enum vt_job_result apply_run(struct vt_call *call, struct vt_value *data)
{
    return run(call, data, false);
}

enum vt_job_result apply_undo(struct vt_call *call, struct vt_value *data)
{
    return run(call, data, true);
}

struct vt_value *apply_resume(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *open = vt_db_read(call, VT("work_open"), NULL), *steps = vt_list(call);
    struct vt_str refused;
    (void)in;
    for (size_t i = 0; i < vt_count(open) && i < 40; i++) {
        struct vt_value *import = vt_at(open, i);
        store_add_job(call, steps,
            store_is(import, "looking")    ? "look"
            : store_is(import, "applying") ? "apply"
                                           : "undo",
            vt_get_text(import, "id"), 0);
    }
    if (vt_count(steps))
        store_write(call, steps, &refused);
    return NULL;
}

struct vt_value *apply_obligations(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *owed = vt_object(call), *args = vt_object(call);
    int64_t count = vt_get_int(vt_at(vt_db_read(call, VT("work_busy"), NULL), 0), "count", 0);
    (void)in;
    if (!count)
        return list;
    vt_set_int(call, args, "count", count);
    vt_set_int(call, owed, "count", count);
    vt_set_text(call, owed, "text", vt_translate_text(call, VT("obligation"), args));
    vt_append(call, list, owed);
    return list;
}

enum vt_job_result apply_forget(struct vt_call *call, struct vt_value *data)
{
    struct vt_value *steps = vt_list(call);
    struct vt_value *params =
        vt_list_of(call, vt_get(data, "import"), vt_int(call, vt_time_now()), NULL);
    struct vt_str refused;
    vt_db_step(call, steps, VT("forget_open"), params);
    vt_db_step(call, steps, VT("forget_rows"), params);
    return store_write(call, steps, &refused) ? VT_JOB_DONE : VT_JOB_RETRY;
}
