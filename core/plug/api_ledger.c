// vitrine.h: stored value.
#include "base/check.h"
#include "domain/ledger.h"
#include "plug/api.h"

static const struct {
    const char *name;
    enum ledger_op op;
} ops[] = {
    {"give", LEDGER_GIVE},
    {"take", LEDGER_TAKE},
    {"return", LEDGER_RETURN},
    {"hold", LEDGER_HOLD},
    {"capture", LEDGER_CAPTURE},
    {"void", LEDGER_VOID},
};

enum { KEY_MAX = 200, KIND_MAX = 40, CODE_MAX = 120, NOTE_MAX = 1000 };

// An id: text, or a whole number. 0 when it is absent.
static bool id_of(const struct value *v, int64_t *id)
{
    *id = 0;
    if (!v)
        return true;
    if (value_is(v, VALUE_INT))
        *id = v->integer;
    else if (!str_to_i64(value_as_str(v), id))
        return false;
    return *id > 0;
}

static bool op_of(struct str name, enum ledger_op *op)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (str_is(name, ops[i].name)) {
            *op = ops[i].op;
            return true;
        }
    return false;
}

static bool has_length(struct str s, size_t max)
{
    return s.len > 0 && s.len <= max;
}

static const int64_t *ids_of(struct vt_call *c, const struct value *list, int *count)
{
    int64_t *ids = arena_new_array(c->arena, int64_t, LEDGER_ACCOUNTS_MAX);
    *count = (int)value_count(list);
    if (*count > LEDGER_ACCOUNTS_MAX)
        return NULL;
    for (int i = 0; i < *count; i++)
        if (!id_of(value_at(list, (size_t)i), &ids[i]) || !ids[i])
            return NULL;
    return ids;
}

// What every op needs; the ledger itself says what is wrong about the rest.
static const char *fault_of(const struct ledger_step *s)
{
    bool posts = s->op != LEDGER_HOLD && s->op != LEDGER_VOID;
    bool from = s->op == LEDGER_GIVE || s->op == LEDGER_TAKE || s->op == LEDGER_HOLD;
    bool refers = s->op == LEDGER_RETURN || s->op == LEDGER_CAPTURE || s->op == LEDGER_VOID;
    bool other = s->op == LEDGER_GIVE || s->op == LEDGER_TAKE || s->op == LEDGER_CAPTURE;
    if (s->op != LEDGER_VOID && (!has_length(s->key, KEY_MAX) || !has_length(s->unit, KIND_MAX)))
        return "a step has a key and a unit";
    if (posts && !has_length(s->kind, KIND_MAX))
        return "a posting has a kind";
    if (from != (s->account_count > 0) || (s->op == LEDGER_GIVE && s->account_count != 1))
        return "give goes to one account, take and hold name accounts, others none";
    if (refers && !s->of)
        return "return, capture and void say what `of`";
    if (other && !has_length(s->other, CODE_MAX))
        return "give, take and capture name the other side";
    if (s->op == LEDGER_HOLD && s->until_us <= 0)
        return "a hold has an end";
    return s->note.len > NOTE_MAX ? "a note is too long" : NULL;
}

static bool step_of(struct vt_call *c, const struct value *v, struct ledger_step *s)
{
    struct order_actor actor = api_actor(c, STR_NULL);
    struct str note = value_get_str(v, KEY(note));
    *s = (struct ledger_step){.plugin = c->plugin->name,
        .key = value_get_str(v, KEY(key)),
        .kind = value_get_str(v, KEY(kind)),
        .unit = value_get_str(v, KEY(unit)),
        .other = value_get_str(v, KEY(other)),
        .amount = value_get_int(v, KEY(amount), 0),
        .until_us = value_get_int(v, KEY(until_us), 0),
        .as_far = value_get_bool(v, KEY(as_far), false),
        .note = note.len ? note : STR_NULL,
        .actor_kind = actor.kind,
        .actor_id = actor.id,
        .actor_name = actor.name};
    if (!op_of(value_get_str(v, KEY(op)), &s->op))
        return api_fail(c, "op is give, take, return, hold, capture or void");
    s->accounts = ids_of(c, value_get(v, KEY(accounts)), &s->account_count);
    if (!s->accounts)
        return api_fail(c, "accounts are ids, %d at most", LEDGER_ACCOUNTS_MAX);
    if (!id_of(value_get(v, KEY(of)), &s->of) || !id_of(value_get(v, KEY(order)), &s->order) ||
        !id_of(value_get(v, KEY(line)), &s->line))
        return api_fail(c, "of, order and line are ids");
    const char *fault = fault_of(s);
    return fault ? api_fail(c, "%s", fault) : true;
}

