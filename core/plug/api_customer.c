// vitrine.h: customers by the hundred, checked, grouped and written.
#include "base/phone.h"
#include "base/text.h"
#include "data/audit.h"
#include "domain/customer_bulk.h"
#include "domain/hook.h"
#include "domain/person.h"
#include "plug/api.h"

static struct feature_actor actor_of(struct vt_call *c, const struct value *by)
{
    struct feature_actor actor = {.kind = STR("staff"), .name = value_get_str(by, KEY(name))};
    if (str_to_i64(value_get_str(by, KEY(id)), &actor.id) && actor.id > 0)
        return actor;
    struct order_actor own = api_actor(c, STR_NULL);
    return (struct feature_actor){.kind = own.kind, .id = own.id, .name = own.name};
}

static struct person_claim claim_of(const struct value *v)
{
    return (struct person_claim){.email = value_get_str(v, KEY(email)),
        .name = value_get_str(v, KEY(name)),
        .phone = value_get_str(v, KEY(phone)),
        .gender = value_get_str(v, KEY(gender)),
        .birthdate = value_get_str(v, KEY(birthdate))};
}

static struct str fit_of(struct vt_call *c, const struct customer_editor *by, const struct value *v,
    const struct person *p)
{
    struct person_claim claim = claim_of(v);
    enum customer_result result = person_check_found(c->arena, by, &claim, p);
    return result == CUSTOMER_DONE       ? STR("same")
           : result == CUSTOMER_VERIFIED ? STR("differs")
           : result == CUSTOMER_TRIED    ? STR("tried")
                                         : STR_NULL;
}

struct vt_value *vt_customers_check(struct vt_call *c, struct vt_value *claims, struct vt_value *by)
{
    const struct value *all = api_value(claims);
    size_t count = value_count(all);
    struct feature_actor actor = actor_of(c, api_value(by));
    struct customer_editor editor = {.site = c->site, .actor = &actor};
    struct str *emails = arena_new_array(c->arena, struct str, count + 1);
    struct person_list found;
    if (c->failure.p)
        return NULL;
    for (size_t i = 0; i < count; i++)
        emails[i] = text_fold(c->arena, value_get_str(value_at(all, i), KEY(email)));
    if (person_find_all(c->arena, emails, count, &found) != CUSTOMER_DONE)
        return vt_fail(c, VT("the database doesn't answer"));
    struct value *list = value_list(c->arena);
    for (size_t i = 0; i < count; i++) {
        struct str said = STR("");
        for (int p = 0; p < found.count; p++)
            if (str_eq(text_fold(c->arena, found.items[p].email), emails[i]))
                said = fit_of(c, &editor, value_at(all, i), &found.items[p]);
        if (!said.p)
            return vt_fail(c, VT("the database doesn't answer"));
        value_append(c->arena, list, value_str(c->arena, said));
    }
    return api_give(list);
}

struct vt_value *vt_customers_groups(struct vt_call *c, struct vt_value *ids)
{
    struct value *in = value_object(c->arena);
    if (c->failure.p)
        return NULL;
    value_set(c->arena, in, KEY(customers), ids ? api_value(ids) : value_list(c->arena));
    return api_give(hook_collect(c->arena, c->site, HOOK_customer_groups, in));
}

struct save {
    struct vt_call *call;
    const struct value *what, *rows;
    struct customer_bulk_row *items;
    size_t count;
};

static struct str result_name(enum customer_result result)
{
    return result == CUSTOMER_DONE       ? STR("done")
           : result == CUSTOMER_TAKEN    ? STR("taken")
           : result == CUSTOMER_GONE     ? STR("gone")
           : result == CUSTOMER_VERIFIED ? STR("verified")
                                         : STR("changed");
}

static bool step_of(struct str name, enum customer_bulk_step *step)
{
    static const char *const names[] = {[CUSTOMER_MAKE] = "make",
        [CUSTOMER_ALTER] = "alter",
        [CUSTOMER_UNMAKE] = "unmake",
        [CUSTOMER_KEEP] = "keep"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i])) {
            *step = (enum customer_bulk_step)i;
            return true;
        }
    return false;
}

