#include "domain/notification.h"

#include "base/clock.h"
#include "data/jobs.h"

void notification_add(struct unit *u, const struct notification *what)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(plugin), what->plugin);
    value_set_str(a, payload, KEY(key), what->key);
    value_set_str(a, payload, KEY(to), what->to);
    value_set_str(a, payload, KEY(language), what->language);
    value_set(a, payload, KEY(variables),
        what->variables ? value_copy(a, what->variables) : value_object(a));
    job_add(u, STR(NOTIFICATION_JOB), payload, clock_now_us(), STR_NULL);
}