// What plugins are told; NULL for what isn't the ledger's refusal.
static const char *code_of(enum ledger_result result)
{
    switch (result) {
    case LEDGER_KEY_REUSED:
        return "key_reused";
    case LEDGER_AMOUNT:
        return "amount";
    case LEDGER_NO_ACCOUNT:
        return "no_account";
    case LEDGER_EXPIRED:
        return "expired";
    case LEDGER_SHORT:
        return "short";
    case LEDGER_TOO_MUCH:
        return "too_much";
    case LEDGER_NOT_FOUND:
        return "not_found";
    case LEDGER_ENDED:
        return "ended";
    case LEDGER_DONE:
    case LEDGER_ALREADY:
    case LEDGER_REFUSED:
    case LEDGER_BUSY:
    case LEDGER_UNAVAILABLE:
        return NULL;
    }
    unreachable();
}

static struct vt_value *done(
    struct vt_call *c, enum ledger_result result, const struct ledger_step *steps, int count)
{
    struct value *list = value_list(c->arena);
    for (int i = 0; i < count; i++) {
        struct value *v = value_append_object(c->arena, list);
        value_set_str(c->arena, v, KEY(id), str_of_i64(c->arena, steps[i].id));
        value_set_bool(c->arena, v, KEY(already), result == LEDGER_ALREADY);
        if (steps[i].op == LEDGER_TAKE && result == LEDGER_DONE)
            value_set_int(c->arena, v, KEY(taken), steps[i].taken);
    }
    return api_give(list);
}

struct vt_value *vt_ledger_post(
    struct vt_call *c, struct vt_value *given, struct vt_value *guards, struct vt_str *refused)
{
    const struct value *list = api_value(given);
    struct ledger_step steps[LEDGER_STEPS_MAX];
    struct api_guards with_guards = {c, api_value(guards)};
    struct ledger_with with = {.add = api_add_guards, .arg = &with_guards};
    int count = (int)value_count(list);
    *refused = VT_NULL;
    if (c->failure.p)
        return NULL;
    if (!value_is(list, VALUE_LIST) || count < 1 || count > LEDGER_STEPS_MAX)
        return vt_fail(c, VT("give a list of 1 to 16 steps"));
    for (int i = 0; i < count; i++)
        if (!step_of(c, value_at(list, (size_t)i), &steps[i]))
            return NULL;
    enum ledger_result result = ledger_do(c->arena, c->site->tenant, steps, count, &with);
    if (result == LEDGER_DONE || result == LEDGER_ALREADY)
        return done(c, result, steps, count);
    if (c->failure.p)
        return NULL;
    const char *code = code_of(result);
    if (!code && result != LEDGER_REFUSED)
        return vt_fail(c, VT("the database doesn't answer"));
    *refused = code ? vt_str_of(code) : api_out(with.refusal);
    return NULL;
}

struct vt_str vt_ledger_open(struct vt_call *c, struct vt_value *asked)
{
    const struct value *v = api_value(asked);
    struct ledger_account account = {.plugin = c->plugin->name,
        .code = value_get_str(v, KEY(code)),
        .unit = value_get_str(v, KEY(unit))};
    if (c->failure.p)
        return VT_NULL;
    if (!has_length(account.code, CODE_MAX) || !has_length(account.unit, KIND_MAX) ||
        !id_of(value_get(v, KEY(customer)), &account.customer)) {
        vt_fail(c, VT("an account has a code, a unit and may have a customer's id"));
        return VT_NULL;
    }
    if (!ledger_open(c->arena, c->site->tenant, &account)) {
        vt_fail(c, VT("the database doesn't answer"));
        return VT_NULL;
    }
    return api_out(str_of_i64(c->arena, account.id));
}

struct vt_value *vt_ledger_balance(struct vt_call *c, struct vt_value *accounts)
{
    int count;
    struct ledger_balance b;
    if (c->failure.p)
        return NULL;
    const int64_t *ids = ids_of(c, api_value(accounts), &count);
    if (!ids)
        return vt_fail(c, VT("accounts are ids"));
    if (!ledger_balance(
            c->arena, c->site->tenant, &(struct ledger_holder){c->plugin->name, ids, count}, &b))
        return vt_fail(c, VT("the database doesn't answer"));
    struct value *v = value_object(c->arena);
    value_set_int(c->arena, v, KEY(available), b.available);
    value_set_int(c->arena, v, KEY(held), b.held);
    value_set_int(c->arena, v, KEY(total), b.total);
    if (b.expires_us)
        value_set_int(c->arena, v, KEY(expires_us), b.expires_us);
    return api_give(v);
}

struct vt_value *vt_ledger_movements(
    struct vt_call *c, struct vt_str account, struct vt_str before, int64_t limit)
{
    int64_t id, from = 0;
    if (c->failure.p)
        return NULL;
    if (!str_to_i64(api_in(account), &id) || (before.len && !str_to_i64(api_in(before), &from)) ||
        limit < 1 || limit > 1000)
        return vt_fail(c, VT("give an account, a posting or nothing, and 1 to 1000 rows"));
    struct ledger_page page = {c->plugin->name, id, from, (int)limit};
    struct value *list = ledger_movements(c->arena, c->site->tenant, &page);
    return list ? api_give(list) : vt_fail(c, VT("the database doesn't answer"));
}
