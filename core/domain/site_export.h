// Exports of whole sites that an account manager asks for: a job makes the archive (archive.h) and
// keeps it in parts for a week. A file appears whole or not at all. From a fiber.
#pragma once

#include "data/db.h"
#include "domain/archive.h"
#include "domain/feature.h"

#define SITE_EXPORT_JOB "site.export"
enum { SITE_EXPORT_PART_LEN = 512 << 10, SITE_EXPORT_KEPT_DAYS = 7, SITE_EXPORTS_OPEN_MAX = 2 };

struct site_export {
    int64_t tenant, id, rows, size, created_us;
    struct str state, who, why; // waiting, running, done, failed
};

// With its job and the site's record of it. DB_REFUSED: as many as may be are under way.
enum db_result site_export_ask(
    struct arena *a, int64_t tenant, const struct feature_actor *actor, int64_t *id);
// Newest first; NULL when the database doesn't answer.
const struct rows *site_export_list(struct arena *a, int64_t tenant);
struct site_export site_export_of_row(const struct rows *rows, int row);
// DB_OK with id 0 when there is none such.
enum db_result site_export_find(struct arena *a, struct site_export *e);
// A part of a file that is done, from 0; absent when there is none, or no answer.
struct str site_export_part(struct arena *a, const struct site_export *e, int64_t number);
// At start: who does the job, with the app's own address and the program's version.
void site_export_start(const char *database_url, struct str program);
