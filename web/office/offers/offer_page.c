#include "web/office/offers/offer_page.h"

#include "base/text.h"
#include "http/respond.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"
#include "web/office/offers/offer_page.sql.h"
#include "web/office/schedule/effect.h"
#include "web/picture.h"

struct str offer_path(const struct request *r, struct str id, const char *tail)
{
    return str_join(r->arena, STR("/manage/offers/"), id, str_of(tail), STR_NULL);
}

bool offer_may_change(const struct request *r)
{
    return role_has(role_of(r->session.role), PERMIT_OFFERS_CHANGE);
}

struct str offer_title(const struct request *r, const struct offer *offer)
{
    return site_text_in(r->site, value_get(offer->doc, KEY(title)), r->language);
}

int64_t offer_id_of_route(const struct request *r)
{
    int64_t id;
    return str_to_i64(r->params[0], &id) ? id : 0;
}

int offer_history_add(struct request *r, struct unit *u, bool prices_only)
{
    return unit_add(u, &SQL_office_offer_history, db_i64(r->arena, r->site->tenant),
        db_i64(r->arena, offer_id_of_route(r)), db_bool(prices_only), office_history_from(r));
}

static struct str price_of_entry(
    struct request *r, const void *of, const struct rows *history, int i)
{
    (void)of;
    return site_text_in(r->site, rows_json(r->arena, history, i, KEY(part)), r->language);
}

void offer_history_view(
    struct request *r, struct value *view, const struct rows *rows, const struct value *names)
{
    office_history_view_with(
        r, view, rows, &(struct history_words){.names = names, .object = price_of_entry});
}

bool offer_of_route(struct request *r, struct unit *u, struct offer *out)
{
    int place = offer_add(u, offer_id_of_route(r));
    if (unit_run(u) != DB_OK)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else if (!offer_take(r->arena, unit_rows(u, place), out))
        respond_problem(r, PROBLEM_NOT_FOUND);
    else
        return true;
    return false;
}

static void add_urls(struct request *r, struct value *v, const struct offer *offer)
{
    static const struct {
        const char *name, *tail;
    } urls[] = {{"save_url", ""}, {"publish_url", "/publish"}, {"unpublish_url", "/unpublish"},
        {"archive_url", "/archive"}, {"restore_url", "/restore"}, {"delete_url", "/delete"},
        {"preview_url", "/preview"}, {"picture_page_url", "/picture"},
        {"picture_remove_url", "/picture/remove"}, {"rates_url", "/rates"}};
    struct str id = str_of_i64(r->arena, offer->id);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        value_set_str(r->arena, v, value_key_intern(str_of(urls[i].name)),
            request_url(r, offer_path(r, id, urls[i].tail)));
    value_set_str(r->arena, v, KEY(public_url),
        request_url(r,
            str_join(r->arena, STR("/offers/"), value_get_str(offer->doc, KEY(slug)), STR_NULL)));
}

// Undo of the last step, where there is one.
static void add_done(struct request *r, struct value *view, const struct offer *offer)
{
    struct str done = form_str(r, KEY(done)), id = str_of_i64(r->arena, offer->id);
    struct value *notice = schedule_done(r, view, offer_title(r, offer));
    if (!notice || !offer_may_change(r))
        return;
    const char *way_back = str_is(done, "offer_archived")      ? "/restore"
                           : str_is(done, "offer_published")   ? "/unpublish"
                           : str_is(done, "offer_unpublished") ? "/publish"
                                                               : NULL;
    if (way_back)
        office_notice_undo(r, notice, offer_path(r, id, way_back));
}

