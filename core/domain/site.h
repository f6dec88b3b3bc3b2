// A site as the worker knows it: everything a request needs to know of its venue, in one immutable
// object that is swapped when the site's revision rises. Requests hold a reference while they run,
// so a swap never pulls anything from under them. One per site and worker, least recently used
// ones go first.
#pragma once

#include <uthash.h>

#include "base/money.h"
#include "base/zone.h"
#include "domain/hook.h"

enum site_state { SITE_CREATING, SITE_OPEN, SITE_SUSPENDED, SITE_CLOSED };
enum feature_state { FEATURE_OFF, FEATURE_WAITING, FEATURE_ON, FEATURE_CLOSING };
// Whether customers may log in on the storefront: only while a feature provides it, as the web
// channel says.
enum site_login { SITE_LOGIN_NONE, SITE_LOGIN_OPTIONAL, SITE_LOGIN_REQUIRED };
enum { SITE_LANGUAGES_MAX = 8, SITES_KEPT_MAX = 20000, SITE_RUNNING_MAX = 1024 };

struct site_feature {
    struct str plugin;
    enum feature_state state;
    struct value *settings; // as stored; the plugin host completes and validates them
};

// A site's own template or notification words.
struct site_text {
    struct str name, body;
};

struct site_category {
    int64_t id;
    struct str slug;
    struct value *name; // by language
};

struct opening;

struct site {
    struct arena *arena;
    int references;
    int running; // requests of it at this moment
    int64_t tenant, revision;
    struct str slug, name, kind, plan;
    enum site_state state;
    bool practice;
    struct currency currency;
    const struct zone *zone;
    struct str region; // of the zone, for how amounts and dates are written
    struct str languages[SITE_LANGUAGES_MAX];
    int language_count;
    struct value *branding, *texts, *contact, *settings;
    int64_t web_channel;
    enum site_login login;
    struct site_category *categories; // those with published offers, in their order
    int category_count;
    struct site_feature *features;
    int feature_count;
    const struct opening *opening; // hours and closures, those of the last day included
    struct site_text *templates;
    int template_count;
    struct hook_list hooks[HOOK_COUNT];
    void *plug;        // the plugin host's
    void *overlay;     // of templates; http's
    UT_hash_handle hh; // of the table of those in memory, by slug
};

enum site_result { SITE_FOUND, SITE_UNKNOWN, SITE_UNAVAILABLE };

// Who completes a new object: the plugin host (hooks), http (template overlay); in this order.
enum { SITE_COMPLETERS_MAX = 4 };
void site_on_load(void (*complete)(struct site *site), void (*forget)(struct site *site));

// From a fiber; may wait for the database. Give it back with site_release.
enum site_result site_acquire(struct str slug, struct site **out);
enum site_result site_acquire_by_tenant(int64_t tenant, struct site **out);
// Without waiting: NULL when it isn't in memory or is out of date.
struct site *site_peek(struct str slug);
void site_release(struct site *site);

static inline const struct hook_list *site_hooks(const struct site *site, enum hook hook)
{
    return &site->hooks[hook];
}

// Whether a feature that is on provides the capability ("login", "payment").
bool site_provides(const struct site *site, struct str capability);
enum feature_state site_feature_state(const struct site *site, struct str plugin);
// The text of an object by language: {"en": "…"}; the site's first language, then any, stands in.
struct str site_text_in(const struct site *site, const struct value *texts, struct str language);
// NULL when there is none.
const struct site_category *site_category_by_slug(const struct site *site, struct str slug);
const struct site_category *site_category_by_id(const struct site *site, int64_t id);
bool site_speaks(const struct site *site, struct str language);
