#include "domain/webhook_send.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/zone.h"
#include "data/audit.h"
#include "data/jobs.h"
#include "data/seal.h"
#include "domain/letter.h"
#include "domain/webhook.h"
#include "domain/webhook_send.sql.h"
#include "io/fiber.h"
#include "io/transfer.h"

enum { TIMEOUT_MS = 15000, AT_ONCE = 4, AT_ONCE_EVERYWHERE = 48 };
// A job hands over to the next after a while; its claim outlasts the lease of jobs.c.
enum { SENDS_MS = 25000, ONE_MS = 20000, CLAIM_S = 90 };
#define TRIED_FOR_US (3 * US_PER_DAY)
#define FAILS_FOR_US (5 * US_PER_DAY)
#define BUSY_PAUSE_US (5 * US_PER_SECOND)

struct value *(*webhook_data)(
    struct arena *a, struct site *site, enum event event, int64_t object, bool *gone);

static struct {
    bool own;
    int haste;
    int sending; // by all endpoints of this process
} sender = {.haste = 1};

// One endpoint's job, in its fiber.
struct sender_job {
    struct arena *arena;
    struct site *site;
    int64_t endpoint, job;
    struct str url, secrets[2];
    int secret_count;
    bool failing;
    int64_t failing_us; // since when; 0: it works
    bool later;         // something stood in the way here, not there
    int left;           // of a batch, under way
    struct wait *batch;
};

struct delivery {
    struct sender_job *job;
    int64_t id, event_id, object, created_us, round_us;
    int tries, round_tries;
    enum event event;
    const struct value *facts;
    struct str body;
};

// What a try came to.
struct outcome {
    int status;       // 0: no answer
    struct str fault; // absent: it was taken
    struct str answer;
    int64_t at_us, took_ms;
    bool hopeless; // trying again makes no sense
};

struct str webhook_signature(
    struct arena *a, int64_t at_us, struct str body, const struct str *secrets, int count)
{
    struct buf b;
    struct str seconds = str_of_i64(a, at_us / US_PER_SECOND);
    struct str message = str_join(a, seconds, STR("."), body, STR_NULL);
    buf_init(&b, a, 512);
    buf_add(&b, STR("t="));
    buf_add(&b, seconds);
    for (int i = 0; i < count; i++) {
        struct sha256 mac = hash_hmac_sha256(secrets[i], message);
        buf_add(&b, STR(",v1="));
        buf_add(&b, str_hex(a, mac.bytes, sizeof mac.bytes));
    }
    return buf_str(&b);
}

// When a delivery that has failed `tries` times, the first time after `first_us`, is tried again;
// 0: not any more.
static int64_t next_try_us(int tries, int64_t first_us, int64_t now_us)
{
    uint32_t random;
    static const int pauses_s[] = {60, 300, 1200, 3600, 3 * 3600, 6 * 3600, 12 * 3600};
    enum { LAST = sizeof pauses_s / sizeof *pauses_s - 1 };
    int64_t pause_us = pauses_s[tries - 1 < LAST ? tries - 1 : LAST] * US_PER_SECOND;
    int64_t end_us = first_us + TRIED_FOR_US;
    id_random_bytes(&random, sizeof random);
    // A quarter more or less, so that what failed together doesn't come back together.
    int64_t next_us = now_us + pause_us * 3 / 4 + (int64_t)(random % 1000) * pause_us / 2000;
    if (now_us >= end_us)
        return 0;
    return next_us < end_us ? next_us : end_us;
}

static bool make_body(struct arena *a, struct delivery *d, struct outcome *out)
{
    struct sender_job *job = d->job;
    bool gone = false;
    struct value *data = value_object(a);
    if (event_is_chosen(d->event))
        data = webhook_data(a, job->site, d->event, d->object, &gone);
    if (!data) {
        out->fault = gone ? STR("gone") : STR_NULL;
        out->hopeless = gone;
        return false;
    }
    struct value *v = value_object(a), *site = value_object(a);
    struct buf b;
    value_set_str(a, v, KEY(id), str_join(a, STR("evt_"), str_of_i64(a, d->event_id), STR_NULL));
    value_set_str(a, v, KEY(object), STR("event"));
    value_set_str(a, v, KEY(type), event_infos[d->event].name);
    value_set_str(a, v, KEY(api_version), STR("1"));
    value_set_int(a, v, KEY(created), d->created_us / US_PER_SECOND);
    value_set_str(a, v, KEY(created_at), instant_text(a, job->site->zone, d->created_us));
    value_set(a, v, KEY(site), site);
    value_set_str(a, site, KEY(slug), job->site->slug);
    value_set_str(a, site, KEY(name), job->site->name);
    value_set_bool(a, v, KEY(livemode), !job->site->practice);
    value_set(a, v, KEY(data), data);
    if (value_count(d->facts))
        value_set(a, data, KEY(change), (struct value *)d->facts);
    buf_init(&b, a, WEBHOOK_BODY_MAX);
    json_write(&b, v);
    out->hopeless = b.full;
    out->fault = b.full ? STR("too_large") : STR_NULL;
    d->body = buf_str(&b);
    return !b.full;
}

