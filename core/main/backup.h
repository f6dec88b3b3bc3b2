// A backup of the installation: a folder with a dump of the database as it was at one moment, a
// manifest (format, program, migrations, keys, rows of each table), checksums in sha256sum's format
// and, only under a passphrase, the sealing keys. Pictures stand in the database; Redis and the
// outbox hold nothing that is needed. Blocking, for the command line; what is wrong is said on
// standard error with its place.
#pragma once

#include "base/value.h"
#include "data/owner.h"
#include "main/config.h"

enum { BACKUP_FORMAT = 1, BACKUP_MANIFEST_MAX = 16 << 20, BACKUP_KEYS_MAX = 16 << 10 };

#define BACKUP_DUMP "database.dump"
#define BACKUP_MANIFEST "manifest.json"
#define BACKUP_KEYS "keys.sealed"
#define BACKUP_SUMS "SHA256SUMS"

struct backup_options {
    struct str folder;
    struct str passphrase; // for the keys; absent: they stay out
    bool without_keys;     // restore: what they sealed is given up
    bool check_only;       // restore: only look whether it could be
};

// Makes `folder`, which must not exist; nothing is left of one that failed.
bool backup_write(struct arena *a, const struct config *c, const struct backup_options *o);
// Verifies all of it, then writes it into an empty database, then proves the result.
bool backup_restore(struct arena *a, const struct config *c, const struct backup_options *o);

// The manifest of a backup whose every byte is as it was written, or NULL, said.
struct value *backup_read(struct arena *a, struct str folder);
// Rows of every table of the installation, by name, as the connection's transaction sees them.
struct value *backup_tables(struct arena *a, PGconn *pg);
// Where the installation's keys are.
struct str backup_key_path(struct arena *a, const struct config *c);
// When the newest backup was made, in seconds since 1970; 0: none was.
int64_t backup_last_s(struct arena *a, const struct config *c);
