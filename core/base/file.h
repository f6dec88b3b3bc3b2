// Small files of the installation: templates, manifests, migrations, keys. Blocking, so for start
// and command line only.
#pragma once

#include "base/hash.h"
#include "base/str.h"

// The whole file, zero-terminated. False (and logged) when it can't be read or is longer than max.
bool file_read(struct arena *a, struct str path, size_t max, struct str *text);
// Writes beside and renames, so a reader sees the old or the new.
bool file_write(struct str path, struct str text, unsigned mode);
bool file_exists(struct str path);
bool file_is_folder(struct str path);
// SHA-256 and length of a file of any size, read in pieces. False when it can't be read.
bool file_digest(struct str path, struct sha256 *digest, int64_t *size);
// Names in a folder, sorted, without . and ..; 0 when there is none.
size_t file_list(struct arena *a, struct str folder, struct str **names);
