// A site that an account manager sets up for a venue (P4), by the way that sign-up goes: its owner
// is invited by mail and chooses a password alone. Sending the form twice makes one site.
#include "base/clock.h"
#include "base/id.h"
#include "base/region.h"
#include "base/zone.h"
#include "domain/plan.h"
#include "domain/staff_invitation.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/office/frame/object.h"
#include "web/platform/platform.h"
#include "web/platform/signup_address.h"

enum { NAME_MAX_CHARS = 80, ZONES_MAX = 800, KEY_MAX = 64 };

static const char *const languages[] = {"en", "fr", "es", NULL};

static void add_option(
    struct request *r, struct value *list, struct str value, struct str label, struct str chosen)
{
    struct value *option = value_append_object(r->arena, list);
    value_set_str(r->arena, option, KEY(value), value);
    value_set_str(r->arena, option, KEY(label), label);
    value_set_bool(r->arena, option, KEY(chosen), str_eq(value, chosen));
}

static struct value *kind_options(struct request *r)
{
    struct value *list = value_list(r->arena);
    const struct platform_kind *kinds;
    size_t count = platform_kinds(&kinds);
    for (size_t i = 0; i < count; i++)
        add_option(
            r, list, kinds[i].name, platform_kind_title(r, kinds[i].name), form_str(r, KEY(kind)));
    return list;
}

static struct value *plan_options(struct request *r)
{
    struct value *list = value_list(r->arena);
    const struct value *plans = plan_list(r->arena);
    for (size_t i = 0; i < value_count(plans); i++)
        add_option(r, list, value_get_str(value_at(plans, i), KEY(name)),
            value_get_str(value_at(plans, i), KEY(title)), form_str(r, KEY(plan)));
    return list;
}

static struct value *language_options(struct request *r)
{
    struct value *list = value_list(r->arena);
    struct str chosen = form_str(r, KEY(language));
    for (int i = 0; languages[i]; i++)
        add_option(r, list, str_of(languages[i]),
            format_language_name(r->arena, str_of(languages[i])),
            chosen.len ? chosen : r->language);
    return list;
}

static struct value *zone_options(struct request *r)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str *zones = arena_new_array(a, struct str, ZONES_MAX);
    struct str typed = form_str(r, KEY(time_zone));
    struct str chosen = typed.len ? typed : region_guess(r->accept_language).zone;
    size_t count = region_zones(a, zones, ZONES_MAX);
    for (size_t i = 0; i < count; i++)
        add_option(r, list, zones[i], zones[i], chosen);
    return list;
}

static struct value *create_view(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    struct str once = form_str(r, KEY(once));
    value_set_str(a, view, KEY(sites_url), request_url(r, STR("/console")));
    value_set_str(a, view, KEY(create_url), request_url(r, STR("/console/create")));
    value_set_str(a, view, KEY(address_url), request_url(r, STR("/console/create/address")));
    value_set_str(a, view, KEY(platform_host), platform_host_shown(r));
    value_set_str(a, view, KEY(once), once.len ? once : id_token(a));
    value_set(a, view, KEY(kinds), kind_options(r));
    value_set(a, view, KEY(plan_options), plan_options(r));
    value_set(a, view, KEY(site_languages), language_options(r));
    value_set(a, view, KEY(zones), zone_options(r));
    return view;
}

static void on_form(struct request *r)
{
    respond_page(r, 200, "console/create", create_view(r));
}

// While one types: whether the address can be had.
static void on_address(struct request *r)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    enum address_result address = blueprint_address(a, str_lower(a, form_str(r, KEY(slug))));
    if (address == ADDRESS_UNKNOWN) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    bool free = address == ADDRESS_FREE;
    value_set_bool(a, view, KEY(free), free);
    value_set_str(a, view, KEY(text),
        free ? message(a, r->words, STR("console.create.free"), NULL)
             : signup_address_text(r, address));
    respond_json(r, 200, view);
}

static void refuse(struct request *r)
{
    form_sort_errors(r);
    respond_invalid(r, "console/create", create_view(r));
}

