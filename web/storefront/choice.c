// The venue moved or cancelled what somebody had booked, and they choose: the new time, another
// one, or their money back. Whoever has the order's link may; each answer is a button of its own
// that says what it does, and the first one counts.
#include "domain/slot_choice.h"

#include "base/clock.h"
#include "web/storefront/choice.sql.h"
#include "web/storefront/sale.h"

// Bookings of several offers go to other times together, one list each.
enum { GROUPS_MAX = 5 };

// Lines of one choice that share a slot.
struct group {
    int64_t offer, slot, quantity;
    struct str title;
    const struct rows *times;
    struct str field; // of the form: "to_1"
};

struct choosing {
    struct request *r;
    struct order *o;
    struct slot_choice *choices;
    int count;
    struct str problem; // why the page is shown again; may be absent
};

static const struct order_line *line_of(const struct order *o, int64_t id)
{
    for (int i = 0; i < o->count; i++)
        if (o->lines[i].id == id)
            return &o->lines[i];
    return NULL;
}

// Answers and is false when there is no such order, or the database is away.
static bool open_choices(struct request *r, struct choosing *g)
{
    enum order_result result;
    *g = (struct choosing){.r = r, .o = sale_open_order(r)};
    if (!g->o)
        return false;
    g->count = slot_choices(r->arena, r->site, g->o->id, &g->choices, &result);
    if (result != ORDER_DONE)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    return result == ORDER_DONE;
}

// How many; −1 when there are too many to choose for at once.
static int find_groups(struct choosing *g, const struct slot_choice *c, struct group *groups)
{
    struct arena *a = g->r->arena;
    int count = 0;
    for (int i = 0; i < c->count; i++) {
        const struct order_line *l = line_of(g->o, c->lines[i]);
        int at = 0;
        while (at < count && groups[at].slot != l->slot)
            at++;
        if (at == GROUPS_MAX)
            return -1;
        if (at == count)
            groups[count++] = (struct group){.offer = l->offer,
                .slot = l->slot,
                .title = l->title,
                .field = str_join(a, STR("to_"), str_of_i64(a, at + 1), STR_NULL)};
        groups[at].quantity += l->quantity;
    }
    return count;
}

// How many groups, each with times to choose; 0 when one of them has none.
static int read_groups(struct choosing *g, const struct slot_choice *c, struct group *groups)
{
    struct arena *a = g->r->arena;
    int places[GROUPS_MAX], count = find_groups(g, c, groups);
    struct unit *u = unit_new(a, DB_READ, g->r->site->tenant);
    for (int i = 0; i < count; i++)
        places[i] = unit_add(u, &SQL_storefront_choice_times, db_i64(a, g->r->site->tenant),
            db_i64(a, groups[i].offer), db_i64(a, groups[i].slot), db_i64(a, groups[i].quantity),
            db_time(a, clock_now_us()));
    if (count <= 0 || unit_run(u) != DB_OK)
        return 0;
    for (int i = 0; i < count; i++) {
        groups[i].times = unit_rows(u, places[i]);
        if (!groups[i].times->count)
            return 0;
    }
    return count;
}

static struct value *times_view(struct choosing *g, const struct group *groups, int count)
{
    struct arena *a = g->r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < count; i++) {
        struct value *v = value_append_object(a, list), *options = value_list(a);
        struct str typed = form_str(g->r, value_key_intern(groups[i].field));
        value_set_str(a, v, KEY(name), groups[i].field);
        value_set_str(a, v, KEY(title), groups[i].title);
        value_set(a, v, KEY(options), options);
        for (int n = 0; n < groups[i].times->count; n++) {
            struct value *option = value_append_object(a, options);
            struct str id = rows_str(groups[i].times, n, KEY(slot_id));
            value_set_str(a, option, KEY(value), id);
            value_set(a, option, KEY(when),
                sale_when_view(g->r, rows_us(groups[i].times, n, KEY(starts_us))));
            value_set_int(
                a, option, KEY(places_left), rows_i64(groups[i].times, n, KEY(places_left)));
            value_set_bool(a, option, KEY(chosen), str_eq(id, typed));
        }
    }
    return list;
}

