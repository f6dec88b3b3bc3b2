#include "web/storefront/common.h"

#include "base/clock.h"
#include "http/asset.h"
#include "web/picture.h"
#include "web/storefront/common.sql.h"
#include "web/storefront/pages.h"

const char *const common_pages[] = {"notice", "terms", "privacy", NULL};

struct common {
    bool asked;        // the basket is known, or in a unit
    struct unit *unit; // NULL once the summary was taken from it
    int basket;
    int64_t places, hold_until_us;
    struct str category;
};

static struct common *common_of(struct request *r)
{
    if (!r->common)
        r->common = arena_new_object(r->arena, struct common);
    return r->common;
}

struct unit *common_unit(struct request *r)
{
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    struct common *c = common_of(r);
    if (!r->session.id || c->asked)
        return u;
    c->asked = true;
    c->unit = u;
    c->basket = unit_add(
        u, &SQL_common_basket, db_i64(r->arena, r->site->tenant), db_i64(r->arena, r->session.id));
    return u;
}

struct catalogue_reader common_reader(struct request *r)
{
    return (struct catalogue_reader){r->site, r->language, clock_now_us()};
}

void common_set_basket(struct request *r, const struct order *o)
{
    struct common *c = common_of(r);
    c->asked = true;
    c->unit = NULL;
    c->places = 0;
    for (int i = 0; o && i < o->count; i++)
        c->places += o->lines[i].quantity;
    c->hold_until_us = o ? o->hold_until_us : 0;
}

static void take_basket(struct common *c)
{
    const struct rows *rows = unit_rows(c->unit, c->basket);
    c->unit = NULL;
    if (!rows->count)
        return;
    c->places = rows_i64_or(rows, 0, KEY(places), 0);
    c->hold_until_us = rows_us(rows, 0, KEY(hold_until));
}

// Pages that read nothing else: their own small unit. Without an answer there is no summary.
static void read_basket(struct request *r)
{
    struct unit *u = common_unit(r);
    if (unit_run(u) != DB_OK)
        common_of(r)->unit = NULL;
}

static void add_basket(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct common *c = common_of(r);
    if (r->session.id && !c->asked)
        read_basket(r);
    if (c->unit)
        take_basket(c);
    value_set(a, view, KEY(basket), NULL);
    if (!c->places)
        return;
    struct value *basket = value_object(a);
    int64_t left = (c->hold_until_us - clock_now_us()) / US_PER_SECOND;
    value_set(a, view, KEY(basket), basket);
    value_set_int(a, basket, KEY(count), c->places);
    value_set_str(a, basket, KEY(url), request_url(r, STR("/basket")));
    value_set_str(a, basket, KEY(until), instant_text(a, r->site->zone, c->hold_until_us));
    value_set_int(a, basket, KEY(seconds_left), left > 0 ? left : 0);
}

static struct str category_url(struct request *r, const struct site_category *c)
{
    return str_join(r->arena, request_url(r, STR("/offers")), STR("?category="), c->slug, STR_NULL);
}

static void add_page(struct request *r, struct value *list, struct str label, struct str path)
{
    struct value *item = value_append_object(r->arena, list);
    value_set_str(r->arena, item, KEY(label), label);
    value_set_str(r->arena, item, KEY(page_url), request_url(r, path));
    value_set_bool(r->arena, item, KEY(current), str_eq(r->path, path));
}

// Help and the legal pages that the venue has written, for the footer.
static void add_pages(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    const struct value *written = value_get(r->site->settings, KEY(pages));
    struct value *list = value_list(a);
    add_page(r, list, message(a, r->words, STR("storefront.help.title"), NULL), STR("/help"));
    for (int i = 0; common_pages[i]; i++) {
        struct str name = str_of(common_pages[i]);
        if (value_get_int(written, value_key_intern(name), 0) <= 0)
            continue;
        add_page(r, list,
            message(a, r->words, STR("storefront.legal.title"), "page", value_str(a, name), NULL),
            str_join(a, STR("/legal/"), name, STR_NULL));
    }
    value_set(a, view, KEY(pages), list);
    value_set_bool(a, view, KEY(has_pages), value_count(list) > 0);
}

// The way to the account, while the site has any.
static void add_account(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool in = r->session.person != 0;
    value_set(a, view, KEY(member), r->site->login == SITE_LOGIN_NONE ? NULL : v);
    value_set_str(
        a, v, KEY(member_url), request_url(r, in ? STR("/account") : STR("/account/login")));
    value_set_str(a, v, KEY(leave_url), request_url(r, STR("/account/leave")));
    value_set_str(a, v, KEY(member_name), in ? r->session.name : STR_NULL);
}

static void on_view(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *nav = value_list(a);
    struct str current = common_of(r)->category;
    if (!r->site)
        return;
    value_set(a, view, KEY(nav), nav);
    for (int i = 0; i < r->site->category_count; i++) {
        const struct site_category *c = &r->site->categories[i];
        struct value *item = value_append_object(a, nav);
        value_set_str(a, item, KEY(label), common_text(r, c->name));
        value_set_str(a, item, KEY(url), category_url(r, c));
        value_set_bool(a, item, KEY(current), str_eq(c->slug, current));
    }
    add_pages(r, view);
    add_account(r, view);
    add_basket(r, view);
}

struct value *common_view(struct request *r, struct str category)
{
    common_of(r)->category = category;
    return page_view(r);
}

struct value *common_category(struct request *r, int64_t id)
{
    struct arena *a = r->arena;
    const struct site_category *c = site_category_by_id(r->site, id);
    if (!c)
        return NULL;
    struct value *v = value_object(a);
    value_set_str(a, v, KEY(slug), c->slug);
    value_set_str(a, v, KEY(name), common_text(r, c->name));
    value_set_str(a, v, KEY(category_url), category_url(r, c));
    return v;
}

struct str common_picture(struct request *r, struct str art)
{
    struct str url = picture_url(r, art, PICTURE_MIDDLE);
    return url.p ? url
                 : picture_url(r, str_join(r->arena, r->site->kind, STR("/hero.svg"), STR_NULL),
                       PICTURE_MIDDLE);
}

struct str common_text(const struct request *r, const struct value *texts)
{
    return site_text_in(r->site, texts, r->language);
}

void common_refused(struct request *r, const char *template_name, struct value *view)
{
    struct arena *a = r->arena;
    struct value *notices = value_list(a);
    for (size_t i = 0; i < value_count(r->errors); i++) {
        struct value *notice = value_append_object(a, notices);
        value_set_str(a, notice, KEY(kind), STR("error"));
        value_set_str(a, notice, KEY(text), value_get_str(value_at(r->errors, i), KEY(text)));
    }
    value_set(a, view, KEY(notices), notices);
    respond_invalid(r, template_name, view);
}

void common_start(void)
{
    page_on_view(SURFACE_STOREFRONT, on_view);
}
