// vitrine.h: orders, and cancelling them.
#include "base/check.h"
#include "base/id.h"
#include "domain/order_return.h"
#include "plug/api.h"

struct vt_value *vt_order_get(struct vt_call *c, struct vt_str id)
{
    int64_t number;
    enum order_result result;
    if (c->failure.p || !str_to_i64(api_in(id), &number))
        return NULL;
    struct order *o = order_find(c->arena, c->site, number, &result);
    if (!o && result != ORDER_NOT_FOUND)
        return vt_fail(c, VT("the database doesn't answer"));
    return o ? api_give(order_value(c->arena, c->site, o)) : NULL;
}

// Of the storefront's session only: in the office a person is one of the staff.
static bool is_theirs(const struct vt_call *c, const struct order *o, struct str token)
{
    const struct request *r = c->request;
    bool bought = r && r->session.id && o->session == r->session.id;
    bool owned = r && r->surface == SURFACE_STOREFRONT && r->session.person &&
                 o->customer == r->session.person;
    return bought || owned || (token.len && order_token_fits(c->site, o->id, token));
}

static struct str path_of(const struct vt_call *c, int64_t id, struct str code)
{
    return str_join(
        c->arena, STR("/orders/"), code, STR("?t="), order_token(c->arena, c->site, id), STR_NULL);
}

struct vt_str vt_order_path(struct vt_call *c, struct vt_str id, struct vt_str code)
{
    int64_t number;
    struct str normal = id_code_normal(c->arena, api_in(code));
    if (!normal.p || !str_to_i64(api_in(id), &number))
        return VT_NULL;
    return api_out(path_of(c, number, normal));
}

struct vt_value *vt_order_open(struct vt_call *c, struct vt_str code, struct vt_str token)
{
    struct str normal = id_code_normal(c->arena, api_in(code));
    if (c->failure.p || !normal.p)
        return NULL;
    struct unit *u = unit_new(c->arena, DB_READ, c->site->tenant);
    struct order_places places = order_add_by_code(u, normal);
    if (unit_run(u) != DB_OK)
        return vt_fail(c, VT("the database doesn't answer"));
    const struct order *o = order_take(c->arena, u, places);
    if (!o || !o->placed_us || !is_theirs(c, o, api_in(token)))
        return NULL;
    struct value *v = order_value(c->arena, c->site, o);
    value_set_str(c->arena, v, KEY(token), order_token(c->arena, c->site, o->id));
    value_set_str(c->arena, v, KEY(path), path_of(c, o->id, o->code));
    return api_give(v);
}

// [{line, share_ppm}] as the core has it; false when it isn't that.
static bool lines_of(struct vt_call *c, const struct value *given, struct order_return *what)
{
    size_t count = value_count(given);
    if (!value_is(given, VALUE_LIST) || count > ORDER_LINES_MAX)
        return api_fail(c, "give a list of at most %d lines", ORDER_LINES_MAX);
    struct return_line *lines = arena_new_array(c->arena, struct return_line, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = value_at(given, i);
        lines[i].share_ppm = value_get_int(item, KEY(share_ppm), RETURN_ALL_PPM);
        if (!str_to_i64(value_get_str(item, KEY(line)), &lines[i].line) || lines[i].share_ppm < 0 ||
            lines[i].share_ppm > RETURN_ALL_PPM)
            return api_fail(c, "a line is {line = id, share_ppm = 0 to 1000000}");
    }
    what->lines = lines;
    what->count = (int)count;
    return true;
}

static struct value *ways_value(struct vt_call *c, const struct order_quote *quote)
{
    struct arena *a = c->arena;
    struct value *ways = value_list(a);
    api_speak(c);
    for (int i = 0; i < quote->way_count; i++) {
        const struct quote_way *w = &quote->ways[i];
        struct str key = str_join(a, STR("x."), w->provider, STR(".tender"), STR_NULL);
        struct value *way = value_append_object(a, ways);
        value_set_str(a, way, KEY(provider), w->provider);
        value_set_str(a, way, KEY(title), message(a, c->words, key, NULL));
        value_set_int(a, way, KEY(amount_minor), w->amount_minor);
    }
    return ways;
}

static struct vt_value *quote_value(
    struct vt_call *c, const struct order *o, const struct order_quote *quote)
{
    struct arena *a = c->arena;
    struct value *v = value_object(a), *lines = value_list(a);
    value_set_int(a, v, KEY(version), o->version);
    value_set_int(a, v, KEY(value_minor), quote->value_minor);
    value_set_int(a, v, KEY(back_minor), quote->back_minor);
    value_set_int(a, v, KEY(waived_minor), quote->waived_minor);
    value_set_int(a, v, KEY(kept_minor), quote->kept_minor);
    value_set(a, v, KEY(ways), ways_value(c, quote));
    value_set(a, v, KEY(lines), lines);
    for (int i = 0; i < quote->line_count; i++) {
        struct value *line = value_append_object(a, lines);
        value_set_str(a, line, KEY(id), str_of_i64(a, quote->lines[i].line));
        value_set_int(a, line, KEY(value_minor), quote->lines[i].value_minor);
        value_set_int(a, line, KEY(back_minor), quote->lines[i].back_minor);
        value_set_int(a, line, KEY(waived_minor), quote->lines[i].waived_minor);
    }
    return api_give(v);
}

