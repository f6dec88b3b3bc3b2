// The prices of one offer: adult, child, member. A price is typed as its reader writes amounts.
#include "base/text.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/offers/offer_page.h"
#include "web/office/offers/rates.sql.h"

enum { NAME_MAX = 80, NOTE_MAX = 200 };

struct page {
    struct offer offer;
    const struct rows *rates, *history;
    int row; // of the rate that the route names; -1: a new one
};

static bool read_page(struct request *r, struct page *p)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int rates = unit_add(u, &SQL_office_rates, db_i64(r->arena, r->site->tenant),
        db_i64(r->arena, offer_id_of_route(r)));
    int history = r->params[1].p ? office_history_add(r, u, "rate", r->params[1])
                                 : offer_history_add(r, u, true);
    if (!offer_of_route(r, u, &p->offer))
        return false;
    p->rates = unit_rows(u, rates);
    p->history = unit_rows(u, history);
    p->row = -1;
    for (int i = 0; r->params[1].p && i < p->rates->count; i++)
        if (str_eq(rows_str(p->rates, i, KEY(rate_id)), r->params[1]))
            p->row = i;
    if (p->row >= 0 || !r->params[1].p)
        return true;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return false;
}

static struct value *doc_of(struct request *r, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *doc = value_object(a);
    value_set_str(a, doc, KEY(code), i < 0 ? STR("") : rows_str(rows, i, KEY(code)));
    value_set(a, doc, KEY(name), i < 0 ? value_object(a) : rows_json(a, rows, i, KEY(name)));
    value_set(a, doc, KEY(note), i < 0 ? value_object(a) : rows_json(a, rows, i, KEY(note)));
    value_set_int(a, doc, KEY(price_minor), i < 0 ? 0 : rows_i64(rows, i, KEY(price_minor)));
    value_set_bool(a, doc, KEY(archived), i >= 0 && rows_bool(rows, i, KEY(archived)));
    return doc;
}

static struct str rate_path(struct request *r, const struct page *p, struct str rate)
{
    return str_join(
        r->arena, offer_path(r, str_of_i64(r->arena, p->offer.id), "/rates/"), rate, STR_NULL);
}

static void add_row(struct request *r, struct value *list, const struct page *p, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, list), *doc = doc_of(r, p->rates, i);
    struct str note = site_text_in(r->site, value_get(doc, KEY(note)), r->language);
    value_set_str(a, v, KEY(id), rows_str(p->rates, i, KEY(rate_id)));
    value_set_str(a, v, KEY(code), value_get_str(doc, KEY(code)));
    value_set_str(a, v, KEY(name), site_text_in(r->site, value_get(doc, KEY(name)), r->language));
    value_set_str(a, v, KEY(note), note.len ? note : STR_NULL);
    value_set(a, v, KEY(price),
        format_money_value(
            a, r->format, value_get_int(doc, KEY(price_minor), 0), r->site->currency));
    value_set_bool(a, v, KEY(archived), value_get_bool(doc, KEY(archived), false));
    value_set_str(
        a, v, KEY(rate_url), request_url(r, rate_path(r, p, rows_str(p->rates, i, KEY(rate_id)))));
}

static void on_rates(struct request *r)
{
    struct arena *a = r->arena;
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *view = page_view(r), *list = value_list(a);
    offer_view(r, view, &p.offer);
    offer_history_view(r, view, p.history, NULL);
    for (int i = 0; i < p.rates->count; i++)
        add_row(r, list, &p, i);
    value_set(a, view, KEY(rates), list);
    value_set_bool(a, view, KEY(has_rates), value_count(list) > 0);
    value_set_str(a, view, KEY(new_url), request_url(r, rate_path(r, &p, STR("new"))));
    respond_page(r, 200, "office/offers/rates", view);
}

