#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "data/seal.h"
#include "data/seal_wrap.h"
#include "domain/invariant.h"
#include "main/backup.h"
#include "main/version.h"

static bool complain(struct str what, const char *why)
{
    fprintf(stderr, "vitrine: %.*s: %s\n", STR_ARG(what), why);
    return false;
}

static struct str below(struct arena *a, struct str folder, struct str name)
{
    return str_join(a, folder, STR("/"), name, STR_NULL);
}

static bool is_known(struct str name)
{
    return str_is(name, BACKUP_DUMP) || str_is(name, BACKUP_MANIFEST) || str_is(name, BACKUP_KEYS);
}

// The digest that SHA256SUMS gives for a file; absent when it names none, or is no such list.
static struct str sum_of(struct str sums, struct str name)
{
    struct str found = STR_NULL;
    while (sums.p) {
        struct str line = str_cut(&sums, '\n');
        if (!line.len)
            continue;
        if (line.len < 67 || line.p[64] != ' ' || !is_known(str_sub(line, 66, line.len)))
            return STR_NULL;
        if (str_eq(str_sub(line, 66, line.len), name))
            found = str_sub(line, 0, 64);
    }
    return found;
}

static bool check_file(struct arena *a, struct str folder, struct str name, struct str expected,
    const struct value *sizes)
{
    struct sha256 digest;
    int64_t size, written = value_get_int(sizes, value_key_find(name), -1);
    struct str path = below(a, folder, name);
    if (!expected.p)
        return complain(path, "SHA256SUMS doesn't name it, or is damaged");
    if (!file_exists(path) || !file_digest(path, &digest, &size))
        return complain(path, "it is missing, or can't be read");
    if (written >= 0 && size < written)
        return complain(path,
            str_format(a, "it is cut off: %lld bytes of %lld", (long long)size, (long long)written)
                .p);
    if (!str_eq(str_hex(a, digest.bytes, sizeof digest.bytes), expected))
        return complain(path, "it isn't as it was written (its checksum differs)");
    return true;
}

struct value *backup_read(struct arena *a, struct str folder)
{
    struct str sums, text, path = below(a, folder, STR(BACKUP_MANIFEST));
    struct json_error error;
    if (!file_exists(path)) {
        complain(path, "it is missing: this folder is no backup");
        return NULL;
    }
    if (!file_exists(below(a, folder, STR(BACKUP_SUMS))) ||
        !file_read(a, below(a, folder, STR(BACKUP_SUMS)), BACKUP_KEYS_MAX, &sums)) {
        complain(folder, "SHA256SUMS is missing");
        return NULL;
    }
    if (!check_file(a, folder, STR(BACKUP_MANIFEST), sum_of(sums, STR(BACKUP_MANIFEST)), NULL) ||
        !file_read(a, path, BACKUP_MANIFEST_MAX, &text))
        return NULL;
    struct value *manifest = json_parse(a, text, JSON_ANY_KEYS, &error);
    if (!manifest) {
        complain(path, str_z(a, error.text));
        return NULL;
    }
    if (value_get_int(manifest, KEY(format), 0) != BACKUP_FORMAT) {
        complain(path,
            str_format(a, "format %lld, made by vitrine %s; this is %s, which reads format %d",
                (long long)value_get_int(manifest, KEY(format), 0),
                str_z(a, value_get_str(manifest, KEY(program))), VITRINE_VERSION, BACKUP_FORMAT)
                .p);
        return NULL;
    }
    const struct value *sizes = value_get(manifest, KEY(files));
    bool keys = value_get_bool(manifest, KEY(keys_included), false);
    if (!check_file(a, folder, STR(BACKUP_DUMP), sum_of(sums, STR(BACKUP_DUMP)), sizes) ||
        (keys && !check_file(a, folder, STR(BACKUP_KEYS), sum_of(sums, STR(BACKUP_KEYS)), sizes)))
        return NULL;
    return manifest;
}

