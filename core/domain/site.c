#include "domain/site.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/region.h"
#include "data/db.h"
#include "data/revision.h"
#include "domain/feature_info.h"
#include "domain/opening.h"
#include "domain/site.sql.h"
#include "io/fiber.h"

enum { UNKNOWN_KEPT_MS = 1000, UNKNOWN_KEPT = 512, SLUG_MAX = 63 };

// An address that had no site a moment ago: strangers who try addresses cost no look-up each.
struct unknown {
    int64_t looked_at_ms;
    size_t len;
    char slug[SLUG_MAX];
};

static struct {
    struct site *by_slug; // in order of use, oldest first
    struct unknown unknown[UNKNOWN_KEPT];
    struct {
        void (*complete)(struct site *site);
        void (*forget)(struct site *site);
    } completers[SITE_COMPLETERS_MAX];
    int completer_count;
} sites;

void site_on_load(void (*complete)(struct site *site), void (*forget)(struct site *site))
{
    check(sites.completer_count < SITE_COMPLETERS_MAX);
    sites.completers[sites.completer_count].complete = complete;
    sites.completers[sites.completer_count++].forget = forget;
}

void site_release(struct site *site)
{
    if (--site->references)
        return;
    for (int i = sites.completer_count; i-- > 0;)
        if (sites.completers[i].forget)
            sites.completers[i].forget(site);
    arena_free(site->arena);
}

static struct site *find(struct str slug)
{
    struct site *s;
    HASH_FIND(hh, sites.by_slug, slug.p, slug.len, s);
    return s;
}

static void drop(struct site *s)
{
    HASH_DEL(sites.by_slug, s);
    site_release(s);
}

// Takes over the caller's reference.
static void keep(struct site *s)
{
    struct site *old = find(s->slug);
    if (old)
        drop(old);
    HASH_ADD_KEYPTR(hh, sites.by_slug, s->slug.p, s->slug.len, s);
    // The head of the table is the oldest entry.
    if (HASH_COUNT(sites.by_slug) > SITES_KEPT_MAX)
        drop(sites.by_slug);
}

static struct unknown *unknown_at(struct str slug)
{
    return &sites.unknown[hash_bytes(slug) % UNKNOWN_KEPT];
}

static bool is_unknown(struct str slug)
{
    const struct unknown *u = unknown_at(slug);
    return str_eq(str_n(u->slug, u->len), slug) &&
           clock_mono_ms() - u->looked_at_ms < UNKNOWN_KEPT_MS;
}

static void note_unknown(struct str slug)
{
    struct unknown *u = unknown_at(slug);
    *u = (struct unknown){.looked_at_ms = clock_mono_ms(), .len = slug.len};
    memcpy(u->slug, slug.p, slug.len);
}

static enum site_state state_of(struct str name)
{
    return str_is(name, "open")        ? SITE_OPEN
           : str_is(name, "suspended") ? SITE_SUSPENDED
           : str_is(name, "closed")    ? SITE_CLOSED
                                       : SITE_CREATING;
}

static enum feature_state feature_state_of(struct str name)
{
    return str_is(name, "on")        ? FEATURE_ON
           : str_is(name, "closing") ? FEATURE_CLOSING
           : str_is(name, "waiting") ? FEATURE_WAITING
                                     : FEATURE_OFF;
}

static void take_languages(struct site *s, const struct value *languages)
{
    for (size_t i = 0; i < value_count(languages) && i < SITE_LANGUAGES_MAX; i++)
        s->languages[s->language_count++] = value_as_str(value_at(languages, i));
    check(s->language_count > 0);
}

