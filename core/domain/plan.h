// Plans, and what a site may switch on: what its plan names, what was approved for it, and, where
// the plan allows everything, whatever needs no approval. A gated feature that neither the plan nor
// an approval covers is asked for; what the plan leaves out is not offered at all. Read from the
// platform's tables; from a fiber.
#pragma once

#include "domain/feature_info.h"
#include "domain/site.h"

enum entitlement {
    ENTITLED,
    ENTITLED_ON_APPROVAL, // an account manager decides
    ENTITLED_BY_PLAN,     // not by this one
};

struct entitlements {
    struct str plan; // its title, for people
    bool everything;
    const struct value *features; // of the plan
    const struct value *approved; // for this site
};

// False when the database doesn't answer.
bool entitlements_load(struct arena *a, const struct site *site, struct entitlements *out);
enum entitlement entitlement_of(const struct entitlements *e, const struct feature_info *info);

struct plan {
    struct str name, title;
    bool everything;
    const struct value *features; // names
    int64_t position, version;    // version 0: a new one
};

enum plan_result {
    PLAN_DONE,
    PLAN_UNKNOWN,
    PLAN_TAKEN,   // the name
    PLAN_CHANGED, // by somebody else since `version`
    PLAN_USED,    // by sites: it stays
    PLAN_UNAVAILABLE,
};

// All of them in their order, with how many sites have each: {name, title, everything, features,
// position, version, sites}. NULL when the database doesn't answer.
struct value *plan_list(struct arena *a);
// NULL when there is none in the list.
const struct value *plan_in(const struct value *plans, struct str name);

struct feature_actor;
enum plan_result plan_save(
    struct arena *a, const struct plan *plan, const struct feature_actor *actor);
enum plan_result plan_remove(struct arena *a, struct str name, const struct feature_actor *actor);
