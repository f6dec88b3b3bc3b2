#include "domain/site_import_job.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "domain/archive_file.h"
#include "domain/site_import.h"
#include "domain/site_import_job.sql.h"
#include "io/fiber.h"

enum { TRIES = 3, DEADLINE_MS = 60000, OPEN_MAX = 10 };
#define UPLOAD_KEPT_US US_PER_DAY
#define LIST_KEPT_US (30 * US_PER_DAY)

static const char *database_url;

static enum upload_result upload_of(enum db_result result, enum upload_result refused)
{
    return result == DB_OK ? UPLOAD_DONE : result == DB_REFUSED ? refused : UPLOAD_UNAVAILABLE;
}

enum upload_result site_import_begin(
    struct arena *a, const struct feature_actor *actor, struct site_import *i)
{
    int64_t now = clock_now_us();
    if (i->size <= 0 || i->size > UPLOAD_MAX)
        return UPLOAD_LARGE;
    i->id = id_number();
    i->received = 0;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_site_import_room, db_time(a, now - UPLOAD_KEPT_US), db_i64(a, OPEN_MAX));
    unit_add(u, &SQL_site_import_insert, db_i64(a, i->id), db_i64(a, actor->id), actor->name,
        i->file_name, db_i64(a, i->size), db_time(a, now));
    return upload_of(unit_run(u), UPLOAD_MANY);
}

enum upload_result site_import_add(struct arena *a, const struct feature_actor *actor,
    struct site_import *i, int64_t at, struct str bytes)
{
    if (at + (int64_t)bytes.len > i->size)
        return UPLOAD_LARGE;
    struct str id = db_i64(a, i->id), who = db_i64(a, actor->id), from = db_i64(a, at);
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_import_advance, id, who, from, db_i64(a, (int64_t)bytes.len));
    unit_add(u, &SQL_site_import_add_part, id, who, from, str_hex(a, bytes.p, bytes.len));
    enum upload_result result = upload_of(unit_run(u), UPLOAD_ELSEWHERE);
    if (result == UPLOAD_DONE && !unit_rows(u, place)->count)
        return UPLOAD_UNKNOWN;
    if (result == UPLOAD_DONE)
        i->received = at + (int64_t)bytes.len;
    return result;
}

enum upload_result site_import_go(
    struct arena *a, const struct feature_actor *actor, struct site_import *i, struct str slug)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(import_id), str_of_i64(a, i->id));
    unit_add(
        u, &SQL_site_import_go, db_i64(a, i->id), db_i64(a, actor->id), slug.p ? slug : STR(""));
    job_add(u, STR(SITE_IMPORT_JOB), payload, clock_now_us(), STR_NULL);
    return upload_of(unit_run(u), UPLOAD_ELSEWHERE);
}

struct site_import site_import_of_row(const struct rows *rows, int row)
{
    return (struct site_import){.id = rows_i64(rows, row, KEY(import_id)),
        .size = rows_i64(rows, row, KEY(size)),
        .received = rows_i64(rows, row, KEY(received)),
        .rows = rows_i64(rows, row, KEY(rows_done)),
        .created_us = rows_us(rows, row, KEY(created_us)),
        .state = rows_str(rows, row, KEY(state)),
        .file_name = rows_str(rows, row, KEY(file_name)),
        .slug = rows_str(rows, row, KEY(slug)),
        .code = rows_str(rows, row, KEY(code)),
        .why = rows_str(rows, row, KEY(why)),
        .who = rows_str(rows, row, KEY(operator_name))};
}

static const struct rows *find(struct arena *a, int64_t id, enum upload_result *result)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_import_find, db_i64(a, id));
    *result = unit_run(u) == DB_OK ? UPLOAD_DONE : UPLOAD_UNAVAILABLE;
    if (*result == UPLOAD_DONE && !unit_rows(u, place)->count)
        *result = UPLOAD_UNKNOWN;
    return *result == UPLOAD_DONE ? unit_rows(u, place) : NULL;
}

enum upload_result site_import_find(struct arena *a, struct site_import *i)
{
    enum upload_result result;
    const struct rows *rows = find(a, i->id, &result);
    if (rows)
        *i = site_import_of_row(rows, 0);
    return result;
}

const struct rows *site_import_list(struct arena *a)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add_plain(u, &SQL_site_import_list);
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

struct taking {
    struct arena *a;
    struct site_import *i;
    int64_t tenant; // 0 until its address is taken
    struct feature_actor actor;
    struct archive_watch watch;
    struct archive_in in;
    struct archive_head head;
    struct archive_target target;
    int fd;
    bool ok;
    struct str code, why;
};

static bool count_rows(void *arg, int64_t rows)
{
    struct taking *t = arg;
    __atomic_store_n(&t->watch.rows, rows, __ATOMIC_RELAXED);
    return true;
}

static ptrdiff_t read_bytes(void *arg, char *room, size_t len)
{
    struct taking *t = arg;
    return archive_file_read(&t->fd, room, len);
}

static bool start_again(void *arg)
{
    struct taking *t = arg;
    return archive_file_rewind(&t->fd);
}

static void look(void *arg)
{
    struct taking *t = arg;
    t->ok = archive_check(t->a, &t->in, &t->head, &t->why);
}

static void load(void *arg)
{
    struct taking *t = arg;
    t->ok = archive_load(t->a, &t->in, &t->target, &t->why);
}

