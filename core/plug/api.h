// What the files that carry out vitrine.h share. Private to them and the host.
#pragma once

#include "domain/order.h"
#include "plug/dispatch.h"

static inline struct str api_in(struct vt_str s)
{
    return (struct str){s.p, s.len};
}

static inline struct vt_str api_out(struct str s)
{
    return (struct vt_str){s.p, s.len};
}

static inline struct value *api_value(const struct vt_value *v)
{
    return (struct value *)v;
}

static inline struct vt_value *api_give(const struct value *v)
{
    return (struct vt_value *)v;
}

// Remembers the failure, unless there is one already; false.
__attribute__((format(printf, 2, 3))) bool api_fail(struct vt_call *c, const char *format, ...);

// Appends a statement of the plugin: [name, param …] or {statement, params}. False when there is no
// such statement or the number of parameters differs; `why` (may be NULL) says which.
bool plug_add_statement(
    struct unit *u, const struct plugin *p, const struct value *step, struct str *why);

// Guards of a plugin, for units of orders.
struct api_guards {
    struct vt_call *call;
    const struct value *steps; // may be absent
};
bool api_add_guards(struct unit *u, void *arg);
// Who acts: staff in the office, else the customer of this name, in jobs the plugin.
struct order_actor api_actor(const struct vt_call *c, struct str customer);
// NULL, with the code of what is expected; what isn't has failed.
struct vt_value *api_refused(struct vt_call *c, enum order_result result, struct vt_str *refused);

// Inside of a route that hasn't answered yet: what it answers is a file to keep. False, and failed,
// otherwise.
bool api_may_attach(struct vt_call *c, struct vt_str file_name);

// Sets the reader's language, words and formats: the request's, or the site's first.
void api_speak(struct vt_call *c);
