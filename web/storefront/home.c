// The front door: the next thing to book, what comes soon, everything on sale.
#include <stdlib.h>

#include "web/storefront/card.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"
#include "web/storefront/when.h"

enum { SOON_MAX = 4 };

// Cards with a free time, soonest first.
struct soonest {
    const struct catalogue_card *cards[CATALOGUE_CARDS_MAX];
    int count;
};

static int by_time(const void *a, const void *b)
{
    int64_t first = (*(const struct catalogue_card *const *)a)->soonest_us;
    int64_t second = (*(const struct catalogue_card *const *)b)->soonest_us;
    return (first > second) - (first < second);
}

static struct soonest soonest_of(const struct catalogue_cards *cards)
{
    struct soonest s = {.count = 0};
    for (int i = 0; i < cards->count; i++)
        if (cards->items[i].soonest_us)
            s.cards[s.count++] = &cards->items[i];
    qsort(s.cards, (size_t)s.count, sizeof *s.cards, by_time);
    return s;
}

static struct str day_url(struct request *r, const struct catalogue_card *card)
{
    struct date day = zone_date(r->site->zone, card->soonest_us);
    return str_join(
        r->arena, card_url(r, card->slug), STR("?date="), date_text(r->arena, day), STR_NULL);
}

static struct value *timed(
    struct request *r, int64_t now_us, const struct catalogue_card *card, enum when_form form)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(title), card->title);
    value_set_str(a, v, KEY(offer_url), day_url(r, card));
    value_set(a, v, KEY(at), when_value(r, now_us, card->soonest_us, form));
    value_set(a, v, KEY(from),
        card->soonest_minor > 0
            ? format_money_value(a, r->format, card->soonest_minor, r->site->currency)
            : NULL);
    return v;
}

static struct value *hero(struct request *r, int64_t now_us, const struct soonest *soonest)
{
    struct arena *a = r->arena;
    const struct site *s = r->site;
    struct value *v = value_object(a);
    struct str tagline = common_text(r, value_get(s->texts, KEY(tagline)));
    value_set_str(a, v, KEY(title), tagline.len ? tagline : s->name);
    value_set_str(a, v, KEY(intro), common_text(r, value_get(s->texts, KEY(intro))));
    value_set_str(a, v, KEY(image_url), common_picture(r, value_get_str(s->branding, KEY(hero))));
    struct str alt = common_text(r, value_get(s->branding, KEY(hero_alt)));
    value_set_str(a, v, KEY(image_alt), alt.p ? alt : STR(""));
    value_set(
        a, v, KEY(next), soonest->count ? timed(r, now_us, soonest->cards[0], WHEN_NEAR) : NULL);
    return v;
}

static struct value *soon(struct request *r, int64_t now_us, const struct soonest *soonest)
{
    struct arena *a = r->arena;
    if (!soonest->count)
        return NULL;
    struct value *v = value_object(a), *items = value_list(a);
    value_set(a, v, KEY(items), items);
    for (int i = 0; i < soonest->count && i < SOON_MAX; i++) {
        const struct catalogue_card *card = soonest->cards[i];
        struct value *item = timed(r, now_us, card, WHEN_FULL);
        value_set(a, item, KEY(places_left),
            card_few(r, card->exclusive, card->places_left, card->capacity));
        value_append(a, items, item);
    }
    return v;
}

void on_home(struct request *r)
{
    struct arena *a = r->arena;
    struct catalogue_reader who = common_reader(r);
    struct catalogue_filter all = {.limit = CATALOGUE_CARDS_MAX};
    struct unit *u = common_unit(r);
    int place = catalogue_add_cards(u, &who, &all);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct catalogue_cards cards = catalogue_take_cards(a, unit_rows(u, place));
    struct soonest soonest = soonest_of(&cards);
    struct value *view = common_view(r, STR_NULL), *offers = value_list(a);
    value_set(a, view, KEY(hero), hero(r, who.now_us, &soonest));
    value_set(a, view, KEY(soon), soon(r, who.now_us, &soonest));
    value_set(a, view, KEY(offers), offers);
    for (int i = 0; i < cards.count; i++)
        value_append(a, offers, card_value(r, who.now_us, &cards.items[i]));
    respond_page(r, 200, "storefront/home", view);
}
