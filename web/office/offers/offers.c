// What the site sells, as its staff sees it: the list with search and filters, and a new offer.
#include "base/clock.h"
#include "base/text.h"
#include "http/respond.h"
#include "web/office/feature_view.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/list.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/offers/offer_form.h"
#include "web/office/offers/offer_page.h"
#include "web/office/offers/offers.sql.h"
#include "web/picture.h"

static const char *const states[] = {"published", "draft", "archived", NULL};
static const char *const kinds[] = {"event", "class", "service", "admission", NULL};

static const struct form form_list =
    FORM(OFFICE_LIST_FIELDS, {"state", .kind = FIELD_CHOICE, .choices = states},
        {"category", .kind = FIELD_TEXT, .max = 80});

static void add_row(struct request *r, struct value *items, const struct rows *rows, int i)
{
    struct arena *a = r->arena;
    struct value *v = value_append_object(a, items);
    struct str id = rows_str(rows, i, KEY(offer_id));
    struct value *category = rows_json(a, rows, i, KEY(category));
    bool priced = !rows_is_null(rows, i, KEY(from_minor));
    value_set_str(a, v, KEY(id), id);
    value_set_str(a, v, KEY(slug), rows_str(rows, i, KEY(slug)));
    value_set_str(a, v, KEY(kind), rows_str(rows, i, KEY(kind)));
    value_set_str(a, v, KEY(state), rows_str(rows, i, KEY(state)));
    value_set_bool(a, v, KEY(sample), rows_bool(rows, i, KEY(sample)));
    value_set_str(
        a, v, KEY(title), site_text_in(r->site, rows_json(a, rows, i, KEY(title)), r->language));
    value_set_str(
        a, v, KEY(category), category ? site_text_in(r->site, category, r->language) : STR_NULL);
    value_set(a, v, KEY(from),
        priced ? format_money_value(
                     a, r->format, rows_i64(rows, i, KEY(from_minor)), r->site->currency)
               : value_null());
    value_set_int(a, v, KEY(rate_count), rows_i64(rows, i, KEY(rate_count)));
    value_set(a, v, KEY(next),
        rows_is_null(rows, i, KEY(next_us))
            ? value_null()
            : format_time_value(a, r->format, r->site->zone, rows_us(rows, i, KEY(next_us))));
    value_set_str(
        a, v, KEY(picture_url), picture_url(r, rows_str(rows, i, KEY(image)), PICTURE_SMALL));
    value_set_str(a, v, KEY(offer_url), request_url(r, offer_path(r, id, "")));
}

static void add_filters(struct request *r, struct value *view, const struct rows *categories)
{
    static const char *const shown[] = {"", "published", "draft", "archived", NULL};
    struct arena *a = r->arena;
    struct value *options = value_list(a), *any = value_append_object(a, options);
    value_set_str(a, any, KEY(value), STR(""));
    value_set_str(
        a, any, KEY(label), message(a, r->words, STR("office.offers.category.all"), NULL));
    for (int i = 0; i < categories->count; i++) {
        struct value *option = value_append_object(a, options);
        value_set_str(a, option, KEY(value), rows_str(categories, i, KEY(slug)));
        value_set_str(a, option, KEY(label),
            site_text_in(r->site, rows_json(a, categories, i, KEY(name)), r->language));
    }
    office_list_filter(r, view, &(struct office_filter){"state", "office.offers.state", shown});
    office_list_filter_of(
        r, view, &(struct office_filter){"category", "office.offers.category", NULL}, options);
}

static void on_list(struct request *r)
{
    struct arena *a = r->arena;
    struct office_list list = office_list_of(r, OFFICE_LIST_NUMBER);
    struct str state = form_str(r, KEY(state)), category = form_str(r, KEY(category));
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int offers = unit_add(u, &SQL_office_offers, db_i64(a, r->site->tenant),
        state.len ? state : STR_NULL, category.len ? category : STR_NULL, list.search, list.after,
        list.after_id, office_list_limit(&list), db_time(a, clock_now_us()));
    struct offer_choice_places places = offer_choices_add(r, u);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    const struct rows *rows = unit_rows(u, offers);
    struct value *view = page_view(r);
    for (int i = 0; office_list_more(rows, i); i++)
        add_row(r, list.items, rows, i);
    office_list_next(&list, rows, KEY(position), KEY(offer_id));
    add_filters(r, view, offer_choices_take(u, places).categories);
    value_set_bool(a, view, KEY(may_change), offer_may_change(r));
    value_set_str(a, view, KEY(new_url), request_url(r, STR("/manage/offers/new")));
    value_set_str(a, view, KEY(categories_url), request_url(r, STR("/manage/offers/categories")));
    office_done(r, view, STR(""));
    office_list_respond(r, "office/offers/offers", view, &list);
}

