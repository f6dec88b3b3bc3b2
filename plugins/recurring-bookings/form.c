#include "form.h"

#include "rule.h"
#include "series.h"

enum { DRAFT_US = 86400, TERM_MAX = 60 };

// What the page shows: typed, of a draft that is gone back to, or nothing yet.
struct page {
    struct vt_call *call;
    struct vt_value *fields;
    struct vt_str offer, day, query, customer;
};

static struct vt_value *read_one(struct vt_call *call, const char *statement, struct vt_str param)
{
    return vt_db_read(call, vt_str_of(statement), vt_list_of(call, vt_text(call, param), NULL));
}

static struct vt_str today(struct vt_call *call)
{
    struct vt_value *rows =
        vt_db_read(call, VT("form_today"), vt_list_of(call, vt_int(call, series_now_us()), NULL));
    return vt_get_text(vt_at(rows, 0), "today");
}

// The chosen one, or the first.
static struct vt_value *add_offers(struct page *p, struct vt_value *view)
{
    struct vt_call *call = p->call;
    struct vt_value *offers = vt_db_read(call, VT("form_offers"), NULL), *chosen = NULL;
    for (size_t i = 0; i < vt_count(offers); i++) {
        struct vt_value *offer = vt_at(offers, i);
        vt_set_text(call, offer, "title", series_title(call, vt_get(offer, "title")));
        if (vt_str_eq(vt_get_text(offer, "id"), p->offer))
            chosen = offer;
    }
    if (!chosen)
        chosen = vt_at(offers, 0);
    for (size_t i = 0; i < vt_count(offers); i++)
        vt_set_bool(call, vt_at(offers, i), "chosen", vt_at(offers, i) == chosen);
    vt_set(call, view, "offers", offers);
    return chosen;
}

static void add_resources(struct page *p, struct vt_value *view, struct vt_value *offer)
{
    struct vt_call *call = p->call;
    struct vt_value *resources = vt_get_bool(offer, "exclusive", false)
                                     ? read_one(call, "form_resources", vt_get_text(offer, "id"))
                                     : vt_list(call);
    struct vt_str chosen = vt_get_text(p->fields, "resource");
    for (size_t i = 0; i < vt_count(resources); i++) {
        struct vt_value *r = vt_at(resources, i);
        vt_set_bool(call, r, "chosen", vt_str_eq(vt_get_text(r, "id"), chosen));
    }
    vt_set(call, view, "resources", resources);
    vt_set_bool(call, view, "has_resources", vt_count(resources) > 0);
}

static int64_t typed_count(struct page *p, struct vt_str code)
{
    struct vt_value *typed = vt_get(p->fields, "quantity");
    for (size_t i = 0; i < vt_count(typed); i++)
        if (vt_str_eq(vt_get_text(vt_at(typed, i), "key"), code))
            return vt_get_int(vt_at(typed, i), "count", 0);
    return 0;
}

static void add_rates(struct page *p, struct vt_value *view, struct vt_value *offer)
{
    struct vt_call *call = p->call;
    struct vt_value *rates = read_one(call, "form_rates", vt_get_text(offer, "id"));
    bool typed = vt_count(vt_get(p->fields, "quantity")) > 0;
    for (size_t i = 0; i < vt_count(rates); i++) {
        struct vt_value *rate = vt_at(rates, i);
        vt_set_text(call, rate, "name", series_title(call, vt_get(rate, "name")));
        vt_set_text(call, rate, "price", vt_format_money(call, vt_get_int(rate, "price_minor", 0)));
        vt_set_int(call, rate, "count", typed ? typed_count(p, vt_get_text(rate, "code")) : i == 0);
    }
    vt_set(call, view, "rates", rates);
}

