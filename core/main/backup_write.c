#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/zone.h"
#include "data/seal.h"
#include "data/seal_wrap.h"
#include "domain/invariant.h"
#include "main/backup.h"
#include "main/version.h"

static bool complain(const char *path, const char *why)
{
    fprintf(stderr, "vitrine: %s: %s\n", path, why);
    return false;
}

static struct str below(struct arena *a, struct str folder, const char *name)
{
    return str_join(a, folder, STR("/"), str_of(name), STR_NULL);
}

struct str backup_key_path(struct arena *a, const struct config *c)
{
    return below(a, str_of(c->state), "keys");
}

// A file in the state folder whose time is the newest backup's.
static struct str mark_path(struct arena *a, const struct config *c)
{
    return below(a, str_of(c->state), "backed-up");
}

int64_t backup_last_s(struct arena *a, const struct config *c)
{
    struct stat st;
    return stat(mark_path(a, c).p, &st) == 0 ? (int64_t)st.st_mtime : 0;
}

static const char all_tables[] =
    "SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname)"
    "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')"
    " ORDER BY 1";

struct value *backup_tables(struct arena *a, PGconn *pg)
{
    struct value *tables = value_object(a);
    PGresult *r = owner_ask(pg, all_tables, NULL, 0);
    bool ok = r != NULL;
    for (int i = 0; ok && i < PQntuples(r); i++) {
        struct str count = str_join(a, STR("SELECT count(*) FROM "), owner_cell(r, i, 1), STR_NULL);
        PGresult *rows = owner_ask(pg, count.p, NULL, 0);
        ok = rows != NULL;
        if (ok)
            value_set_int(
                a, tables, value_key_intern(owner_cell(r, i, 0)), owner_number(rows, 0, 0));
        PQclear(rows);
    }
    PQclear(r);
    return ok ? tables : NULL;
}

static struct value *migrations(struct arena *a, PGconn *pg)
{
    struct value *list = value_list(a);
    PGresult *r = owner_ask(pg,
        "SELECT component, name, checksum FROM schema_migration ORDER BY component, name", NULL, 0);
    if (!r)
        return NULL;
    for (int i = 0; i < PQntuples(r); i++) {
        struct value *m = value_append_object(a, list);
        value_set_str(a, m, KEY(component), str_dup(a, owner_cell(r, i, 0)));
        value_set_str(a, m, KEY(name), str_dup(a, owner_cell(r, i, 1)));
        value_set_str(a, m, KEY(checksum), str_dup(a, owner_cell(r, i, 2)));
    }
    PQclear(r);
    return list;
}

// What doesn't hold is backed up too, and named: a restore isn't blamed for it.
static struct value *broken_invariants(struct arena *a, PGconn *pg)
{
    struct value *broken = value_list(a);
    for (int i = 0; i < invariant_count(); i++) {
        struct invariant found;
        if (!invariant_ask(a, pg, i, NULL, &found))
            return NULL;
        if (!found.broken)
            continue;
        fprintf(stderr, "vitrine: this doesn't hold in the database: %s (see vitrine verify)\n",
            found.words.p);
        value_append(a, broken, value_str(a, found.words));
    }
    return broken;
}

static bool dump(struct arena *a, PGconn *pg, const struct config *c, struct str folder)
{
    PGresult *r = owner_ask(pg, "SELECT pg_export_snapshot()", NULL, 0);
    if (!r)
        return false;
    struct str snapshot = str_join(a, STR("--snapshot="), owner_cell(r, 0, 0), STR_NULL);
    struct str file = str_join(a, STR("--file="), below(a, folder, BACKUP_DUMP), STR_NULL);
    PQclear(r);
    const char *const arguments[] = {
        "pg_dump", "--format=custom", "--no-password", "--no-owner", snapshot.p, file.p, NULL};
    return owner_program(pg, c->database_owner_url, arguments);
}

static bool write_keys(
    struct arena *a, const struct backup_options *o, struct str folder, struct str keys)
{
    if (!o->passphrase.p)
        return true;
    struct str closed = seal_wrap(a, o->passphrase, keys);
    struct str text = str_join(a, closed, STR("\n"), STR_NULL);
    return closed.p ? file_write(below(a, folder, BACKUP_KEYS), text, 0600)
                    : complain(BACKUP_KEYS, "there is no memory to close it");
}

static bool add_file(
    struct arena *a, struct str folder, const char *name, struct buf *sums, struct value *sizes)
{
    struct sha256 digest;
    int64_t size;
    struct str path = below(a, folder, name);
    if (!file_digest(path, &digest, &size))
        return complain(path.p, strerror(errno));
    buf_add(sums, str_hex(a, digest.bytes, sizeof digest.bytes));
    buf_add_format(sums, "  %s\n", name);
    if (sizes)
        value_set_int(a, sizes, value_key_intern(str_of(name)), size);
    return true;
}