static const struct form form_new = FORM({"csrf", .kind = FIELD_TEXT},
    {"kind", .kind = FIELD_CHOICE, .required = true, .choices = kinds},
    {"title", .kind = FIELD_OBJECT}, {"category", .kind = FIELD_TEXT, .max = 80},
    {"tax", .kind = FIELD_TEXT, .required = true, .max = 80},
    {"duration_min", .kind = FIELD_INT, .required = true, .min = 5, .max = 10080},
    {"capacity", .kind = FIELD_INT, .required = true, .min = 1, .max = 1000000},
    {"rate_name", .kind = FIELD_TEXT, .max = 80}, {"price", .kind = FIELD_TEXT, .max = 40});

// The first offer begins where most do; what was refused stands there again.
static bool show_new(
    struct request *r, struct unit *u, struct offer_choice_places places, const struct value *doc)
{
    struct offer_choices choices = offer_choices_take(u, places);
    struct value *view = page_view(r);
    office_object_view(r, view,
        &(struct office_object){message(r->arena, r->words, STR("office.offers.new"), NULL),
            "/manage/offers", "office.nav.offers"});
    offer_new_view(r, view, doc, &choices);
    value_set_str(r->arena, view, KEY(create_url), request_url(r, STR("/manage/offers")));
    if (form_refused(r))
        respond_invalid(r, "office/offers/new", view);
    else
        respond_page(r, 200, "office/offers/new", view);
    return true;
}

static struct unit *read_choices(struct request *r, struct offer_choice_places *places)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    *places = offer_choices_add(r, u);
    if (unit_run(u) == DB_OK)
        return u;
    respond_problem(r, PROBLEM_UNAVAILABLE);
    return NULL;
}

static void on_new(struct request *r)
{
    struct offer_choice_places places;
    struct unit *u = read_choices(r, &places);
    if (!u)
        return;
    struct offer_choices choices = offer_choices_take(u, places);
    show_new(r, u, places, offer_doc_new(r, &choices));
}

static void on_create(struct request *r)
{
    struct arena *a = r->arena;
    struct offer_choice_places places;
    struct unit *u = read_choices(r, &places);
    if (!u)
        return;
    struct offer_choices choices = offer_choices_take(u, places);
    struct value *doc = offer_doc_sent(r, offer_doc_new(r, &choices), &choices);
    struct value *rate = form_str(r, KEY(price)).len ? offer_first_rate(r) : NULL;
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    int64_t id;
    enum offer_result result = OFFER_DONE;
    if (!form_refused(r))
        result = offer_create(a, &by, doc, rate, &id);
    // Another has that address: the next free name is as good.
    for (int n = 2; result == OFFER_TAKEN && n < 20; n++) {
        struct str slug = value_get_str(doc, KEY(slug));
        value_set_str(a, doc, KEY(slug),
            str_join(a, n == 2 ? slug : str_sub(slug, 0, slug.len - (n > 10 ? 3 : 2)), STR("-"),
                str_of_i64(a, n), STR_NULL));
        result = offer_create(a, &by, doc, rate, &id);
    }
    if (form_refused(r)) {
        show_new(r, u, places, doc);
        return;
    }
    if (result != OFFER_DONE) {
        offer_problem(r, result);
        return;
    }
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(id), str_of_i64(a, id));
    value_set_str(a, view, KEY(slug), value_get_str(doc, KEY(slug)));
    respond_done(r, 201, offer_path(r, str_of_i64(a, id), "?done=offer_created"), view);
}

static const struct route routes[] = {
    {HTTP_GET, "/manage/offers", PERMIT_OFFERS_READ, on_list, &form_list, 0, 0},
    {HTTP_GET, "/manage/offers/new", PERMIT_OFFERS_CHANGE, on_new, NULL, 0, 0},
    {HTTP_POST, "/manage/offers", PERMIT_OFFERS_CHANGE, on_create, &form_new, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/offers",
    .label = "office.nav.offers",
    .icon = "tag",
    .permission = PERMIT_OFFERS_READ,
    .rank = 40};

OFFICE_PAGE(routes, &nav)
