#include "domain/site_export.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/zone.h"
#include "data/audit.h"
#include "domain/archive_file.h"
#include "domain/site_export.sql.h"
#include "io/fiber.h"

enum { TRIES = 3, DEADLINE_MS = 60000 };
#define KEPT_US (SITE_EXPORT_KEPT_DAYS * US_PER_DAY)

static struct {
    const char *database_url;
    struct str program;
} settings;

enum db_result site_export_ask(
    struct arena *a, int64_t tenant, const struct feature_actor *actor, int64_t *id)
{
    struct str site = db_i64(a, tenant);
    int64_t now = clock_now_us();
    struct unit *u = unit_new(a, DB_WRITE, tenant);
    struct value *payload = value_object(a);
    *id = id_number();
    value_set_str(a, payload, KEY(export_id), str_of_i64(a, *id));
    unit_add(u, &SQL_site_export_clean, site, db_time(a, now - KEPT_US));
    unit_add(u, &SQL_site_export_room, site, db_i64(a, SITE_EXPORTS_OPEN_MAX),
        db_time(a, now - US_PER_DAY));
    unit_add(u, &SQL_site_export_insert, site, db_i64(a, *id), db_i64(a, actor->id), actor->name,
        db_time(a, now));
    audit_add(u, &(struct audit){.actor_kind = actor->kind,
                     .actor_id = actor->id,
                     .actor_name = actor->name,
                     .action = STR("site.export"),
                     .object_kind = STR("site"),
                     .object_id = str_of_i64(a, tenant)});
    job_add(u, STR(SITE_EXPORT_JOB), payload, now, STR_NULL);
    return unit_run(u);
}

const struct rows *site_export_list(struct arena *a, int64_t tenant)
{
    struct unit *u = unit_new(a, DB_READ, tenant);
    int place = unit_add(u, &SQL_site_export_list, db_i64(a, tenant));
    return unit_run(u) == DB_OK ? unit_rows(u, place) : NULL;
}

struct site_export site_export_of_row(const struct rows *rows, int row)
{
    return (struct site_export){.tenant = rows_i64(rows, row, KEY(tenant_id)),
        .id = rows_i64(rows, row, KEY(export_id)),
        .rows = rows_i64(rows, row, KEY(rows_done)),
        .size = rows_i64(rows, row, KEY(size)),
        .created_us = rows_us(rows, row, KEY(created_us)),
        .state = rows_str(rows, row, KEY(state)),
        .who = rows_str(rows, row, KEY(operator_name)),
        .why = rows_str(rows, row, KEY(why))};
}

enum db_result site_export_find(struct arena *a, struct site_export *e)
{
    struct unit *u = unit_new(a, DB_READ, e->tenant);
    int place = unit_add(u, &SQL_site_export_find, db_i64(a, e->tenant), db_i64(a, e->id));
    enum db_result result = unit_run(u);
    if (result != DB_OK)
        return result;
    const struct rows *rows = unit_rows(u, place);
    *e = rows->count ? site_export_of_row(rows, 0) : (struct site_export){.tenant = e->tenant};
    return DB_OK;
}

struct str site_export_part(struct arena *a, const struct site_export *e, int64_t number)
{
    struct unit *u = unit_new(a, DB_READ, e->tenant);
    int place = unit_add(
        u, &SQL_site_export_part, db_i64(a, e->tenant), db_i64(a, e->id), db_i64(a, number));
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return STR_NULL;
    return id_base64_decode(a, rows_str(unit_rows(u, place), 0, KEY(bytes)));
}

struct making {
    struct arena *a;
    struct site_export *e;
    struct archive_watch watch;
    struct archive_out out;
    int fd;
    bool ok;
    struct str why;
};

static bool count_rows(void *arg, int64_t rows)
{
    struct making *m = arg;
    __atomic_store_n(&m->watch.rows, rows, __ATOMIC_RELAXED);
    return true;
}

