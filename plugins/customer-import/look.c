#include "look.h"

#include <string.h>

#include "store.h"

// Of one run: everything that is read lives until it is over.
enum { ROWS_A_RUN = 1000, ROWS_MAX = 500000, BUCKETS = 2048 };

struct found {
    struct cell_person person;
    const struct vt_str *cells;
    size_t cell_count;
    int64_t line, other_line;
    const char *kind, *reason;
    struct vt_value *known; // the site's customer of that address
    struct vt_value *put, *before;
    bool own;
    int next; // of the same bucket, -1 ends
};

struct look {
    struct vt_call *call;
    struct vt_value *import;
    struct look_columns columns;
    struct cell_rules rules;
    int64_t column_count;
    bool header, stopped;
    struct found *rows;
    size_t count, most;
    int buckets[BUCKETS];
    struct vt_value *groups;
    struct vt_value *by;
};

struct look_columns look_columns_of(struct vt_value *mapping)
{
    struct look_columns columns;
    for (int i = 0; i < DETECT_FIELDS; i++)
        columns.of[i] = (int)vt_get_int(mapping, detect_fields[i], -1);
    return columns;
}

static bool is_blank(const struct reader_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].len)
            return false;
    return row->flaw == READER_GOOD;
}

static bool has_more(const struct look *l, const struct reader_row *row)
{
    for (size_t i = (size_t)l->column_count; i < row->count; i++)
        if (row->cells[i].len)
            return true;
    return false;
}

static const char *flaw_of(const struct look *l, const struct reader_row *row)
{
    static const char *const reasons[] = {
        [READER_LETTERS] = "letters", [READER_QUOTE] = "quote", [READER_LONG] = "too_long"};
    if (row->flaw != READER_GOOD)
        return reasons[row->flaw];
    return has_more(l, row) ? "ragged" : NULL;
}

static bool on_row(void *arg, const struct reader_row *row)
{
    struct look *l = arg;
    if (l->header) {
        l->header = false;
        return true;
    }
    if (is_blank(row))
        return true;
    struct found *f = &l->rows[l->count++];
    struct vt_str cells[DETECT_FIELDS] = {0};
    struct vt_str *kept = vt_alloc(l->call, (row->count + 1) * sizeof *kept);
    memcpy(kept, row->cells, row->count * sizeof *kept);
    *f = (struct found){.cells = kept, .cell_count = row->count, .line = row->line, .own = true};
    for (int i = 0; i < DETECT_FIELDS; i++)
        if (l->columns.of[i] >= 0 && (size_t)l->columns.of[i] < row->count)
            cells[i] = row->cells[l->columns.of[i]];
    const char *flaw = flaw_of(l, row);
    if (flaw == NULL || row->flaw == READER_LETTERS)
        cell_read(l->call, &l->rules, cells, &f->person);
    f->reason = flaw ? flaw : f->person.reason;
    l->stopped |= row->flaw == READER_LONG;
    return l->count < l->most;
}

static unsigned bucket_of(struct vt_str s)
{
    unsigned hash = 2166136261U;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 16777619U;
    return hash % BUCKETS;
}

static struct found *find_row(struct look *l, struct vt_str folded)
{
    for (int i = l->buckets[bucket_of(folded)]; i >= 0; i = l->rows[i].next)
        if (vt_str_eq(l->rows[i].person.email_folded, folded))
            return &l->rows[i];
    return NULL;
}

// The first row of a person counts.
static void find_twice(struct look *l)
{
    for (int i = 0; i < BUCKETS; i++)
        l->buckets[i] = -1;
    for (size_t i = 0; i < l->count; i++) {
        struct found *f = &l->rows[i];
        if (f->reason)
            continue;
        struct found *other = find_row(l, f->person.email_folded);
        if (other) {
            f->reason = "twice";
            f->other_line = other->line;
            continue;
        }
        unsigned bucket = bucket_of(f->person.email_folded);
        f->next = l->buckets[bucket];
        l->buckets[bucket] = (int)i;
    }
}

