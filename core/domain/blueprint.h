// Blueprints and demo sites: a site.json of tenants/ (format: tenants/README.md) becomes a site.
// Either all of it is there afterwards or nothing. Used by sign-up and the command line.
#pragma once

#include "domain/site.h"

// What a sign-up or a demo file says beside the blueprint's content.
struct blueprint_site {
    struct str slug, name, currency, time_zone;
    const struct value *languages;
    struct str owner_name, owner_email, owner_password;
    bool practice;
    bool samples; // offers are samples, removed when the site goes live
};

enum blueprint_result {
    BLUEPRINT_DONE,
    BLUEPRINT_TAKEN,      // the address
    BLUEPRINT_LOOKALIKE,  // it looks like another one
    BLUEPRINT_BROKEN,     // the file: logged, with the place
    BLUEPRINT_UNAVAILABLE // the database, or too busy: try again
};

// The content of tenants/blueprints/<kind>/site.json or tenants/demo/<slug>/site.json; NULL when
// there is none, or it is no JSON (logged).
struct value *blueprint_read(struct arena *a, struct str home, struct str group, struct str name);
// From a fiber. Opens the site and writes its first slots.
enum blueprint_result blueprint_load(
    struct arena *a, const struct blueprint_site *site, const struct value *content);

enum address_result {
    ADDRESS_FREE,
    ADDRESS_BAD,
    ADDRESS_RESERVED,
    ADDRESS_TAKEN,
    ADDRESS_LOOKALIKE,
    ADDRESS_UNKNOWN /* the database didn't answer */
};
enum address_result blueprint_address(struct arena *a, struct str slug);
// The moment before which a creation that isn't finished has lost its address.
struct str blueprint_unfinished_before(struct arena *a);
