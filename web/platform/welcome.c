// What the owner sees after signing up. The link is signed and ends after a day: it shows the
// owner's address.
#include "base/clock.h"
#include "base/zone.h"
#include "data/db.h"
#include "data/seal.h"
#include "http/respond.h"
#include "web/platform/platform.h"
#include "web/platform/signup.sql.h"

static struct str signed_words(struct arena *a, struct str slug, int64_t until_s)
{
    return str_join(a, slug, STR(" "), str_of_i64(a, until_s), STR_NULL);
}

struct str platform_welcome_path(struct request *r, struct str slug)
{
    struct arena *a = r->arena;
    int64_t until_s = (clock_now_us() + US_PER_DAY) / US_PER_SECOND;
    struct str key = seal_sign(a, STR("welcome"), signed_words(a, slug, until_s));
    return str_join(a, STR("/welcome?site="), slug, STR("&until="), str_of_i64(a, until_s),
        STR("&key="), key, STR_NULL);
}

static bool is_signed(struct request *r)
{
    int64_t until_s = form_int(r, KEY(until), 0);
    struct str words = signed_words(r->arena, form_str(r, KEY(site)), until_s);
    return until_s > clock_now_us() / US_PER_SECOND &&
           seal_verify(STR("welcome"), words, form_str(r, KEY(key)));
}

static bool add_owner(struct request *r, struct value *venue, int64_t tenant)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, tenant);
    int owner = unit_add(u, &SQL_welcome_owner, db_i64(a, tenant));
    int offers = unit_add(u, &SQL_welcome_offers, db_i64(a, tenant));
    if (unit_run(u) != DB_OK || !unit_rows(u, owner)->count)
        return false;
    value_set_str(a, venue, KEY(email), rows_str(unit_rows(u, owner), 0, KEY(email)));
    value_set_int(a, venue, KEY(offer_count), rows_i64(unit_rows(u, offers), 0, KEY(offer_count)));
    return true;
}

static void on_welcome(struct request *r)
{
    struct arena *a = r->arena;
    struct site *site;
    if (!is_signed(r) || site_acquire(form_str(r, KEY(site)), &site) != SITE_FOUND) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    }
    struct value *view = page_view(r), *venue = value_object(a);
    struct str slug = form_str(r, KEY(site));
    value_set(a, view, KEY(venue), venue);
    value_set_str(a, venue, KEY(name), str_dup(a, site->name));
    value_set_str(a, venue, KEY(host), platform_site_host(r, slug));
    value_set_str(a, venue, KEY(home_url), platform_site_url(r, slug, "/"));
    value_set_str(a, venue, KEY(manage_url), platform_site_url(r, slug, "/manage/login"));
    value_set_str(
        a, venue, KEY(image_url), platform_picture(r, value_get_str(site->branding, KEY(hero))));
    int64_t tenant = site->tenant;
    site_release(site);
    if (add_owner(r, venue, tenant))
        respond_page(r, 200, "platform/welcome", view);
    else
        respond_problem(r, PROBLEM_UNAVAILABLE);
}

static const struct form form_welcome = FORM({"site", FIELD_TEXT, .max = 63},
    {"until", FIELD_INT, .max = 99999999999}, {"key", FIELD_TEXT, .max = 64});

static const struct route routes[] = {
    {HTTP_GET, "/welcome", PERMIT_PUBLIC, on_welcome, &form_welcome, 0, 0},
};

void platform_welcome_start(void)
{
    routes_add(SURFACE_PLATFORM, routes, sizeof routes / sizeof *routes);
}