static struct value *lines_view(struct choosing *g, const struct slot_choice *c)
{
    struct arena *a = g->r->arena;
    struct value *list = value_list(a);
    for (int i = 0; i < c->count; i++) {
        const struct order_line *l = line_of(g->o, c->lines[i]);
        struct value *v = value_append_object(a, list);
        int64_t before = c->asked ? l->starts_us : l->moved_from_us;
        value_set_str(a, v, KEY(title), l->title);
        value_set_str(a, v, KEY(rate), l->rate_name);
        value_set_int(a, v, KEY(quantity), l->quantity);
        value_set_str(a, v, KEY(place), c->asked ? STR_NULL : l->place);
        value_set(a, v, KEY(before), before ? sale_when_view(g->r, before) : NULL);
        value_set(a, v, KEY(when), c->asked ? NULL : sale_when_view(g->r, l->starts_us));
    }
    return list;
}

// What comes back, and by which way.
static void add_money(struct choosing *g, const struct slot_choice *c, struct value *v)
{
    struct arena *a = g->r->arena;
    struct order_quote quote;
    struct value *ways = value_list(a);
    bool known =
        slot_choice_quote(a, g->r->site, g->o, c, &quote) == ORDER_DONE && quote.back_minor;
    value_set(a, v, KEY(back), known ? sale_money(g->r, quote.back_minor) : NULL);
    value_set(a, v, KEY(ways), ways);
    for (int i = 0; known && i < quote.way_count; i++) {
        struct value *way = value_append_object(a, ways);
        struct str key = str_join(a, STR("x."), quote.ways[i].provider, STR(".tender"), STR_NULL);
        value_set_str(a, way, KEY(way), message(a, g->r->words, key, NULL));
        value_set(a, way, KEY(amount), sale_money(g->r, quote.ways[i].amount_minor));
    }
}

static struct value *choice_view(struct choosing *g, const struct slot_choice *c)
{
    struct arena *a = g->r->arena;
    struct group groups[GROUPS_MAX];
    int count = read_groups(g, c, groups);
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(id), str_of_i64(a, c->change));
    value_set_str(a, v, KEY(kind), str_of(slot_choice_kind(c)));
    value_set_str(a, v, KEY(reason), c->reason.len ? c->reason : STR_NULL);
    value_set(a, v, KEY(until), sale_when_view(g->r, c->until_us));
    value_set(a, v, KEY(lines), lines_view(g, c));
    value_set_bool(a, v, KEY(may_keep), !c->asked);
    value_set_bool(a, v, KEY(has_times), count > 0);
    value_set(a, v, KEY(times), times_view(g, groups, count));
    add_money(g, c, v);
    return v;
}

static void show(struct choosing *g, int status)
{
    struct request *r = g->r;
    struct arena *a = r->arena;
    struct value *view = page_view(r), *list = value_list(a);
    struct str path = str_join(a, STR("/orders/"), g->o->code, STR("/choice"), STR_NULL);
    for (int i = 0; i < g->count; i++)
        if (g->choices[i].open)
            value_append(a, list, choice_view(g, &g->choices[i]));
    value_set_str(a, view, KEY(code), g->o->code);
    value_set_str(a, view, KEY(order_url), request_url(r, sale_order_path(r, g->o)));
    value_set_str(a, view, KEY(action), request_url(r, path));
    value_set_str(a, view, KEY(token), order_token(a, r->site, g->o->id));
    value_set_int(a, view, KEY(version), g->o->version);
    value_set(a, view, KEY(choices), list);
    value_set_bool(a, view, KEY(has_choices), value_count(list) > 0);
    value_set_str(a, view, KEY(problem), g->problem);
    sale_keep_private(r);
    if (form_refused(r))
        respond_invalid(r, "storefront/choice", view);
    else
        respond_page(r, status, "storefront/choice", view);
}

static void on_look(struct request *r)
{
    struct choosing g;
    if (open_choices(r, &g))
        show(&g, 200);
}

static const struct slot_choice *choice_of(const struct choosing *g)
{
    int64_t change = 0;
    if (str_to_i64(form_str(g->r, KEY(change)), &change))
        for (int i = 0; i < g->count; i++)
            if (g->choices[i].change == change)
                return &g->choices[i];
    return NULL;
}

static bool is_among(const struct rows *times, int64_t slot)
{
    for (int i = 0; i < times->count; i++)
        if (rows_i64(times, i, KEY(slot_id)) == slot)
            return true;
    return false;
}