static bool read_known(struct look *l)
{
    struct vt_call *call = l->call;
    struct vt_value *addresses = vt_list(call), *reads = vt_list(call);
    for (size_t i = 0; i < l->count; i++)
        if (!l->rows[i].reason)
            vt_append(call, addresses, vt_text(call, l->rows[i].person.email_folded));
    vt_db_step(call, reads, VT("look_known"), vt_list_of(call, addresses, NULL));
    vt_db_step(
        call, reads, VT("look_seen"), vt_list_of(call, vt_get(l->import, "id"), addresses, NULL));
    struct vt_value *results = vt_db_read_all(call, reads);
    struct vt_value *known = vt_at(results, 0), *seen = vt_at(results, 1), *ids = vt_list(call);
    for (size_t i = 0; i < vt_count(known); i++) {
        struct found *f = find_row(l, vt_get_text(vt_at(known, i), "email_folded"));
        if (f)
            f->known = vt_at(known, i);
        vt_append(call, ids, vt_get(vt_at(known, i), "id"));
    }
    for (size_t i = 0; i < vt_count(seen); i++) {
        struct found *f = find_row(l, vt_get_text(vt_at(seen, i), "email_folded"));
        if (f) {
            f->reason = "twice";
            f->other_line = vt_get_int(vt_at(seen, i), "line", 0);
        }
    }
    l->groups = vt_customers_groups(call, ids);
    return !vt_failed(call);
}

static struct vt_value *group_named(struct look *l, struct vt_str name)
{
    struct vt_str wanted = vt_text_fold(l->call, name);
    for (size_t i = 0; i < vt_count(l->groups); i++) {
        struct vt_value *group = vt_at(l->groups, i), *names = vt_get(group, "names");
        for (size_t k = 0; k < vt_count(names); k++)
            if (vt_str_eq(vt_text_fold(l->call, vt_as_text(vt_at(names, k))), wanted))
                return group;
    }
    return NULL;
}

// Whether the customer is in the group, and until when.
static bool is_member(struct vt_value *group, struct vt_value *known, struct vt_str *until)
{
    struct vt_value *members = vt_get(group, "members");
    for (size_t i = 0; known && i < vt_count(members); i++)
        if (vt_str_eq(vt_get_text(vt_at(members, i), "customer"), vt_get_text(known, "id"))) {
            *until = vt_get_text(vt_at(members, i), "until");
            return true;
        }
    return false;
}

static void judge_group(struct look *l, struct found *f, struct vt_value *before)
{
    struct vt_call *call = l->call;
    struct vt_str until = VT("");
    if (!f->person.category.len)
        return;
    struct vt_value *group = group_named(l, f->person.category);
    if (!group) {
        f->reason = "category_unknown";
        return;
    }
    bool member = is_member(group, f->known, &until);
    if (member && vt_str_eq(until, f->person.expires))
        return;
    f->put = vt_object(call);
    vt_set(call, f->put, "plugin", vt_get(group, "plugin"));
    vt_set(call, f->put, "group", vt_get(group, "id"));
    vt_set_text(call, f->put, "name", f->person.category);
    vt_set_text(call, f->put, "until", f->person.expires.len ? f->person.expires : VT_NULL);
    vt_set_bool(call, before, "member", member);
    vt_set_text(call, before, "until", until.len ? until : VT_NULL);
}

// What an empty cell doesn't say stays. Whether the row differs from what is known.
static bool complete(struct look *l, struct found *f, struct vt_value *before)
{
    static const char *const fields[] = {"first_name", "last_name", "phone", "gender", "birthdate"};
    struct vt_str *cells[] = {&f->person.first_name, &f->person.last_name, &f->person.phone,
        &f->person.gender, &f->person.birthdate};
    bool differs = false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct vt_str known = vt_get_text(f->known, fields[i]);
        if (!cells[i]->len && i > 1)
            *cells[i] = known;
        if (!vt_str_eq(*cells[i], known) && (cells[i]->len || known.len))
            differs = true;
        vt_set_text(l->call, before, fields[i], known);
    }
    return differs;
}