// Migrations that ran there and that this program doesn't have were made by a newer one.
static bool check_migrations(
    struct arena *a, const struct config *c, const struct value *manifest, struct str folder)
{
    const struct value *ran = value_get(manifest, KEY(migrations));
    for (size_t i = 0; i < value_count(ran); i++) {
        const struct value *m = value_at(ran, i);
        struct str component = value_get_str(m, KEY(component)), text;
        struct str where = str_is(component, "core")
                               ? STR("core")
                               : str_join(a, STR("plugins/"), component, STR_NULL);
        struct str path = str_join(a, str_of(c->home), STR("/"), where, STR("/migrations/"),
            value_get_str(m, KEY(name)), STR_NULL);
        struct str name =
            str_join(a, where, STR("/migrations/"), value_get_str(m, KEY(name)), STR_NULL);
        if (!file_exists(path))
            return complain(below(a, folder, STR(BACKUP_MANIFEST)),
                str_format(a,
                    "%s ran there and isn't in this program: made by vitrine %s, restore with it "
                    "or a newer one, with the same plugins",
                    name.p, str_z(a, value_get_str(manifest, KEY(program))))
                    .p);
        if (!file_read(a, path, 4 << 20, &text))
            return false;
        if (!str_eq(str_hex(a, hash_sha256(text).bytes, 32), value_get_str(m, KEY(checksum))))
            return complain(below(a, folder, STR(BACKUP_MANIFEST)),
                str_join(a, name, STR(" isn't the file that ran there"), STR_NULL).p);
    }
    return true;
}

// The first key of the backup that isn't among these; absent when all are.
static struct str key_missing(struct arena *a, const struct value *manifest, struct str keys)
{
    struct str names[SEAL_KEYS_MAX];
    int count = seal_key_names(a, keys, names);
    const struct value *needed = value_get(manifest, KEY(keys));
    for (size_t i = 0; i < value_count(needed); i++) {
        bool found = false;
        for (int k = 0; k < count; k++)
            found |= str_eq(names[k], value_as_str(value_at(needed, i)));
        if (!found)
            return value_as_str(value_at(needed, i));
    }
    return STR_NULL;
}

// Whether secrets of the backup can be opened afterwards; `*keys` is what has to be written first.
static bool find_keys(struct arena *a, const struct config *c, const struct backup_options *o,
    const struct value *manifest, struct str *keys)
{
    struct str path = backup_key_path(a, c), here;
    *keys = STR_NULL;
    if (o->without_keys)
        return true;
    if (file_exists(path)) {
        if (!file_read(a, path, BACKUP_KEYS_MAX, &here))
            return false;
        struct str missing = key_missing(a, manifest, here);
        return !missing.p ||
               complain(path,
                   str_format(a,
                       "key %s of the backup isn't in it: these are another installation's "
                       "keys. Put the backup's own key file there; if it is lost, "
                       "--without-keys gives up what it sealed (second factors, links in mails)",
                       str_z(a, missing))
                       .p);
    }
    if (!value_get_bool(manifest, KEY(keys_included), false))
        return complain(path,
            "the backup has no keys in it: put its installation's key file there; if it is lost, "
            "--without-keys gives up what it sealed (second factors, links in mails)");
    if (!o->passphrase.p)
        return complain(path, "give the passphrase of the backup's keys: --passphrase-file FILE");
    struct str sealed, at = below(a, o->folder, STR(BACKUP_KEYS));
    if (!file_read(a, at, BACKUP_KEYS_MAX, &sealed))
        return false;
    *keys = seal_unwrap(a, o->passphrase, sealed);
    return keys->p ? !key_missing(a, manifest, *keys).p || complain(at, "it holds other keys")
                   : complain(at, "this isn't the passphrase it was closed with");
}

static bool check_target(struct arena *a, PGconn *pg)
{
    PGresult *r = owner_ask(pg,
        "SELECT current_database(),"
        " (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        "   WHERE c.relkind = 'r' AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')),"
        " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        "   AND pid <> pg_backend_pid() AND backend_type = 'client backend'),"
        " (SELECT count(*) FROM pg_roles WHERE rolname IN ('vitrine_app', 'vitrine_platform')),"
        " (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)",
        NULL, 0);
    if (!r)
        return false;
    struct str database = str_dup(a, owner_cell(r, 0, 0));
    int64_t tables = owner_number(r, 0, 1), others = owner_number(r, 0, 2);
    bool roles = owner_number(r, 0, 3) == 2, bypasses = str_is(owner_cell(r, 0, 4), "t");
    PQclear(r);
    struct str what = str_join(a, STR("database "), database, STR_NULL);
    if (tables)
        return complain(what,
            str_format(a,
                "it isn't empty (%lld tables): nothing is restored over a site. Make an empty "
                "one (createdb -O vitrine_owner NAME) and name it in VITRINE_DATABASE_URL, "
                "..._PLATFORM_URL and ..._OWNER_URL",
                (long long)tables)
                .p);
    if (others)
        return complain(what, "somebody is connected to it: stop vitrine first");
    if (!roles)
        return complain(
            what, "make the login roles vitrine_app and vitrine_platform in this PostgreSQL first");
    return bypasses || complain(what, "the owner's role needs BYPASSRLS: ALTER ROLE ... BYPASSRLS");
}