// Where each line goes. Refuses the field.
static void take_times(
    struct choosing *g, const struct slot_choice *c, struct rebook_line to[ORDER_LINES_MAX])
{
    struct group groups[GROUPS_MAX];
    int count = read_groups(g, c, groups);
    if (!count)
        form_refuse(g->r, "to_1", "choice");
    for (int k = 0; k < count; k++) {
        int64_t slot = 0;
        struct str typed = form_str(g->r, value_key_intern(groups[k].field));
        if (!str_to_i64(typed, &slot) || !is_among(groups[k].times, slot))
            form_refuse(g->r, str_z(g->r->arena, groups[k].field), "choice");
        for (int i = 0; i < c->count; i++)
            if (line_of(g->o, c->lines[i])->slot == groups[k].slot)
                to[i] = (struct rebook_line){c->lines[i], slot, 0};
    }
}

static void done(struct choosing *g, struct str answer)
{
    struct value *view = value_object(g->r->arena);
    value_set_str(g->r->arena, view, KEY(result), answer);
    respond_done(g->r, 200, sale_order_path(g->r, g->o), view);
}

// As it stands by now, and why nothing was done. Of two clicks on one button both are.
static void look_again(struct request *r, const char *why, struct str asked)
{
    struct choosing g;
    if (!open_choices(r, &g))
        return;
    const struct slot_choice *c = choice_of(&g);
    if (c && str_eq(c->answer, asked)) {
        done(&g, asked);
        return;
    }
    g.problem = str_of(why);
    show(&g, 409);
}

static void answered(struct choosing *g, const struct order_outcome *outcome, struct str asked)
{
    switch (outcome->result) {
    case ORDER_DONE:
        done(g, asked);
        break;
    case ORDER_ALREADY:
        look_again(g->r, "already", asked);
        break;
    case ORDER_SOLD_OUT:
    case ORDER_NOT_ON_SALE:
        look_again(g->r, "taken", asked);
        break;
    case ORDER_CHANGED:
        look_again(g->r, "changed", asked);
        break;
    default:
        sale_failed(g->r, outcome);
    }
}

static const char *const wishes[] = {"keep", "rebook", "refund", NULL};
static const struct str answers[] = {{"kept", 4}, {"rebooked", 8}, {"refunded", 8}};

static void on_choose(struct request *r)
{
    struct choosing g;
    struct rebook_line to[ORDER_LINES_MAX];
    int wish = 0;
    while (wishes[wish + 1] && !str_is(form_str(r, KEY(do)), wishes[wish]))
        wish++;
    if (!open_choices(r, &g))
        return;
    const struct slot_choice *c = choice_of(&g);
    if (!c || !c->open) {
        look_again(r, "already", answers[wish]);
        return;
    }
    // What the page said comes back is what comes back.
    if (sale_is_stale(r, g.o)) {
        look_again(r, "changed", answers[wish]);
        return;
    }
    if (wish == SLOT_REBOOK)
        take_times(&g, c, to);
    if (form_refused(r)) {
        show(&g, 422);
        return;
    }
    struct slot_choosing what = {.choice = c,
        .answer = (enum slot_answer)wish,
        .to = to,
        .actor = {.kind = STR("customer"), .name = g.o->name}};
    struct order_outcome outcome = slot_choose(r->arena, r->site, g.o, &what);
    answered(&g, &outcome, answers[wish]);
}

static const struct form look_form = FORM({.name = "t", .max = 40});
static const struct form choose_form = FORM({"csrf", .kind = FIELD_TEXT}, {.name = "t", .max = 40},
    {"change", .kind = FIELD_TEXT, .required = true, .max = 20}, {"version", .kind = FIELD_INT},
    {"do", .kind = FIELD_CHOICE, .required = true, .choices = wishes},
    {"to_1", .kind = FIELD_TEXT, .max = 20}, {"to_2", .kind = FIELD_TEXT, .max = 20},
    {"to_3", .kind = FIELD_TEXT, .max = 20}, {"to_4", .kind = FIELD_TEXT, .max = 20},
    {"to_5", .kind = FIELD_TEXT, .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/orders/{code}/choice", PERMIT_PUBLIC, on_look, &look_form, 0, 0},
    {HTTP_POST, "/orders/{code}/choice", PERMIT_PUBLIC, on_choose, &choose_form, 0, 0},
};

void choice_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