static void judge_known(struct look *l, struct found *f)
{
    f->before = vt_object(l->call);
    f->own = complete(l, f, f->before);
    if (f->own && vt_get_bool(f->known, "linked", false))
        f->reason = "verified";
    else
        judge_group(l, f, f->before);
    f->kind = f->own || f->put ? "changed" : "same";
}

static struct vt_value *claim_of(struct look *l, const struct cell_person *p)
{
    struct vt_value *claim = vt_object(l->call);
    vt_set_text(l->call, claim, "email", p->email);
    vt_set_text(l->call, claim, "name",
        vt_str_format(l->call, "%.*s%s%.*s", (int)p->first_name.len, p->first_name.p,
            p->last_name.len ? " " : "", (int)p->last_name.len, p->last_name.p));
    vt_set_text(l->call, claim, "phone", p->phone);
    vt_set_text(l->call, claim, "gender", p->gender);
    vt_set_text(l->call, claim, "birthdate", p->birthdate);
    return claim;
}

// Of those whom the site doesn't have: a verified person's address goes with a verified person's
// data only.
static bool judge_new(struct look *l)
{
    struct vt_value *claims = vt_list(l->call);
    size_t at = 0;
    for (size_t i = 0; i < l->count; i++)
        if (!l->rows[i].reason && !l->rows[i].known)
            vt_append(l->call, claims, claim_of(l, &l->rows[i].person));
    struct vt_value *said =
        vt_count(claims) ? vt_customers_check(l->call, claims, l->by) : vt_list(l->call);
    if (vt_failed(l->call))
        return false;
    for (size_t i = 0; i < l->count; i++) {
        struct found *f = &l->rows[i];
        if (f->reason || f->known)
            continue;
        struct vt_str fit = vt_as_text(vt_at(said, at++));
        f->kind = "new";
        f->before = vt_object(l->call);
        judge_group(l, f, f->before);
        if (vt_str_eq(fit, VT("differs")))
            f->reason = "verified";
        else if (vt_str_eq(fit, VT("tried")))
            f->reason = "tried";
    }
    return true;
}

static struct vt_str or_empty(struct vt_str s)
{
    return s.p ? s : VT("");
}

static struct vt_value *row_value(struct look *l, const struct found *f, int64_t number)
{
    struct vt_call *call = l->call;
    const struct cell_person *p = &f->person;
    struct vt_value *v = vt_object(call), *cells = vt_list(call);
    for (size_t i = 0; i < f->cell_count; i++)
        vt_append(call, cells, vt_text(call, or_empty(f->cells[i])));
    vt_set_int(call, v, "number", number);
    vt_set_int(call, v, "line", f->line);
    vt_set_text(call, v, "kind", f->reason ? VT("error") : vt_str_of(f->kind));
    vt_set_text(call, v, "reason", f->reason ? vt_str_of(f->reason) : VT(""));
    if (f->other_line)
        vt_set_int(call, v, "other_line", f->other_line);
    vt_set(call, v, "cells", cells);
    if (f->known && !f->reason) {
        vt_set(call, v, "customer_id", vt_get(f->known, "id"));
        vt_set(call, v, "version", vt_get(f->known, "version"));
    } else
        vt_set_int(call, v, "version", 0);
    vt_set_text(call, v, "first_name", or_empty(p->first_name));
    vt_set_text(call, v, "last_name", or_empty(p->last_name));
    vt_set_text(call, v, "email", or_empty(p->email));
    vt_set_text(call, v, "email_folded", or_empty(p->email_folded));
    vt_set_text(call, v, "phone", or_empty(p->phone));
    vt_set_text(call, v, "gender", or_empty(p->gender));
    vt_set_text(call, v, "birthdate", or_empty(p->birthdate));
    vt_set_bool(call, v, "own", f->own);
    vt_set(call, v, "put", f->put ? f->put : vt_null());
    vt_set(call, v, "before", f->known && f->before ? f->before : vt_null());
    return v;
}