void offer_view(struct request *r, struct value *view, const struct offer *offer)
{
    struct arena *a = r->arena;
    struct value *v = value_copy(a, offer->doc);
    struct str id = str_of_i64(a, offer->id);
    value_set(a, view, KEY(offer), v);
    value_set_str(a, v, KEY(id), id);
    value_set_int(a, v, KEY(version), offer->version);
    value_set_str(a, v, KEY(state), offer->state);
    value_set_bool(a, v, KEY(sample), offer->sample);
    value_set_int(a, v, KEY(rate_count), offer->rate_count);
    value_set_str(a, v, KEY(picture_url), picture_url(r, offer->image, PICTURE_MIDDLE));
    if (r->wants_json)
        return;
    value_set_bool(a, v, KEY(is_draft), str_is(offer->state, "draft"));
    value_set_bool(a, v, KEY(is_published), str_is(offer->state, "published"));
    value_set_bool(a, v, KEY(is_archived), str_is(offer->state, "archived"));
    value_set_bool(a, v, KEY(lacks_rates), offer->rate_count == 0);
    value_set_bool(a, view, KEY(may_change), offer_may_change(r));
    add_urls(r, v, offer);
    office_object_view(r, view,
        &(struct office_object){offer_title(r, offer), "/manage/offers", "office.nav.offers"});
    office_tab_add(r, view, "office.offer.tab.details", offer_path(r, id, ""));
    office_tab_add(r, view, "office.offer.tab.rates", offer_path(r, id, "/rates"));
    office_tab_add(r, view, "office.offer.tab.picture", offer_path(r, id, "/picture"));
    add_done(r, view, offer);
}

void offer_problem(struct request *r, enum offer_result result)
{
    switch (result) {
    case OFFER_CHANGED:
    case OFFER_TAKEN:
    case OFFER_GONE:
    case OFFER_BUSY:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case OFFER_IN_USE:
        respond_problem_code(r, PROBLEM_CONFLICT, "offer_in_use");
        return;
    case OFFER_INCOMPLETE:
        respond_problem_code(r, PROBLEM_CONFLICT, "offer_incomplete");
        return;
    case OFFER_RESOURCE_ARCHIVED:
        respond_problem_code(r, PROBLEM_CONFLICT, "offer_resource_archived");
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

void offer_new_view(struct request *r, struct value *view, const struct value *doc,
    const struct offer_choices *choices)
{
    struct arena *a = r->arena;
    struct value *all = value_object(a), *fields = value_list(a);
    struct str main = r->site->languages[0];
    offer_form_view(r, all, doc, choices);
    // Of the whole form what a first version needs; the rest has good values.
    const struct value *basics = value_get(value_at(value_get(all, KEY(sets)), 0), KEY(fields));
    const struct value *time = value_get(value_at(value_get(all, KEY(sets)), 1), KEY(fields));
    const struct value *texts = value_get(value_at(value_get(all, KEY(texts)), 0), KEY(fields));
    value_append(a, fields, value_at(texts, 0));
    for (size_t i = 0; i < 3; i++)
        value_append(a, fields, value_at(basics, i));
    value_append(a, fields, value_at(time, 0));
    value_append(a, fields, value_at(time, 2));
    office_field_add(r, fields,
        &(struct office_field){.id = "rate_name",
            .label = "office.offer.first_rate",
            .language = main,
            .len_max = 80,
            .value = message(a, r->words, STR("office.offer.first_rate.default"), NULL)});
    office_field_add(r, fields,
        &(struct office_field){.id = "price",
            .label = "office.offer.price",
            .kind = OFFICE_AMOUNT,
            .end = str_of(r->site->currency.code)});
    value_set(a, view, KEY(fields), fields);
}

struct value *offer_first_rate(struct request *r)
{
    struct arena *a = r->arena;
    int64_t minor;
    struct value *rate = value_object(a), *name = value_object(a);
    struct str typed = form_str(r, KEY(rate_name));
    struct str code = text_slug(a, typed);
    if (!format_read_amount(r->format, form_str(r, KEY(price)), r->site->currency, &minor) ||
        minor > OFFER_PRICE_MAX) {
        form_refuse_text(r, "price", "amount",
            message(a, r->words, STR("office.setting.amount"), "example",
                value_str(a, format_amount(a, r->format, 1250, r->site->currency)), NULL));
        return NULL;
    }
    if (!typed.len)
        typed = message(a, r->words, STR("office.offer.first_rate.default"), NULL);
    value_set_str(a, name, value_key_intern(r->site->languages[0]), typed);
    value_set_str(a, rate, KEY(code), code.len ? code : STR("standard"));
    value_set(a, rate, KEY(name), name);
    value_set(a, rate, KEY(note), value_object(a));
    value_set_int(a, rate, KEY(price_minor), minor);
    value_set_bool(a, rate, KEY(archived), false);
    return rate;
}
