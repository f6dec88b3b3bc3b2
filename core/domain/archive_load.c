#include "base/buf.h"
#include "domain/archive_pass.h"

struct loading {
    const struct archive_target *target;
    struct str tenant;
};

static bool run(struct archive_pass *p, const char *sql)
{
    struct str why;
    PGresult *r = archive_ask(p->part, p->pg, str_of(sql), NULL, &why);
    PQclear(r);
    return r || archive_fail(p, 0, STR_NULL, why);
}

static struct str list_columns(
    struct arena *a, const struct archive_part *part, struct str before, bool values)
{
    struct buf b;
    buf_init(&b, a, 64 << 10);
    for (int i = 0; i < part->column_count; i++) {
        const struct archive_column *column = part->columns[i];
        struct str instead = values ? archive_instead(part->table, column->name) : STR_NULL;
        if (i)
            buf_add(&b, STR(", "));
        if (instead.p)
            buf_add(&b, instead);
        else
            buf_add(&b, str_join(a, before, column->quoted, STR_NULL));
    }
    return buf_str(&b);
}

// $1 is a JSON array of rows, $2 the site.
static struct str insert_text(struct arena *a, const struct archive_part *part)
{
    const struct archive_table *t = part->table;
    struct str rows = str_join(a, STR(" FROM jsonb_populate_recordset(NULL::"), t->quoted,
        STR(", $1::jsonb) r"), STR_NULL);
    if (str_is(t->label, "site"))
        return str_join(a, STR("UPDATE site SET ("), list_columns(a, part, STR(""), false),
            STR(") = (SELECT "), list_columns(a, part, STR("r."), true), rows,
            STR(") WHERE tenant_id = $2::text::bigint"), STR_NULL);
    return str_join(a, STR("INSERT INTO "), t->quoted, STR(" (tenant_id, "),
        list_columns(a, part, STR(""), false), t->others, STR(") SELECT $2::text::bigint, "),
        list_columns(a, part, STR("r."), true), t->other_values, rows, STR_NULL);
}

static bool insert(struct archive_pass *p, struct str statement, struct str lines, struct str *why)
{
    const struct loading *l = p->arg;
    const struct str values[] = {archive_array(p->part, lines), l->tenant, STR_NULL};
    PGresult *r = archive_ask(p->part, p->pg, statement, values, why);
    PQclear(r);
    return r != NULL;
}

// Something that the tables themselves refuse: found by going line by line.
static bool blame(struct archive_pass *p, struct str statement, struct str lines, struct str why)
{
    int64_t number = 0;
    if (!run(p, "ROLLBACK TO SAVEPOINT part"))
        return false;
    while (lines.p && lines.len) {
        struct str line = str_cut(&lines, '\n');
        number++;
        if (!insert(p, statement, line, &why))
            return archive_fail(p, number, STR_NULL, why);
    }
    return archive_fail(p, 0, STR_NULL, why);
}

static bool load_rows(struct archive_pass *p, const struct archive_part *part, struct str lines)
{
    struct str why, statement = insert_text(p->part, part);
    if (!run(p, "SAVEPOINT part"))
        return false;
    return insert(p, statement, lines, &why) ? run(p, "RELEASE SAVEPOINT part")
                                             : blame(p, statement, lines, why);
}

static bool load_picture(struct archive_pass *p, struct str name, struct str bytes)
{
    const struct loading *l = p->arg;
    const char *values[] = {l->tenant.p, str_z(p->part, name), bytes.p};
    const int lengths[] = {0, 0, (int)bytes.len}, formats[] = {0, 0, 1};
    PGresult *r =
        PQexecParams(p->pg, "UPDATE file SET bytes = $3 WHERE tenant_id = $1::bigint AND name = $2",
            3, NULL, values, lengths, formats, 0);
    struct str affected = str_of(PQcmdTuples(r));
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK && str_is(affected, "1");
    if (!ok)
        archive_fail(p, 0, STR_NULL, STR("no row of data/file names this picture"));
    PQclear(r);
    return ok;
}

// What the manifest can't know: a picture for each row that names one, one row of the site itself.
static bool check_whole(struct archive_pass *p)
{
    const struct loading *l = p->arg;
    const struct str value[] = {l->tenant, STR_NULL};
    struct str why = STR_NULL;
    PGresult *r = archive_ask(p->a, p->pg,
        STR("SELECT 'files/' || name || ' isn''t there, or not as long as its row says'"
            "  FROM file WHERE tenant_id = $1 AND length(bytes) <> size"
            " UNION ALL SELECT 'there is no channel on the web in it'"
            "  WHERE NOT EXISTS (SELECT 1 FROM channel WHERE tenant_id = $1 AND kind = 'web')"
            " LIMIT 1"),
        value, &why);
    bool ok = r && !PQntuples(r);
    if (!ok)
        archive_fail(p, 0, STR_NULL, r ? str_dup(p->a, archive_cell(r, 0, 0)) : why);
    PQclear(r);
    return ok;
}

// Suspended until somebody has looked at it; features that this installation hasn't, or whose
// approval it hasn't given, are off, and one that was closing is on: its end is asked for again.
static bool settle(struct archive_pass *p)
{
    const struct loading *l = p->arg;
    const struct archive_target *t = l->target;
    struct str why = STR_NULL;
    const struct str site[] = {l->tenant, t->reason, t->now, STR_NULL};
    const struct str features[] = {l->tenant, t->features, STR_NULL};
    PGresult *changed = archive_ask(p->a, p->pg,
        STR("UPDATE site SET state = 'suspended', state_reason = $2, state_since = $3::timestamptz"
            " WHERE tenant_id = $1 AND state = 'creating' RETURNING 1"),
        site, &why);
    bool ok = changed && PQntuples(changed) == 1;
    PQclear(changed);
    PGresult *r = ok ? archive_ask(p->a, p->pg,
                           STR("UPDATE feature SET state = CASE WHEN plugin = ANY ($2::text[]) AND "
                               "state IN ('on', 'closing') THEN 'on' ELSE 'off' END"
                               " WHERE tenant_id = $1 AND state <> 'off'"),
                           features, &why)
                     : NULL;
    PQclear(r);
    return r || archive_fail(
                    p, 0, STR_NULL, why.len ? why : STR("somebody else took the new site away"));
}

bool archive_load(struct arena *a, const struct archive_in *in, const struct archive_target *target,
    struct str *why)
{
    *why = STR_NULL;
    struct loading l = {target, str_of_i64(a, target->tenant)};
    struct archive_pass p = {
        .a = a, .in = in, .why = why, .arg = &l, .on_rows = load_rows, .on_picture = load_picture};
    p.pg = archive_connect(a, in->database_url, target->tenant, why);
    if (!p.pg)
        return false;
    p.part = a;
    p.member = STR("");
    bool ok = in->rewind(in->arg) || archive_fail(&p, 0, STR_NULL, STR("it can't be read again"));
    ok = ok && run(&p, "BEGIN") && archive_pass(&p);
    // The pass has freed what it read a member into.
    p.part = a;
    p.member = STR("");
    ok = ok && check_whole(&p) && settle(&p) && run(&p, "COMMIT");
    PQfinish(p.pg);
    return ok;
}
