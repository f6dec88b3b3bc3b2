#include "domain/archive_pass.h"

#include "base/buf.h"
#include "base/hash.h"

// What a member was, for the manifest at the end.
struct member {
    struct str name, sha256;
    int64_t rows;
};

struct members {
    struct member *list;
    size_t count, room;
};

bool archive_fail(struct archive_pass *p, int64_t line, struct str field, struct str why)
{
    if (p->why->p)
        return false;
    struct str place = p->member.len ? p->member : STR("the archive");
    if (line)
        place = str_format(p->a, "%.*s, line %lld", STR_ARG(place), (long long)line);
    if (field.len)
        place = str_join(p->a, place, STR(", "), field, STR_NULL);
    *p->why = str_join(p->a, place, STR(": "), why, STR_NULL);
    return false;
}

struct str archive_array(struct arena *a, struct str lines)
{
    char *text = arena_alloc(a, lines.len + 3);
    size_t len = lines.len && lines.p[lines.len - 1] == '\n' ? lines.len - 1 : lines.len;
    text[0] = '[';
    for (size_t i = 0; i < len; i++)
        text[i + 1] = lines.p[i] == '\n' ? ',' : lines.p[i];
    memcpy(text + len + 1, "]", 2);
    return str_n(text, len + 2);
}

static int64_t count_lines(struct str lines)
{
    int64_t count = 0;
    for (size_t i = 0; i < lines.len; i++)
        count += lines.p[i] == '\n';
    return count;
}

static struct str name_array(struct arena *a, const struct archive_part *part, bool required)
{
    struct buf b;
    buf_init(&b, a, 64 << 10);
    buf_add_char(&b, '{');
    for (int i = 0; i < part->column_count; i++) {
        if (required && !part->columns[i]->required)
            continue;
        buf_add_format(&b, "%s\"%.*s\"", b.len > 1 ? "," : "", STR_ARG(part->columns[i]->name));
    }
    buf_add_char(&b, '}');
    return buf_str(&b);
}

static struct archive_part *part_of(struct archive_pass *p, struct str label)
{
    for (int i = 0; i < p->part_count; i++)
        if (str_eq(p->parts[i].table->label, label))
            return &p->parts[i];
    return NULL;
}

static bool has_column(const struct archive_part *part, const struct archive_column *column)
{
    for (int i = 0; i < part->column_count; i++)
        if (part->columns[i] == column)
            return true;
    return false;
}

static bool add_column(struct archive_pass *p, struct str label, struct str name)
{
    const struct archive_table *table = archive_table_find(&p->tables, label);
    if (!table)
        return archive_fail(p, 0, label,
            STR("there is no such table here: a plugin isn't installed, or the archive was made by "
                "a newer version"));
    const struct archive_column *column = archive_column_find(table, name);
    if (!column)
        return archive_fail(p, 0, str_join(p->a, label, STR("."), name, STR_NULL),
            STR("there is no such column here: the archive was made by a newer version"));
    struct archive_part *part = part_of(p, label);
    if (!part) {
        part = &p->parts[p->part_count++];
        part->table = table;
        part->columns =
            arena_new_array(p->a, const struct archive_column *, (size_t)table->column_count);
    }
    if (has_column(part, column))
        return archive_fail(p, 0, label, STR("it names a column twice"));
    part->columns[part->column_count++] = column;
    return true;
}

static bool finish_part(struct archive_pass *p, struct archive_part *part)
{
    for (int i = 0; i < part->table->column_count; i++) {
        const struct archive_column *column = &part->table->columns[i];
        if (column->required && !has_column(part, column))
            return archive_fail(p, 0,
                str_join(p->a, part->table->label, STR("."), column->name, STR_NULL),
                STR("the archive hasn't this column, which every row needs"));
    }
    part->keys = name_array(p->a, part, false);
    part->required = name_array(p->a, part, true);
    return true;
}