// "plugin_customer_categories."
static struct str schema_of(struct arena *a, struct str plugin)
{
    char *name = arena_alloc(a, plugin.len + 1);
    for (size_t i = 0; i < plugin.len; i++)
        name[i] = plugin.p[i] == '-' ? '_' : plugin.p[i];
    return str_join(a, STR("plugin_"), str_n(name, plugin.len), STR("."), STR_NULL);
}

static bool read_row(struct vt_call *c, const struct value *v, struct customer_bulk_row *row)
{
    struct customer_record *r = &row->record;
    r->c.version = value_get_int(v, KEY(version), 0);
    r->c.first_name = value_get_str(v, KEY(first_name));
    r->c.last_name = value_get_str(v, KEY(last_name));
    r->c.email = value_get_str(v, KEY(email));
    r->c.phone = value_get_str(v, KEY(phone));
    r->gender = value_get_str(v, KEY(gender));
    r->birthdate = value_get_str(v, KEY(birthdate));
    struct str group_of = value_get_str(value_get(v, KEY(out)), KEY(plugin));
    if (group_of.len)
        row->leaves = schema_of(c->arena, group_of);
    bool good = step_of(value_get_str(v, KEY(do)), &row->step) &&
                str_to_i64(value_get_str(v, KEY(id)), &r->c.id) && r->c.id > 0;
    return good || api_fail(c, "a row is {do = make, alter, unmake or keep, id = id, …}");
}

// Its members of the rows that happen, for the plugin that keeps the group.
static void collect_moves(struct save *s, value_key kind, struct str plugin, struct value *list)
{
    struct arena *a = s->call->arena;
    for (size_t i = 0; i < s->count; i++) {
        const struct value *row = value_at(s->rows, i), *move = value_get(row, kind);
        if (!move || s->items[i].result != CUSTOMER_DONE ||
            !str_eq(value_get_str(move, KEY(plugin)), plugin))
            continue;
        struct value *one = value_append_object(a, list);
        value_set(a, one, KEY(customer), value_get(row, KEY(id)));
        value_set(a, one, KEY(group), value_get(move, KEY(group)));
        value_set(a, one, KEY(until), value_get(move, KEY(until)));
    }
}

// What a plugin says of an action, in the name of who does all of it.
static void add_audits(
    struct unit *u, struct save *s, struct str plugin, const struct value *all, struct str action)
{
    struct arena *a = s->call->arena;
    struct audit_object *objects = arena_new_array(a, struct audit_object, value_count(all) + 1);
    struct feature_actor actor = actor_of(s->call, value_get(s->what, KEY(by)));
    size_t count = 0;
    for (size_t i = 0; i < value_count(all); i++) {
        const struct value *one = value_at(all, i);
        if (str_eq(value_get_str(one, KEY(audit)), action))
            objects[count++] = (struct audit_object){value_get_str(one, KEY(object)),
                value_get(one, KEY(before)), value_get(one, KEY(after))};
    }
    audit_add_all(u,
        &(struct audit){.actor_kind = actor.kind,
            .actor_id = actor.id,
            .actor_name = actor.name,
            .action = str_join(a, plugin, STR("."), action, STR_NULL),
            .object_kind = plugin},
        objects, count);
}

static void add_all_audits(
    struct unit *u, struct save *s, struct str plugin, const struct value *all)
{
    for (size_t i = 0; i < value_count(all); i++) {
        struct str action = value_get_str(value_at(all, i), KEY(audit));
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = str_eq(value_get_str(value_at(all, k), KEY(audit)), action);
        if (!seen)
            add_audits(u, s, plugin, all, action);
    }
}

