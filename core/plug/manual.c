// plugins/README.md: the prose of manual.md with tables made from the code.
#include "base/buf.h"
#include "http/permission.h"
#include "plug/bindings.h"
#include "plug/lua_sandbox.h"
#include "plug/manifest.h"
#include "plug/plug.h"
#include "plug/trip.h"

enum { MANUAL_MAX = 1 << 20 };

struct manual {
    struct buf out;
    struct str header; // of vitrine.h
};

static const char *const kind_names[] = {[MANIFEST_TEXT] = "text",
    [MANIFEST_TEXTS] = "texts",
    [MANIFEST_BOOL] = "true, false",
    [MANIFEST_INT] = "number",
    [MANIFEST_LIST] = "list",
    [MANIFEST_OBJECT] = "object",
    [MANIFEST_ANY] = "by type"};

static void add_rules(struct manual *m, const char *title, const struct manifest_rule *rule)
{
    if (title)
        buf_add_format(&m->out, "\n%s\n\n", title);
    buf_add(&m->out, STR("| field | is | |\n|---|---|---|\n"));
    for (; rule->name; rule++)
        buf_add_format(&m->out, "| `%s` | %s%s | %s |\n", rule->name, kind_names[rule->kind],
            rule->optional ? ", optional" : "", rule->doc);
}

static void add_manifest(struct manual *m)
{
    add_rules(m, NULL, manifest_rules);
    add_rules(m, "**A setting**, in `settings` under its name:", manifest_setting_rules);
    add_rules(m, "**A choice**, in a setting's `enum`:", manifest_choice_rules);
    add_rules(m, "**A route**, in `routes`:", manifest_route_rules);
    add_rules(m, "**A field**, in a route's `fields`:", manifest_field_rules);
    add_rules(m, "**A tab**, in `office_tabs`:", manifest_tab_rules);
    add_rules(m, "**A notification**, in `notifications`:", manifest_notification_rules);
    add_rules(m, "**A table with data about people**, in `personal`:", manifest_personal_rules);
}

static void add_hooks(struct manual *m)
{
    static const char *const kinds[] = {[HOOK_CHECK] = "check",
        [HOOK_FILTER] = "filter",
        [HOOK_COLLECT] = "collect",
        [HOOK_NOTIFY] = "notify",
        [HOOK_ASK] = "ask"};
    buf_add(&m->out, STR("| hook | kind | goes in | comes out |\n|---|---|---|---|\n"));
    for (int i = 0; i < HOOK_COUNT; i++)
        buf_add_format(&m->out, "| `%s` | %s | %s | %s |\n", hook_infos[i].name,
            kinds[hook_infos[i].kind], hook_infos[i].in, hook_infos[i].out);
}

static void add_permissions(struct manual *m)
{
    static const char *const roles[] = {[ROLE_NOBODY] = "everybody",
        [ROLE_CUSTOMER] = "a customer who is logged in",
        [ROLE_BOX_OFFICE] = "box office, manager, owner",
        [ROLE_MANAGER] = "manager, owner",
        [ROLE_OWNER] = "owner"};
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        int role = ROLE_NOBODY;
        while (role <= ROLE_OWNER && !role_has((enum role)role, (enum permission)i))
            role++;
        if (role > ROLE_OWNER)
            continue;
        struct str name = str_lower(m->out.arena, permission_name((enum permission)i));
        buf_add_format(&m->out, "| `%.*s` | %s |\n", STR_ARG(name), roles[role]);
    }
}

