// The plugin API of Vitrine in C. A plugin is a shared object with one exported symbol,
// `vitrine_plugin`, that names its functions; plugin.json says when they are called. Lua plugins
// have the same calls under the same names: vt_db_read here is db.read there. plugins/README.md is
// the manual.
//
// Everything a call returns lives in its arena until the call is over; there is nothing to free.
// Code is straight-line: a call that waits (database, network) suspends its fiber, others go on.
// What fails is remembered: vt_failed() tells, later calls do nothing and return nothing, and a
// function that returns so counts as failed. vt_forgive() goes on after a failure that was
// expected. Call these functions from the thread that called you.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_API __attribute__((visibility("default")))

// Raised when a plugin built before can't be used any more.
enum { VT_ABI = 1 };

// Borrowed bytes, usually UTF-8; {NULL, 0} is absent.
struct vt_str {
    const char *p;
    size_t len;
};

#define VT(literal) ((struct vt_str){"" literal, sizeof(literal) - 1})
#define VT_NULL ((struct vt_str){NULL, 0})

// A call of the plugin: by a hook, a route or a job, for one site.
struct vt_call;
// null, boolean, integer, real, text, list or object. NULL is absent like null.
struct vt_value;

// ---- What a plugin exports

typedef struct vt_value *vt_hook_fn(struct vt_call *call, struct vt_value *in);
// Ends with one vt_response_… call.
typedef void vt_route_fn(struct vt_call *call, struct vt_value *request);
enum vt_job_result { VT_JOB_DONE, VT_JOB_RETRY, VT_JOB_FAILED };
typedef enum vt_job_result vt_job_fn(struct vt_call *call, struct vt_value *data);

struct vt_hook {
    const char *name;
    vt_hook_fn *run;
};

struct vt_route {
    const char *handler; // as in plugin.json
    vt_route_fn *run;
};

struct vt_job {
    const char *name;
    vt_job_fn *run;
};

// Tables end with an empty row; NULL is an empty table.
struct vt_plugin {
    uint32_t abi;  // VT_ABI
    uint32_t size; // sizeof(struct vt_plugin)
    const char *name;
    const struct vt_hook *hooks;
    const struct vt_route *routes;
    const struct vt_job *jobs;
};

extern VT_API const struct vt_plugin vitrine_plugin;

#define VT_PLUGIN(plugin_name, ...)                  \
    VT_API const struct vt_plugin vitrine_plugin = { \
        .abi = VT_ABI, .size = sizeof(struct vt_plugin), .name = plugin_name, __VA_ARGS__}

// ---- Failures

// Remembers a failure with its text; returns NULL for `return vt_fail(call, VT("…"))`.
VT_API struct vt_value *vt_fail(struct vt_call *call, struct vt_str text);
VT_API bool vt_failed(const struct vt_call *call);
// What failed, then goes on as if nothing had.
VT_API struct vt_str vt_forgive(struct vt_call *call);

// ---- Values

VT_API void *vt_alloc(struct vt_call *call, size_t size); // zeroed
VT_API struct vt_str vt_str_of(const char *zero_terminated);
VT_API bool vt_str_eq(struct vt_str a, struct vt_str b);
// For texts that people read; never for SQL, HTML or URLs.
VT_API __attribute__((format(printf, 2, 3))) struct vt_str vt_str_format(
    struct vt_call *call, const char *format, ...);

VT_API struct vt_value *vt_text(struct vt_call *call, struct vt_str s);
VT_API struct vt_value *vt_int(struct vt_call *call, int64_t n);
VT_API struct vt_value *vt_bool(struct vt_call *call, bool b);
VT_API struct vt_value *vt_list(struct vt_call *call);
VT_API struct vt_value *vt_object(struct vt_call *call);
// A list of these values, up to the first NULL (vt_null() stands for absent).
VT_API struct vt_value *vt_list_of(struct vt_call *call, ...) __attribute__((sentinel));
VT_API struct vt_value *vt_null(void);

VT_API void vt_append(struct vt_call *call, struct vt_value *list, struct vt_value *item);
VT_API void vt_set(
    struct vt_call *call, struct vt_value *object, const char *field, struct vt_value *v);
