// Blueprints and demo sites: a site.json of tenants/ (format: tenants/README.md) becomes a site.
// Either all of it is there afterwards or nothing. Used by sign-up and the command line.
#pragma once

#include "domain/feature.h"
#include "domain/site.h"

// Somebody of the platform sets a site up for a venue: its owner is invited by mail and chooses a
// password alone.
struct blueprint_maker {
    struct feature_actor actor;
    struct str key;      // of the form: sending it twice makes one site
    struct str site_url; // "https://spa.example.org", for the invitation's link
};

// What a sign-up or a demo file says beside the blueprint's content.
struct blueprint_site {
    struct str slug, name, currency, time_zone;
    struct str plan; // absent: the standard one
    const struct value *languages;
    struct str owner_name, owner_email, owner_password;
    const struct blueprint_maker *maker; // NULL: the owner, who has a name and a password
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

enum blueprint_repeat {
    BLUEPRINT_OURS,    // made with this key
    BLUEPRINT_FOREIGN, // somebody else's, or still being made after a while
    BLUEPRINT_GONE,    // no site has that address (any more)
    BLUEPRINT_UNKNOWN, // the database didn't answer
};
// Whether the site of that address is the one that a form with this key has made, or is making.
enum blueprint_repeat blueprint_repeated(struct arena *a, struct str slug, struct str key);

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