static bool regroup(struct unit *u, struct save *s, struct str plugin)
{
    struct arena *a = s->call->arena;
    struct value *in = value_object(a), *puts = value_list(a), *outs = value_list(a);
    collect_moves(s, KEY(put), plugin, puts);
    collect_moves(s, KEY(out), plugin, outs);
    if (!value_count(puts) && !value_count(outs))
        return true;
    value_set(a, in, KEY(puts), puts);
    value_set(a, in, KEY(outs), outs);
    const struct value *answer = hook_ask(a, s->call->site, HOOK_customer_regroup, plugin, in);
    const struct value *guards = value_get(answer, KEY(guards));
    if (!answer)
        return api_fail(s->call, "%.*s doesn't answer customer_regroup", STR_ARG(plugin));
    for (size_t i = 0; i < value_count(guards); i++)
        if (!hook_add_guard(u, plugin, value_at(guards, i)))
            return api_fail(s->call, "%.*s has no such statement", STR_ARG(plugin));
    add_all_audits(u, s, plugin, value_get(answer, KEY(audits)));
    return true;
}

// Every plugin that is named once.
static bool regroup_all(struct unit *u, struct save *s)
{
    struct value *seen = value_list(s->call->arena);
    for (size_t i = 0; i < 2 * s->count; i++) {
        const struct value *move = value_get(value_at(s->rows, i / 2), i % 2 ? KEY(out) : KEY(put));
        struct str plugin = value_get_str(move, KEY(plugin));
        bool known = !plugin.len;
        for (size_t k = 0; k < value_count(seen); k++)
            known |= str_eq(value_as_str(value_at(seen, k)), plugin);
        if (known)
            continue;
        value_append(s->call->arena, seen, value_str(s->call->arena, plugin));
        if (!regroup(u, s, plugin))
            return false;
    }
    return true;
}

static bool add_own(struct unit *u, void *arg)
{
    struct save *s = arg;
    struct arena *a = s->call->arena;
    struct str name = value_get_str(s->what, KEY(statement)), why;
    struct value *results = value_list(a), *step = value_list(a);
    const struct value *params = value_get(s->what, KEY(params));
    if (!regroup_all(u, s))
        return false;
    if (!name.len)
        return true;
    for (size_t i = 0; i < s->count; i++) {
        struct value *one = value_append_object(a, results);
        value_set(a, one, KEY(id), value_get(value_at(s->rows, i), KEY(id)));
        value_set_str(a, one, KEY(result), result_name(s->items[i].result));
    }
    value_append(a, step, value_str(a, name));
    for (size_t i = 0; i < value_count(params); i++)
        value_append(a, step, value_at(params, i));
    value_append(a, step, results);
    return plug_add_statement(u, s->call->plugin, step, &why) ||
           api_fail(s->call, "%.*s", STR_ARG(why));
}

struct vt_value *vt_customers_save(struct vt_call *c, struct vt_value *what)
{
    const struct value *v = api_value(what), *rows = value_get(v, KEY(rows));
    struct save s = {.call = c, .what = v, .rows = rows, .count = value_count(rows)};
    struct feature_actor actor = actor_of(c, value_get(v, KEY(by)));
    struct customer_editor editor = {.site = c->site, .actor = &actor};
    struct customer_bulk bulk = {.by = &editor,
        .action = str_join(c->arena, STR("customer."), value_get_str(v, KEY(action)), STR_NULL),
        .made_by = STR("import"),
        .own = schema_of(c->arena, c->plugin->name),
        .count = s.count,
        .also = add_own,
        .arg = &s};
    if (c->failure.p)
        return NULL;
    if (s.count > CUSTOMER_BULK_MAX)
        return vt_fail(c, VT("give at most 500 rows"));
    bulk.rows = s.items = arena_new_array(c->arena, struct customer_bulk_row, s.count + 1);
    for (size_t i = 0; i < s.count; i++)
        if (!read_row(c, value_at(rows, i), &s.items[i]))
            return NULL;
    enum customer_result result = customer_bulk_save(c->arena, &bulk);
    if (result != CUSTOMER_DONE)
        return c->failure.p ? NULL : vt_fail(c, VT("the database could not write now"));
    struct value *list = value_list(c->arena);
    for (size_t i = 0; i < s.count; i++)
        value_append(c->arena, list, value_str(c->arena, result_name(s.items[i].result)));
    return api_give(list);
}