// The body as it was sent before, or is from now on. False with a fault, or without one when the
// database is away.
static bool find_body(struct arena *a, struct delivery *d, struct outcome *out)
{
    if (d->body.p)
        return true;
    if (!make_body(a, d, out))
        return false;
    struct str tenant = db_i64(a, d->job->site->tenant), id = db_i64(a, d->event_id);
    struct unit *u = unit_new(a, DB_WRITE, d->job->site->tenant);
    unit_route(u, (uint64_t)d->job->endpoint);
    unit_add(u, &SQL_webhook_set_body, tenant, id, d->body);
    int place = unit_add(u, &SQL_webhook_body, tenant, id);
    if (unit_run(u) != DB_OK || !unit_rows(u, place)->count)
        return false;
    d->body = rows_str(unit_rows(u, place), 0, KEY(body));
    return true;
}

static struct str fault_of(enum transfer_result result, int status)
{
    switch (result) {
    case TRANSFER_DONE:
        if (status >= 200 && status < 300)
            return STR_NULL;
        return status >= 300 && status < 400 ? STR("redirect") : STR("status");
    case TRANSFER_FORBIDDEN:
        return STR("private");
    case TRANSFER_UNKNOWN:
        return STR("unknown");
    case TRANSFER_UNTRUSTED:
        return STR("untrusted");
    case TRANSFER_LATE:
        return STR("late");
    case TRANSFER_TOO_LARGE:
        return STR("too_large");
    case TRANSFER_INVALID:
        return STR("invalid");
    case TRANSFER_BUSY:
    case TRANSFER_REFUSED:
    case TRANSFER_DEFERRED:
    case TRANSFER_UNREACHABLE:
        break;
    }
    return STR("unreachable");
}

// What came back, as far as it can be shown: cut in the middle of a character, or no text at all.
static struct str shown(struct arena *a, struct str answer)
{
    for (size_t cut = 0; cut < 4 && answer.len == WEBHOOK_ANSWER_MAX; cut++)
        if (str_utf8_valid(str_sub(answer, 0, answer.len - cut)))
            return str_sub(answer, 0, answer.len - cut);
    if (str_utf8_valid(answer))
        return answer;
    char *text = arena_new_array(a, char, answer.len + 1);
    for (size_t i = 0; i < answer.len; i++) {
        char c = answer.p[i];
        text[i] = (c >= ' ' && c <= '~') || c == '\n' ? c : '?';
    }
    return str_n(text, answer.len);
}

// False when nothing was tried.
static bool post(struct arena *a, const struct delivery *d, struct outcome *out)
{
    const struct sender_job *job = d->job;
    struct transfer_response response;
    out->at_us = clock_now_us();
    const struct transfer_header headers[] = {
        {STR("Content-Type"), STR("application/json; charset=utf-8")},
        {STR("User-Agent"), STR("Vitrine-Webhooks/1")},
        {STR(WEBHOOK_SIGNATURE),
            webhook_signature(a, out->at_us, d->body, job->secrets, job->secret_count)}};
    struct transfer_request request = {.method = STR("POST"),
        .url = job->url,
        .headers = headers,
        .header_count = sizeof headers / sizeof *headers,
        .body = d->body,
        .timeout_ms = TIMEOUT_MS / sender.haste,
        .max_response = WEBHOOK_ANSWER_MAX,
        .allow_own = sender.own,
        .clip = true};
    int64_t began_ms = clock_mono_ms();
    enum transfer_result result = transfer_http(a, &request, &response);
    out->took_ms = clock_mono_ms() - began_ms;
    out->status = response.status;
    out->fault = fault_of(result, response.status);
    out->answer = response.body.len ? shown(a, response.body) : STR_NULL;
    return result != TRANSFER_BUSY;
}

static bool note(struct arena *a, const struct delivery *d, const struct outcome *out)
{
    const struct sender_job *job = d->job;
    struct str tenant = db_i64(a, job->site->tenant), endpoint = db_i64(a, job->endpoint);
    bool failed = out->fault.p;
    int64_t next_us =
        failed && !out->hopeless ? next_try_us(d->round_tries + 1, d->round_us, clock_now_us()) : 0;
    struct str state = !failed ? STR("delivered") : next_us ? STR("waiting") : STR("given_up");
    struct unit *u = unit_new(a, DB_WRITE, job->site->tenant);
    unit_route(u, (uint64_t)job->endpoint);
    unit_add(u, &SQL_webhook_note_try, tenant, db_i64(a, d->id), db_i64(a, d->tries), state,
        next_us ? db_time(a, next_us) : STR_NULL, db_time(a, out->at_us), db_i64(a, out->took_ms),
        out->status ? db_i64(a, out->status) : STR_NULL, out->fault, out->answer);
    if (!failed)
        unit_add(u, &SQL_webhook_works, tenant, endpoint);
    else if (!out->hopeless)
        unit_add(u, &SQL_webhook_fails, tenant, endpoint, db_time(a, out->at_us));
    return unit_run(u) == DB_OK;
}