static void add_fields(
    struct request *r, struct value *view, const struct page *p, const struct value *doc)
{
    struct arena *a = r->arena;
    struct value *price = value_list(a), *languages = value_list(a);
    office_field_add(r, price,
        &(struct office_field){.id = "price",
            .label = "office.offer.price",
            .kind = OFFICE_AMOUNT,
            .required = true,
            .end = str_of(r->site->currency.code),
            .value = p->row < 0 && !value_get_int(doc, KEY(price_minor), 0)
                         ? STR("")
                         : format_amount(a, r->format, value_get_int(doc, KEY(price_minor), 0),
                               r->site->currency)});
    if (p->row >= 0)
        office_field_add(r, price,
            &(struct office_field){.id = "archived",
                .label = "office.rate.archived",
                .kind = OFFICE_TICK,
                .checked = value_get_bool(doc, KEY(archived), false)});
    value_set(a, view, KEY(price_fields), price);
    value_set(a, view, KEY(texts), languages);
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        struct value *v = value_append_object(a, languages), *fields = value_list(a);
        value_set_str(a, v, KEY(code), language);
        value_set_str(a, v, KEY(label), format_language_name(a, language));
        value_set(a, v, KEY(fields), fields);
        office_field_add(r, fields,
            &(struct office_field){.id = offer_text_id(r, "name", language),
                .label = "office.rate.name",
                .language = language,
                .len_max = NAME_MAX,
                .required = i == 0,
                .value = value_get_str(value_get(doc, KEY(name)), value_key_intern(language))});
        office_field_add(r, fields,
            &(struct office_field){.id = offer_text_id(r, "note", language),
                .label = "office.rate.note",
                .language = language,
                .len_max = NOTE_MAX,
                .value = value_get_str(value_get(doc, KEY(note)), value_key_intern(language))});
    }
}

static struct value *view_of(struct request *r, const struct page *p, const struct value *doc)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *v = value_object(a);
    struct str id = p->row < 0 ? STR("new") : rows_str(p->rates, p->row, KEY(rate_id));
    offer_view(r, view, &p->offer);
    value_set(a, view, KEY(rate), v);
    value_set_str(a, v, KEY(title),
        p->row < 0 ? message(a, r->words, STR("office.rate.new"), NULL)
                   : site_text_in(r->site, rows_json(a, p->rates, p->row, KEY(name)), r->language));
    value_set_int(a, v, KEY(version), p->row < 0 ? 0 : rows_i64(p->rates, p->row, KEY(version)));
    value_set_str(a, v, KEY(rate_save_url), request_url(r, rate_path(r, p, id)));
    add_fields(r, view, p, doc);
    value_set(a, view, KEY(history), value_null());
    if (p->row >= 0)
        office_history_view(r, view, p->history);
    return view;
}

static void on_rate(struct request *r)
{
    struct page p;
    if (read_page(r, &p))
        respond_page(r, 200, "office/offers/rate", view_of(r, &p, doc_of(r, p.rates, p.row)));
}

static void take_price(struct request *r, struct value *doc)
{
    int64_t minor;
    struct str typed = form_str(r, KEY(price));
    // The form has said that it is required.
    if (!typed.len)
        return;
    if (format_read_amount(r->format, typed, r->site->currency, &minor) &&
        minor <= OFFER_PRICE_MAX) {
        value_set_int(r->arena, doc, KEY(price_minor), minor);
        return;
    }
    form_refuse_text(r, "price", "amount",
        message(r->arena, r->words, STR("office.setting.amount"), "example",
            value_str(r->arena, format_amount(r->arena, r->format, 1250, r->site->currency)),
            NULL));
}

