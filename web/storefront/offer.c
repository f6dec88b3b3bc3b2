// One offer: its story and prices, the booking panel, what else there is.
#include "base/id.h"
#include "web/storefront/booking.h"
#include "web/storefront/card.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"
#include "web/storefront/storefront.h"
#include "web/storefront/story.h"

enum { RELATED_MAX = 3 };

static const char *const views[] = {"list", NULL};
static const char *const parts[] = {"booking", NULL};

const struct form offer_form =
    FORM({.name = "date", .kind = FIELD_DATE}, {.name = "slot", .kind = FIELD_TEXT, .max = 20},
        {.name = "view", .kind = FIELD_CHOICE, .choices = views},
        {.name = "from", .kind = FIELD_DATE}, {.name = "month", .kind = FIELD_TEXT, .max = 7},
        {.name = "part", .kind = FIELD_CHOICE, .choices = parts});

struct page {
    struct booking booking;
    struct catalogue_offer *offer;
    struct catalogue_cards related;
    bool is_part; // the booking panel alone
};

enum reading { READ, NOT_THERE, NO_ANSWER };

// A link to a slot without its day: the slot knows.
static bool find_day(struct request *r, struct booking *b)
{
    if (!b->slot || b->has_day || b->as_list)
        return true;
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int place = catalogue_add_slot_start(u, b->slug, b->slot);
    if (unit_run(u) != DB_OK)
        return false;
    int64_t at = catalogue_take_start(unit_rows(u, place));
    if (at) {
        b->day = zone_date(r->site->zone, at);
        b->has_day = b->day_is_known = true;
    }
    return true;
}

// What the first unit showed to be missing: why nothing is free, or the days of a later strip.
static bool read_rest(struct request *r, struct page *p, bool again)
{
    struct booking *b = &p->booking;
    struct unit *u = common_unit(r);
    int shut = catalogue_add_shut(u, &b->who, b->slug);
    if (again)
        booking_add(u, b);
    if (unit_run(u) != DB_OK)
        return false;
    if (!p->offer->card.soonest_us)
        catalogue_take_shut(p->offer, &b->who, unit_rows(u, shut));
    if (again)
        booking_take(u, p->offer, b);
    return true;
}

static enum reading read_page(struct request *r, struct page *p)
{
    struct booking *b = &p->booking;
    if (!find_day(r, b))
        return NO_ANSWER;
    struct unit *u = common_unit(r);
    struct catalogue_offer_places offer = catalogue_add_offer(u, &b->who, b->slug);
    struct catalogue_filter near = {.near = b->slug, .limit = RELATED_MAX + 1};
    int related = p->is_part ? -1 : catalogue_add_cards(u, &b->who, &near);
    booking_add(u, b);
    if (unit_run(u) != DB_OK)
        return NO_ANSWER;
    p->offer = catalogue_take_offer(r->arena, u, offer);
    if (!p->offer)
        return NOT_THERE;
    if (related >= 0)
        p->related = catalogue_take_cards(r->arena, unit_rows(u, related));
    bool again = !booking_take(u, p->offer, b);
    if ((again || !p->offer->card.soonest_us) && !read_rest(r, p, again))
        return NO_ANSWER;
    return READ;
}

static struct value *related(struct request *r, const struct page *p)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *items = value_list(a);
    value_set(a, v, KEY(items), items);
    for (int i = 0; i < p->related.count && value_count(items) < RELATED_MAX; i++)
        if (p->related.items[i].id != p->offer->card.id)
            value_append(a, items, card_value(r, p->booking.who.now_us, &p->related.items[i]));
    return value_count(items) ? v : NULL;
}

static struct value *view_of(struct request *r, const struct page *p)
{
    struct arena *a = r->arena;
    const struct site_category *c = site_category_by_id(r->site, p->offer->card.category);
    struct value *view = common_view(r, c ? c->slug : STR_NULL);
    // A page that everybody sees has none; scripts put one in.
    value_set(a, view, KEY(idempotency_key), r->session.id ? value_str(a, id_token(a)) : NULL);
    value_set(a, view, KEY(booking), booking_value(r, &p->booking));
    if (p->is_part)
        return view;
    value_set(a, view, KEY(offer), story_value(r, p->offer, p->booking.who.now_us));
    value_set(a, view, KEY(related), related(r, p));
    return view;
}

// Its cookie is one reader's: no proxy may keep the page with it.
static void begin_visit(struct request *r, const struct booking *b)
{
    if (r->wants_json || r->session.id || !booking_chosen(b))
        return;
    r->response.begins_visit = true;
    respond_header(r, "cache-control", STR("private, no-cache"));
}

void offer_page(struct request *r, struct str slug, int status)
{
    struct page p = {.is_part = str_is(form_str(r, KEY(part)), "booking")};
    const char *name = p.is_part ? "storefront/booking" : "storefront/offer";
    booking_ask(r, slug, &p.booking);
    switch (read_page(r, &p)) {
    case NOT_THERE:
        respond_problem(r, PROBLEM_NOT_FOUND);
        break;
    case NO_ANSWER:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    case READ:
        begin_visit(r, &p.booking);
        if (status != 200 && (r->wants_json || r->sent_json))
            respond_problem(r, status == 409   ? PROBLEM_CONFLICT
                               : status == 429 ? PROBLEM_TOO_MANY
                                               : PROBLEM_INVALID);
        else if (status == 200 && form_refused(r))
            common_refused(r, name, view_of(r, &p));
        else
            respond_page(r, status, name, view_of(r, &p));
        break;
    }
}

void on_offer(struct request *r)
{
    offer_page(r, r->params[0], 200);
}