static void add_times(struct page *p, struct vt_value *view, struct vt_value *offer)
{
    struct vt_call *call = p->call;
    int64_t now_us = series_now_us();
    struct vt_str chosen = vt_get_text(p->fields, "time");
    struct vt_value *times = vt_db_read(call, VT("form_times"),
        vt_list_of(call, vt_get(offer, "id"), vt_int(call, now_us), vt_text(call, p->day),
            vt_int(call, now_us), NULL));
    for (size_t i = 0; i < vt_count(times); i++) {
        struct vt_value *t = vt_at(times, i), *args = vt_object(call);
        vt_set_bool(call, t, "chosen", vt_str_eq(vt_get_text(t, "time_text"), chosen));
        vt_set_int(call, args, "left", vt_get_int(t, "places_left", 0));
        vt_set_text(call, t, "left",
            series_has(t, "places_left") ? vt_translate_text(call, VT("form.left"), args)
                                         : VT_NULL);
    }
    vt_set(call, view, "times", times);
    vt_set_bool(call, view, "has_times", vt_count(times) > 0);
}

// By address as a whole, or by the beginning of a name.
static struct vt_value *find_customers(struct page *p)
{
    struct vt_call *call = p->call;
    struct vt_str folded = vt_text_fold(call, p->query);
    if (folded.len < 2 || folded.len > TERM_MAX)
        return vt_list(call);
    if (vt_text_is_email(folded))
        return read_one(call, "form_customers_by_email", folded);
    struct vt_str end = vt_str_format(call, "%.*s\xf4\x8f\xbf\xbf", (int)folded.len, folded.p);
    return vt_db_read(call, VT("form_customers"),
        vt_list_of(call, vt_text(call, folded), vt_text(call, end), NULL));
}

static void add_customers(struct page *p, struct vt_value *view)
{
    struct vt_call *call = p->call;
    struct vt_value *found = vt_list(call), *all;
    bool any = false;
    if (p->query.len)
        found = find_customers(p);
    all = found;
    if (series_is_id(p->customer) && !p->query.len)
        all = read_one(call, "form_customer", p->customer);
    for (size_t i = 0; i < vt_count(all); i++) {
        struct vt_value *c = vt_at(all, i);
        bool only = p->query.len && vt_count(all) == 1;
        bool chosen = only || vt_str_eq(vt_get_text(c, "id"), p->customer);
        any |= chosen;
        vt_set_bool(call, c, "chosen", chosen);
    }
    vt_set(call, view, "customers", all);
    vt_set_bool(call, view, "has_customers", vt_count(all) > 0);
    vt_set_bool(call, view, "somebody", !any);
    vt_set_bool(call, view, "nobody_found", p->query.len && !vt_count(found));
    vt_set_text(call, view, "query", p->query);
}

static struct vt_value *choice(
    struct vt_call *call, struct vt_str value, struct vt_str text, bool chosen)
{
    struct vt_value *v = vt_object(call);
    vt_set_text(call, v, "value", value);
    vt_set_text(call, v, "text", text);
    vt_set_bool(call, v, "chosen", chosen);
    return v;
}

static struct vt_str digits_of(struct vt_call *call, int n)
{
    return vt_str_format(call, "%d", n);
}

static void add_weekdays(struct vt_call *call, struct vt_value *v, const struct rule *r)
{
    struct vt_value *days = vt_list(call), *weekdays = vt_list(call);
    vt_append(call, weekdays,
        choice(call, VT(""), vt_translate_text(call, VT("form.as_first"), NULL), !r->weekday));
    for (int day = 1; day <= 7; day++) {
        struct vt_str name = rule_weekday(call, day);
        vt_append(call, days, choice(call, digits_of(call, day), name, r->weekdays & 1u << day));
        vt_append(call, weekdays, choice(call, digits_of(call, day), name, r->weekday == day));
    }
    vt_set(call, v, "days", days);
    vt_set(call, v, "weekdays", weekdays);
}