// A code that no other rate of the offer has.
static struct str new_code(struct request *r, const struct page *p, const struct value *names)
{
    struct arena *a = r->arena;
    struct str slug = text_slug(a, value_get_str(names, value_key_intern(r->site->languages[0])));
    struct str base = slug.len ? str_sub(slug, 0, 40) : STR("rate"), code = base;
    for (int n = 2; n < OFFER_RATES_MAX + 2; n++) {
        bool taken = false;
        for (int i = 0; i < p->rates->count; i++)
            taken |= str_eq(rows_str(p->rates, i, KEY(code)), code);
        if (!taken)
            break;
        code = str_join(a, base, STR("-"), str_of_i64(a, n), STR_NULL);
    }
    return code;
}

static struct value *doc_sent(struct request *r, const struct page *p)
{
    static const struct offer_texts name = {.field = "name", .max = NAME_MAX, .required = true},
                                    note = {.field = "note", .max = NOTE_MAX};
    struct value *doc = doc_of(r, p->rates, p->row);
    struct value *names = offer_texts_sent(r, value_get(doc, KEY(name)), &name);
    value_set(r->arena, doc, KEY(name), names);
    value_set(r->arena, doc, KEY(note), offer_texts_sent(r, value_get(doc, KEY(note)), &note));
    take_price(r, doc);
    value_set_bool(r->arena, doc, KEY(archived), form_bool(r, KEY(archived)));
    if (p->row < 0)
        value_set_str(r->arena, doc, KEY(code), new_code(r, p, names));
    if (p->row < 0 && p->rates->count >= OFFER_RATES_MAX)
        form_refuse_text(
            r, "price", "too_many", message(r->arena, r->words, STR("office.rate.too_many"), NULL));
    return doc;
}

static void say_conflict(struct request *r, struct page *p, const struct value *doc)
{
    if (!read_page(r, p))
        return;
    struct office_conflict conflict = {.theirs = doc_of(r, p->rates, p->row), .yours = doc};
    office_conflict_respond(r, "office/offers/rate", view_of(r, p, doc), &conflict);
}

static void on_save(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    struct value *doc = doc_sent(r, &p), *before = p.row < 0 ? NULL : doc_of(r, p.rates, p.row);
    if (form_refused(r)) {
        respond_invalid(r, "office/offers/rate", view_of(r, &p, doc));
        return;
    }
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    struct offer_rate rate = {.before = before, .doc = doc};
    if (p.row >= 0) {
        rate.id = rows_i64(p.rates, p.row, KEY(rate_id));
        rate.version = form_int(r, KEY(version), -1);
    }
    enum offer_result result =
        value_equal(before, doc) ? OFFER_DONE : offer_save_rate(r->arena, &by, p.offer.id, &rate);
    if (result == OFFER_CHANGED)
        say_conflict(r, &p, doc);
    else if (result != OFFER_DONE)
        offer_problem(r, result);
    else
        respond_done(r, p.row < 0 ? 201 : 200,
            offer_path(r, str_of_i64(r->arena, p.offer.id), "/rates?done=rate_saved"), doc);
}

static const struct form form_page =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
#define RATE_FIELDS                                                                             \
    {"price", .kind = FIELD_TEXT, .required = true, .max = 40}, {"name", .kind = FIELD_OBJECT}, \
        {"note", .kind = FIELD_OBJECT},                                                         \
    {                                                                                           \
        "archived", .kind = FIELD_BOOL                                                          \
    }
static const struct form form_new = FORM({"csrf", .kind = FIELD_TEXT}, RATE_FIELDS);
static const struct form form_change =
    FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"), RATE_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/offers/{id}/rates", PERMIT_OFFERS_READ, on_rates, &form_page, 0, 0},
    {HTTP_GET, "/manage/offers/{id}/rates/new", PERMIT_OFFERS_READ, on_rate, &form_page, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/rates/new", PERMIT_OFFERS_CHANGE, on_save, &form_new, 0, 0},
    {HTTP_GET, "/manage/offers/{id}/rates/{rate}", PERMIT_OFFERS_READ, on_rate, &form_page, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/rates/{rate}", PERMIT_OFFERS_CHANGE, on_save, &form_change, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
