// An offer as customers would see it, before it is on sale and before it is saved.
#include "base/clock.h"
#include "http/respond.h"
#include "web/office/offers/offer_page.h"
#include "web/office/offers/preview.sql.h"
#include "web/storefront/common.h"
#include "web/storefront/story.h"

enum { RESOURCES_MAX = 100 };

static struct str text_of(struct request *r, const struct value *doc, value_key key)
{
    return site_text_in(r->site, value_get(doc, key), r->language);
}

static struct str resource_codes(struct request *r, const struct value *doc)
{
    struct str codes[RESOURCES_MAX];
    const struct value *list = value_get(doc, KEY(resources));
    size_t count = 0;
    for (; count < value_count(list) && count < RESOURCES_MAX; count++)
        codes[count] = value_as_str(value_at(list, count));
    return db_str_array(r->arena, codes, count);
}

static void take_rates(struct request *r, struct catalogue_offer *o, const struct rows *rows)
{
    struct arena *a = r->arena;
    o->rates = arena_new_array(a, struct catalogue_rate, (size_t)rows->count + 1);
    o->card.from_minor = -1;
    for (int i = 0; i < rows->count; i++) {
        int64_t price = rows_i64(rows, i, KEY(price_minor));
        struct str note = site_text_in(r->site, rows_json(a, rows, i, KEY(note)), r->language);
        o->rates[o->rate_count++] = (struct catalogue_rate){.code = rows_str(rows, i, KEY(code)),
            .name = site_text_in(r->site, rows_json(a, rows, i, KEY(name)), r->language),
            .note = note.len ? note : STR_NULL,
            .price_minor = price};
        if (o->card.from_minor < 0 || price < o->card.from_minor)
            o->card.from_minor = price;
    }
}

static struct catalogue_offer offer_of(
    struct request *r, const struct offer *offer, const struct value *doc, const struct rows *names)
{
    struct arena *a = r->arena;
    struct catalogue_offer o = {.card = {.id = offer->id,
                                    .slug = value_get_str(doc, KEY(slug)),
                                    .kind = value_get_str(doc, KEY(kind)),
                                    .title = text_of(r, doc, KEY(title)),
                                    .line = text_of(r, doc, KEY(line)),
                                    .image = offer->image,
                                    .image_alt = text_of(r, doc, KEY(image_alt)),
                                    .exclusive = value_get_bool(doc, KEY(exclusive), false)},
        .description = text_of(r, doc, KEY(description)),
        .duration_min = value_get_int(doc, KEY(duration_min), 0),
        .capacity = value_get_int(doc, KEY(capacity), 0)};
    if (!o.description.p)
        o.description = STR("");
    if (!names->count)
        return o;
    o.card.category = rows_i64_or(names, 0, KEY(category_id), 0);
    o.place = rows_str(names, 0, KEY(place));
    o.tax_name = site_text_in(r->site, rows_json(a, names, 0, KEY(tax_name)), r->language);
    o.tax_ppm = rows_i64(names, 0, KEY(rate_ppm));
    o.tax_included = rows_bool(names, 0, KEY(included));
    return o;
}

void offer_preview(struct request *r, const struct offer *offer, const struct value *doc)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int names = unit_add(u, &SQL_office_preview_names, tenant, value_get_str(doc, KEY(category)),
        value_get_str(doc, KEY(tax)), resource_codes(r, doc));
    int rates = unit_add(u, &SQL_office_preview_rates, tenant, db_i64(a, offer->id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct catalogue_offer o = offer_of(r, offer, doc, unit_rows(u, names));
    take_rates(r, &o, unit_rows(u, rates));
    struct str back = request_url(r, offer_path(r, str_of_i64(a, offer->id), ""));
    bool draft = !str_is(offer->state, "published");
    // From here on it is a page of the storefront, in its frame.
    r->surface = SURFACE_STOREFRONT;
    struct value *view = common_view(r, STR_NULL);
    value_set_str(a, view, KEY(back_url), back);
    value_set_bool(a, view, KEY(draft), draft);
    value_set(a, view, KEY(offer), story_value(r, &o, clock_now_us()));
    respond_page(r, 200, "office/offers/preview", view);
}
