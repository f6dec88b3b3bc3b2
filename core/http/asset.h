// Where styles, scripts, fonts and pictures of the product stand: the build's manifest says each
// file's hash, and an address that carries the hash can be kept for ever. Loaded once when a
// process starts, read-only after that.
#pragma once

#include "io/source.h"

struct assets;

struct asset {
    struct str path, hash, url;
    // Of asset_files_load: bytes as they are and gzipped (absent when that is no smaller).
    struct str plain, packed, type, etag;
};

// The build's `manifest.json`, {"styles/site.css":"<hash>", …}; NULL with `e` filled.
struct assets *assets_load(struct arena *a, const char *manifest_path, struct source_error *e);

// "/assets/<hash>/styles/site.css"; absent when the build has no such file. Lives as long as the
// table.
struct str asset_url(const struct assets *assets, struct str path);

// NULL when the build has no such file.
struct asset *asset_entry(const struct assets *assets, struct str path);
// Every file once: start with NULL; NULL after the last.
struct asset *asset_next(const struct assets *assets, struct asset *before);
