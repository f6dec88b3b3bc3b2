// A plugin's named statements, read as scripts/sql-constants.awk reads the core's.
#include <stdlib.h>

#include "base/buf.h"
#include "plug/plugin.h"

enum { STATEMENTS_MAX = 200 };

struct sql_file {
    struct arena *arena;
    struct plugin *plugin;
    struct str path;
    struct source_error *e;
    struct str name; // of the statement being read
    int name_line;
    struct buf text;
};

static int count_params(struct str text)
{
    int most = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.p[i] != '$')
            continue;
        int n = 0;
        for (size_t k = i + 1; k < text.len && text.p[k] >= '0' && text.p[k] <= '9' && n < 1000;
             k++)
            n = n * 10 + (text.p[k] - '0');
        most = n > most ? n : most;
    }
    return most;
}

static bool refuse(struct sql_file *f, int line, const char *why)
{
    return source_refuse(f->arena, f->e, f->path, line, "statement %.*s %s", STR_ARG(f->name), why);
}

// The site is set by the host, and every statement names it, so that its tables' indexes are used.
static bool add_statement(struct sql_file *f)
{
    struct plugin *p = f->plugin;
    if (!f->name.p)
        return true;
    struct str text = str_trim(buf_str(&f->text));
    if (!text.len)
        return refuse(f, f->name_line, "is empty");
    if (str_find(text, STR("$1")) < 0)
        return refuse(
            f, f->name_line, "doesn't name the site: its first parameter, $1, is the tenant_id");
    if (str_find(text, STR("set_config")) >= 0 || str_find(text, STR("vitrine.tenant")) >= 0)
        return refuse(f, f->name_line, "changes settings of the session");
    if (p->statement_count == STATEMENTS_MAX)
        return refuse(f, f->name_line, "is one too many");
    for (size_t i = 0; i < p->statement_count; i++)
        if (str_is(f->name, p->statements[i].name))
            return refuse(f, f->name_line, "stands twice");
    p->statements[p->statement_count++] = (struct sql){.name = str_z(f->arena, f->name),
        .text = str_z(f->arena, text),
        .params = count_params(text)};
    return true;
}

static bool begin_statement(struct sql_file *f, struct str name, int line)
{
    if (!add_statement(f))
        return false;
    f->name = name;
    f->name_line = line;
    buf_init(&f->text, f->arena, SOURCE_LEN_MAX);
    return manifest_is_word(name) ||
           refuse(f, line, "must be named with a-z, 0-9 and '_', a letter first");
}

static bool read_line(struct sql_file *f, struct str line, int number)
{
    struct str head = STR("-- name:"), bare = str_trim(line);
    if (str_starts(line, head))
        return begin_statement(f, str_trim(str_sub(line, head.len, line.len)), number);
    if (!bare.len || str_starts(bare, STR("--")))
        return true;
    if (!f->name.p)
        return source_refuse(
            f->arena, f->e, f->path, number, "text before the first `-- name:` line");
    if (str_ends(bare, STR(";")))
        line = str_sub(line, 0, (size_t)(bare.p - line.p) + bare.len - 1);
    buf_add(&f->text, line);
    buf_add_char(&f->text, '\n');
    return true;
}

static bool read_file(struct sql_file *f)
{
    struct str text = source_read(f->arena, f->path.p, f->e);
    int number = 0;
    if (!text.p)
        return false;
    while (text.p)
        if (!read_line(f, str_cut(&text, '\n'), ++number))
            return false;
    bool ok = add_statement(f);
    f->name = STR_NULL;
    return ok;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sql *)a)->name, ((const struct sql *)b)->name);
}

// Their names in logs say whose they are.
static void qualify(struct arena *a, struct plugin *p)
{
    qsort(p->statements, p->statement_count, sizeof *p->statements, by_name);
    for (size_t i = 0; i < p->statement_count; i++)
        p->statements[i].name =
            str_join(a, p->name, STR("."), str_of(p->statements[i].name), STR_NULL).p;
}

bool plugin_read_sql(struct arena *a, struct plugin *p, struct source_error *e)
{
    const char *dir = str_join(a, p->folder, STR("/sql"), STR_NULL).p;
    struct source_list files = source_walk(a, dir, STR(".sql"));
    p->statements = arena_new_array(a, struct sql, STATEMENTS_MAX);
    for (size_t i = 0; i < files.count; i++) {
        struct sql_file f = {.arena = a,
            .plugin = p,
            .e = e,
            .path = str_join(a, str_of(dir), STR("/"), files.paths[i], STR_NULL)};
        if (!read_file(&f))
            return false;
    }
    qualify(a, p);
    return true;
}

struct sql *plugin_statement(const struct plugin *p, struct str name)
{
    size_t low = 0, high = p->statement_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct str own = str_of(p->statements[middle].name);
        int order = str_cmp(str_sub(own, p->name.len + 1, own.len), name);
        if (!order)
            return &p->statements[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