static void send_one(void *arg)
{
    struct delivery *d = arg;
    struct sender_job *job = d->job;
    struct arena *a = fiber_arena();
    struct outcome out = {.at_us = clock_now_us()};
    fiber_set_deadline(clock_mono_ms() + ONE_MS);
    // An event that only a newer version knows waits for that.
    bool tried = d->event < EVENT_COUNT && find_body(a, d, &out) && post(a, d, &out);
    if (tried || out.hopeless) {
        job->later |= !note(a, d, &out);
        job->failing = out.fault.p && !out.hopeless;
    } else {
        job->later = true;
    }
    if (--job->left == 0)
        wait_done(job->batch);
}

static void take_row(struct sender_job *job, const struct rows *r, int i, struct delivery *d)
{
    *d = (struct delivery){.job = job,
        .id = rows_i64(r, i, KEY(delivery_id)),
        .event_id = rows_i64(r, i, KEY(event_id)),
        .object = rows_i64(r, i, KEY(object_id)),
        .created_us = rows_us(r, i, KEY(created_us)),
        .round_us = rows_us(r, i, KEY(round_us)),
        .tries = (int)rows_i64(r, i, KEY(tries)),
        .round_tries = (int)rows_i64(r, i, KEY(round_tries)),
        .event = event_find(rows_str(r, i, KEY(type))),
        .facts = rows_json(job->arena, r, i, KEY(facts)),
        .body = rows_str(r, i, KEY(body))};
}

// Sends what is due, as many at once as there is room for. How many there were; -1 when that wasn't
// possible now.
static int send_batch(struct sender_job *job, struct arena *a)
{
    struct wait all = {0};
    int room = job->failing ? 1 : AT_ONCE_EVERYWHERE - sender.sending;
    room = room < 1 ? 1 : room > AT_ONCE ? AT_ONCE : room;
    struct unit *u = unit_new(a, DB_WRITE, job->site->tenant);
    int place = unit_add(u, &SQL_webhook_due, db_i64(a, job->site->tenant),
        db_i64(a, job->endpoint), db_time(a, clock_now_us()), db_i64(a, room));
    if (unit_run(u) != DB_OK)
        return -1;
    const struct rows *r = unit_rows(u, place);
    struct delivery *deliveries = arena_new_array(a, struct delivery, (size_t)r->count + 1);
    job->batch = &all;
    job->left = r->count;
    sender.sending += r->count;
    for (int i = 0; i < r->count; i++) {
        take_row(job, r, i, &deliveries[i]);
        if (!fiber_start(send_one, &deliveries[i], NULL)) {
            job->later = true;
            if (--job->left == 0)
                wait_done(&all);
        }
    }
    // Each of them has a deadline of its own.
    if (r->count)
        fiber_wait(&all, -1);
    sender.sending -= r->count;
    return job->later ? -1 : r->count;
}

static bool claim(struct sender_job *job, bool *ours)
{
    struct arena *a = job->arena;
    int64_t now = clock_now_us();
    struct unit *u = unit_new(a, DB_WRITE, job->site->tenant);
    unit_route(u, (uint64_t)job->endpoint);
    int place =
        unit_add(u, &SQL_webhook_claim, db_i64(a, job->site->tenant), db_i64(a, job->endpoint),
            db_i64(a, job->job), db_time(a, now), db_time(a, now + CLAIM_S * US_PER_SECOND));
    if (unit_run(u) != DB_OK)
        return false;
    const struct rows *r = unit_rows(u, place);
    *ours = r->count > 0;
    if (!*ours)
        return true;
    struct str sealed[2] = {rows_str(r, 0, KEY(secret)), rows_str(r, 0, KEY(old_secret))};
    job->url = rows_str(r, 0, KEY(url));
    job->failing_us = rows_i64_or(r, 0, KEY(failing_us), 0);
    job->failing = job->failing_us != 0;
    job->secret_count = 0;
    for (int i = 0; i < 2; i++) {
        if (i && (!sealed[i].p || rows_us(r, 0, KEY(old_until_us)) <= now))
            continue;
        struct str secret = seal_open(a, job->site->tenant, STR(WEBHOOK_SEAL), sealed[i]);
        if (secret.p)
            job->secrets[job->secret_count++] = secret;
    }
    return true;
}

