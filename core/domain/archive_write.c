#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "domain/archive_table.h"

enum { HEAD_MAX = 1 << 20, MANIFEST_MAX = 32 << 20, CHUNK_MAX = TAR_MEMBER_MAX - (1 << 20) };

struct writing {
    struct arena *a, *part; // the archive's, one member's
    PGconn *pg;
    const struct archive_out *out;
    struct tar_writer *tar;
    struct buf manifest; // a line a member
    int64_t rows;
    struct str *why;
};

static bool fail(struct writing *w, struct str why)
{
    if (!w->why->p)
        *w->why = str_dup(w->a, why);
    return false;
}

static void add_field(struct buf *b, const char *key, struct str text)
{
    json_write_str(b, str_of(key));
    buf_add_char(b, ':');
    json_write_str(b, text);
}

static void add_manifest_line(struct writing *w, struct str name, struct str bytes, int64_t rows)
{
    struct sha256 digest = hash_sha256(bytes);
    struct buf *b = &w->manifest;
    buf_add(b, b->len ? STR(",\n{") : STR("{"));
    add_field(b, "name", name);
    buf_add(b, STR(",\"rows\":"));
    buf_add_i64(b, rows);
    buf_add_char(b, ',');
    add_field(b, "sha256", str_hex(w->part, digest.bytes, sizeof digest.bytes));
    buf_add_char(b, '}');
}

static bool add_member(struct writing *w, struct str name, struct str bytes, int64_t rows)
{
    add_manifest_line(w, name, bytes, rows);
    w->rows += rows;
    if (!tar_add(w->tar, name, bytes))
        return fail(w, STR("the file can't be written"));
    if (w->out->progress && !w->out->progress(w->out->arg, w->rows))
        return fail(w, STR("it was called off"));
    return true;
}

static void add_table_words(struct buf *b, const struct archive_table *t)
{
    buf_add(b, STR("\n{"));
    add_field(b, "name", t->label);
    buf_add(b, STR(",\"columns\":["));
    for (int i = 0; i < t->column_count; i++) {
        if (i)
            buf_add_char(b, ',');
        json_write_str(b, t->columns[i].name);
    }
    buf_add(b, STR("]}"));
}

static void add_left_out(struct buf *b, const struct archive_tables *tables)
{
    for (int i = 0; i < tables->absence_count; i++) {
        buf_add(b, i ? STR(",\n{") : STR("\n{"));
        add_field(b, "name", tables->absences[i].name);
        buf_add_char(b, ',');
        add_field(b, "why", tables->absences[i].why);
        buf_add_char(b, '}');
    }
}

static struct str head_text(
    struct writing *w, struct str slug, struct str name, const struct archive_tables *tables)
{
    const struct str fields[][2] = {{STR("kind"), STR("vitrine site")},
        {STR("program"), w->out->program}, {STR("made_at"), w->out->made_at}, {STR("slug"), slug},
        {STR("name"), name}};
    struct buf b;
    buf_init(&b, w->part, HEAD_MAX);
    buf_add_format(&b, "{\"format\":%d", ARCHIVE_FORMAT);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        buf_add_char(&b, ',');
        add_field(&b, fields[i][0].p, fields[i][1]);
    }
    buf_add(&b, STR(",\"tables\":["));
    for (int i = 0; i < tables->count; i++) {
        if (i)
            buf_add_char(&b, ',');
        add_table_words(&b, &tables->list[i]);
    }
    buf_add(&b, STR("],\"left_out\":["));
    add_left_out(&b, tables);
    buf_add(&b, STR("]}\n"));
    return buf_str(&b);
}

static bool write_head(struct writing *w, const struct archive_tables *tables)
{
    const struct str value[] = {str_of_i64(w->part, w->out->tenant), STR_NULL};
    PGresult *r = archive_ask(
        w->part, w->pg, STR("SELECT slug, name FROM site WHERE tenant_id = $1"), value, w->why);
    bool ok = r && PQntuples(r) == 1;
    ok = ok ? add_member(w, STR("site.json"),
                  head_text(w, archive_cell(r, 0, 0), archive_cell(r, 0, 1), tables), 0)
            : fail(w, STR("there is no such site"));
    PQclear(r);
    arena_reset(w->part);
    return ok;
}

static struct str list_columns(struct arena *a, const struct archive_table *t)
{
    struct buf b;
    buf_init(&b, a, 64 << 10);
    for (int i = 0; i < t->column_count; i++) {
        if (i)
            buf_add(&b, STR(", "));
        buf_add(&b, t->columns[i].quoted);
    }
    return buf_str(&b);
}

static bool write_part(
    struct writing *w, const struct archive_table *t, int number, struct buf *lines, int64_t rows)
{
    struct str name = str_format(w->part, "data/%.*s.%04d.jsonl", STR_ARG(t->label), number);
    if (lines->full)
        return fail(w, str_join(w->a, t->label, STR(": a row is too large"), STR_NULL));
    bool ok = add_member(w, name, buf_str(lines), rows);
    arena_reset(w->part);
    buf_init(lines, w->part, CHUNK_MAX);
    return ok;
}

