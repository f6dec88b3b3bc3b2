// Where styles, scripts, fonts and pictures of the product stand: the build's manifest says each
// file's hash, and an address that carries the hash can be kept for ever. Loaded once when a
// process starts, read-only after that.
#pragma once

#include "io/source.h"

struct assets;

// The build's `manifest.json`, {"styles/site.css":"<hash>", …}; NULL with `e` filled.
struct assets *assets_load(struct arena *a, const char *manifest_path, struct source_error *e);

// "/assets/<hash>/styles/site.css"; absent when the build has no such file. Lives as long as the
// table.
struct str asset_url(const struct assets *assets, struct str path);
// The hash alone, to compare with a requested address.
struct str asset_hash(const struct assets *assets, struct str path);