static void take_site(struct site *s, const struct rows *r)
{
    struct arena *a = s->arena;
    s->revision = rows_i64(r, 0, KEY(revision));
    s->slug = str_dup(a, rows_str(r, 0, KEY(slug)));
    s->name = str_dup(a, rows_str(r, 0, KEY(name)));
    s->kind = str_dup(a, rows_str(r, 0, KEY(kind)));
    s->plan = str_dup(a, rows_str(r, 0, KEY(plan)));
    s->state = state_of(rows_str(r, 0, KEY(state)));
    s->practice = rows_bool(r, 0, KEY(practice));
    check(currency_parse(rows_str(r, 0, KEY(currency)), &s->currency));
    s->zone = zone_get(rows_str(r, 0, KEY(time_zone)));
    check(s->zone);
    s->region = region_of_zone(zone_name(s->zone));
    take_languages(s, rows_json(a, r, 0, KEY(languages)));
    s->branding = rows_json(a, r, 0, KEY(branding));
    s->texts = rows_json(a, r, 0, KEY(texts));
    s->contact = rows_json(a, r, 0, KEY(contact));
    s->settings = rows_json(a, r, 0, KEY(settings));
    s->web_channel = rows_i64_or(r, 0, KEY(web_channel), 0);
}

static void take_features(struct site *s, const struct rows *r)
{
    s->features = arena_new_array(s->arena, struct site_feature, (size_t)r->count + 1);
    s->feature_count = r->count;
    for (int i = 0; i < r->count; i++)
        s->features[i] =
            (struct site_feature){.plugin = str_dup(s->arena, rows_str(r, i, KEY(plugin))),
                .state = feature_state_of(rows_str(r, i, KEY(state))),
                .settings = rows_json(s->arena, r, i, KEY(settings))};
}

bool site_provides(const struct site *s, struct str capability)
{
    for (int i = 0; i < s->feature_count; i++) {
        const struct feature_info *info = feature_info_find(s->features[i].plugin);
        if (s->features[i].state == FEATURE_ON && info &&
            feature_names_have(info->provides, capability))
            return true;
    }
    return false;
}

static void take_login(struct site *s, struct str registration)
{
    if (site_provides(s, STR("login")))
        s->login = str_is(registration, "both")    ? SITE_LOGIN_OPTIONAL
                   : str_is(registration, "login") ? SITE_LOGIN_REQUIRED
                                                   : SITE_LOGIN_NONE;
}

static void take_templates(struct site *s, const struct rows *r)
{
    s->templates = arena_new_array(s->arena, struct site_text, (size_t)r->count + 1);
    s->template_count = r->count;
    for (int i = 0; i < r->count; i++)
        s->templates[i] = (struct site_text){str_dup(s->arena, rows_str(r, i, KEY(name))),
            str_dup(s->arena, rows_str(r, i, KEY(body)))};
}

static void take_categories(struct site *s, const struct rows *r)
{
    s->categories = arena_new_array(s->arena, struct site_category, (size_t)r->count + 1);
    s->category_count = r->count;
    for (int i = 0; i < r->count; i++)
        s->categories[i] = (struct site_category){rows_i64(r, i, KEY(category_id)),
            str_dup(s->arena, rows_str(r, i, KEY(slug))), rows_json(s->arena, r, i, KEY(name))};
}

static void take_opening(struct site *s, struct unit *u, struct opening_places places)
{
    struct opening *opening = arena_new_object(s->arena, struct opening);
    *opening = opening_take(s->arena, s->zone, u, places);
    s->opening = opening;
}

static enum site_result load(int64_t tenant, struct site **out)
{
    struct arena *scratch = arena_new();
    struct unit *u = unit_new(scratch, DB_READ, tenant);
    struct str number = db_i64(scratch, tenant);
    // The revision comes with the first statement, so the object is never newer than it says.
    int site = unit_add(u, &SQL_site_load, number);
    int features = unit_add(u, &SQL_site_features, number);
    int templates = unit_add(u, &SQL_site_templates, number);
    int categories = unit_add(u, &SQL_site_categories, number);
    struct opening_places opening = opening_add(u, clock_now_us() - US_PER_DAY);
    enum db_result result = unit_run(u);
    if (result == DB_OK && unit_rows(u, site)->count) {
        struct arena *own = arena_new();
        struct site *s = *out = arena_new_object(own, struct site);
        *s = (struct site){.arena = own, .references = 1, .tenant = tenant};
        take_site(s, unit_rows(u, site));
        take_features(s, unit_rows(u, features));
        take_login(s, rows_str(unit_rows(u, site), 0, KEY(registration)));
        take_templates(s, unit_rows(u, templates));
        take_categories(s, unit_rows(u, categories));
        take_opening(s, u, opening);
        for (int i = 0; i < sites.completer_count; i++)
            sites.completers[i].complete(s);
    }
    enum site_result found = result != DB_OK ? SITE_UNAVAILABLE : *out ? SITE_FOUND : SITE_UNKNOWN;
    arena_free(scratch);
    return found;
}