static bool load(struct arena *a, PGconn *pg, const struct config *c, struct str folder)
{
    struct str file = below(a, folder, STR(BACKUP_DUMP));
    struct str database = str_join(a, STR("--dbname="), str_of(PQdb(pg)), STR_NULL);
    const char *const arguments[] = {"pg_restore", "--single-transaction", "--exit-on-error",
        "--no-owner", "--no-password", database.p, file.p, NULL};
    return owner_program(pg, c->database_owner_url, arguments) || complain(file, "nothing is kept");
}

static bool same_rows(struct arena *a, PGconn *pg, const struct value *manifest)
{
    const struct value *there = value_get(manifest, KEY(tables)), *here = backup_tables(a, pg);
    bool same = here && value_count(here) == value_count(there);
    for (size_t i = 0; same && i < value_count(there); i++) {
        const struct value_field *f = &there->object.fields[i];
        same = value_equal(f->value, value_get(here, f->key)) ||
               complain(value_key_name(f->key), "it hasn't as many rows as it had");
    }
    return same || complain(STR("the restored database"), "isn't what was backed up");
}

static bool was_broken(const struct value *manifest, struct str words)
{
    const struct value *broken = value_get(manifest, KEY(broken));
    for (size_t i = 0; i < value_count(broken); i++)
        if (str_eq(value_as_str(value_at(broken, i)), words))
            return true;
    return false;
}

static bool prove(struct arena *a, PGconn *pg, const struct value *manifest)
{
    bool all = same_rows(a, pg, manifest);
    for (int i = 0; all && i < invariant_count(); i++) {
        struct invariant found;
        if (!invariant_ask(a, pg, i, NULL, &found))
            return false;
        if (!found.broken)
            continue;
        bool before = was_broken(manifest, found.words);
        complain(found.words, before ? "it didn't hold when it was backed up" : "it doesn't hold");
        all = before;
    }
    return all;
}

static void say_what_waits(PGconn *pg)
{
    PGresult *r = owner_ask(pg,
        "SELECT (SELECT count(*) FROM site), (SELECT count(*) FROM orders WHERE placed_at IS NOT "
        "NULL), (SELECT count(*) FROM job WHERE state = 'waiting')",
        NULL, 0);
    if (r)
        printf("%lld sites, %lld orders, %lld jobs that wait and run when vitrine serve does\n",
            (long long)owner_number(r, 0, 0), (long long)owner_number(r, 0, 1),
            (long long)owner_number(r, 0, 2));
    PQclear(r);
    printf("now: vitrine migrate, vitrine doctor, vitrine serve\n");
}

static bool restore_into(struct arena *a, PGconn *pg, const struct config *c,
    const struct backup_options *o, const struct value *manifest)
{
    struct str keys;
    if (!check_target(a, pg) || !find_keys(a, c, o, manifest, &keys))
        return false;
    if (keys.p) {
        mkdir(c->state, 0700);
        if (!file_write(backup_key_path(a, c), keys, 0600))
            return false;
    }
    if (!load(a, pg, c, o->folder) || !owner_run(pg, "ANALYZE", "analyze") ||
        !prove(a, pg, manifest))
        return false;
    say_what_waits(pg);
    return true;
}

bool backup_restore(struct arena *a, const struct config *c, const struct backup_options *o)
{
    const struct value *manifest = backup_read(a, o->folder);
    if (!manifest || !check_migrations(a, c, manifest, o->folder))
        return false;
    printf("made at %s by vitrine %s: as it was written\n",
        str_z(a, value_get_str(manifest, KEY(made_at))),
        str_z(a, value_get_str(manifest, KEY(program))));
    if (o->check_only)
        return true;
    PGconn *pg = owner_connect(c->database_owner_url);
    bool ok = pg && restore_into(a, pg, c, o, manifest);
    PQfinish(pg);
    return ok;
}