static void tell(struct arena *a, void *arg, int64_t rows)
{
    const struct taking *t = arg;
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    unit_add(u, &SQL_site_import_tell, db_i64(a, t->i->id), db_i64(a, rows));
    // The next second tells again.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

static int64_t fetch_part(struct taking *t, int64_t at)
{
    int64_t len = 0;
    struct arena *a = arena_new();
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_import_next_part, db_i64(a, t->i->id), db_i64(a, at));
    if (unit_run(u) == DB_OK && unit_rows(u, place)->count) {
        struct str bytes = id_base64_decode(a, rows_str(unit_rows(u, place), 0, KEY(bytes)));
        len = archive_file_write(&t->fd, bytes) ? (int64_t)bytes.len : 0;
    }
    arena_free(a);
    return len;
}

static bool fetch(struct taking *t)
{
    for (int64_t at = 0, len; at < t->i->size; at += len)
        if ((len = fetch_part(t, at)) == 0)
            return false;
    return archive_file_rewind(&t->fd);
}

static bool refuse(struct taking *t, struct str code)
{
    t->code = code;
    return false;
}

static struct str code_of(enum address_result address)
{
    static const struct str codes[] = {[ADDRESS_FREE] = {"", 0},
        [ADDRESS_BAD] = {"bad", 3},
        [ADDRESS_RESERVED] = {"reserved", 8},
        [ADDRESS_TAKEN] = {"taken", 5},
        [ADDRESS_LOOKALIKE] = {"lookalike", 9},
        [ADDRESS_UNKNOWN] = {"unavailable", 11}};
    return codes[address];
}

static bool reserve(struct taking *t)
{
    struct str slug = t->i->slug.len ? t->i->slug : t->head.slug;
    enum address_result address = site_import_reserve(t->a, &t->head, slug, &t->tenant);
    if (address != ADDRESS_FREE) {
        t->why = slug;
        return refuse(t, code_of(address));
    }
    struct unit *u = unit_new(t->a, DB_PLATFORM, 0);
    unit_add(
        u, &SQL_site_import_keep_number, db_i64(t->a, t->i->id), db_i64(t->a, t->tenant), slug);
    return unit_run(u) == DB_OK || refuse(t, STR("unavailable"));
}

// Of a try before this one, which was interrupted: what it left is removed, unless it was through.
static bool is_through(struct taking *t)
{
    if (!t->tenant)
        return false;
    struct unit *u = unit_new(t->a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_import_state_of, db_i64(t->a, t->tenant));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return false;
    if (!str_is(rows_str(unit_rows(u, place), 0, KEY(state)), "creating"))
        return true;
    site_import_forget(t->a, t->tenant);
    return false;
}

static bool take(struct taking *t)
{
    if (!fetch(t))
        return refuse(t, STR("unavailable"));
    t->watch.work = look;
    if (!archive_work(&t->watch))
        return refuse(t, STR("unavailable"));
    if (!t->ok)
        return refuse(t, STR("file"));
    if (!reserve(t))
        return false;
    t->target = site_import_target(t->a, t->tenant, &t->head);
    t->watch.work = load;
    if (archive_work(&t->watch) && t->ok) {
        if (!site_import_finish(t->a, t->tenant, &t->head, &t->actor))
            log_warn("the record of an import could not be written", "site", t->head.slug);
        return true;
    }
    site_import_forget(t->a, t->tenant);
    return refuse(t, t->why.len ? STR("file") : STR("unavailable"));
}

static bool finish(struct taking *t, bool done)
{
    struct unit *u = unit_new(t->a, DB_PLATFORM, 0);
    struct str id = db_i64(t->a, t->i->id);
    unit_add(u, &SQL_site_import_end, id, done ? STR("done") : STR("failed"),
        done ? STR("") : t->code, done || !t->why.p ? STR("") : t->why,
        db_i64(t->a, done ? t->head.rows : t->i->rows), db_time(t->a, clock_now_us()));
    unit_add(u, &SQL_site_import_drop_parts, id);
    return unit_run(u) == DB_OK;
}

static enum job_result take_all(struct job *job, struct taking *t)
{
    FILE *file = tmpfile();
    if (!file)
        return JOB_RETRY;
    t->fd = fileno(file);
    t->in = (struct archive_in){.database_url = database_url,
        .source = read_bytes,
        .rewind = start_again,
        .progress = count_rows,
        .arg = t};
    t->watch = (struct archive_watch){.job = job, .tell = tell, .arg = t};
    bool done = is_through(t) || take(t);
    fclose(file);
    // What isn't the file's fault may be otherwise later.
    if (!done && str_is(t->code, "unavailable") && job->attempt < TRIES)
        return JOB_RETRY;
    return finish(t, done) ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    int64_t id;
    enum upload_result result;
    if (!str_to_i64(value_get_str(job->payload, KEY(import_id)), &id))
        return JOB_FAILED;
    const struct rows *rows = find(fiber_arena(), id, &result);
    if (!rows)
        return result == UPLOAD_UNKNOWN ? JOB_DONE : JOB_RETRY;
    struct site_import i = site_import_of_row(rows, 0);
    if (!str_is(i.state, "waiting") && !str_is(i.state, "running"))
        return JOB_DONE;
    struct taking t = {.a = arena_new(),
        .i = &i,
        .tenant = rows_i64_or(rows, 0, KEY(site_number), 0),
        .actor = {
            .kind = STR("operator"), .id = rows_i64(rows, 0, KEY(operator_id)), .name = i.who}};
    enum job_result ended = take_all(job, &t);
    arena_free(t.a);
    return ended;
}

static bool clean(struct arena *a, int64_t now_us)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_import_clean, db_time(a, now_us - UPLOAD_KEPT_US),
        db_time(a, now_us - LIST_KEPT_US));
    return unit_run(u) == DB_OK && unit_rows(u, place)->affected > 0;
}

void site_import_start(const char *url)
{
    database_url = url;
    job_handler(SITE_IMPORT_JOB, run);
    job_policy(SITE_IMPORT_JOB, TRIES, DEADLINE_MS);
    job_housekeeping(clean);
}
