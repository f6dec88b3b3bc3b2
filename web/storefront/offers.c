// Everything on sale, by category, date and words, page by page.
#include <stdlib.h>

#include "base/check.h"
#include "web/storefront/card.h"
#include "web/storefront/common.h"
#include "web/storefront/pages.h"
#include "web/storefront/when.h"

enum { PAGE_SIZE = 24, URL_MAX = 2048, DAYS_AHEAD_MAX = 730 };

static const char *const whens[] = {"today", "tomorrow", "weekend", NULL};

const struct form offers_form = FORM({.name = "category", .kind = FIELD_TEXT, .max = 80},
    {.name = "when", .kind = FIELD_CHOICE, .choices = whens}, {.name = "date", .kind = FIELD_DATE},
    {.name = "q", .kind = FIELD_TEXT, .max = 80}, {.name = "after", .kind = FIELD_TEXT, .max = 40});

// What was asked for. Absent parts don't narrow.
struct wish {
    struct catalogue_reader who;
    struct date today;
    const struct site_category *category;
    struct str when, q;
    struct date date;
    bool has_date;
    struct catalogue_filter filter;
};

// "4.96123": position and id of the last card of the page before.
static bool read_cursor(struct str after, struct catalogue_filter *filter)
{
    if (!after.len)
        return true;
    struct str position = str_cut(&after, '.');
    return after.p && str_to_i64(position, &filter->after_position) &&
           str_to_i64(after, &filter->after_id) && filter->after_id > 0 &&
           filter->after_position >= INT32_MIN && filter->after_position <= INT32_MAX;
}

static struct catalogue_time days(const struct wish *w, struct date first, int count)
{
    const struct zone *zone = w->who.site->zone;
    struct catalogue_time t = {
        zone_day_start(zone, first), zone_day_start(zone, date_add_days(first, count))};
    if (t.from_us < w->who.now_us)
        t.from_us = w->who.now_us;
    // A day that is over has nothing, and still narrows.
    if (t.to_us < t.from_us)
        t.to_us = t.from_us;
    return t;
}

static void read_time(struct wish *w)
{
    int weekday = date_weekday(w->today);
    if (w->has_date)
        w->filter.time = days(w, w->date, 1);
    else if (str_is(w->when, "today"))
        w->filter.time = days(w, w->today, 1);
    else if (str_is(w->when, "tomorrow"))
        w->filter.time = days(w, date_add_days(w->today, 1), 1);
    else if (str_is(w->when, "weekend") && weekday == 7)
        w->filter.time = days(w, w->today, 1);
    else if (str_is(w->when, "weekend"))
        w->filter.time = days(w, date_add_days(w->today, 6 - weekday), 2);
}

// False when there is no such page: 404.
static bool read_wish(struct request *r, struct wish *w)
{
    struct str category = form_str(r, KEY(category));
    *w = (struct wish){.who = common_reader(r),
        .when = form_str(r, KEY(when)),
        .q = form_str(r, KEY(q)),
        .filter = {.limit = PAGE_SIZE + 1}};
    w->today = zone_date(r->site->zone, w->who.now_us);
    w->has_date = date_parse(form_str(r, KEY(date)), &w->date) &&
                  abs(date_to_days(w->date) - date_to_days(w->today)) <= DAYS_AHEAD_MAX;
    if (w->has_date)
        w->when = STR_NULL;
    if (category.len) {
        w->category = site_category_by_slug(r->site, category);
        if (!w->category)
            return false;
        w->filter.category = w->category->id;
    }
    read_time(w);
    return read_cursor(form_str(r, KEY(after)), &w->filter);
}

static void add_part(struct buf *b, const char *name, struct str value)
{
    if (!value.len)
        return;
    buf_add_char(b, memchr(b->p, '?', b->len) ? '&' : '?');
    buf_add(b, str_of(name));
    buf_add_char(b, '=');
    buf_add_url(b, value);
}

static struct str date_of(struct request *r, const struct wish *w)
{
    return w->has_date ? date_text(r->arena, w->date) : STR_NULL;
}

// The list narrowed otherwise; what is absent isn't asked for.
static struct str list_url(
    struct request *r, struct str category, struct str when, struct str date, struct str q)
{
    struct buf b;
    buf_init(&b, r->arena, URL_MAX);
    buf_add(&b, request_url(r, STR("/offers")));
    add_part(&b, "category", category);
    add_part(&b, "when", when);
    add_part(&b, "date", date);
    add_part(&b, "q", q);
    check(!b.full);
    return buf_str(&b);
}

static struct value *add_choice(
    struct request *r, struct value *list, struct str slug, struct str label, struct str url)
{
    struct value *v = value_append_object(r->arena, list);
    value_set_str(r->arena, v, KEY(slug), slug);
    value_set_str(r->arena, v, KEY(label), label);
    value_set_str(r->arena, v, KEY(url), url);
    return v;
}