VT_API void vt_set_text(
    struct vt_call *call, struct vt_value *object, const char *field, struct vt_str s);
VT_API void vt_set_int(struct vt_call *call, struct vt_value *object, const char *field, int64_t n);
VT_API void vt_set_bool(struct vt_call *call, struct vt_value *object, const char *field, bool b);

VT_API struct vt_value *vt_get(const struct vt_value *object, const char *field);
VT_API struct vt_str vt_get_text(const struct vt_value *object, const char *field);
VT_API int64_t vt_get_int(const struct vt_value *object, const char *field, int64_t otherwise);
VT_API bool vt_get_bool(const struct vt_value *object, const char *field, bool otherwise);
VT_API size_t vt_count(const struct vt_value *list_or_object);
VT_API struct vt_value *vt_at(const struct vt_value *list, size_t i);
VT_API struct vt_str vt_as_text(const struct vt_value *v);
VT_API int64_t vt_as_int(const struct vt_value *v, int64_t otherwise);
VT_API bool vt_as_bool(const struct vt_value *v, bool otherwise);

// ---- The site and its settings

VT_API struct vt_value *vt_site_info(struct vt_call *call);
VT_API struct vt_value *vt_settings_get(struct vt_call *call, struct vt_str name);

// ---- Database: named statements of the plugin's sql/*.sql; $1 is the site, given by the host

VT_API struct vt_value *vt_db_read(
    struct vt_call *call, struct vt_str statement, struct vt_value *params);
VT_API struct vt_value *vt_db_read_all(struct vt_call *call, struct vt_value *statements);
// NULL and `*refused` is a guard's code when one said no (not a failure).
VT_API struct vt_value *vt_db_write(
    struct vt_call *call, struct vt_value *steps, struct vt_str *refused);
// Appends a step to the list for vt_db_write: {statement, params}.
VT_API void vt_db_step(
    struct vt_call *call, struct vt_value *steps, struct vt_str statement, struct vt_value *params);

// ---- Cache: computed once, kept for seconds, dropped when the office changes anything

typedef struct vt_value *vt_make_fn(struct vt_call *call, void *arg);
VT_API struct vt_value *vt_cache_get(
    struct vt_call *call, struct vt_str key, int64_t seconds, vt_make_fn *make, void *arg);

// ---- Orders

VT_API struct vt_value *vt_order_get(struct vt_call *call, struct vt_str id);
// The placed order of this code for who bought it: with its link's token, from the session that
// did, or for the logged-in customer whose order it is. Also has `token` and `path`, of its page.
// NULL for everybody else.
VT_API struct vt_value *vt_order_open(
    struct vt_call *call, struct vt_str code, struct vt_str token);
// The path of a placed order's page, with its link's token: only for who the order is for.
VT_API struct vt_str vt_order_path(struct vt_call *call, struct vt_str id, struct vt_str code);
// What comes back for lines [{line, share_ppm}]: {version, value_minor, back_minor, waived_minor,
// kept_minor, lines, ways: [{provider, title, amount_minor}]}. NULL and `*refused` is a code:
// not_found, already, empty.
VT_API struct vt_value *vt_order_quote(
    struct vt_call *call, struct vt_str id, struct vt_value *lines, struct vt_str *refused);
// Cancels {id, lines, version, back_minor, reason, guards, silent}: the quote again, or nothing and
// a code as above, changed, or a guard's own. Guards are steps as of vt_db_write, statements only.
VT_API struct vt_value *vt_order_cancel(
    struct vt_call *call, struct vt_value *what, struct vt_str *refused);

// ---- Bookings by staff, through the box office's channel, paid at the venue

// What stands in the way at each of `times` ("2026-03-29T18:00" by the venue's clock, 500 at most)
// of {offer, resource, quantity, times, own}: a list of {time, at_us, slot, obstacle, why, twice,
// opens_us}. `own` are ids of lines that are to move and don't count. NULL: no such offer.
VT_API struct vt_value *vt_booking_look(struct vt_call *call, struct vt_value *ask);
// Books {session, parts: [{slot, resource, counts: [{key, count}]}], customer, name, email, phone,
// language, silent, guards}, all parts as one order: {order, lines}, or nothing with a code, and
// `*part` the part that was refused or -1. The same session again goes on where a try ended.
VT_API struct vt_value *vt_booking_make(
    struct vt_call *call, struct vt_value *what, struct vt_str *refused, int64_t *part);
