#include "domain/archive_table.h"

#include "base/check.h"

enum { TABLES_MAX = 256, ABSENCES_MAX = 128, VALUES_MAX = 4 };

// Every table of the core, and why it stays behind where it does, also before there is such a
// table. Plugins' tables all travel.
static const struct {
    const char *table, *left_out;
} core_tables[] = {
    {"allocation", NULL},
    {"api_answer", "answers kept for programs that repeat a request here"},
    {"api_token", "keys of programs, of which a hash is kept: made anew"},
    {"approval", "which gated features a site may have is decided by each installation"},
    {"attempt", "counts tries on logins and codes at this installation"},
    {"audit", NULL},
    {"category", NULL},
    {"channel", NULL},
    {"closure", NULL},
    {"customer", NULL},
    {"customer_apart", NULL},
    {"customer_batch", "what was done to many is taken back where it was done"},
    {"customer_batch_row", "what was done to many is taken back where it was done"},
    {"customer_code", "codes sent by mail, derived from this installation's keys"},
    {"customer_email_wish", NULL},
    {"customer_merge", NULL},
    {"customer_merge_row", "merges are taken back where they were made"},
    {"customer_note", NULL},
    {"customer_tag", NULL},
    {"edition", NULL},
    {"entry", NULL},
    {"export", "files that staff asked for here"},
    {"export_part", "files that staff asked for here"},
    {"feature", NULL},
    {"file", NULL},
    {"idempotency", "answers kept for browsers that repeat a submit here"},
    {"job", "what waits stays with this installation, so that nothing happens twice"},
    {"ledger_account", NULL},
    {"ledger_hold", NULL},
    {"ledger_hold_end", NULL},
    {"ledger_hold_lot", NULL},
    {"lot", NULL},
    {"lot_balance", NULL},
    {"mail", NULL},
    {"notification", NULL},
    {"offer", NULL},
    {"offer_place", NULL},
    {"offer_resource", NULL},
    {"opening", NULL},
    {"order_event", NULL},
    {"order_line", NULL},
    {"order_note", NULL},
    {"orders", NULL},
    {"ownership_holder", "a change of owner on its way here"},
    {"ownership_transfer", "a change of owner on its way here; the record has what happened"},
    {"passkey", "made for this installation's address: customers add theirs anew"},
    {"passkey_answer", "challenges that this installation signed"},
    {"payment", NULL},
    {"plugin_error", "what failed at this installation"},
    {"posting", NULL},
    {"posting_note", NULL},
    {"profile", NULL},
    {"profile_offer", NULL},
    {"profile_draft", "on the way to a profile for all venues of this installation"},
    {"rate", NULL},
    {"resource", NULL},
    {"rollout_site", "belongs to changes of many sites of this installation"},
    {"saved_view", NULL},
    {"schedule_rule", NULL},
    {"search_term", NULL},
    {"session", "who is logged in stays where they are"},
    {"site", NULL},
    {"site_export", "files like this one that were made here"},
    {"site_export_part", "files like this one that were made here"},
    {"site_revision", "counts changes for the caches of this installation"},
    {"slot", NULL},
    {"slot_change", NULL},
    {"slot_change_row", NULL},
    {"slot_change_target", NULL},
    {"slot_exception", NULL},
    {"slot_place", NULL},
    {"staff", NULL},
    {"staff_invitation", "their links are signed by this installation's keys"},
    {"staff_recovery", "codes that stand in for second factors, which are set up anew"},
    {"support_access", "visits of this installation's operators"},
    {"tax", NULL},
    {"template_override", NULL},
    {"ticket", NULL},
    {"upload", "uploads on their way in"},
    {"upload_part", "uploads on their way in"},
    {"webhook_delivery", "what was sent, and waits to be, from here"},
    {"webhook_endpoint", "their secrets are sealed by this installation's keys; set up anew"},
    {"webhook_event", "what was sent, and waits to be, from here"},
    {"webhook_try", "what was sent, and waits to be, from here"},
};

// Columns that don't travel, why, and what is written in their place where something must be.
static const struct {
    const char *name, *why, *instead;
} columns[] = {
    {"customer_merge.kept_after", "merges are taken back where they were made", NULL},
    {"customer_merge.kept_before", "merges are taken back where they were made", NULL},
    {"customer_merge.other_before", "merges are taken back where they were made", NULL},
    {"customer.password_hash", "customers log in by a code, or set it anew", NULL},
    {"customer.person_id", "profiles for all venues are this installation's; linked anew", NULL},
    {"customer.person_version", "belongs to the link with a profile for all venues", NULL},
    {"site.creation_key", "tells a form that is sent twice", NULL},
    {"plugin_recurring_bookings.series.token", "read by programs of the version before only", NULL},
    {"staff.password_hash", "passwords are set anew, by mail", "'!'"},
    {"staff.totp_sealed", "sealed by this installation's keys; set up anew", NULL},
    {"staff.totp_step", "belongs to the second factor", NULL},
    {"site.slug", "in the head; may be another one there", NULL},
    {"site.skeleton", "follows from the address", NULL},
    {"site.state", "an imported site is suspended until somebody resumes it", NULL},
    {"site.state_reason", "belongs to the state", NULL},
    {"site.state_since", "belongs to the state", NULL},
    {"site.plan", "plans are each installation's own", NULL},
    {"file.bytes", "as files/NAME", "''::bytea"},
};

