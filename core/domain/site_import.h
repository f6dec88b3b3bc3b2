// A site that comes as an archive, around what archive.h does with its rows: its address is taken
// first, in the state "creating", which nobody meets; afterwards it is there, suspended, or nothing
// is. From a fiber, as the platform.
#pragma once

#include "domain/archive.h"
#include "domain/blueprint.h"
#include "domain/feature.h"

// ADDRESS_FREE: the row is there, `*tenant` its number.
enum address_result site_import_reserve(
    struct arena *a, const struct archive_head *head, struct str slug, int64_t *tenant);
void site_import_forget(struct arena *a, int64_t tenant);
// What archive_load has to know; strings in `a`.
struct archive_target site_import_target(
    struct arena *a, int64_t tenant, const struct archive_head *head);
// The site's record says so, its day begins, every process hears of it. False when the database
// didn't do it: the site stands, suspended, all the same.
bool site_import_finish(struct arena *a, int64_t tenant, const struct archive_head *head,
    const struct feature_actor *actor);
// The record of an export that was made, in the site's own.
bool site_export_note(
    struct arena *a, int64_t tenant, int64_t rows, const struct feature_actor *actor);