static void say_missing(struct request *r, const char *field, const char *key)
{
    form_refuse_text(r, field, "choice", message(r->arena, r->words, str_of(key), NULL));
}

static void check_choices(struct request *r)
{
    struct str zone = form_str(r, KEY(time_zone)), plan = form_str(r, KEY(plan));
    struct str code = form_str(r, KEY(currency));
    struct currency currency;
    if (!platform_kind_find(form_str(r, KEY(kind))))
        form_refuse(r, "kind", "choice");
    if (plan.len && !plan_in(plan_list(r->arena), plan))
        form_refuse(r, "plan", "choice");
    if (zone.len && (!zone_is_valid(zone) || !region_of_zone(zone).len))
        say_missing(r, "time_zone", "console.create.no_zone");
    if (code.len && !currency_parse(code, &currency))
        say_missing(r, "currency", "console.create.no_currency");
}

// The main language first, the others after it.
static struct value *languages_of(struct request *r)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str first = form_str(r, KEY(language));
    value_append(a, list, value_str(a, first));
    for (int i = 0; languages[i]; i++)
        if (!str_is(first, languages[i]))
            value_append(a, list, value_str(a, str_of(languages[i])));
    return list;
}

// Of this operator's form; a request that names none is one of its own.
static struct str creation_key(struct request *r)
{
    struct str once = form_str(r, KEY(once));
    if (!once.len)
        once = r->idempotency_key.len ? r->idempotency_key : id_token(r->arena);
    return str_join(r->arena, str_of_i64(r->arena, r->session.person), STR("/"), once, STR_NULL);
}

static void lead_on(struct request *r, struct str slug, int status)
{
    struct arena *a = r->arena;
    struct value *view = value_object(a);
    value_set_str(a, view, KEY(slug), slug);
    value_set_str(a, view, KEY(site_url), platform_site_url(r, slug, "/"));
    value_set_str(a, view, KEY(page_url), console_site_url(r, slug, ""));
    respond_done(r, status,
        str_join(a, console_site_path(r, slug, ""), STR("?done=created"), STR_NULL), view);
}

// A second submit of this form is answered like the first.
static void find_taken(struct request *r, struct str slug, struct str key)
{
    switch (blueprint_repeated(r->arena, slug, key)) {
    case BLUEPRINT_OURS:
        lead_on(r, slug, 200);
        return;
    case BLUEPRINT_UNKNOWN:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    case BLUEPRINT_FOREIGN:
    case BLUEPRINT_GONE:
        signup_address_refuse(r, ADDRESS_TAKEN);
        refuse(r);
    }
}