// These travel and are rewritten on the way in.
static const struct {
    const char *table, *column, *instead;
} rewritten[] = {
    {"audit", "object_id",
        "CASE WHEN r.object_kind = 'site' AND r.object_id ~ '^[0-9]+$' THEN $2 ELSE r.object_id "
        "END"},
};

struct str archive_instead(const struct archive_table *t, struct str column)
{
    for (size_t i = 0; i < sizeof rewritten / sizeof *rewritten; i++)
        if (str_is(t->label, rewritten[i].table) && str_is(column, rewritten[i].column))
            return str_of(rewritten[i].instead);
    return STR_NULL;
}

static void add_absence(
    struct arena *a, struct archive_tables *out, struct str name, const char *why)
{
    check(out->absence_count < ABSENCES_MAX);
    out->absences[out->absence_count++] = (struct archive_absence){str_dup(a, name), str_of(why)};
}

static bool stays_behind(
    struct arena *a, struct archive_tables *out, struct archive_table *t, struct str column)
{
    struct str name = str_join(a, t->label, STR("."), column, STR_NULL);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (!str_is(name, columns[i].name))
            continue;
        add_absence(a, out, name, columns[i].why);
        if (columns[i].instead) {
            t->others = str_join(a, t->others, STR(", "), column, STR_NULL);
            t->other_values =
                str_join(a, t->other_values, STR(", "), str_of(columns[i].instead), STR_NULL);
        }
        return true;
    }
    return str_is(column, "tenant_id");
}

PGconn *archive_connect(struct arena *a, const char *url, int64_t tenant, struct str *why)
{
    struct str none;
    PGconn *pg = PQconnectdb(url);
    if (PQstatus(pg) == CONNECTION_OK) {
        const struct str value[] = {str_of_i64(a, tenant), STR_NULL};
        PGresult *r =
            archive_ask(a, pg, STR("SELECT set_config('vitrine.tenant', $1, false)"), value, &none);
        PQclear(r);
        if (r)
            return pg;
    }
    *why = str_join(a, STR("the database: "), str_trim(str_of(PQerrorMessage(pg))), STR_NULL);
    PQfinish(pg);
    return NULL;
}