static bool read_tables(struct archive_pass *p, struct str text)
{
    const struct str value[] = {text, STR_NULL};
    struct str why = STR_NULL;
    PGresult *r = archive_ask(p->part, p->pg,
        STR("SELECT t->>'name', c FROM jsonb_array_elements($1::jsonb->'tables') t,"
            " jsonb_array_elements_text(t->'columns') c"),
        value, &why);
    bool ok = r ? true : archive_fail(p, 0, STR("tables"), why);
    p->parts = arena_new_array(p->a, struct archive_part, (size_t)p->tables.count);
    for (int i = 0; ok && i < PQntuples(r); i++)
        ok = add_column(p, archive_cell(r, i, 0), archive_cell(r, i, 1));
    PQclear(r);
    for (int i = 0; ok && i < p->part_count; i++)
        ok = finish_part(p, &p->parts[i]);
    return ok;
}

static bool read_head(struct archive_pass *p, struct str name, struct str text)
{
    const struct str value[] = {text, STR_NULL};
    struct str why = STR_NULL;
    if (!str_is(name, "site.json"))
        return archive_fail(
            p, 0, STR_NULL, STR("this is no export of a site: its first file has to be site.json"));
    PGresult *r = archive_ask(p->part, p->pg,
        STR("SELECT j->>'kind' IS NOT DISTINCT FROM 'vitrine site', coalesce(j->>'format', ''),"
            " coalesce(j->>'program', ''), coalesce(j->>'made_at', ''), coalesce(j->>'slug', ''),"
            " coalesce(j->>'name', '') FROM (SELECT $1::jsonb AS j) x"),
        value, &why);
    if (!r)
        return archive_fail(p, 0, STR_NULL, why);
    p->head.program = str_dup(p->a, archive_cell(r, 0, 2));
    p->head.made_at = str_dup(p->a, archive_cell(r, 0, 3));
    p->head.slug = str_dup(p->a, archive_cell(r, 0, 4));
    p->head.name = str_dup(p->a, archive_cell(r, 0, 5));
    bool ours = str_is(archive_cell(r, 0, 0), "t");
    struct str format = str_dup(p->part, archive_cell(r, 0, 1));
    PQclear(r);
    if (!ours)
        return archive_fail(p, 0, STR("kind"), STR("this is no export of a site"));
    if (!str_eq(format, str_of_i64(p->part, ARCHIVE_FORMAT)))
        return archive_fail(p, 0, STR("format"),
            str_format(p->a, "it is %.*s, made by version %.*s; this one reads %d", STR_ARG(format),
                STR_ARG(p->head.program), ARCHIVE_FORMAT));
    return read_tables(p, text);
}

static bool take_rows(struct archive_pass *p, struct str lines)
{
    // data/LABEL.NUMBER.jsonl
    struct str rest = str_sub(p->member, 5, p->member.len);
    if (!str_ends(rest, STR(".jsonl")) || rest.len < 12)
        return archive_fail(p, 0, STR_NULL, STR("a file of rows is called data/TABLE.0001.jsonl"));
    const struct archive_part *part = part_of(p, str_sub(rest, 0, rest.len - 11));
    if (!part)
        return archive_fail(p, 0, STR_NULL, STR("site.json doesn't name this table"));
    if (!lines.len || lines.p[lines.len - 1] != '\n')
        return archive_fail(
            p, count_lines(lines) + 1, STR_NULL, STR("the line doesn't end: it is cut off"));
    return p->on_rows(p, part, lines);
}