// The declaration in vitrine.h, on one line; absent when Lua alone has the call.
static struct str prototype(struct manual *m, const struct lua_binding *b)
{
    struct buf line;
    struct str call = str_join(
        m->out.arena, STR("vt_"), str_of(b->module), STR("_"), str_of(b->name), STR("("), STR_NULL);
    ptrdiff_t at = str_find(m->header, call);
    if (at < 0)
        return STR_NULL;
    size_t from = (size_t)at, to = (size_t)at;
    while (from && m->header.p[from - 1] != '\n')
        from--;
    while (to < m->header.len && m->header.p[to] != ';')
        to++;
    struct str text = str_sub(m->header, from, to), api = STR("VT_API ");
    if (str_starts(text, api))
        text = str_sub(text, api.len, text.len);
    buf_init(&line, m->out.arena, 4096);
    for (size_t i = 0; i < text.len; i++) {
        bool space = text.p[i] == ' ' || text.p[i] == '\n';
        if (!space)
            buf_add_char(&line, text.p[i]);
        else if (line.len && line.p[line.len - 1] != ' ' && line.p[line.len - 1] != '(')
            buf_add_char(&line, ' ');
    }
    return buf_str(&line);
}

static void add_calls(struct manual *m)
{
    const char *module = NULL;
    for (const struct lua_binding *const *table = plug_bindings; *table; table++)
        for (const struct lua_binding *b = *table; b->name; b++) {
            if (!module || !str_is(str_of(module), b->module))
                buf_add_format(&m->out, "### %s\n\n", b->module);
            module = b->module;
            struct str c = prototype(m, b);
            buf_add_format(&m->out, "`%s`", b->usage);
            if (c.p)
                buf_add_format(&m->out, "<br>\n`%.*s`", STR_ARG(c));
            buf_add_format(&m->out, "<br>\n%s%s\n\n", b->doc, b->waits ? " Waits." : "");
        }
}

static void add_limits(struct manual *m)
{
    const struct lua_limits *l = &lua_limits_default;
    buf_add_format(&m->out,
        "| a call in Lua | at most |\n|---|---|\n"
        "| instructions | %lld |\n"
        "| running | %lld ms, waiting not counted |\n"
        "| in all | %lld s |\n"
        "| memory of all plugins of a site, in one process | %zu MB |\n"
        "| one string | %zu KB |\n",
        (long long)l->instructions, (long long)l->run_ms, (long long)l->total_ms / 1000,
        l->memory_max >> 20, l->string_max >> 10);
    buf_add(
        &m->out, STR("\nLibrary functions that loop (patterns, sort, repeat) are charged to the "
                     "budget. C plugins are trusted; their time is\nmeasured.\n"));
}

static void add_trip(struct manual *m)
{
    buf_add_format(&m->out, "%d failures within %d minutes", TRIP_FAILURES, TRIP_WINDOW_MS / 60000);
}

static const struct {
    const char *name;
    void (*add)(struct manual *m);
} parts[] = {{"manifest", add_manifest}, {"hooks", add_hooks}, {"permissions", add_permissions},
    {"calls", add_calls}, {"limits", add_limits}, {"trip", add_trip}};

static void add_part(struct manual *m, struct str name)
{
    size_t before = m->out.len;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_is(name, parts[i].name))
            parts[i].add(m);
    // The line that named it ends itself.
    while (m->out.len > before && m->out.p[m->out.len - 1] == '\n')
        m->out.len--;
}

struct str plug_manual(struct arena *a, struct str home, struct source_error *e)
{
    struct manual m;
    struct str mark = STR("@@");
    struct str prose =
        source_read(a, str_join(a, home, STR("/core/plug/manual.md"), STR_NULL).p, e);
    m.header = source_read(a, str_join(a, home, STR("/core/include/vitrine.h"), STR_NULL).p, e);
    if (!prose.p || !m.header.p)
        return STR_NULL;
    buf_init(&m.out, a, MANUAL_MAX);
    for (ptrdiff_t at; (at = str_find(prose, mark)) >= 0;) {
        buf_add(&m.out, str_sub(prose, 0, (size_t)at));
        prose = str_sub(prose, (size_t)at + mark.len, prose.len);
        ptrdiff_t end = str_find(prose, mark);
        add_part(&m, str_sub(prose, 0, (size_t)end));
        prose = str_sub(prose, (size_t)end + mark.len, prose.len);
    }
    buf_add(&m.out, prose);
    return buf_str(&m.out);
}