PGresult *archive_ask(
    struct arena *a, PGconn *pg, struct str sql, const struct str *values, struct str *why)
{
    const char *texts[VALUES_MAX];
    int count = 0;
    for (; values && values[count].p; count++) {
        check(count < VALUES_MAX);
        texts[count] = str_z(a, values[count]);
    }
    PGresult *r = PQexecParams(pg, str_z(a, sql), count, NULL, texts, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
        return r;
    struct str said = str_of(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    *why = str_dup(a, said.p ? said : str_trim(str_of(PQerrorMessage(pg))));
    PQclear(r);
    return NULL;
}

struct str archive_cell(const PGresult *r, int row, int column)
{
    return str_n(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

static const char read_tables[] =
    "SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END,"
    "       format('%I.%I', n.nspname, c.relname), c.oid,"
    "       (SELECT string_agg(k.confrelid::text, ' ') FROM pg_constraint k"
    "         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid),"
    // Rows that refer to others of their table come after all that don't; then by key.
    "       concat_ws(', ',"
    "         (SELECT string_agg(DISTINCT format('%I IS NOT NULL', o.attname), ', ')"
    "            FROM pg_constraint k JOIN pg_attribute o ON o.attrelid = c.oid"
    "             AND o.attnum = ANY (k.conkey) AND o.attname <> 'tenant_id'"
    "           WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = c.oid),"
    "         (SELECT string_agg(format('%I', o.attname), ', ' ORDER BY array_position("
    "                              x.indkey::int2[], o.attnum))"
    "            FROM pg_index x JOIN pg_attribute o ON o.attrelid = c.oid"
    "             AND o.attnum = ANY (x.indkey)"
    "           WHERE x.indrelid = c.oid AND x.indisprimary))"
    "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    "  JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'"
    " WHERE c.relkind = 'r' AND NOT t.attisdropped"
    "   AND (n.nspname = 'public' OR n.nspname LIKE 'plugin\\_%')"
    " ORDER BY 1";

static const char read_columns[] =
    "SELECT attname, format('%I', attname), attnotnull AND NOT atthasdef"
    "  FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped"
    "   AND attgenerated = '' ORDER BY attnum";

// One look at the catalogue.
struct survey {
    struct arena *a;
    PGconn *pg;
    const PGresult *rows; // the tables
    struct archive_tables *out;
    struct str *why;
};

static bool add_columns(const struct survey *s, struct str oid, struct archive_table *t)
{
    const struct str value[] = {str_dup(s->a, oid), STR_NULL};
    PGresult *r = archive_ask(s->a, s->pg, str_of(read_columns), value, s->why);
    if (!r)
        return false;
    t->columns = arena_new_array(s->a, struct archive_column, (size_t)PQntuples(r));
    for (int i = 0; i < PQntuples(r); i++) {
        if (stays_behind(s->a, s->out, t, archive_cell(r, i, 0)))
            continue;
        t->columns[t->column_count++] =
            (struct archive_column){.name = str_dup(s->a, archive_cell(r, i, 0)),
                .quoted = str_dup(s->a, archive_cell(r, i, 1)),
                .required = str_is(archive_cell(r, i, 2), "t")};
    }
    PQclear(r);
    return true;
}

// Why a table of the core stays behind, NULL when it travels; false when nobody said.
static bool find_fate(struct str label, const char **left_out)
{
    *left_out = NULL;
    if (str_index(label, '.') >= 0)
        return true;
    for (size_t i = 0; i < sizeof core_tables / sizeof *core_tables; i++)
        if (str_is(label, core_tables[i].table)) {
            *left_out = core_tables[i].left_out;
            return true;
        }
    return false;
}

// Whether all that row `i` refers to is written before it.
static bool is_ready(const PGresult *r, int i, const bool *written)
{
    struct str rest = archive_cell(r, i, 3);
    while (rest.p && rest.len) {
        struct str needed = str_cut(&rest, ' ');
        for (int k = 0; k < PQntuples(r); k++)
            if (!written[k] && str_eq(archive_cell(r, k, 2), needed))
                return false;
    }
    return true;
}

static bool add_table(const struct survey *s, int i)
{
    const char *left_out;
    struct archive_table t = {.others = STR(""),
        .other_values = STR(""),
        .label = str_dup(s->a, archive_cell(s->rows, i, 0)),
        .quoted = str_dup(s->a, archive_cell(s->rows, i, 1)),
        .order_by = str_dup(s->a, archive_cell(s->rows, i, 4))};
    if (!find_fate(t.label, &left_out)) {
        *s->why = str_join(
            s->a, t.label, STR(": nobody said in archive_table.c whether it travels"), STR_NULL);
        return false;
    }
    if (left_out) {
        add_absence(s->a, s->out, t.label, left_out);
        return true;
    }
    if (!add_columns(s, archive_cell(s->rows, i, 2), &t))
        return false;
    s->out->list[s->out->count++] = t;
    return true;
}

static bool add_tables(const struct survey *s)
{
    bool written[TABLES_MAX] = {false};
    int count = PQntuples(s->rows), left = count;
    check(count <= TABLES_MAX);
    s->out->list = arena_new_array(s->a, struct archive_table, (size_t)count);
    s->out->absences = arena_new_array(s->a, struct archive_absence, ABSENCES_MAX);
    for (int before = -1; left && left != before;) {
        before = left;
        for (int i = 0; i < count; i++) {
            if (written[i] || !is_ready(s->rows, i, written))
                continue;
            if (!add_table(s, i))
                return false;
            written[i] = true;
            left--;
        }
    }
    if (left)
        *s->why = STR("tables refer to each other in a circle");
    return left == 0;
}

bool archive_tables_read(struct arena *a, PGconn *pg, struct archive_tables *out, struct str *why)
{
    *out = (struct archive_tables){.count = 0};
    PGresult *r = archive_ask(a, pg, str_of(read_tables), NULL, why);
    bool ok = r && add_tables(&(struct survey){a, pg, r, out, why});
    PQclear(r);
    return ok;
}

const struct archive_table *archive_table_find(const struct archive_tables *t, struct str label)
{
    for (int i = 0; i < t->count; i++)
        if (str_eq(t->list[i].label, label))
            return &t->list[i];
    return NULL;
}

const struct archive_column *archive_column_find(const struct archive_table *t, struct str name)
{
    for (int i = 0; i < t->column_count; i++)
        if (str_eq(t->columns[i].name, name))
            return &t->columns[i];
    return NULL;
}
