// A site's webhook endpoints: where its events go, which, and the secret that signs them. Each
// change is one unit with its audit row; secrets are sealed at rest and never in the record. From
// fibers.
#pragma once

#include "domain/event.h"
#include "domain/feature.h"

#define WEBHOOK_SEAL "webhook"

enum { WEBHOOK_ENDPOINTS_MAX = 16, WEBHOOK_DESCRIPTION_MAX = 200 };

struct webhook {
    int64_t id, version;
    struct str url, description;
    bool events[EVENT_COUNT];
    struct str state;     // "on", "off", "failed"
    int64_t secret_us;    // when the secret was made
    int64_t secret_by;    // by whom of the staff
    int64_t old_until_us; // the secret before is good until then; 0: there is none
    int64_t failing_us;   // since when nothing has arrived; 0: it works
};

struct webhook_by {
    const struct site *site;
    struct feature_actor actor;
};

enum webhook_result {
    WEBHOOK_DONE,
    WEBHOOK_GONE,     // there is none, or it is switched off
    WEBHOOK_CHANGED,  // somebody else saved since that version
    WEBHOOK_TOO_MANY, // WEBHOOK_ENDPOINTS_MAX
    WEBHOOK_BUSY,     // the database
};

// Adds the statement that reads one, or all with id 0; webhook_take reads a row.
int webhook_add(struct unit *u, int64_t id);
struct webhook webhook_take(struct arena *a, const struct rows *rows, int row);
// As the record and the pages' JSON have it.
struct value *webhook_value(struct arena *a, const struct webhook *w);

// `w->id` is set and `*secret` is the new one's.
enum webhook_result webhook_create(
    struct arena *a, const struct webhook_by *by, struct webhook *w, struct str *secret);
// `was` as it was read, with the version that the form was made from. What waits for an endpoint
// that is switched off is stopped.
enum webhook_result webhook_save(struct arena *a, const struct webhook_by *by,
    const struct webhook *was, const struct webhook *w);
enum webhook_result webhook_remove(
    struct arena *a, const struct webhook_by *by, const struct webhook *w);
// The secret; somebody who looks at it is recorded.
enum webhook_result webhook_reveal(
    struct arena *a, const struct webhook_by *by, int64_t id, bool record, struct str *secret);
// A new secret; the one of now stays good for a day beside it.
enum webhook_result webhook_rotate(
    struct arena *a, const struct webhook_by *by, int64_t id, struct str *secret);
// An event that says nothing, to this endpoint alone.
enum webhook_result webhook_test(
    struct arena *a, const struct webhook_by *by, int64_t id, int64_t *delivery);
// A delivery once more, with three days of tries. Its endpoint has to be on.
enum webhook_result webhook_again(
    struct arena *a, const struct webhook_by *by, int64_t id, int64_t delivery);
