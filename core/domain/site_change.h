// Changes of what a site says and looks like: its legal data, its texts, its look. Each save is an
// edition (to go back to), an audit row and a raised revision in one unit, so that pages, mails and
// papers follow everywhere within a second. From fibers.
#pragma once

#include "domain/edition.h"
#include "domain/feature.h"

struct site_change {
    const struct site *site;
    struct feature_actor actor;
    const char *action; // of the audit: "branding.save"
    struct str subject; // of the edition: "branding", "page/terms"
    struct str record;  // what the audit files it under, where that isn't the subject; or absent
    int64_t seen;       // the edition that was looked at
    const struct value *before, *after;
};

enum site_change_result {
    SITE_CHANGE_DONE,
    SITE_CHANGE_STALE, // somebody else saved since
    SITE_CHANGE_BUSY,  // the database
};

// Merged into the site's settings, top level by top level.
enum site_change_result site_change_settings(
    struct arena *a, const struct site_change *c, const struct value *settings);
// The look and the texts that pages show.
enum site_change_result site_change_look(struct arena *a, const struct site_change *c,
    const struct value *branding, const struct value *texts);
// Who to reach, and who stands behind the site.
enum site_change_result site_change_legal(struct arena *a, const struct site_change *c,
    const struct value *contact, const struct value *settings);