static void add_month(struct vt_call *call, struct vt_value *v, const struct rule *r)
{
    static const char *const names[] = {"1", "2", "3", "4", "5", "last"};
    struct vt_value *days = vt_list(call), *nths = vt_list(call);
    struct vt_str as_first = vt_translate_text(call, VT("form.as_first"), NULL);
    vt_append(call, days, choice(call, VT(""), as_first, !r->month_day));
    vt_append(call, nths, choice(call, VT(""), as_first, !r->nth));
    for (int day = 1; day <= 31; day++)
        vt_append(call, days,
            choice(call, digits_of(call, day), vt_format_number(call, day), r->month_day == day));
    vt_append(call, days,
        choice(call, VT("last"), vt_translate_text(call, VT("form.last_day"), NULL),
            r->month_day < 0));
    for (int i = 0; i < 6; i++) {
        struct vt_value *args = vt_object(call);
        vt_set_text(call, args, "nth", vt_str_of(names[i]));
        vt_append(call, nths,
            choice(call, vt_str_of(names[i]), vt_translate_text(call, VT("nth"), args),
                i < 5 ? r->nth == i + 1 : r->nth < 0));
    }
    vt_set(call, v, "month_days", days);
    vt_set(call, v, "nths", nths);
}

static void add_rule(struct page *p, struct vt_value *view)
{
    static const char *const repeats[] = {"day", "week", "month_day", "month_weekday", "year"};
    struct vt_call *call = p->call;
    struct rule r = rule_read(p->fields);
    struct vt_value *list = vt_list(call);
    for (int i = 0; i < 5; i++) {
        struct vt_value *args = vt_object(call);
        vt_set_text(call, args, "repeat", vt_str_of(repeats[i]));
        vt_append(call, list,
            choice(call, vt_str_of(repeats[i]), vt_translate_text(call, VT("form.repeat"), args),
                (int)r.repeat == i));
    }
    vt_set(call, view, "repeats", list);
    vt_set_int(call, view, "every", vt_get_int(p->fields, "every", 1));
    add_weekdays(call, view, &r);
    add_month(call, view, &r);
    vt_set_text(call, view, "first", r.first.year ? r.first_text : p->day);
    vt_set_bool(call, view, "by_date", r.by_date);
    vt_set_bool(call, view, "by_count", !r.by_date);
    vt_set_int(call, view, "count", vt_get_int(p->fields, "count", 10));
    vt_set_text(call, view, "until", r.until_text);
}

static struct vt_value *view_of(struct page *p)
{
    static const char *const texts[] = {"name", "email", "phone", "public_note", "private_note"};
    struct vt_call *call = p->call;
    struct vt_value *view = vt_object(call);
    if (p->day.len != 10)
        p->day = today(call);
    struct vt_value *offer = add_offers(p, view);
    vt_set_bool(call, view, "has_offer", offer);
    vt_set_text(call, view, "offer", vt_get_text(offer, "id"));
    vt_set_text(call, view, "day", p->day);
    if (offer) {
        add_resources(p, view, offer);
        add_rates(p, view, offer);
        add_times(p, view, offer);
    }
    add_customers(p, view);
    add_rule(p, view);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        vt_set_text(call, view, texts[i], vt_get_text(p->fields, texts[i]));
    vt_set_bool(call, view, "pay_series", vt_str_eq(vt_get_text(p->fields, "pay"), VT("series")));
    vt_set_text(call, view, "action", vt_site_url(call, VT("/manage/x/recurring-bookings/new")));
    vt_set_text(call, view, "list_url", vt_site_url(call, VT("/manage/x/recurring-bookings/")));
    return view;
}

// A draft's row as the form has it.
static struct vt_value *fields_of(struct vt_call *call, struct vt_value *row)
{
    static const char *const same[] = {
        "name", "email", "phone", "public_note", "private_note", "pay"};
    struct vt_value *f = vt_get(row, "rule");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        vt_set(call, f, same[i], vt_get(row, same[i]));
    vt_set(call, f, "resource", vt_get(row, "resource_id"));
    vt_set(call, f, "quantity", vt_get(row, "counts"));
    return f;
}

static bool is_over(struct vt_call *call)
{
    bool closing = series_closing(call);
    if (closing)
        vt_response_problem(call, VT("not_found"));
    return closing;
}