static const char *code_of(enum order_result result)
{
    switch (result) {
    case ORDER_NOT_FOUND:
        return "not_found";
    case ORDER_ALREADY:
        return "already";
    case ORDER_CHANGED:
        return "changed";
    case ORDER_TOO_MUCH:
        return "too_much";
    case ORDER_EMPTY:
        return "empty";
    case ORDER_SOLD_OUT:
        return "sold_out";
    case ORDER_NOT_ON_SALE:
        return "not_on_sale";
    case ORDER_TOO_FEW:
        return "too_few";
    case ORDER_TOO_MANY:
        return "too_many";
    case ORDER_EXPIRED:
        return "expired";
    default:
        return NULL;
    }
}

struct vt_value *api_refused(struct vt_call *c, enum order_result result, struct vt_str *refused)
{
    const char *code = code_of(result);
    *refused = code ? vt_str_of(code) : VT_NULL;
    return code ? NULL : vt_fail(c, VT("the order could not be reached now"));
}

static struct order *order_of(struct vt_call *c, struct str id, struct vt_str *refused)
{
    int64_t number = 0;
    enum order_result result = ORDER_NOT_FOUND;
    if (str_to_i64(id, &number)) {
        struct order *o = order_find(c->arena, c->site, number, &result);
        if (o)
            return o;
    }
    api_refused(c, result, refused);
    return NULL;
}

struct vt_value *vt_order_quote(
    struct vt_call *c, struct vt_str id, struct vt_value *lines, struct vt_str *refused)
{
    struct order_return what = {.count = 0};
    struct order_quote quote;
    *refused = VT_NULL;
    if (c->failure.p || !lines_of(c, api_value(lines), &what))
        return NULL;
    struct order *o = order_of(c, api_in(id), refused);
    if (!o)
        return NULL;
    enum order_result result = order_quote(c->arena, c->site, o, &what, &quote);
    return result == ORDER_DONE ? quote_value(c, o, &quote) : api_refused(c, result, refused);
}

bool api_add_guards(struct unit *u, void *arg)
{
    struct api_guards *g = arg;
    struct str why;
    for (size_t i = 0; i < value_count(g->steps); i++)
        if (!plug_add_statement(u, g->call->plugin, value_at(g->steps, i), &why))
            return api_fail(g->call, "%.*s", STR_ARG(why));
    return true;
}

struct order_actor api_actor(const struct vt_call *c, struct str customer)
{
    const struct request *r = c->request;
    if (r && r->surface == SURFACE_OFFICE)
        return (struct order_actor){request_actor_kind(r), r->session.person, r->session.name};
    if (r)
        return (struct order_actor){STR("customer"), 0, customer.len ? customer : STR("customer")};
    return (struct order_actor){STR("plugin"), 0, c->plugin->name};
}

struct vt_value *vt_order_cancel(struct vt_call *c, struct vt_value *asked, struct vt_str *refused)
{
    const struct value *v = api_value(asked);
    struct api_guards guards = {c, value_get(v, KEY(guards))};
    struct order_return what = {.reason = value_get_str(v, KEY(reason)),
        .silent = value_get_bool(v, KEY(silent), false),
        .add_guards = api_add_guards,
        .arg = &guards};
    struct order_quote quote;
    *refused = VT_NULL;
    if (c->failure.p || !lines_of(c, value_get(v, KEY(lines)), &what))
        return NULL;
    struct order *o = order_of(c, value_get_str(v, KEY(id)), refused);
    if (!o)
        return NULL;
    what.actor = api_actor(c, o->name);
    enum order_result result = order_quote(c->arena, c->site, o, &what, &quote);
    // What was promised is what happens, or nothing does.
    if (result == ORDER_DONE &&
        (value_get_int(v, KEY(version), o->version) != o->version ||
            value_get_int(v, KEY(back_minor), quote.back_minor) != quote.back_minor))
        result = ORDER_CHANGED;
    if (result != ORDER_DONE)
        return api_refused(c, result, refused);
    struct order_outcome done = order_return(c->arena, c->site, o, &what, &quote);
    if (done.result == ORDER_DONE)
        return quote_value(c, o, &quote);
    if (done.result != ORDER_REFUSED || c->failure.p)
        return api_refused(c, done.result, refused);
    *refused = api_out(done.refusal.code.p ? done.refusal.code : STR("refused"));
    return NULL;
}
