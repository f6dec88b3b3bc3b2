// Customers cancel bookings themselves (T20): the site allows it by switching this on, each offer
// by itself, and the hours left say how much comes back. The quote is the core's and is shown
// before anything happens; what was shown is what happens, or nothing does.
#include "office.h"
#include "terms.h"

// One request's look at an order: its lines with what may be done, those chosen, their quote.
struct look {
    struct vt_call *call;
    struct vt_value *request, *form, *order; // {order, lines, token, path}
    struct terms terms;
    struct vt_value *rows;   // the page's lines
    struct vt_value *chosen; // [{line, share_ppm}]
    bool foreign;            // something was chosen that isn't there or may not be cancelled
};

static struct vt_str id_of(const struct look *l)
{
    return vt_get_text(vt_get(l->order, "order"), "id");
}

static bool is_allowed(struct vt_value *allowed, struct vt_str line)
{
    for (size_t i = 0; i < vt_count(allowed); i++)
        if (vt_str_eq(vt_get_text(vt_at(allowed, i), "id"), line))
            return vt_get_bool(vt_at(allowed, i), "allowed", false);
    return false;
}

static bool is_chosen(struct vt_value *lines, struct vt_str id)
{
    for (size_t i = 0; i < vt_count(lines); i++)
        if (vt_str_eq(vt_get_text(vt_at(lines, i), "key"), id))
            return vt_get_int(vt_at(lines, i), "count", 0) > 0;
    return false;
}

static void add_row(struct look *l, struct vt_value *line, bool allowed, bool only)
{
    struct vt_call *call = l->call;
    struct vt_value *row = vt_object(call), *chosen = vt_get(l->form, "lines");
    struct vt_str id = vt_get_text(line, "id");
    int64_t starts_us = vt_get_int(line, "starts_us", 0);
    const char *why = terms_refuse(&l->terms, starts_us, allowed);
    bool ticked = is_chosen(chosen, id);
    vt_set_text(call, row, "id", id);
    vt_set_text(call, row, "title", vt_get_text(line, "title"));
    vt_set_text(call, row, "when", vt_format_time(call, starts_us));
    vt_set_text(call, row, "rate", vt_get_text(line, "rate_name"));
    vt_set_int(call, row, "quantity", vt_get_int(line, "quantity", 0));
    vt_set_text(call, row, "why", vt_str_of(why));
    vt_set_bool(call, row, "open", !why);
    vt_set_bool(call, row, "chosen", ticked && !why);
    vt_append(call, l->rows, row);
    l->foreign |= ticked && why;
    if (why || (!ticked && !only))
        return;
    struct vt_value *one = vt_object(call);
    vt_set_text(call, one, "line", id);
    vt_set_int(call, one, "share_ppm", terms_share(&l->terms, starts_us));
    vt_append(call, l->chosen, one);
    vt_set_bool(call, row, "chosen", true);
}

// A chosen line that the order doesn't have any more was cancelled before, or never was its own.
static bool has_row(const struct look *l, struct vt_str id)
{
    for (size_t i = 0; i < vt_count(l->rows); i++)
        if (vt_str_eq(vt_get_text(vt_at(l->rows, i), "id"), id))
            return true;
    return false;
}

static void read_lines(struct look *l)
{
    struct vt_call *call = l->call;
    struct vt_value *lines = vt_get(l->order, "lines"), *asked = vt_get(l->form, "lines");
    struct vt_value *allowed = vt_db_read(call, VT("allowed_lines"),
        vt_list_of(call, vt_text(call, id_of(l)), vt_bool(call, l->terms.every_offer), NULL));
    // Of one line there is nothing to choose.
    bool only = vt_count(lines) == 1 && !vt_count(asked);
    l->rows = vt_list(call);
    l->chosen = vt_list(call);
    for (size_t i = 0; i < vt_count(lines); i++) {
        struct vt_value *line = vt_at(lines, i);
        add_row(l, line, is_allowed(allowed, vt_get_text(line, "id")), only);
    }
    for (size_t i = 0; i < vt_count(asked); i++)
        l->foreign |= !has_row(l, vt_get_text(vt_at(asked, i), "key"));
}

