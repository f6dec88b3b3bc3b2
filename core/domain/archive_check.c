#include "domain/archive_pass.h"

// The first row of these that has a field which isn't a column, or lacks one that must be there.
static const char unknown_fields[] =
    "SELECT e.n, k FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY e(j, n),"
    " LATERAL jsonb_object_keys(e.j) k WHERE k <> ALL ($2::text[]) LIMIT 1";
static const char missing_fields[] =
    "SELECT e.n, k FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY e(j, n),"
    " unnest($2::text[]) k WHERE coalesce(e.j->k, 'null') = 'null' LIMIT 1";

static struct str types_of(struct arena *a, const struct archive_part *part)
{
    return str_join(a, STR("SELECT count(*) FROM jsonb_populate_recordset(NULL::"),
        part->table->quoted, STR(", $1::jsonb)"), STR_NULL);
}

// One field of one line, by itself.
static bool field_fits(struct archive_pass *p, const struct archive_part *part, struct str line,
    const struct archive_column *column, struct str *why)
{
    struct str text =
        str_join(p->part, STR("SELECT (jsonb_populate_record(NULL::"), part->table->quoted,
            STR(", jsonb_build_object($2::text, $1::jsonb->$2))) IS NULL"), STR_NULL);
    const struct str values[] = {line, column->name, STR_NULL};
    PGresult *r = archive_ask(p->part, p->pg, text, values, why);
    PQclear(r);
    return r != NULL;
}

// A statement refused the whole: the line, and the field, that it doesn't like.
static bool blame(struct archive_pass *p, const struct archive_part *part, struct str lines,
    struct str statement, struct str why)
{
    int64_t number = 0;
    while (lines.p && lines.len) {
        struct str line = str_cut(&lines, '\n');
        const struct str values[] = {archive_array(p->part, line), part->keys, STR_NULL};
        const struct str alone[] = {values[0], STR_NULL};
        bool two = str_find(statement, STR("$2")) >= 0;
        number++;
        PGresult *r = archive_ask(p->part, p->pg, statement, two ? values : alone, &why);
        PQclear(r);
        if (r)
            continue;
        for (int i = 0; !two && i < part->column_count; i++)
            if (!field_fits(p, part, line, part->columns[i], &why))
                return archive_fail(p, number, part->columns[i]->name, why);
        return archive_fail(p, number, STR_NULL, why);
    }
    return archive_fail(p, 0, STR_NULL, why);
}

// A statement that finds the first line with a field that is wrong.
struct search {
    struct str statement, names, complaint;
};

static bool find_fields(struct archive_pass *p, const struct archive_part *part, struct str lines,
    const struct search *search)
{
    struct str why;
    const struct str values[] = {archive_array(p->part, lines), search->names, STR_NULL};
    PGresult *r = archive_ask(p->part, p->pg, search->statement, values, &why);
    if (!r)
        return blame(p, part, lines, search->statement, why);
    int64_t line = 0;
    bool none = PQntuples(r) == 0;
    if (!none && str_to_i64(archive_cell(r, 0, 0), &line))
        archive_fail(p, line, str_dup(p->part, archive_cell(r, 0, 1)), search->complaint);
    PQclear(r);
    return none;
}

static bool check_rows(struct archive_pass *p, const struct archive_part *part, struct str lines)
{
    struct str why;
    const struct search unknown = {
        str_of(unknown_fields), part->keys, STR("site.json doesn't name this field")};
    const struct search missing = {
        str_of(missing_fields), part->required, STR("it must have a value")};
    if (!find_fields(p, part, lines, &unknown) || !find_fields(p, part, lines, &missing))
        return false;
    const struct str value[] = {archive_array(p->part, lines), STR_NULL};
    struct str statement = types_of(p->part, part);
    PGresult *r = archive_ask(p->part, p->pg, statement, value, &why);
    PQclear(r);
    return r || blame(p, part, lines, statement, why);
}

static bool check_picture(struct archive_pass *p, struct str name, struct str bytes)
{
    (void)bytes;
    return name.len || archive_fail(p, 0, STR_NULL, STR("a picture has a name"));
}

bool archive_check(
    struct arena *a, const struct archive_in *in, struct archive_head *head, struct str *why)
{
    *why = STR_NULL;
    struct archive_pass p = {
        .a = a, .in = in, .why = why, .on_rows = check_rows, .on_picture = check_picture};
    // No site has the number 0: this connection sees no row and can write none.
    p.pg = archive_connect(a, in->database_url, 0, why);
    bool ok = p.pg && archive_pass(&p);
    PQfinish(p.pg);
    *head = p.head;
    return ok;
}
