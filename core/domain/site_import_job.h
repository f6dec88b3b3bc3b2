// Archives of sites that the console takes in: uploaded in parts, then checked and written by a
// job, with what became of each. The bytes are kept until the file has been taken or refused; the
// list of what was imported stays for a month. From a fiber, as the platform.
#pragma once

#include "domain/feature.h"
#include "domain/upload.h"

#define SITE_IMPORT_JOB "site.import"

struct site_import {
    int64_t id, size, received, rows, created_us;
    struct str state;     // uploading, waiting, running, done, failed
    struct str file_name; // as it was called
    struct str slug;      // the address that was asked for, or of the new site
    struct str code;      // of a refusal: file, taken, lookalike, bad, reserved, unavailable
    struct str why, who;
};

// UPLOAD_DONE with its number; UPLOAD_LARGE over UPLOAD_MAX, UPLOAD_MANY when too many are open.
enum upload_result site_import_begin(
    struct arena *a, const struct feature_actor *actor, struct site_import *i);
// The bytes from `at` on, of whoever began it.
enum upload_result site_import_add(struct arena *a, const struct feature_actor *actor,
    struct site_import *i, int64_t at, struct str bytes);
// All has come: the job takes it. `slug` empty: the file's own address.
enum upload_result site_import_go(
    struct arena *a, const struct feature_actor *actor, struct site_import *i, struct str slug);
// UPLOAD_UNKNOWN when there is none such.
enum upload_result site_import_find(struct arena *a, struct site_import *i);
// Newest first; NULL when the database doesn't answer.
const struct rows *site_import_list(struct arena *a);
struct site_import site_import_of_row(const struct rows *rows, int row);
// At start: who does the job, with the app's own address.
void site_import_start(const char *database_url);