// Moves {id, lines: [{line, slot, resource}], reason, guards} to other slots of their offer, or to
// another resource: true, or nothing with a code.
VT_API struct vt_value *vt_booking_move(
    struct vt_call *call, struct vt_value *what, struct vt_str *refused);

// ---- Customers by the hundred, for who has read them somewhere

// Whether the addresses of `claims`, a list of {email, name, phone, gender, birthdate}, are
// verified persons', and fit: a list beside it of texts: "" nobody's, same, differs, tried (too
// often). What is empty says nothing. `by` as below.
VT_API struct vt_value *vt_customers_check(
    struct vt_call *call, struct vt_value *claims, struct vt_value *by);
// Groups of the site's customers that plugins keep: a list of {plugin, id, names, members:
// [{customer, until}]}, members among `ids`.
VT_API struct vt_value *vt_customers_groups(struct vt_call *call, struct vt_value *ids);
// Writes {rows, by: {id, name}, action, statement, params} as one unit: a row is {do: make, alter,
// unmake or keep, id, version, first_name, last_name, email, phone, gender, birthdate, put:
// {plugin, group, until}, out: {plugin, group}}. Answers a list beside it of texts: done, changed,
// taken, gone, verified. The plugin's statement is run with them as its last parameter, [{id,
// result}].
VT_API struct vt_value *vt_customers_save(struct vt_call *call, struct vt_value *what);

// ---- Stored value: points, credits, wallets, gift cards

// The id of the plugin's account {code, unit, customer}, opened if there is none.
VT_API struct vt_str vt_ledger_open(struct vt_call *call, struct vt_value *account);
// Moves value by steps {op, key, kind, unit, accounts, amount, other, of, until_us, as_far, order,
// line, note}, all or none, in one unit with the guards (may be NULL): a list of {id, taken,
// already}. NULL and `*refused` is a code: short, too_much, ended, not_found, expired, amount,
// no_account, key_reused or a guard's own.
VT_API struct vt_value *vt_ledger_post(
    struct vt_call *call, struct vt_value *steps, struct vt_value *guards, struct vt_str *refused);
// {available, held, total, expires_us} of accounts of the plugin.
VT_API struct vt_value *vt_ledger_balance(struct vt_call *call, struct vt_value *accounts);
// Movements of an account of the plugin, newest first, those before the posting (absent: all).
VT_API struct vt_value *vt_ledger_movements(
    struct vt_call *call, struct vt_str account, struct vt_str before, int64_t limit);

// ---- Payments, for plugins that provide them: asks the plugin's hook payment_status about the
// payment that has this reference, and settles it. {state}, or NULL when there is no such payment

VT_API struct vt_value *vt_payments_ask(struct vt_call *call, struct vt_str reference);

// ---- Tries on what may be guessed, counted in the database

struct vt_attempt {
    struct vt_str purpose;  // a word of the plugin: "code"
    struct vt_str identity; // whose tries: a network address, a session
    int64_t limit, seconds; // so many in a window that begins with the first
};
// False when there were too many; `*wait_s` (may be NULL) is how long to wait.
VT_API bool vt_attempts_take(struct vt_call *call, const struct vt_attempt *what, int64_t *wait_s);

// ---- What follows later

VT_API bool vt_jobs_add(
    struct vt_call *call, struct vt_str job, struct vt_value *data, int64_t at_us);
VT_API bool vt_mail_send(
    struct vt_call *call, struct vt_str key, struct vt_str to, struct vt_value *variables);

// ---- Requests and answers, in routes

VT_API struct vt_str vt_site_url(struct vt_call *call, struct vt_str path);
VT_API struct vt_str vt_site_absolute_url(struct vt_call *call, struct vt_str path);
// A field that is refused already keeps its words.
VT_API void vt_form_refuse(struct vt_call *call, struct vt_str field, struct vt_str text);

