// The bytes of the front-end build, in memory: read once before the processes are forked, so that
// all of them share the pages. An address names path and content hash, so what is found may be kept
// for ever; one with the hash of another version finds the file as it is now, which isn't kept.
// Read-only after loading; found on the loop without a fiber, whatever the host.
#pragma once

#include "http/asset.h"
#include "http/server.h"

enum { ASSET_BYTES_MAX = 64 << 20 };

// Reads every file of the manifest below `folder`, with its .gz beside it where there is one. False
// with `e` filled when one is missing or there are more bytes than ASSET_BYTES_MAX.
bool asset_files_load(
    struct arena *a, struct assets *assets, const char *folder, struct source_error *e);

// For GET and HEAD of /assets/<hash>/<path>: the file, 304, or 404; status 0 for other paths.
struct cached_answer asset_find(const struct assets *assets, const struct server_lookup *lookup);