static bool write_bytes(void *arg, struct str bytes)
{
    struct making *m = arg;
    return archive_file_write(&m->fd, bytes);
}

static void make(void *arg)
{
    struct making *m = arg;
    m->ok = archive_export(m->a, &m->out, &m->e->rows, &m->why);
}

static void tell(struct arena *a, void *arg, int64_t rows)
{
    const struct making *m = arg;
    struct unit *u = unit_new(a, DB_WRITE, m->e->tenant);
    unit_add(
        u, &SQL_site_export_tell, db_i64(a, m->e->tenant), db_i64(a, m->e->id), db_i64(a, rows));
    // The next second tells again.
    enum db_result ignored = unit_run(u);
    (void)ignored;
}

static bool store_part(struct making *m, int64_t number, struct str bytes)
{
    struct arena *a = arena_new();
    struct unit *u = unit_new(a, DB_WRITE, m->e->tenant);
    struct str site = db_i64(a, m->e->tenant), id = db_i64(a, m->e->id);
    if (!number)
        unit_add(u, &SQL_site_export_drop_parts, site, id);
    unit_add(
        u, &SQL_site_export_add_part, site, id, db_i64(a, number), str_hex(a, bytes.p, bytes.len));
    bool ok = unit_run(u) == DB_OK;
    arena_free(a);
    return ok;
}

static bool store(struct making *m)
{
    char *piece = arena_alloc(m->a, SITE_EXPORT_PART_LEN);
    ssize_t n;
    for (int64_t number = 0; (n = pread(m->fd, piece, SITE_EXPORT_PART_LEN, m->e->size)) > 0;
         number++) {
        if (!store_part(m, number, str_n(piece, (size_t)n)))
            return false;
        m->e->size += n;
    }
    return n == 0;
}

static bool finish(struct making *m)
{
    struct unit *u = unit_new(m->a, DB_WRITE, m->e->tenant);
    unit_add(u, &SQL_site_export_end, db_i64(m->a, m->e->tenant), db_i64(m->a, m->e->id),
        m->ok ? STR("done") : STR("failed"), db_i64(m->a, m->e->rows), db_i64(m->a, m->e->size),
        m->ok ? STR("") : m->why, db_time(m->a, clock_now_us()));
    return unit_run(u) == DB_OK;
}

static enum job_result make_all(struct job *job, struct site_export *e)
{
    struct making m = {.a = arena_new(), .e = e, .why = STR("the pool is too busy")};
    FILE *file = tmpfile();
    m.fd = file ? fileno(file) : -1;
    m.out = (struct archive_out){.database_url = settings.database_url,
        .tenant = e->tenant,
        .sink = write_bytes,
        .progress = count_rows,
        .arg = &m,
        .program = settings.program,
        .made_at = instant_text(m.a, zone_utc(), clock_now_us()),
        .made_s = clock_now_us() / US_PER_SECOND};
    m.watch = (struct archive_watch){.job = job, .work = make, .tell = tell, .arg = &m};
    e->size = 0;
    bool done = file && archive_work(&m.watch);
    if (done && m.ok && !store(&m)) {
        m.ok = false;
        m.why = STR("the file could not be stored");
    }
    done = done && finish(&m);
    if (file)
        fclose(file);
    arena_free(m.a);
    return done ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site_export e = {.tenant = job->tenant};
    if (!str_to_i64(value_get_str(job->payload, KEY(export_id)), &e.id))
        return JOB_FAILED;
    if (site_export_find(fiber_arena(), &e) != DB_OK)
        return JOB_RETRY;
    bool over = !e.id || str_is(e.state, "done") || str_is(e.state, "failed");
    return over ? JOB_DONE : make_all(job, &e);
}

void site_export_start(const char *database_url, struct str program)
{
    settings.database_url = database_url;
    settings.program = program;
    job_handler(SITE_EXPORT_JOB, run);
    job_policy(SITE_EXPORT_JOB, TRIES, DEADLINE_MS);
}