static bool is_current(const struct site *s)
{
    return s->revision >= revision_seen(s->tenant);
}

// Moves it to the young end of the table.
static struct site *use(struct site *s)
{
    HASH_DEL(sites.by_slug, s);
    HASH_ADD_KEYPTR(hh, sites.by_slug, s->slug.p, s->slug.len, s);
    s->references++;
    return s;
}

struct site *site_peek(struct str slug)
{
    struct site *s = find(slug);
    if (!s || !is_current(s))
        return NULL;
    s->references++;
    return s;
}

static enum site_result find_tenant(struct arena *a, struct str slug, int64_t *tenant)
{
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_tenant_by_slug, slug);
    if (unit_run(u) != DB_OK)
        return SITE_UNAVAILABLE;
    const struct rows *r = unit_rows(u, place);
    if (!r->count)
        return SITE_UNKNOWN;
    *tenant = rows_i64(r, 0, KEY(tenant_id));
    return SITE_FOUND;
}

static enum site_result look_up(struct arena *a, struct str slug, struct site **out)
{
    int64_t tenant;
    const struct site *known = find(slug);
    if (known)
        return load(known->tenant, out);
    enum site_result found = find_tenant(a, slug, &tenant);
    return found == SITE_FOUND ? load(tenant, out) : found;
}

enum site_result site_acquire(struct str slug, struct site **out)
{
    *out = NULL;
    if (!slug.len || slug.len > SLUG_MAX || is_unknown(slug))
        return SITE_UNKNOWN;
    struct site *s = find(slug);
    if (s && is_current(s)) {
        *out = use(s);
        return SITE_FOUND;
    }
    struct arena *a = arena_new();
    enum site_result found = look_up(a, slug, out);
    arena_free(a);
    if (found == SITE_UNKNOWN)
        note_unknown(slug);
    if (found != SITE_FOUND)
        return found;
    keep(*out);
    (*out)->references++;
    return found;
}

enum site_result site_acquire_by_tenant(int64_t tenant, struct site **out)
{
    *out = NULL;
    struct arena *a = arena_new();
    struct unit *u = unit_new(a, DB_PLATFORM, 0);
    int place = unit_add(u, &SQL_site_slug_by_tenant, db_i64(a, tenant));
    enum site_result found = SITE_UNAVAILABLE;
    if (unit_run(u) == DB_OK)
        found = unit_rows(u, place)->count
                    ? site_acquire(rows_str(unit_rows(u, place), 0, KEY(slug)), out)
                    : SITE_UNKNOWN;
    arena_free(a);
    return found;
}

const struct hook_list *hook_list(const struct site *site, enum hook hook)
{
    return &site->hooks[hook];
}

enum feature_state site_feature_state(const struct site *site, struct str plugin)
{
    for (int i = 0; i < site->feature_count; i++)
        if (str_eq(site->features[i].plugin, plugin))
            return site->features[i].state;
    return FEATURE_OFF;
}

const struct site_category *site_category_by_slug(const struct site *site, struct str slug)
{
    for (int i = 0; i < site->category_count; i++)
        if (str_eq(site->categories[i].slug, slug))
            return &site->categories[i];
    return NULL;
}

const struct site_category *site_category_by_id(const struct site *site, int64_t id)
{
    for (int i = 0; i < site->category_count; i++)
        if (site->categories[i].id == id)
            return &site->categories[i];
    return NULL;
}

bool site_speaks(const struct site *site, struct str language)
{
    for (int i = 0; i < site->language_count; i++)
        if (str_eq(site->languages[i], language))
            return true;
    return false;
}

struct str site_text_in(const struct site *site, const struct value *texts, struct str language)
{
    value_key key = value_key_find(language), first = value_key_find(site->languages[0]);
    struct str text = value_get_str(texts, key);
    if (!text.len)
        text = value_get_str(texts, first);
    if (!text.len && value_is(texts, VALUE_OBJECT) && texts->object.count)
        text = value_as_str(texts->object.fields[0].value);
    return text;
}
