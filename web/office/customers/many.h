// What may be done to many customers of the list at once: a tag more or less, and what features
// offer by the hook customer_actions. An action looks at customers (who would stay as they are, and
// why), changes one, and takes that back; the page that previews and the job share it. Private to
// this folder.
#pragma once

#include "domain/customer_batch.h"
#include "http/message.h"

enum { MANY_LOOKED_AT = 1000, MANY_SAMPLE = 10, MANY_WHYS = 8 };

struct many_action {
    struct str name; // "tag", "untag", "customer-categories.put"
    struct str value, label, day;
    struct str title;            // of a feature's, as it words it
    const struct value *feature; // what it offered; NULL: the core's own
};

// What features offer: [{plugin, name, …}].
struct value *many_offered(struct arena *a, const struct site *site);
// Whether there is such an action with such a value; a feature that is off has none.
bool many_action_find(struct arena *a, const struct site *site, struct str name, struct str value,
    struct many_action *out);
// Rows with customer_id, why (NULL: will change), was. NULL without an answer.
const struct rows *many_look(struct arena *a, const struct site *site,
    const struct many_action *action, const int64_t *ids, size_t count);
// In the reader's words.
struct str many_why(
    struct arena *a, struct catalogue *words, const struct many_action *action, struct str why);

enum many_result { MANY_CHANGED, MANY_KEPT, MANY_AGAIN };
// Changes one, or takes it back, and marks it in the same unit.
enum many_result many_change(struct arena *a, const struct site *site,
    const struct many_action *action, struct batch_mark *mark);

// The job.
void many_start(void);