static bool write_rows(struct writing *w, const struct archive_table *t)
{
    struct buf lines;
    int number = 0;
    int64_t rows = 0;
    bool more = true;
    buf_init(&lines, w->part, CHUNK_MAX);
    while (more) {
        PGresult *r = archive_ask(w->a, w->pg, STR("FETCH 200 FROM rows"), NULL, w->why);
        if (!r)
            return false;
        more = PQntuples(r) > 0;
        bool ok = true;
        for (int i = 0; ok && i < PQntuples(r); i++) {
            buf_add(&lines, archive_cell(r, i, 0));
            buf_add_char(&lines, '\n');
            rows++;
            if (lines.len >= ARCHIVE_PART_MAX) {
                ok = write_part(w, t, ++number, &lines, rows);
                rows = 0;
            }
        }
        PQclear(r);
        if (!ok)
            return false;
    }
    return !rows || write_part(w, t, ++number, &lines, rows);
}

static bool write_table(struct writing *w, const struct archive_table *t)
{
    struct str declare = str_join(w->part,
        STR("DECLARE rows NO SCROLL CURSOR FOR SELECT "
            "row_to_json(r)::text FROM (SELECT "),
        list_columns(w->part, t), STR(" FROM "), t->quoted, STR(" WHERE tenant_id = "),
        str_of_i64(w->part, w->out->tenant), t->order_by.len ? STR(" ORDER BY ") : STR(""),
        t->order_by, STR(") r"), STR_NULL);
    PGresult *r = archive_ask(w->part, w->pg, declare, NULL, w->why);
    if (!r)
        return false;
    PQclear(r);
    arena_reset(w->part);
    if (!write_rows(w, t))
        return false;
    r = archive_ask(w->part, w->pg, STR("CLOSE rows"), NULL, w->why);
    PQclear(r);
    arena_reset(w->part);
    return r != NULL;
}

// Pictures as files, one at a time.
static bool write_picture(struct writing *w, struct str name)
{
    const struct str values[] = {str_of_i64(w->part, w->out->tenant), name, STR_NULL};
    const char *texts[] = {values[0].p, values[1].p};
    PGresult *r =
        PQexecParams(w->pg, "SELECT bytes FROM file WHERE tenant_id = $1::bigint AND name = $2", 2,
            NULL, texts, NULL, NULL, 1);
    bool ok = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
    if (!ok)
        fail(w, str_trim(str_of(PQerrorMessage(w->pg))));
    else if (PQgetlength(r, 0, 0) > CHUNK_MAX)
        ok = fail(w, str_join(w->a, name, STR(": the picture is too large"), STR_NULL));
    else
        ok = add_member(
            w, str_join(w->part, STR("files/"), name, STR_NULL), archive_cell(r, 0, 0), 0);
    PQclear(r);
    return ok;
}

static bool write_pictures(struct writing *w)
{
    const struct str value[] = {str_of_i64(w->a, w->out->tenant), STR_NULL};
    PGresult *names = archive_ask(w->a, w->pg,
        STR("SELECT name FROM file WHERE tenant_id = $1 ORDER BY name"), value, w->why);
    bool ok = names != NULL;
    for (int i = 0; ok && i < PQntuples(names); i++) {
        ok = write_picture(w, str_dup(w->part, archive_cell(names, i, 0)));
        arena_reset(w->part);
    }
    PQclear(names);
    return ok;
}

static bool write_manifest(struct writing *w)
{
    struct buf text;
    if (w->manifest.full)
        return fail(w, STR("there are too many files for the manifest"));
    buf_init(&text, w->part, MANIFEST_MAX + 1024);
    buf_add(&text, STR("{\"rows\":"));
    buf_add_i64(&text, w->rows);
    buf_add(&text, STR(",\"files\":[\n"));
    buf_add(&text, buf_str(&w->manifest));
    buf_add(&text, STR("\n]}\n"));
    return tar_add(w->tar, STR("manifest.json"), buf_str(&text)) ||
           fail(w, STR("the file can't be written"));
}

static bool write_all(struct writing *w)
{
    struct archive_tables tables;
    PGresult *begun = archive_ask(
        w->a, w->pg, STR("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), NULL, w->why);
    PQclear(begun);
    if (!begun || !archive_tables_read(w->a, w->pg, &tables, w->why) || !write_head(w, &tables))
        return false;
    for (int i = 0; i < tables.count; i++)
        if (!write_table(w, &tables.list[i]))
            return false;
    return write_pictures(w) && write_manifest(w);
}

bool archive_export(struct arena *a, const struct archive_out *out, int64_t *rows, struct str *why)
{
    *why = STR_NULL;
    struct writing w = {.a = a, .part = arena_new(), .out = out, .why = why};
    buf_init(&w.manifest, a, MANIFEST_MAX);
    w.pg = archive_connect(a, out->database_url, out->tenant, why);
    w.tar = tar_create(a, out->sink, out->arg, out->made_s);
    bool ok = w.pg && write_all(&w);
    if (ok)
        ok = tar_finish(w.tar) || fail(&w, STR("the file can't be written"));
    else
        tar_abandon(w.tar);
    *rows = w.rows;
    PQfinish(w.pg);
    arena_free(w.part);
    return ok;
}