static struct value *categories(struct request *r, const struct wish *w)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str date = date_of(r, w);
    struct value *all = add_choice(r, list, STR("all"),
        message(a, r->words, STR("storefront.offers.any_category"), NULL),
        list_url(r, STR_NULL, w->when, date, w->q));
    value_set_bool(a, all, KEY(current), !w->category);
    for (int i = 0; i < r->site->category_count; i++) {
        const struct site_category *c = &r->site->categories[i];
        struct value *v = add_choice(
            r, list, c->slug, common_text(r, c->name), list_url(r, c->slug, w->when, date, w->q));
        value_set_bool(a, v, KEY(current), c == w->category);
    }
    return list;
}

static struct value *times(struct request *r, const struct wish *w)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str category = w->category ? w->category->slug : STR_NULL;
    struct value *any = add_choice(r, list, STR("any"),
        message(a, r->words, STR("storefront.offers.any_time"), NULL),
        list_url(r, category, STR_NULL, STR_NULL, w->q));
    value_set_bool(a, any, KEY(current), !w->when.len && !w->has_date);
    for (int i = 0; whens[i]; i++) {
        struct str when = str_of(whens[i]);
        struct str key = str_join(a, STR("storefront.offers.when_"), when, STR_NULL);
        struct value *v = add_choice(r, list, when, message(a, r->words, key, NULL),
            list_url(r, category, when, STR_NULL, w->q));
        value_set_bool(a, v, KEY(current), str_eq(when, w->when));
    }
    if (w->has_date) {
        struct str date = date_of(r, w);
        struct value *v = add_choice(r, list, date, when_day(r, w->who.now_us, w->date),
            list_url(r, category, STR_NULL, date, w->q));
        value_set_bool(a, v, KEY(current), true);
    }
    return list;
}

// What the search form sends along.
static struct value *kept(struct request *r, const struct wish *w)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    const struct {
        const char *name;
        struct str value;
    } parts[] = {{"category", w->category ? w->category->slug : STR_NULL}, {"when", w->when},
        {"date", date_of(r, w)}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value.len) {
            struct value *v = value_append_object(a, list);
            value_set_str(a, v, KEY(name), str_of(parts[i].name));
            value_set_str(a, v, KEY(value), parts[i].value);
        }
    return list;
}

static void add_items(struct request *r, const struct wish *w, const struct catalogue_cards *cards,
    struct value *view)
{
    struct arena *a = r->arena;
    struct value *items = value_list(a);
    int shown = cards->count < PAGE_SIZE ? cards->count : PAGE_SIZE;
    value_set_int(a, view, KEY(total), cards->total);
    value_set(a, view, KEY(items), items);
    for (int i = 0; i < shown; i++)
        value_append(a, items, card_value(r, w->who.now_us, &cards->items[i]));
    value_set(a, view, KEY(next), NULL);
    value_set(a, view, KEY(next_url), NULL);
    if (cards->count <= PAGE_SIZE)
        return;
    const struct catalogue_card *last = &cards->items[shown - 1];
    struct str cursor = str_format(a, "%lld.%lld", (long long)last->position, (long long)last->id);
    struct buf b;
    buf_init(&b, a, URL_MAX);
    buf_add(
        &b, list_url(r, w->category ? w->category->slug : STR_NULL, w->when, date_of(r, w), w->q));
    add_part(&b, "after", cursor);
    value_set_str(a, view, KEY(next), cursor);
    value_set_str(a, view, KEY(next_url), buf_str(&b));
}

// Words are looked for first: offers of a site are few, and their texts are in every language.
static bool read_cards(struct request *r, struct wish *w, struct catalogue_cards *cards)
{
    struct arena *a = r->arena;
    if (w->q.len) {
        struct unit *u = common_unit(r);
        int place = catalogue_add_titles(u, &w->who);
        if (unit_run(u) != DB_OK)
            return false;
        struct catalogue_ids found = catalogue_take_matches(a, unit_rows(u, place), w->q);
        w->filter.ids = found.ids;
        w->filter.id_count = found.count;
    }
    struct unit *u = common_unit(r);
    int place = catalogue_add_cards(u, &w->who, &w->filter);
    if (unit_run(u) != DB_OK)
        return false;
    *cards = catalogue_take_cards(a, unit_rows(u, place));
    return true;
}

void on_offers(struct request *r)
{
    struct arena *a = r->arena;
    struct wish w;
    struct catalogue_cards cards;
    if (!read_wish(r, &w)) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    if (!read_cards(r, &w, &cards)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = common_view(r, w.category ? w.category->slug : STR_NULL);
    value_set_str(a, view, KEY(heading),
        w.category ? common_text(r, w.category->name)
                   : message(a, r->words, STR("storefront.offers.title"), NULL));
    value_set(a, view, KEY(categories), categories(r, &w));
    value_set(a, view, KEY(when), times(r, &w));
    value_set_str(a, view, KEY(search_url), request_url(r, STR("/offers")));
    value_set_str(a, view, KEY(q), w.q.p ? w.q : STR(""));
    value_set(a, view, KEY(kept), kept(r, &w));
    add_items(r, &w, &cards, view);
    if (form_refused(r))
        common_refused(r, "storefront/offers", view);
    else
        respond_page(r, 200, "storefront/offers", view);
}