void form_page(struct vt_call *call, struct vt_value *request)
{
    if (is_over(call))
        return;
    struct vt_value *form = vt_get(request, "form"), *row = NULL;
    struct page p = {.call = call,
        .fields = form,
        .offer = vt_get_text(form, "offer"),
        .day = vt_get_text(form, "first"),
        .query = vt_get_text(form, "q"),
        .customer = vt_get_text(form, "customer")};
    if (vt_get_text(form, "draft").len)
        row = series_load(call, vt_get_text(form, "draft"));
    if (row) {
        p.fields = fields_of(call, row);
        p.offer = vt_get_text(row, "offer_id");
        p.day = vt_get_text(p.fields, "first");
        p.customer = vt_get_text(row, "customer_id");
    }
    struct vt_value *view = view_of(&p);
    if (!vt_failed(call))
        vt_response_page(call, 200, VT("new"), view);
}

// ---- What was typed becomes a draft

struct draft {
    struct vt_call *call;
    struct vt_value *form, *row;
    struct rule rule;
    struct vt_value *times;
    bool good;
};

static void refuse(struct draft *d, const char *field, const char *key)
{
    vt_form_refuse(d->call, vt_str_of(field), vt_translate_text(d->call, vt_str_of(key), NULL));
    d->good = false;
}

static bool has_id(struct vt_value *rows, struct vt_str id)
{
    for (size_t i = 0; i < vt_count(rows); i++)
        if (vt_str_eq(vt_get_text(vt_at(rows, i), "id"), id))
            return true;
    return false;
}

static void check_offer(struct draft *d)
{
    struct vt_str offer = vt_get_text(d->form, "offer");
    struct vt_str resource = vt_get_text(d->form, "resource");
    if (!series_is_id(offer) || !has_id(vt_db_read(d->call, VT("form_offers"), NULL), offer)) {
        refuse(d, "offer", "error.offer");
        return;
    }
    if (resource.len && !has_id(read_one(d->call, "form_resources", offer), resource))
        refuse(d, "resource", "error.resource");
    vt_set_text(d->call, d->row, "offer_id", offer);
    if (resource.len)
        vt_set_text(d->call, d->row, "resource_id", resource);
}

static void check_quantity(struct draft *d)
{
    struct vt_value *typed = vt_get(d->form, "quantity"), *counts = vt_list(d->call);
    int64_t sum = 0;
    for (size_t i = 0; i < vt_count(typed); i++) {
        int64_t count = vt_get_int(vt_at(typed, i), "count", 0);
        if (count > 0)
            vt_append(d->call, counts, vt_at(typed, i));
        sum += count;
    }
    if (!sum)
        refuse(d, "quantity", "error.quantity");
    vt_set(d->call, d->row, "counts", counts);
    vt_set_int(d->call, d->row, "quantity", sum);
}

static struct vt_str or_empty(struct vt_str s)
{
    return s.p ? s : VT("");
}

static void take_owner(struct draft *d, struct vt_value *owner)
{
    struct vt_call *call = d->call;
    struct vt_str first = vt_get_text(owner, "first_name"), last = vt_get_text(owner, "last_name");
    vt_set_text(call, d->row, "customer_id", vt_get_text(owner, "id"));
    vt_set_text(call, d->row, "name",
        vt_str_format(call, "%.*s%s%.*s", (int)first.len, first.p, last.len ? " " : "",
            (int)last.len, last.p));
    vt_set_text(call, d->row, "email", or_empty(vt_get_text(owner, "email")));
    vt_set_text(call, d->row, "phone", or_empty(vt_get_text(owner, "phone")));
    vt_set_text(call, d->row, "language", vt_get_text(owner, "language"));
}

static void check_owner(struct draft *d)
{
    struct vt_call *call = d->call;
    struct vt_str customer = vt_get_text(d->form, "customer");
    if (series_is_id(customer)) {
        struct vt_value *owner = vt_at(read_one(call, "form_customer", customer), 0);
        if (owner)
            take_owner(d, owner);
        else
            refuse(d, "customer", "error.customer");
        return;
    }
    if (!vt_get_text(d->form, "name").len)
        refuse(d, "name", "error.name");
    vt_set_text(call, d->row, "name", or_empty(vt_get_text(d->form, "name")));
    vt_set_text(call, d->row, "email", or_empty(vt_get_text(d->form, "email")));
    vt_set_text(call, d->row, "phone", or_empty(vt_get_text(d->form, "phone")));
}