// Lets go of it, and comes back when something is due next.
static bool hand_over(struct sender_job *job)
{
    struct arena *a = job->arena;
    struct str tenant = db_i64(a, job->site->tenant), endpoint = db_i64(a, job->endpoint);
    struct unit *u = unit_new(a, DB_WRITE, job->site->tenant);
    unit_route(u, (uint64_t)job->endpoint);
    unit_add(u, &SQL_webhook_release, tenant, endpoint, db_i64(a, job->job));
    int place = unit_add(u, &SQL_webhook_next, tenant, endpoint);
    if (unit_run(u) != DB_OK)
        return false;
    if (!unit_rows(u, place)->count)
        return true;
    int64_t next_us = rows_us(unit_rows(u, place), 0, KEY(next_us)), now = clock_now_us();
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(endpoint), endpoint);
    u = unit_new(a, DB_WRITE, job->site->tenant);
    job_add(u, STR(WEBHOOK_JOB), payload, next_us > now ? next_us : now,
        str_join(a, endpoint, STR("/"), str_of_i64(a, next_us), STR_NULL));
    return unit_run(u) == DB_OK;
}

// Nothing arrived for days: it is switched off, and its owners hear of it.
static bool switch_off(struct sender_job *job)
{
    struct arena *a = job->arena;
    struct str tenant = db_i64(a, job->site->tenant), endpoint = db_i64(a, job->endpoint);
    struct value *arguments = value_object(a), *after = value_object(a);
    struct unit *u = unit_new(a, DB_WRITE, job->site->tenant);
    unit_route(u, (uint64_t)job->endpoint);
    unit_add(u, &SQL_webhook_fail_off, tenant, endpoint, db_time(a, clock_now_us() - FAILS_FOR_US));
    unit_add(u, &SQL_webhook_stop, tenant, endpoint);
    value_set_str(a, arguments, KEY(url), job->url);
    value_set_str(a, arguments, KEY(venue), job->site->name);
    letter_to_owners(u, &(struct letter){.key = STR("webhook_off"),
                            .arguments = arguments,
                            .path = str_join(a, STR("/manage/webhooks/"), endpoint, STR_NULL)});
    value_set_str(a, after, KEY(state), STR("failed"));
    audit_add(u, &(struct audit){.actor_kind = STR("system"),
                     .actor_name = STR("Vitrine"),
                     .action = STR("webhook.fail_off"),
                     .object_kind = STR("webhook"),
                     .object_id = endpoint,
                     .after = after});
    enum db_result result = unit_run(u);
    return result == DB_OK || result == DB_REFUSED;
}

static enum job_result send_all(struct sender_job *job)
{
    bool ours = false;
    int64_t until_ms = clock_mono_ms() + SENDS_MS;
    int sent = 1;
    if (!claim(job, &ours))
        return JOB_RETRY;
    while (ours && sent > 0 && clock_mono_ms() < until_ms) {
        struct arena *batch = arena_new();
        sent = send_batch(job, batch);
        arena_free(batch);
    }
    if (!ours)
        return JOB_DONE;
    bool too_long =
        job->failing && job->failing_us && job->failing_us <= clock_now_us() - FAILS_FOR_US;
    if (too_long && !switch_off(job))
        sent = -1;
    return hand_over(job) && sent >= 0 ? JOB_DONE : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct site *site;
    struct sender_job s = {.arena = fiber_arena(), .job = job->id};
    if (!str_to_i64(value_get_str(job->payload, KEY(endpoint)), &s.endpoint))
        return JOB_FAILED;
    enum site_result found = site_acquire_by_tenant(job->tenant, &site);
    if (found != SITE_FOUND)
        return found == SITE_UNKNOWN ? JOB_DONE : JOB_RETRY;
    s.site = site;
    enum job_result result = send_all(&s);
    site_release(site);
    if (result == JOB_RETRY) {
        job->error = STR("busy, or the database was away");
        job->retry_at_us = clock_now_us() + BUSY_PAUSE_US;
    }
    return result;
}

bool webhook_own_allowed(void)
{
    return sender.own;
}

void webhook_send_start(bool own, int haste)
{
    sender.own = own;
    sender.haste = haste;
    // JSON that comes in knows keys that somebody has named.
    for (int i = 0; i < EVENT_COUNT; i++) {
        value_key_intern(event_infos[i].name);
        value_key_intern(event_infos[i].field);
    }
    job_handler(WEBHOOK_JOB, run);
    job_slow(WEBHOOK_JOB);
    // Its end is when nothing is due any more, not a number of tries.
    job_policy(WEBHOOK_JOB, 100000, JOB_DEADLINE_MS);
}
