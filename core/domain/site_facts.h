// What a site is, besides its look and its papers: its name, the languages it is offered in (the
// main one first), its currency and its time zone. Each change is an edition, an audit row and a
// raised revision in one unit; a zone's change also makes anew what weekly rules make (schedule.h).
// From fibers.
#pragma once

#include "domain/edition.h"
#include "domain/feature.h"
#include "domain/schedule.h"

enum { SITE_NAME_MAX = 80 };
#define SITE_FACTS_SUBJECT STR("facts")

struct site_facts {
    struct str name, currency;
    struct str languages[SITE_LANGUAGES_MAX];
    int language_count;
};

struct site_facts_change {
    const struct site *site;
    struct feature_actor actor;
    int64_t seen; // the edition that was looked at
};

enum site_facts_result {
    SITE_FACTS_DONE,
    SITE_FACTS_STALE,    // somebody else saved since
    SITE_FACTS_WORDS,    // what the main language has to have isn't written
    SITE_FACTS_CURRENCY, // something was sold in the one of now
    SITE_FACTS_BUSY,
};

struct site_facts site_facts_of(const struct site *site);
// As editions, the audit and the conflict page have them.
struct value *site_facts_value(
    struct arena *a, const struct site_facts *facts, struct str time_zone);
enum site_facts_result site_facts_save(
    struct arena *a, const struct site_facts_change *c, const struct site_facts *facts);

// Adds what lacks words in a language: rows {kind, missing, texts}.
int site_facts_add_missing(struct unit *u, struct str language);
// Adds whether the currency is settled: a row {sold}.
int site_facts_add_sold(struct unit *u);

// Another zone: times that exist stay at their instant when somebody has them; those that nobody
// has are made anew where the rules want them on the new wall; closures and times taken out of
// rules keep what the wall shows. Looks, or does, as `ask` says.
struct site_zone_change {
    const struct zone *zone;
    int64_t seen;
};
struct schedule_outcome site_zone_save(
    struct arena *a, const struct schedule_ask *ask, const struct site_zone_change *change);