static void check_pay(struct draft *d)
{
    bool series = vt_str_eq(vt_get_text(d->form, "pay"), VT("series"));
    enum { LINES_MAX = 50 };
    size_t rates = vt_count(vt_get(d->row, "counts"));
    if (series && d->times && vt_count(d->times) * (rates ? rates : 1) > LINES_MAX)
        refuse(d, "pay", "error.pay_series");
    vt_set_text(d->call, d->row, "pay", series ? VT("series") : VT("each"));
}

static void check_rule(struct draft *d)
{
    struct vt_call *call = d->call;
    d->rule = rule_read(d->form);
    rule_complete(&d->rule);
    if (!rule_check(call, &d->rule)) {
        d->good = false;
        return;
    }
    d->times = rule_times(call, &d->rule);
    d->good &= d->times != NULL;
    vt_set(call, d->row, "rule", rule_value(call, &d->rule));
    vt_set_text(call, d->row, "rrule", rule_text(call, &d->rule));
}

static void set_rest(struct draft *d, struct vt_value *request)
{
    struct vt_call *call = d->call;
    struct vt_value *site = vt_site_info(call);
    struct vt_str email = vt_get_text(d->row, "email");
    if (!vt_get_text(d->row, "language").len)
        vt_set(call, d->row, "language", vt_at(vt_get(site, "languages"), 0));
    vt_set_text(
        call, d->row, "name_folded", or_empty(vt_text_fold(call, vt_get_text(d->row, "name"))));
    vt_set_text(call, d->row, "email_folded", or_empty(vt_text_fold(call, email)));
    vt_set_text(call, d->row, "public_note", or_empty(vt_get_text(d->form, "public_note")));
    vt_set_text(call, d->row, "private_note", or_empty(vt_get_text(d->form, "private_note")));
    vt_set_int(call, d->row, "now_us", series_now_us());
    vt_set_text(
        call, d->row, "created_by", or_empty(vt_get_text(vt_get(request, "staff"), "name")));
}

static struct vt_str write_draft(struct draft *d)
{
    struct vt_call *call = d->call;
    struct vt_value *steps = vt_list(call), *first = vt_list(call), *id;
    struct vt_str refused;
    vt_db_step(call, first, VT("series_new_id"), vt_list(call));
    id = vt_get(vt_at(vt_at(vt_db_write(call, first, &refused), 0), 0), "id");
    vt_set(call, d->row, "series_id", id);
    vt_db_step(call, steps, VT("series_clean"),
        vt_list_of(call, vt_int(call, series_now_us() - DRAFT_US * INT64_C(1000000)), NULL));
    vt_db_step(call, steps, VT("series_insert"), vt_list_of(call, d->row, NULL));
    vt_db_step(call, steps, VT("series_insert_occurrences"), vt_list_of(call, id, d->times, NULL));
    if (!vt_db_write(call, steps, &refused) && !vt_failed(call))
        vt_fail(call, VT("the draft could not be written"));
    return vt_as_text(id);
}

void form_create(struct vt_call *call, struct vt_value *request)
{
    struct draft d = {.call = call,
        .form = vt_get(request, "form"),
        .row = vt_object(call),
        .good = !vt_get_bool(request, "refused", false)};
    if (is_over(call))
        return;
    check_offer(&d);
    check_quantity(&d);
    check_owner(&d);
    check_rule(&d);
    check_pay(&d);
    if (vt_failed(call))
        return;
    if (!d.good) {
        struct page p = {.call = call,
            .fields = d.form,
            .offer = vt_get_text(d.form, "offer"),
            .day = vt_get_text(d.form, "first"),
            .query = VT_NULL,
            .customer = vt_get_text(d.form, "customer")};
        vt_response_invalid(call, VT("new"), view_of(&p));
        return;
    }
    set_rest(&d, request);
    struct vt_str id = write_draft(&d);
    if (vt_failed(call))
        return;
    struct vt_value *made = vt_object(call);
    vt_set_text(call, made, "id", id);
    vt_set_text(call, made, "url", vt_site_url(call, series_path(call, id, "")));
    vt_response_done(call, 201, series_path(call, id, ""), made);
}
