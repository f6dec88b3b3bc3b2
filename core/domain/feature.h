// Features of a site: what is on, what may be switched and why not, and the switching itself. Each
// change is one unit with its audit row and a raised revision, so it holds on all workers within a
// second. It is computed from the site as it is in the database at that moment and refused when
// somebody else changed the site meanwhile.
//
//   off → on                 (with what it requires, when the manager agrees)
//   off → waiting → on       (gated ones: an account manager approves, or refuses)
//   on → closing → off       (what it still owes is honoured first)
#pragma once

#include "domain/feature_info.h"
#include "domain/site.h"

enum { FEATURE_LIST_MAX = 64 };

struct feature_actor {
    struct str kind; // as in audit.h
    int64_t id;
    struct str name;
    struct str note; // what they say about it, to those who decide or asked; may be absent
};

// Everything there is to say before a switch is turned.
struct feature_look {
    const struct feature_info *info;
    enum feature_state state;
    const struct feature_info *also_on[FEATURE_LIST_MAX]; // must be turned on with it
    int also_count;
    const struct feature_info *conflicts[FEATURE_LIST_MAX]; // are on and stand in its way
    int conflict_count;
    const struct feature_info *needed_by[FEATURE_LIST_MAX]; // are on and need it
    int needed_count;
    struct str lacks;                   // a capability that no feature provides, or absent
    const struct feature_info *outside; // the site's plan; itself or one that it brings along
    bool asks;                          // an account manager has to approve it
};

void feature_look(
    const struct site *site, const struct feature_info *info, struct feature_look *out);

enum feature_result {
    FEATURE_DONE,
    FEATURE_WAITS,       // asked an account manager; the state is waiting
    FEATURE_CLOSES,      // the state is closing: `owed` says what remains
    FEATURE_UNKNOWN,     // no such feature
    FEATURE_UNCHANGED,   // it was so already
    FEATURE_NEEDS,       // `also_on` must be agreed to
    FEATURE_CONFLICTS,   // `conflicts` are on
    FEATURE_LACKS,       // nothing provides `lacks`
    FEATURE_NEEDED,      // `needed_by` are on
    FEATURE_NOT_IN_PLAN, // `outside` is not in the site's plan
    FEATURE_UNCONFIRMED, // off now: the typed name is wrong
    FEATURE_INVALID,     // settings: `errors`
    FEATURE_EDITED,      // settings: somebody else saved them since `seen`
    FEATURE_BUSY,        // somebody else changed the site just now: look again
    FEATURE_UNAVAILABLE, // the database
};

struct feature_outcome {
    enum feature_result result;
    struct feature_look look; // as it was found
    struct value *owed;       // [{count, text}]; NULL with CLOSES: the feature couldn't say
    struct value *errors;     // [{field, code, limit}]
};

struct feature_given {
    struct str plugin;
    const struct value *settings;
    int64_t seen;
};

// From a fiber, all of them. `consent`: the manager agreed to also_on.
struct feature_outcome feature_switch_on(struct arena *a, const struct site *site,
    struct str plugin, const struct feature_actor *actor, bool consent);
// Asks what it still owes; closing when there is something, else off.
struct feature_outcome feature_switch_off(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor);
// Whatever it owes; `typed` must be the feature's name.
struct feature_outcome feature_switch_off_now(struct arena *a, const struct site *site,
    struct str plugin, const struct feature_actor *actor, struct str typed);
// By an account manager: switches on what waits, or what nobody asked for, with what it requires;
// the site may have it from then on. UNCHANGED: it is on already.
struct feature_outcome feature_grant(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor);
// Off again; UNCHANGED: nobody waits for it.
struct feature_outcome feature_refuse(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor);
// What was approved isn't any more: it goes off, or closes first. UNCHANGED: it wasn't approved.
struct feature_outcome feature_withdraw(
    struct arena *a, const struct site *site, struct str plugin, const struct feature_actor *actor);
// `given`: an object of values or of texts as typed (amounts in major units). An absent boolean is
// an unticked box; what else is absent stays as it was.
// `seen`: the version they were made from, 0 to save over whatever is there.
struct feature_outcome feature_save_settings(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct feature_given *given);

// Once at start: closing features are asked again every hour and go off when nothing is owed.
void feature_init(void);

// Completes stored settings with defaults and drops what the schema doesn't have. `errors` (may be
// NULL) gets {field, code, limit} of each value that doesn't fit; the default stands in for it.
struct value *feature_settings_read(struct arena *a, const struct feature_info *info,
    const struct value *stored, struct currency currency, struct value *errors);
