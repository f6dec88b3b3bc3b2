// Our own text files: templates, locales, manifests, blueprints. Read whole when a process starts
// or a site is made, never while a request runs: these calls block. An error names file, line and
// what to do, so that whoever wrote the file can mend it.
#pragma once

#include "base/str.h"

enum { SOURCE_LEN_MAX = 1 << 20 };

struct source_error {
    struct str file;
    int line; // 0: the file as a whole
    struct str text;
    // Its kind and what it is about, for whoever says it in a reader's own words; absent where
    // nobody does.
    const char *code;
    struct str name, other;
    int other_line;
};

// "web/storefront/home.html:12: text".
struct str source_error_text(struct arena *a, const struct source_error *e);
// Fills `e` from the arena and returns false, so that callers can `return source_refuse(…)`.
__attribute__((format(printf, 5, 6))) bool source_refuse(
    struct arena *a, struct source_error *e, struct str file, int line, const char *format, ...);

// The whole file; absent when it can't be read, is longer than SOURCE_LEN_MAX or isn't UTF-8.
struct str source_read(struct arena *a, const char *path, struct source_error *e);

struct source_list {
    struct str *paths; // relative to the directory, sorted
    size_t count;
};

// Files below `dir` that end in `suffix` ("" for all); skips dot files and node_modules. A missing
// directory has none.
struct source_list source_walk(struct arena *a, const char *dir, struct str suffix);
