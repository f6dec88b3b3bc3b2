// The job that makes a spreadsheet: rows are read here and written by a pool thread, page by page.
// Killed, it begins again from nothing; the file appears with its last step.
#include <unistd.h>

#include "base/clock.h"
#include "data/jobs.h"
#include "domain/export.h"
#include "domain/sheet_xlsx.h"
#include "io/offload.h"
#include "web/office/exports/exports.h"

enum { TRIES = 4, DEADLINE_MS = 60000, TELL_EVERY_MS = 1000, EXTEND_EVERY_MS = 20000 };

struct making {
    struct arena *a;
    struct job *job;
    struct export *e;
    struct export_run *run;
    struct sheet_xlsx *file;
    struct export_rows rows;
    int64_t told_ms, extended_ms;
    int fd;
    bool ok;
};

static void open_file(void *arg)
{
    struct making *m = arg;
    m->file = sheet_xlsx_new(m->a, &m->run->sheet);
}

static void write_rows(void *arg)
{
    struct making *m = arg;
    for (int i = 0; m->ok && i < m->rows.count; i++)
        m->ok = sheet_xlsx_row(m->file, m->rows.cells + i * m->run->sheet.count);
}

static void finish_file(void *arg)
{
    struct making *m = arg;
    m->fd = sheet_xlsx_finish(m->file, &m->e->size);
}

static void drop_file(void *arg)
{
    struct making *m = arg;
    sheet_xlsx_drop(m->file);
}

// The lease is made longer while it goes on, and whoever waits sees how far it is.
static bool tell(struct making *m, struct arena *a)
{
    int64_t now = clock_mono_ms();
    if (now - m->extended_ms > EXTEND_EVERY_MS) {
        m->extended_ms = now;
        if (!job_extend(m->job, DEADLINE_MS))
            return false;
    }
    if (now - m->told_ms <= TELL_EVERY_MS)
        return true;
    m->told_ms = now;
    m->e->rows = m->run->things;
    return export_progress(a, m->e);
}

static bool write_all(struct making *m)
{
    struct arena *a = arena_new();
    m->rows.count = 1;
    m->ok = true;
    while (m->ok && m->rows.count) {
        m->ok =
            export_run_next(a, m->run, &m->rows) && offload(write_rows, m) && m->ok && tell(m, a);
        arena_reset(a);
    }
    arena_free(a);
    m->e->rows = m->run->things;
    return m->ok;
}

static struct str make(struct making *m)
{
    m->e->rows_all = m->run->kind->total(m->run);
    if (m->e->rows_all < 0 || !export_begin(m->a, m->e))
        return STR("the database did not answer");
    if (!offload(open_file, m) || !m->file)
        return STR("no temporary file could be made");
    if (!write_all(m)) {
        // Its file is without a name: at worst it stays until the process ends.
        bool ignored = offload(drop_file, m);
        (void)ignored;
        return STR("reading or writing the rows failed");
    }
    if (!offload(finish_file, m) || m->fd < 0)
        return STR("the file could not be finished");
    bool stored = export_finish(m->a, m->e, m->fd);
    close(m->fd);
    return stored ? STR_NULL : STR("the file could not be stored");
}

static enum job_result run_for(struct job *job, struct site *site)
{
    struct arena *a = arena_new();
    struct export e = {.tenant = job->tenant};
    enum export_result found = EXPORT_UNKNOWN;
    if (str_to_i64(value_get_str(job->payload, KEY(export_id)), &e.id))
        found = export_find(a, &e);
    const struct export_kind *kind = found == EXPORT_DONE ? export_kind_find(e.kind) : NULL;
    bool over = !kind || str_is(e.state, "done") || str_is(e.state, "failed");
    job->error = STR("the database did not answer");
    if (!over) {
        struct making m = {.a = a,
            .job = job,
            .e = &e,
            .run = export_run_new(a, kind, site, e.language, e.filter),
            .told_ms = clock_mono_ms(),
            .extended_ms = clock_mono_ms(),
            .fd = -1};
        job->error = make(&m);
        over = !job->error.p;
        if (!over && job->attempt >= TRIES)
            export_fail(a, &e);
    }
    arena_free(a);
    return over && found != EXPORT_UNAVAILABLE ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    enum job_result result = run_for(job, site);
    site_release(site);
    return result;
}

void exports_start(void)
{
    job_handler(EXPORT_JOB, run);
    job_policy(EXPORT_JOB, TRIES, DEADLINE_MS);
}