static bool write_rows(struct look *l, int64_t position, int64_t line, bool over)
{
    struct vt_call *call = l->call;
    struct vt_value *id = vt_get(l->import, "id"), *rows = vt_list(call), *steps = vt_list(call);
    int64_t read = vt_get_int(l->import, "rows_read", 0);
    struct vt_str refused;
    for (size_t i = 0; i < l->count; i++)
        vt_append(call, rows, row_value(l, &l->rows[i], read + 1 + (int64_t)i));
    vt_db_step(call, steps, VT("look_advance"),
        vt_list_of(call, id, vt_get(l->import, "position"), vt_int(call, position),
            vt_int(call, line), vt_int(call, read + (int64_t)l->count), vt_bool(call, over),
            vt_int(call, vt_time_now()), NULL));
    if (l->count)
        vt_db_step(call, steps, VT("look_add"), vt_list_of(call, id, rows, NULL));
    if (!over)
        store_add_job(call, steps, "look", vt_as_text(id), 0);
    return store_write(call, steps, &refused) || !vt_failed(call);
}

static void begin(struct look *l, struct vt_value *import)
{
    struct vt_call *call = l->call;
    struct vt_value *info = vt_site_info(call);
    struct vt_value *today =
        vt_at(vt_db_read(call, VT("today"),
                  vt_list_of(call, vt_int(call, vt_time_now()), vt_get(info, "time_zone"), NULL)),
            0);
    l->import = import;
    l->columns = look_columns_of(vt_get(import, "mapping"));
    l->rules = (struct cell_rules){.dates = vt_get_text(import, "dates"),
        .region = vt_get_text(import, "region"),
        .today = vt_get_text(today, "today"),
        .spanish = vt_str_eq(vt_as_text(vt_at(vt_get(info, "languages"), 0)), VT("es"))};
    l->column_count = vt_get_int(import, "columns", 0);
    l->header = vt_get_bool(import, "header", true) &&
                vt_get_int(import, "position", 0) == vt_get_int(import, "mark", 0);
    int64_t left = ROWS_MAX - vt_get_int(import, "rows_read", 0);
    l->most = left < ROWS_A_RUN ? (size_t)left : ROWS_A_RUN;
    l->rows = vt_alloc(call, (ROWS_A_RUN + 1) * sizeof *l->rows);
    l->by = vt_object(call);
    vt_set(call, l->by, "id", vt_get(import, "staff_id"));
    vt_set(call, l->by, "name", vt_get(import, "staff_name"));
}

static bool judge(struct look *l)
{
    find_twice(l);
    if (!read_known(l))
        return false;
    for (size_t i = 0; i < l->count; i++)
        if (!l->rows[i].reason && l->rows[i].known)
            judge_known(l, &l->rows[i]);
    return judge_new(l);
}

enum vt_job_result look_run(struct vt_call *call, struct vt_value *data)
{
    struct look l = {.call = call};
    struct vt_value *import = store_load(call, vt_get_text(data, "import"));
    if (!import || !store_is(import, "looking"))
        return vt_failed(call) ? VT_JOB_RETRY : VT_JOB_DONE;
    int64_t position = vt_get_int(import, "position", 0), size = vt_get_int(import, "size", 0);
    begin(&l, import);
    struct vt_str bytes = store_piece(call, import, position, READER_PIECE);
    if (vt_failed(call) || (size > position && !bytes.len))
        return VT_JOB_RETRY;
    struct reader reader = {.call = call,
        .encoding = reader_encoding_of(vt_get_text(import, "encoding")),
        .separator = vt_get_text(import, "separator").p[0],
        .bytes = bytes,
        .last = position + (int64_t)bytes.len == size,
        .line = vt_get_int(import, "line", 1),
        .on_row = on_row,
        .arg = &l};
    position += (int64_t)reader_run(&reader);
    bool full = vt_get_int(import, "rows_read", 0) + (int64_t)l.count >= ROWS_MAX;
    bool over = position >= size || l.stopped || full;
    return judge(&l) && write_rows(&l, position, reader.line, over) ? VT_JOB_DONE : VT_JOB_RETRY;
}