// False when it is answered: nobody but the buyer learns that the order exists.
static bool open_order(struct look *l, struct vt_call *call, struct vt_value *request)
{
    l->call = call;
    l->request = request;
    l->form = vt_get(request, "form");
    l->foreign = false;
    l->order = vt_order_open(
        call, vt_as_text(vt_at(vt_get(request, "params"), 0)), vt_get_text(l->form, "t"));
    if (!l->order) {
        if (!vt_failed(call))
            vt_response_problem(call, VT("not_found"));
        return false;
    }
    l->terms = terms_read(call);
    read_lines(l);
    return !vt_failed(call);
}

static struct vt_value *money(struct vt_call *call, int64_t minor)
{
    struct vt_value *v = vt_object(call);
    vt_set_int(call, v, "minor", minor);
    vt_set_text(call, v, "text", vt_format_money(call, minor));
    return v;
}

static struct vt_value *quote_view(struct vt_call *call, struct vt_value *quote)
{
    struct vt_value *v = vt_object(call), *ways = vt_get(quote, "ways");
    int64_t waived = vt_get_int(quote, "waived_minor", 0);
    int64_t kept = vt_get_int(quote, "kept_minor", 0), back = vt_get_int(quote, "back_minor", 0);
    for (size_t i = 0; i < vt_count(ways); i++) {
        struct vt_value *way = vt_at(ways, i);
        vt_set(call, way, "amount", money(call, vt_get_int(way, "amount_minor", 0)));
    }
    vt_set_int(call, v, "version", vt_get_int(quote, "version", 0));
    vt_set(call, v, "back", money(call, back));
    vt_set_bool(call, v, "pays", back > 0);
    vt_set(call, v, "waived", waived ? money(call, waived) : vt_null());
    vt_set(call, v, "kept", kept ? money(call, kept) : vt_null());
    vt_set(call, v, "ways", ways);
    return v;
}

static struct vt_value *rule_of(struct look *l, const char *key, int64_t hours, int64_t percent)
{
    struct vt_call *call = l->call;
    struct vt_value *args = vt_object(call), *rule = vt_object(call);
    vt_set_int(call, args, "hours", hours);
    vt_set_text(call, args, "share", vt_format_percent(call, percent * 10000));
    vt_set_text(call, rule, "text", vt_translate_text(call, vt_str_of(key), args));
    return rule;
}

static struct vt_value *rules_view(struct look *l)
{
    struct vt_value *rules = vt_list(l->call);
    const struct terms *t = &l->terms;
    vt_append(l->call, rules, rule_of(l, "rule.full", t->full_hours, 100));
    if (t->part_hours < t->full_hours)
        vt_append(l->call, rules, rule_of(l, "rule.part", t->part_hours, t->part_percent));
    if (t->part_hours > 0 && t->full_hours > 0 && t->closes_hours < t->part_hours)
        vt_append(l->call, rules, rule_of(l, "rule.late", t->part_hours, t->late_percent));
    if (t->closes_hours > 0)
        vt_append(l->call, rules, rule_of(l, "rule.closes", t->closes_hours, 0));
    return rules;
}

// The page, with the quote when something was chosen; `problem` says why it is shown again.
static void show(struct look *l, int status, const char *problem)
{
    struct vt_call *call = l->call;
    struct vt_value *view = vt_object(call), *quote = NULL;
    struct vt_str refused, code = vt_get_text(vt_get(l->order, "order"), "code");
    if (vt_count(l->chosen))
        quote = vt_order_quote(call, id_of(l), l->chosen, &refused);
    bool open = false;
    for (size_t i = 0; i < vt_count(l->rows); i++)
        open |= vt_get_bool(vt_at(l->rows, i), "open", false);
    vt_set_text(call, view, "order_code", code);
    vt_set_text(call, view, "order_url", vt_site_url(call, vt_get_text(l->order, "path")));
    vt_set_text(call, view, "action",
        vt_site_url(call, vt_str_format(call, "/x/self-cancel/%.*s", (int)code.len, code.p)));
    vt_set_text(call, view, "token", vt_get_text(l->order, "token"));
    vt_set(call, view, "lines", l->rows);
    vt_set_bool(call, view, "can_cancel", open);
    vt_set_bool(call, view, "choosing", vt_count(l->rows) > 1 && open);
    vt_set(call, view, "rules", rules_view(l));
    vt_set(call, view, "quote", quote ? quote_view(call, quote) : vt_null());
    vt_set_text(call, view, "problem", vt_str_of(problem));
    vt_response_page(call, status, VT("cancel"), view);
}

static void look(struct vt_call *call, struct vt_value *request)
{
    struct look l;
    if (open_order(&l, call, request))
        show(&l, 200, NULL);
}