static bool check_manifest(struct archive_pass *p, const struct members *seen, struct str text)
{
    const struct str value[] = {text, STR_NULL};
    struct str why = STR_NULL;
    PGresult *r = archive_ask(p->part, p->pg,
        STR("SELECT coalesce(f->>'name', ''), coalesce(f->>'sha256', ''), coalesce(f->>'rows', '')"
            "  FROM jsonb_array_elements($1::jsonb->'files') WITH ORDINALITY e(f, n) ORDER BY n"),
        value, &why);
    if (!r)
        return archive_fail(p, 0, STR_NULL, why);
    size_t named = (size_t)PQntuples(r), i = 0;
    while (i < named && i < seen->count && str_eq(archive_cell(r, (int)i, 0), seen->list[i].name) &&
           str_eq(archive_cell(r, (int)i, 1), seen->list[i].sha256) &&
           str_eq(archive_cell(r, (int)i, 2), str_of_i64(p->part, seen->list[i].rows)))
        i++;
    bool whole = i == named && i == seen->count;
    if (!whole && i < seen->count) {
        bool known = i < named && str_eq(archive_cell(r, (int)i, 0), seen->list[i].name);
        p->member = seen->list[i].name;
        archive_fail(p, 0, STR_NULL,
            known ? STR("it isn't as it was written (its checksum differs)")
                  : STR("the manifest doesn't name it here"));
    } else if (!whole) {
        archive_fail(p, 0, STR_NULL,
            str_join(
                p->a, str_dup(p->a, archive_cell(r, (int)i, 0)), STR(" is missing"), STR_NULL));
    }
    PQclear(r);
    return whole;
}

static void remember(struct archive_pass *p, struct members *m, struct str bytes, int64_t rows)
{
    if (m->count == m->room) {
        size_t room = m->room ? 2 * m->room : 64;
        m->list = arena_grow(p->a, m->list, m->room * sizeof *m->list, room * sizeof *m->list);
        m->room = room;
    }
    struct sha256 digest = hash_sha256(bytes);
    m->list[m->count++] =
        (struct member){str_dup(p->a, p->member), str_hex(p->a, digest.bytes, 32), rows};
}

static bool take_member(struct archive_pass *p, struct members *seen, struct str bytes)
{
    int64_t rows = str_starts(p->member, STR("data/")) ? count_lines(bytes) : 0;
    bool ok;
    if (!seen->count)
        ok = read_head(p, p->member, bytes);
    else if (str_starts(p->member, STR("data/")))
        ok = take_rows(p, bytes);
    else if (str_starts(p->member, STR("files/")))
        ok = p->on_picture(p, str_sub(p->member, 6, p->member.len), bytes);
    else
        ok = archive_fail(p, 0, STR_NULL, STR("nobody knows this file"));
    remember(p, seen, bytes, rows);
    p->rows += rows;
    p->head.rows = p->rows;
    if (ok && p->in->progress && !p->in->progress(p->in->arg, p->rows))
        return archive_fail(p, 0, STR_NULL, STR("it was called off"));
    return ok;
}

static bool read_members(struct archive_pass *p, struct tar_reader *tar)
{
    struct members seen = {.count = 0};
    for (bool over = false;;) {
        struct str name = STR_NULL, bytes;
        arena_reset(p->part);
        enum tar_result result = tar_next(tar, p->part, &name, &bytes);
        if (result == TAR_FAILED)
            return archive_fail(p, 0, STR_NULL, STR("it can't be read to its end"));
        if (result == TAR_DAMAGED) {
            // After the last one that was whole.
            struct str after = seen.count && !over ? seen.list[seen.count - 1].name : STR("");
            p->member = STR("");
            return archive_fail(p, 0, STR_NULL,
                str_join(p->a, tar_place(tar, p->a), after.len ? STR(", after ") : STR(""), after,
                    STR_NULL));
        }
        if (result == TAR_END) {
            p->member = STR("");
            return over || archive_fail(p, 0, STR_NULL,
                               STR("it is cut off: there is no manifest.json at its end"));
        }
        p->member = name;
        if (over)
            return archive_fail(p, 0, STR_NULL, STR("it stands behind the manifest"));
        over = str_is(name, "manifest.json");
        if (over ? !check_manifest(p, &seen, bytes) : !take_member(p, &seen, bytes))
            return false;
    }
}

bool archive_pass(struct archive_pass *p)
{
    p->part = arena_new();
    p->member = STR("");
    bool ok = archive_tables_read(p->a, p->pg, &p->tables, p->why);
    if (ok) {
        struct tar_reader *tar = tar_open(p->a, p->in->source, p->in->arg);
        ok = read_members(p, tar);
        tar_close(tar);
    }
    arena_free(p->part);
    return ok;
}