// The row that a statement reads by its one parameter, a number as it stood in the address; NULL,
// and not found is answered, when there is none.
VT_API struct vt_value *vt_response_found(
    struct vt_call *call, struct vt_str statement, struct vt_str number);
VT_API void vt_response_page(
    struct vt_call *call, int status, struct vt_str page, struct vt_value *view);
VT_API void vt_response_invalid(struct vt_call *call, struct vt_str page, struct vt_value *view);
VT_API void vt_response_json(struct vt_call *call, int status, struct vt_value *v);
VT_API void vt_response_done(
    struct vt_call *call, int status, struct vt_str path, struct vt_value *view);
VT_API void vt_response_redirect(struct vt_call *call, struct vt_str url);
VT_API void vt_response_problem(struct vt_call *call, struct vt_str problem);
VT_API void vt_response_download(
    struct vt_call *call, struct vt_str file_name, struct vt_str type, struct vt_str bytes);
// `columns` [{name, label, type}], `statement` [name, parameter …].
VT_API void vt_response_sheet(struct vt_call *call, struct vt_str file_name,
    struct vt_value *columns, struct vt_value *statement);

// ---- Words and forms of the reader's language

// From now on the reader is somebody else: in jobs, whoever gets the mail. A language that the site
// doesn't speak changes nothing.
VT_API void vt_speak(struct vt_call *call, struct vt_str language);
VT_API struct vt_str vt_translate_text(
    struct vt_call *call, struct vt_str key, struct vt_value *args);
// Of texts by language the reader's, or the one's of `language` unless that is VT_NULL.
VT_API struct vt_str vt_translate_choose(
    struct vt_call *call, struct vt_value *texts, struct vt_str language);
VT_API struct vt_str vt_format_money(struct vt_call *call, int64_t minor);
VT_API struct vt_str vt_format_date(struct vt_call *call, int64_t at_us);
VT_API struct vt_str vt_format_time(struct vt_call *call, int64_t at_us);
VT_API struct vt_str vt_format_number(struct vt_call *call, int64_t n);
VT_API struct vt_str vt_format_percent(struct vt_call *call, int64_t share_ppm);

// ---- The outside

VT_API struct vt_value *vt_http_fetch(struct vt_call *call, struct vt_value *request);

// ---- Amounts, texts, time, secrets

VT_API bool vt_money_add(int64_t a, int64_t b, int64_t *sum);
VT_API bool vt_money_multiply(int64_t amount, int64_t quantity, int64_t *product);
VT_API int64_t vt_money_share(int64_t amount, int64_t share_ppm);
VT_API bool vt_money_parse(struct vt_call *call, struct vt_str text, int64_t *minor);
VT_API struct vt_str vt_text_fold(struct vt_call *call, struct vt_str s);
VT_API bool vt_text_is_email(struct vt_str s);
// A telephone number in E.164; `region` ("ES", absent: the site's) is meant without a prefix.
// Absent when no such number can exist.
VT_API struct vt_str vt_text_phone(struct vt_call *call, struct vt_str typed, struct vt_str region);
VT_API struct vt_str vt_json_encode(struct vt_call *call, struct vt_value *v);
// Keeps the fields that `fields` (ended by NULL) names, at every depth; others are dropped.
VT_API struct vt_value *vt_json_decode(
    struct vt_call *call, struct vt_str text, const char *const *fields);
VT_API int64_t vt_time_now(void); // seconds since 1970
VT_API struct vt_str vt_crypto_hmac_sha256(
    struct vt_call *call, struct vt_str key, struct vt_str message);
VT_API bool vt_crypto_same(struct vt_str a, struct vt_str b);
VT_API struct vt_str vt_crypto_token(struct vt_call *call);
VT_API struct vt_str vt_crypto_sign(struct vt_call *call, struct vt_str message);

// ---- Log: structured, with plugin, site and request; no names, no addresses, no codes

VT_API void vt_log_debug(struct vt_call *call, struct vt_str text);
VT_API void vt_log_info(struct vt_call *call, struct vt_str text);
VT_API void vt_log_warn(struct vt_call *call, struct vt_str text);
VT_API void vt_log_error(struct vt_call *call, struct vt_str text);
