// The plugin host: finds plugins, compares manifests with code, compiles each site's dispatch
// lists, and runs hooks, routes and jobs within their budgets. What it loads is shared by all
// processes and constant; calls, states and failure counters belong to a process's loop.
#pragma once

#include "http/message.h"
#include "http/template.h"
#include "io/source.h"

struct plug_parts {
    struct str home; // the source tree with plugins/
    struct messages *messages;
    struct template_set *templates;
};

// Before the fork, after the pages' own templates and words. False with `e` filled: the server
// must not start. Everything lives in the arena, which lives as long as the process.
bool plug_load(struct arena *a, const struct plug_parts *parts, struct source_error *e);
// In each process, after respond_init and before the first request or job.
void plug_start(void);

// Who adds `history` to the view of a plugin's office page: what was recorded of its object, of all
// its objects when that is absent. The office, once at start.
struct request;
typedef void plug_history_fn(
    struct request *r, struct value *view, struct str plugin, struct str object);
void plug_set_history(plug_history_fn *add);

// The frame around a plugin's page about a customer: in the office the customer's page with its
// tabs, on the storefront the account of who is logged in. `customer` is {id, name, email,
// language}, `view` what the frame's template needs beside what every page has. False when it was
// answered: there is no such customer. The web layer, once at start.
struct plug_frame {
    struct value *customer, *view;
};
typedef bool plug_frame_fn(struct request *r, struct plug_frame *out);
void plug_set_customer_frame(plug_frame_fn *office);
void plug_set_account_frame(plug_frame_fn *storefront);

// Folders that hold plugin folders: <home>/plugins and, in test builds, those that
// VITRINE_TEST_PLUGINS names, separated by colons. Ended by an absent one.
enum { PLUG_ROOTS_MAX = 8 };
const struct str *plug_roots(struct arena *a, struct str home);

// The manual, plugins/README.md, made from what the code says; NULL-p with `e` filled.
struct str plug_manual(struct arena *a, struct str home, struct source_error *e);