static bool describe(
    struct arena *a, PGconn *pg, struct value *manifest, const struct backup_options *o)
{
    struct value *tables = backup_tables(a, pg), *ran = migrations(a, pg),
                 *broken = tables && ran ? broken_invariants(a, pg) : NULL;
    value_set_int(a, manifest, KEY(format), BACKUP_FORMAT);
    value_set_str(a, manifest, KEY(program), STR(VITRINE_VERSION));
    value_set_str(a, manifest, KEY(made_at), instant_text(a, zone_utc(), clock_now_us()));
    value_set_int(a, manifest, KEY(postgresql), PQserverVersion(pg));
    value_set_bool(a, manifest, KEY(keys_included), o->passphrase.p != NULL);
    value_set(a, manifest, KEY(migrations), ran);
    value_set(a, manifest, KEY(tables), tables);
    value_set(a, manifest, KEY(broken), broken);
    return broken != NULL;
}

static struct value *key_names(struct arena *a, struct str keys)
{
    struct str names[SEAL_KEYS_MAX];
    int count = seal_key_names(a, keys, names);
    struct value *list = value_list(a);
    for (int i = 0; i < count; i++)
        value_append(a, list, value_str(a, names[i]));
    return list;
}

static bool write_all(struct arena *a, PGconn *pg, const struct config *c,
    const struct backup_options *o, struct str folder)
{
    struct str keys = STR_NULL, key_path = backup_key_path(a, c);
    struct value *manifest = value_object(a), *sizes = value_object(a);
    struct buf sums, text;
    buf_init(&sums, a, BACKUP_KEYS_MAX);
    buf_init(&text, a, BACKUP_MANIFEST_MAX);
    if (!file_exists(key_path))
        return complain(key_path.p, "there is no key file: is VITRINE_STATE the installation's?");
    // One transaction sees what the dump sees: rows are counted as they were at that moment.
    if (!file_read(a, key_path, BACKUP_KEYS_MAX, &keys) ||
        !owner_run(pg,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;"
            "SET LOCAL idle_in_transaction_session_timeout = 0",
            "begin") ||
        !dump(a, pg, c, folder) || !describe(a, pg, manifest, o) ||
        !write_keys(a, o, folder, keys) || !add_file(a, folder, BACKUP_DUMP, &sums, sizes) ||
        (o->passphrase.p && !add_file(a, folder, BACKUP_KEYS, &sums, sizes)))
        return false;
    value_set(a, manifest, KEY(keys), key_names(a, keys));
    value_set(a, manifest, KEY(files), sizes);
    json_write(&text, manifest);
    buf_add_char(&text, '\n');
    return file_write(below(a, folder, BACKUP_MANIFEST), buf_str(&text), 0600) &&
           add_file(a, folder, BACKUP_MANIFEST, &sums, NULL) &&
           file_write(below(a, folder, BACKUP_SUMS), buf_str(&sums), 0600);
}

// Of this program's files only, so that nothing else is ever removed.
static void remove_folder(struct arena *a, struct str folder)
{
    static const char *const names[] = {BACKUP_DUMP, BACKUP_KEYS, BACKUP_MANIFEST, BACKUP_SUMS};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(below(a, folder, names[i]).p);
    rmdir(folder.p);
}

static bool finish(struct arena *a, const struct config *c, struct str partial, struct str folder)
{
    // Its files are on disk by now; the names of them too, before the folder gets its own.
    int fd = open(partial.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return complain(partial.p, strerror(errno));
    close(fd);
    if (rename(partial.p, folder.p) != 0)
        return complain(folder.p, strerror(errno));
    if (!file_write(mark_path(a, c), str_join(a, folder, STR("\n"), STR_NULL), 0600))
        fprintf(stderr, "vitrine: the doctor won't know of this backup\n");
    printf("%s\n", folder.p);
    return true;
}

bool backup_write(struct arena *a, const struct config *c, const struct backup_options *o)
{
    struct str folder = str_dup(a, o->folder);
    struct str partial = str_join(a, folder, STR(".partial"), STR_NULL);
    if (file_exists(folder))
        return complain(folder.p, "it is there already: name a new folder for each backup");
    remove_folder(a, partial); // of one that was interrupted
    umask(077);
    if (mkdir(partial.p, 0700) != 0)
        return complain(partial.p, strerror(errno));
    PGconn *pg = owner_connect(c->database_owner_url);
    bool ok = pg && write_all(a, pg, c, o, partial) && finish(a, c, partial, folder);
    PQfinish(pg);
    if (!ok)
        remove_folder(a, partial);
    return ok;
}