static struct vt_value *guards(struct look *l)
{
    struct vt_call *call = l->call;
    struct vt_value *ids = vt_list(call), *steps = vt_list(call);
    for (size_t i = 0; i < vt_count(l->chosen); i++)
        vt_append(call, ids, vt_get(vt_at(l->chosen, i), "line"));
    vt_db_step(call, steps, VT("still_allowed"),
        vt_list_of(call, ids, vt_bool(call, l->terms.every_offer), NULL));
    return steps;
}

static struct vt_value *cancel_chosen(struct look *l, struct vt_str *refused)
{
    struct vt_call *call = l->call;
    struct vt_value *what = vt_object(call);
    vt_set_text(call, what, "id", id_of(l));
    vt_set(call, what, "lines", l->chosen);
    vt_set_int(call, what, "version", vt_get_int(l->form, "version", -1));
    vt_set_int(call, what, "back_minor", vt_get_int(l->form, "back_minor", -1));
    vt_set_text(call, what, "reason", vt_get_text(l->form, "reason"));
    vt_set(call, what, "guards", guards(l));
    return vt_order_cancel(call, what, refused);
}

static void answer(struct look *l, struct vt_value *quote)
{
    struct vt_value *view = vt_object(l->call);
    if (quote)
        vt_set(l->call, view, "quote", quote_view(l->call, quote));
    vt_set_text(l->call, view, "result", quote ? VT("cancelled") : VT("already"));
    vt_response_done(l->call, 200, vt_get_text(l->order, "path"), view);
}

// The second of two clicks: every line that was asked for is gone already.
static bool was_done(const struct look *l)
{
    struct vt_value *asked = vt_get(l->form, "lines");
    for (size_t i = 0; i < vt_count(asked); i++)
        if (has_row(l, vt_get_text(vt_at(asked, i), "key")))
            return false;
    return vt_count(asked) > 0;
}

static const char *problem_of(struct vt_str refused)
{
    static const char *const known[] = {"changed", "already", "not_allowed", "empty"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (vt_str_eq(refused, vt_str_of(known[i])))
            return known[i];
    return "refused";
}

static void cancel(struct vt_call *call, struct vt_value *request)
{
    struct look l;
    struct vt_str refused = VT_NULL;
    if (!open_order(&l, call, request))
        return;
    if (vt_get_bool(request, "refused", false) || !vt_count(vt_get(l.form, "lines"))) {
        show(&l, 422, "empty");
        return;
    }
    if (was_done(&l)) {
        answer(&l, NULL);
        return;
    }
    if (l.foreign) {
        show(&l, 409, "not_allowed");
        return;
    }
    struct vt_value *quote = cancel_chosen(&l, &refused);
    if (quote) {
        answer(&l, quote);
        return;
    }
    if (vt_failed(call))
        return;
    // As it stands by now, with the quote of this moment.
    if (open_order(&l, call, request))
        show(&l, 409, problem_of(refused));
}

static struct vt_value *order_actions(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *action = vt_object(call), *lines = vt_get(in, "lines");
    struct vt_str code = vt_get_text(vt_get(in, "order"), "code"), token = vt_get_text(in, "token");
    struct terms terms = terms_read(call);
    struct vt_value *allowed = vt_db_read(call, VT("allowed_lines"),
        vt_list_of(
            call, vt_get(vt_get(in, "order"), "id"), vt_bool(call, terms.every_offer), NULL));
    bool any = false;
    for (size_t i = 0; i < vt_count(lines); i++) {
        struct vt_value *line = vt_at(lines, i);
        any |= !terms_refuse(
            &terms, vt_get_int(line, "starts_us", 0), is_allowed(allowed, vt_get_text(line, "id")));
    }
    if (!any)
        return list;
    vt_set_text(call, action, "title", vt_translate_text(call, VT("action"), NULL));
    vt_set_text(call, action, "path",
        vt_str_format(
            call, "/x/self-cancel/%.*s?t=%.*s", (int)code.len, code.p, (int)token.len, token.p));
    vt_append(call, list, action);
    return list;
}

static const struct vt_hook hooks[] = {{"order_actions", order_actions}, {0}};
static const struct vt_route routes[] = {
    {"look", look}, {"cancel", cancel}, {"offers", office_offers}, {"allow", office_allow}, {0}};

VT_PLUGIN("self-cancel", .hooks = hooks, .routes = routes);
