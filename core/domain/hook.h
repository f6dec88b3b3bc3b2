// Hooks: where plugins take part. Each is declared once, here, with its kind; the plugin host fills
// a site's lists when the site's object is made, in one order: requirements first, then by name.
// A hook that nobody uses on a site costs a load and a branch. What goes in and comes out is a
// value, the same for C and Lua; plugins/README.md describes each one.
//
//   check    before the sale's flush: refuses, or returns guarded statements that are appended
//   filter   value in, value out, one plugin after the other
//   collect  every plugin adds to a list
//   notify   a job of its own per plugin, written in the transaction that causes it
//   ask      one named plugin does what it provides (a payment provider)
#pragma once

#include "base/value.h"

enum hook_kind { HOOK_CHECK, HOOK_FILTER, HOOK_COLLECT, HOOK_NOTIFY, HOOK_ASK };

// name, kind, what goes in, what comes out
#define HOOKS(X)                                                                                   \
    X(hold_check, HOOK_CHECK, "{order, lines} about to be held",                                   \
        "nil, {refuse = {code, text}} or {guards = {{statement, …}}}")                             \
    X(place_check, HOOK_CHECK, "{order, lines, tender} about to be placed or paid",                \
        "nil, {refuse = {code, text}} or {guards = {{statement, …}}}")                             \
    X(cancel_check, HOOK_CHECK, "{order, lines} about to be cancelled",                            \
        "nil, {refuse = {code, text}} or {guards = {{statement, …}}}")                             \
    X(price_member, HOOK_FILTER, "{order, lines}: prices by category or membership",               \
        "the same with lines[].discounts added: {source, code, label, minor} below zero, and a "   \
        "`why` that the basket shows beside the line")                                             \
    X(price_coupon, HOOK_FILTER, "{order, lines}: prices after codes",                             \
        "the same with lines[].discounts added")                                                   \
    X(basket_fields, HOOK_COLLECT, "{order}", "fields the basket page offers, such as a code box") \
    X(basket_apply, HOOK_ASK, "{order, code}: a code typed into the plugin's basket field",        \
        "{data} to keep with the order, or {refuse = {code, text, wait_s}}: wait_s after too "     \
        "many "                                                                                    \
        "tries")                                                                                   \
    X(tenders, HOOK_COLLECT, "{order}", "ways to pay: {key, kind = hosted|venue, title, text}")    \
    X(payment_start, HOOK_ASK, "{payment, order, return_url, notify_url}",                         \
        "{reference, redirect_url, session_until}")                                                \
    X(payment_refund, HOOK_ASK, "{payment, refund, amount_minor}",                                 \
        "{reference, state = captured} or {state = refused, refusal}")                             \
    X(payment_status, HOOK_ASK, "{payment}", "{state, refusal}")                                   \
    X(account_sections, HOOK_COLLECT, "{}", "sections of the customer's account")                  \
    X(account_home, HOOK_COLLECT, "{customer_id}: the customer looks at the account's first page", \
        "what it has to say there: {title, text, label, path}")                                    \
    X(help_topics, HOOK_COLLECT, "{}: somebody reads the storefront's help",                       \
        "what customers ask about the feature: {title, text}; the text is Markdown")               \
    X(office_tabs, HOOK_COLLECT, "{}", "entries of the back office's menu: {title, path}")         \
    X(offer_tabs, HOOK_COLLECT, "{offer}", "tabs of an offer's page in the office")                \
    X(customer_tabs, HOOK_COLLECT, "{customer_id}: the page of a customer in the office",          \
        "tabs beside the profile: {title, path} of a page of its own below /manage/x/")            \
    X(customer_facts, HOOK_COLLECT, "{customer_id}: staff are about to delete the customer",       \
        "what is open, such as a balance, named in the question: {text}")                          \
    X(customer_filters, HOOK_COLLECT,                                                              \
        "{}: the office's list of customers, its files, what is done to many of them",             \
        "filters of that list: {name, title, all, options = {{value, label}}, statement}; a "      \
        "statement of the plugin is given the chosen value, a number and how many ($2, $3, $4) "   \
        "and answers customer_id below that number, highest first")                                \
    X(customer_groups, HOOK_COLLECT, "{customers}: ids of some of them, as an import has them",    \
        "groups that a venue puts customers in, each {id, names, members = {{customer, until}, "   \
        "…}}: its names in every language, who of those is in it and until which day")             \
    X(customer_regroup, HOOK_ASK,                                                                  \
        "{puts = {{customer, group, until}, …}, outs = {{customer, group}, …}}: ids; "         \
        "until may be absent",                                                                     \
        "{guards = {{statement, …}}} that do it, in the unit that writes these customers, "      \
        "{audits = {{audit, object, before, after}, …}} that their history says")                  \
    X(customer_actions, HOOK_COLLECT, "{}: what staff may do to many customers at once",           \
        "actions: {name, title, choose, options = {{value, label}}, day = a field's "              \
        "words or nil, gives, field, day_field, audit, audit_back, why = {code = words}, look, "   \
        "apply, back}; statements of the plugin: `look` (value, day, "                             \
        "customers' numbers as JSON, seconds) answers of each its customer_id, the code `why` it " \
        "stays "                                                                                   \
        "as it is (NULL: it won't) and as JSON what it `was`; `apply` (number, value, day, "       \
        "seconds) refuses by vt_require what can't be; `back` (number, value, was) undoes it. "    \
        "The core writes the audit: {field = label, day_field = day} after what `gives`, before "  \
        "what takes")                                                                              \
    X(order_actions, HOOK_COLLECT, "{order, lines, token}: the customer looks at an order",        \
        "what may be done with it: {title, path}")                                                 \
    X(obligations, HOOK_COLLECT, "{}", "what the plugin still owes: {count, text}")                \
    X(order_placed, HOOK_NOTIFY, "{order_id, code}", "")                                           \
    X(order_cancelled, HOOK_NOTIFY,                                                                \
        "{order_id, code, lines, back_minor, kept_minor, waived_minor}: lines are ids", "")        \
    X(payment_captured, HOOK_NOTIFY, "{order_id, payment_id}", "")                                 \
    X(baskets_forgotten, HOOK_NOTIFY,                                                              \
        "{order_ids}: orders that were never placed, of which name and addresses were removed",    \
        "")                                                                                        \
    X(customer_merged, HOOK_NOTIFY,                                                                \
        "{customer_id, other_id}: the other one became one with the first, or came back; rows of " \
        "tables with `merge` (in `personal`) have gone along already",                             \
        "")                                                                                        \
    X(switched_on, HOOK_NOTIFY, "{}: the plugin itself was switched on", "")                       \
    X(switched_off, HOOK_NOTIFY, "{}: the plugin itself was switched off", "")

