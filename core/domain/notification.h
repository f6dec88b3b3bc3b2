// Mails that features send: which one, to whom, with what. Written as a job in the transaction that
// causes it; the words are looked up and rendered when it is sent, so that what the venue changed
// meanwhile holds. A notification that the venue switched off is not sent. The venue's own words
// stand beside the built-in ones, language by language; what it left alone stays built in.
#pragma once

#include "data/db.h"
#include "domain/feature.h"

struct notification {
    struct str plugin, key;
    struct str to;
    struct str language;           // absent: the site's first
    const struct value *variables; // texts by the notification's names
    struct str action_url;         // of the button below the words; may be absent
    struct str unsubscribe;        // path of a page that ends such mails; absent: not of that kind
    bool test;                     // somebody in the office looks at it: also when it is off
    int64_t customer;              // who it is for, 0: not a customer's, or about an order
};

// The mails that every site sends, whatever its features: bookings, refunds, staff. Set once at
// start; their plugin is called "core".
void notification_core_set(const struct feature_info *core);
// Who sends it: a feature or the core; NULL when there is none of that name.
const struct feature_info *notification_sender(struct str plugin);

// The kind of the job: {plugin, key, to, language, variables, action_url,
// unsubscribe}.
#define NOTIFICATION_JOB "notification.send"
void notification_add(struct unit *u, const struct notification *what);

enum { NOTIFICATION_SUBJECT_MAX = 200, NOTIFICATION_BODY_MAX = 10000 };

// What the venue made of it.
struct notification_own {
    bool enabled;
    const struct value *texts; // {"fr": {"subject", "body"}}; empty: all built in
    int64_t changed_us;        // 0: never
};

struct notification_text {
    struct str subject, body;
    bool own;
};

// False when the database doesn't answer.
bool notification_load(struct arena *a, const struct site *site, struct str plugin, struct str key,
    struct notification_own *out);
// In that language: the venue's own, else the built-in ones, else the built-in ones of the site's
// first language.
struct notification_text notification_text_in(const struct site *site,
    const struct feature_notification *declared, const struct notification_own *own,
    struct str language);

enum notification_result {
    NOTIFICATION_SAVED,
    NOTIFICATION_CHANGED, // somebody else saved since `seen_us`
    NOTIFICATION_UNAVAILABLE,
};

struct notification_change {
    struct str plugin, key;
    const struct notification_own *before;
    bool enabled;
    const struct value *texts;
    int64_t seen_us; // changed_us of what was looked at
};

// The subject of its editions.
struct str notification_subject(struct arena *a, struct str plugin, struct str key);
// From a fiber; audited, an edition to go back to, holds at once for what is sent from then on.
enum notification_result notification_save(struct arena *a, const struct site *site,
    const struct feature_actor *actor, const struct notification_change *change);

enum notification_fault { NOTIFICATION_GOOD, NOTIFICATION_UNCLOSED, NOTIFICATION_UNKNOWN };
// Whether every {{name}}, {{{name}}}, {{#name}}, {{^name}} and {{/name}} of a text is one of the
// notification's variables or the site; `*name` is the first that isn't.
enum notification_fault notification_check(
    struct str text, const struct feature_notification *declared, struct str *name);
