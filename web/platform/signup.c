// Signing up (P1): one form, and the storefront is online. Whatever is wrong stands beside its
// field. Sending it twice makes one site: the second finds it with the same owner and password.
#include "base/region.h"
#include "base/text.h"
#include "base/zone.h"
#include "data/attempt.h"
#include "data/db.h"
#include "domain/blueprint.h"
#include "domain/staff.h"
#include "http/respond.h"
#include "io/fiber.h"
#include "web/office/settings/password.h"
#include "web/platform/platform.h"
#include "web/platform/signup.sql.h"
#include "web/platform/signup_address.h"

enum { SIGNUPS_AN_HOUR = 30, HOUR_MS = 3600 * 1000, CREATING_WAIT_MS = 8000, NAME_MAX_CHARS = 80 };

static struct value *signup_view(struct request *r, struct str kind)
{
    struct arena *a = r->arena;
    const struct platform_kind *kinds;
    struct str first = platform_kinds(&kinds) ? kinds[0].name : STR("");
    // The summary's link leads to the first of the radio buttons.
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_is(value_get_str(value_at(r->errors, i), KEY(field)), "kind"))
            value_set_str(
                a, value_at(r->errors, i), KEY(id), str_join(a, STR("kind-"), first, STR_NULL));
    struct value *view = page_view(r);
    value_set_str(a, view, KEY(action), request_url(r, STR("/signup")));
    value_set_str(a, view, KEY(idempotency_key), STR_NULL);
    value_set(a, view, KEY(kinds), platform_kind_list(r, kind));
    return view;
}

static void on_form(struct request *r)
{
    respond_page(r, 200, "platform/signup", signup_view(r, form_str(r, KEY(kind))));
}

static void check_kind(struct request *r)
{
    if (!platform_kind_find(form_str(r, KEY(kind))))
        form_refuse_text(r, "kind", "choice",
            message(r->arena, r->words, STR("platform.signup.kind_missing"), NULL));
}

static void check_strength(struct request *r)
{
    struct str email = form_str(r, KEY(email)), password = form_str(r, KEY(password));
    struct str rest = email;
    const struct str related[] = {str_cut(&rest, '@'), form_str(r, KEY(slug)),
        form_str(r, KEY(venue_name)), text_slug(r->arena, form_str(r, KEY(venue_name)))};
    if (password.len)
        password_refuse(r, "password", password_fault(r->arena, password, related, 4));
}

enum repeat { REPEAT_OURS, REPEAT_FOREIGN, REPEAT_GONE, REPEAT_UNKNOWN };

// Whether the site of that address is the one this very form has made, or is making.
static enum repeat find_repeat(struct request *r, struct str slug)
{
    struct arena *a = r->arena;
    int64_t wait_s;
    for (int waited = 0; waited < CREATING_WAIT_MS; waited += 100) {
        struct unit *u = unit_new(a, DB_PLATFORM, 0);
        int place = unit_add(u, &SQL_signup_site, slug);
        if (unit_run(u) != DB_OK)
            return REPEAT_UNKNOWN;
        const struct rows *site = unit_rows(u, place);
        if (!site->count)
            return REPEAT_GONE;
        if (str_is(rows_str(site, 0, KEY(state)), "creating")) {
            fiber_sleep(100);
            continue;
        }
        struct staff who;
        struct staff_login login = {rows_i64(site, 0, KEY(tenant_id)), form_str(r, KEY(email)),
            form_str(r, KEY(password)), r->remote};
        return staff_login(a, &login, &who, &wait_s) == STAFF_LOGGED_IN ? REPEAT_OURS
                                                                        : REPEAT_FOREIGN;
    }
    return REPEAT_FOREIGN;
}

static void welcome(struct request *r, struct str slug, int status)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a), *site = value_object(a);
    value_set(a, view, KEY(site), site);
    value_set_str(a, site, KEY(slug), slug);
    value_set_str(a, site, KEY(name), form_str(r, KEY(venue_name)));
    value_set_str(a, site, KEY(home_url), platform_site_url(r, slug, "/"));
    value_set_str(a, site, KEY(manage_url), platform_site_url(r, slug, "/manage"));
    respond_done(r, status, platform_welcome_path(r, slug), view);
}

static void refuse(struct request *r)
{
    form_sort_errors(r);
    respond_invalid(r, "platform/signup", signup_view(r, form_str(r, KEY(kind))));
}