enum hook {
#define HOOK_NAME(name, kind, in, out) HOOK_##name,
    HOOKS(HOOK_NAME)
#undef HOOK_NAME
        HOOK_COUNT
};

struct hook_info {
    const char *name;
    enum hook_kind kind;
    const char *in, *out;
};
extern const struct hook_info hook_infos[HOOK_COUNT];
// HOOK_COUNT when there is no such hook.
enum hook hook_find(struct str name);

struct site;
struct unit;
struct hook_entry;

struct hook_call {
    const struct site *site;
    struct arena *arena;
    enum hook hook;
    struct value *in;
    struct value *out; // NULL: nothing to say
};

// False when the plugin failed: counted and shown to the manager, and skipped. Never waits longer
// than its budget.
typedef bool hook_run_fn(const struct hook_entry *entry, struct hook_call *call);

struct hook_entry {
    struct str plugin;
    hook_run_fn *run;
    void *data; // the plugin host's
};

struct hook_list {
    uint32_t count;
    const struct hook_entry *entries;
};

struct hook_refusal {
    struct str plugin, code, text; // code absent: nobody refused
};

// Defined in site.h: the site's list for a hook.
const struct hook_list *hook_list(const struct site *site, enum hook hook);

struct value *hook_filter(
    struct arena *a, const struct site *site, enum hook hook, struct value *in);
// A list of objects, each with `plugin` set.
struct value *hook_collect(
    struct arena *a, const struct site *site, enum hook hook, struct value *in);
// Appends the guards of every plugin to `u`; the first refusal ends it. A plugin that fails in a
// check refuses: selling past a broken guard would be worse.
struct hook_refusal hook_check(
    struct unit *u, struct arena *a, const struct site *site, enum hook hook, struct value *in);
// What a guard of a plugin said: its code begins with the plugin, "coupons.used_up".
struct hook_refusal hook_guard_refusal(struct str code);
// Writes a job for each plugin that listens.
void hook_notify(
    struct unit *u, struct arena *a, const struct site *site, enum hook hook, struct value *in);
// NULL when that plugin isn't on, doesn't answer this hook, or failed.
struct value *hook_ask(
    struct arena *a, const struct site *site, enum hook hook, struct str plugin, struct value *in);

// Given by the plugin host: turns {statement, params} of a check's answer into a statement of the
// unit; false when the plugin has no such statement.
extern bool (*hook_add_guard)(struct unit *u, struct str plugin, const struct value *guard);