static void create(struct request *r, struct str slug, struct str key)
{
    struct str zone = form_str(r, KEY(time_zone)), currency = form_str(r, KEY(currency));
    struct region_defaults region = region_of(region_of_zone(zone));
    struct str url = platform_site_url(r, slug, ""), plan = form_str(r, KEY(plan));
    struct blueprint_maker maker = {console_actor(r, STR_NULL), key, url};
    struct blueprint_site site = {.slug = slug,
        .name = form_str(r, KEY(venue_name)),
        .currency = currency.len ? currency : str_of(region.currency.code),
        .time_zone = zone,
        .plan = plan.len ? plan : STR("standard"),
        .languages = languages_of(r),
        .owner_email = form_str(r, KEY(owner_email)),
        .maker = &maker,
        .practice = true,
        .samples = true};
    const struct platform_kind *kind = platform_kind_find(form_str(r, KEY(kind)));
    switch (blueprint_load(r->arena, &site, kind->content)) {
    case BLUEPRINT_DONE:
        lead_on(r, slug, 201);
        return;
    case BLUEPRINT_TAKEN:
        find_taken(r, slug, key);
        return;
    case BLUEPRINT_LOOKALIKE:
        signup_address_refuse(r, ADDRESS_LOOKALIKE);
        refuse(r);
        return;
    case BLUEPRINT_BROKEN:
        respond_problem(r, PROBLEM_INTERNAL);
        return;
    case BLUEPRINT_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_create(struct request *r)
{
    struct arena *a = r->arena;
    struct str slug = str_lower(a, form_str(r, KEY(slug))), key = creation_key(r);
    check_choices(r);
    enum address_result address = slug.len ? blueprint_address(a, slug) : ADDRESS_FREE;
    if (address == ADDRESS_UNKNOWN)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else if (!form_refused(r) && address == ADDRESS_FREE)
        create(r, slug, key);
    else if (!form_refused(r) && address == ADDRESS_TAKEN)
        find_taken(r, slug, key);
    else {
        if (address != ADDRESS_FREE)
            signup_address_refuse(r, address);
        refuse(r);
    }
}

static void answer_invite(struct request *r, enum staff_result result)
{
    struct value *view;
    switch (result) {
    case STAFF_DONE:
        respond_done(r, 200,
            str_join(
                r->arena, console_site_path(r, r->about->slug, ""), STR("?done=invited"), STR_NULL),
            value_object(r->arena));
        return;
    case STAFF_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case STAFF_TAKEN:
        form_refuse_text(
            r, "email", "taken", message(r->arena, r->words, STR("office.staff.taken"), NULL));
        view = console_site_page(r);
        if (view)
            respond_invalid(r, "console/site", view);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

// While a site has no owner yet: the invitation again, or to another address.
static void on_invite(struct request *r)
{
    struct arena *a = r->arena;
    if (!console_site(r))
        return;
    if (form_refused(r)) {
        struct value *view = console_site_page(r);
        if (view)
            respond_invalid(r, "console/site", view);
        return;
    }
    const struct site *site = r->about;
    struct staff_change c = {.site = site, .actor = console_actor(r, STR_NULL), .id = id_number()};
    struct staff_invite invite = {.email = form_str(r, KEY(owner_email)),
        .role = STR("owner"),
        .language = site->languages[0],
        .expires_us = clock_now_us() + STAFF_INVITATION_US};
    invite.link = str_join(a, platform_site_url(r, site->slug, ""),
        staff_invitation_path(a, site->tenant, c.id, invite.expires_us), STR_NULL);
    answer_invite(r, staff_invite_owner(a, &c, &invite));
}

static const struct form form_query = FORM({"kind", FIELD_TEXT, .max = 40});
static const struct form form_address = FORM({"slug", FIELD_TEXT, .required = true, .max = 63},
    {"venue_name", FIELD_TEXT, .max = NAME_MAX_CHARS}, {"kind", FIELD_TEXT, .max = 40});
static const struct form form_create =
    FORM({"csrf", .kind = FIELD_TEXT}, {"once", .kind = FIELD_TEXT, .max = KEY_MAX},
        {"venue_name", FIELD_TEXT, .required = true, .min = 2, .max = NAME_MAX_CHARS},
        {"slug", FIELD_TEXT, .required = true, .max = 63}, {"kind", FIELD_TEXT, .max = 40},
        {"owner_email", FIELD_EMAIL, .required = true, .max = 254},
        {"language", FIELD_CHOICE, .required = true, .choices = languages},
        {"time_zone", FIELD_TEXT, .required = true, .max = 64},
        {"currency", .kind = FIELD_TEXT, .max = 3}, {"plan", .kind = FIELD_TEXT, .max = 31});
static const struct form form_invite =
    FORM({"csrf", .kind = FIELD_TEXT}, {"owner_email", FIELD_EMAIL, .required = true, .max = 254});

static const struct route routes[] = {
    {HTTP_GET, "/console/create", PERMIT_SITES_CHANGE, on_form, &form_query, 0, 0},
    {HTTP_POST, "/console/create", PERMIT_SITES_CHANGE, on_create, &form_create, 0, 0},
    {HTTP_GET, "/console/create/address", PERMIT_SITES_CHANGE, on_address, &form_address, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/invite", PERMIT_SITES_CHANGE, on_invite, &form_invite, 0, 0},
};

void console_create_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