// The asked language first: of the page, or of the browser where the page had none.
static struct value *languages_of(struct request *r)
{
    static const struct str offered[] = {{"en", 2}, {"fr", 2}, {"es", 2}};
    struct value *list = value_list(r->arena);
    int first = region_language(r->accept_language, offered, 3);
    struct str asked = r->language_prefixed ? r->language : first < 0 ? offered[0] : offered[first];
    value_append(r->arena, list, value_str(r->arena, asked));
    for (int i = 0; i < 3; i++)
        if (!str_eq(offered[i], asked))
            value_append(r->arena, list, value_str(r->arena, offered[i]));
    return list;
}

static void create(struct request *r, struct str slug)
{
    struct arena *a = r->arena;
    struct str zone = form_str(r, KEY(time_zone)), email = form_str(r, KEY(email));
    struct region_defaults region = region_guess(r->accept_language);
    if (zone.len && zone_is_valid(zone) && region_of_zone(zone).len)
        region = region_of(region_of_zone(zone));
    else
        zone = region.zone;
    struct blueprint_site site = {.slug = slug,
        .name = form_str(r, KEY(venue_name)),
        .currency = str_of(region.currency.code),
        .time_zone = zone,
        .languages = languages_of(r),
        // Nobody was asked for a name: the address is, until they say who they are.
        .owner_name = email,
        .owner_email = email,
        .owner_password = form_str(r, KEY(password)),
        .practice = true,
        .samples = true};
    switch (blueprint_load(a, &site, platform_kind_find(form_str(r, KEY(kind)))->content)) {
    case BLUEPRINT_DONE:
        welcome(r, slug, 201);
        return;
    case BLUEPRINT_TAKEN:
        if (find_repeat(r, slug) == REPEAT_OURS) {
            welcome(r, slug, 200);
            return;
        }
        signup_address_refuse(r, ADDRESS_TAKEN);
        break;
    case BLUEPRINT_LOOKALIKE:
        signup_address_refuse(r, ADDRESS_LOOKALIKE);
        break;
    case BLUEPRINT_BROKEN:
        respond_problem(r, PROBLEM_INTERNAL);
        return;
    case BLUEPRINT_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    refuse(r);
}

static bool take_try(struct request *r)
{
    int64_t wait_s;
    struct attempt attempt = {0, STR("signup"), r->remote, SIGNUPS_AN_HOUR, HOUR_MS};
    switch (attempt_take(r->arena, &attempt, &wait_s)) {
    case ATTEMPT_ALLOWED:
        return true;
    case ATTEMPT_REFUSED:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return false;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
}

static void on_signup(struct request *r)
{
    struct str slug = str_lower(r->arena, form_str(r, KEY(slug)));
    check_kind(r);
    check_strength(r);
    enum address_result address = slug.len ? blueprint_address(r->arena, slug) : ADDRESS_FREE;
    if (address == ADDRESS_UNKNOWN) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!form_refused(r) && (address == ADDRESS_FREE || address == ADDRESS_TAKEN)) {
        if (!take_try(r))
            return;
        enum repeat repeat = address == ADDRESS_TAKEN ? find_repeat(r, slug) : REPEAT_GONE;
        if (repeat == REPEAT_OURS) {
            welcome(r, slug, 200);
            return;
        }
        if (repeat == REPEAT_GONE) {
            create(r, slug);
            return;
        }
    }
    if (address != ADDRESS_FREE)
        signup_address_refuse(r, address);
    refuse(r);
}

static const struct form form_query = FORM({"kind", FIELD_TEXT, .max = 40});
static const struct form form_signup = FORM({"kind", FIELD_TEXT, .max = 40},
    {"venue_name", FIELD_TEXT, .required = true, .min = 2, .max = NAME_MAX_CHARS},
    {"slug", FIELD_TEXT, .required = true, .max = 63},
    {"email", FIELD_EMAIL, .required = true, .max = 254},
    {"password", FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN, .max = PASSWORD_MAX},
    {"time_zone", FIELD_TEXT, .max = 64});

static const struct route routes[] = {
    {HTTP_GET, "/signup", PERMIT_PUBLIC, on_form, &form_query, 0, 0},
    {HTTP_POST, "/signup", PERMIT_PUBLIC, on_signup, &form_signup, 0, 0},
};

void platform_signup_start(void)
{
    routes_add(SURFACE_PLATFORM, routes, sizeof routes / sizeof *routes);
}
