#include "domain/text_message.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "data/jobs.h"
#include "io/fiber.h"
#include "io/outbox.h"
#include "io/transfer.h"

enum { TRIES = 4, DEADLINE_MS = 30000, TIMEOUT_MS = 15000, MESSAGE_MAX = 4000 };

static struct str gateway_url, state_folder;

void text_message_add(struct unit *u, const struct text_message *m)
{
    struct arena *a = unit_arena(u);
    struct value *payload = value_object(a);
    value_set_str(a, payload, KEY(to), m->to);
    value_set_str(a, payload, KEY(text), m->text);
    value_set_int(a, payload, KEY(until_us), m->until_us);
    value_set_str(a, payload, KEY(customer_id), str_of_i64(a, m->customer));
    job_add(u, STR(TEXT_MESSAGE_JOB), payload, clock_now_us(), STR_NULL);
}

static struct str body_of(struct arena *a, const struct job *job)
{
    struct value *v = value_object(a);
    struct buf b;
    value_set_str(a, v, KEY(id), str_of_i64(a, job->id));
    value_set_str(a, v, KEY(to), value_get_str(job->payload, KEY(to)));
    value_set_str(a, v, KEY(text), value_get_str(job->payload, KEY(text)));
    buf_init(&b, a, MESSAGE_MAX);
    json_write(&b, v);
    return buf_str(&b);
}

static enum job_result write_to_folder(struct arena *a, const struct job *job)
{
    struct str folder = str_join(a, state_folder, STR("/outbox"), STR_NULL);
    struct str message = str_join(a, STR("To: "), value_get_str(job->payload, KEY(to)),
        STR("@telephone.invalid\r\nSubject: Text message\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n\r\n"),
        value_get_str(job->payload, KEY(text)), STR("\r\n"), STR_NULL);
    return outbox_write(a, folder, str_of_i64(a, job->id), message, NULL) ? JOB_DONE : JOB_RETRY;
}

static enum job_result post(struct arena *a, struct job *job)
{
    struct transfer_header type = {STR("content-type"), STR("application/json")};
    struct transfer_request request = {.method = STR("POST"),
        .url = gateway_url,
        .headers = &type,
        .header_count = 1,
        .body = body_of(a, job),
        .timeout_ms = TIMEOUT_MS,
        .allow_private = true,
        .clip = true};
    struct transfer_response response;
    enum transfer_result result = transfer_http(a, &request, &response);
    if (result == TRANSFER_DONE && response.status / 100 == 2)
        return JOB_DONE;
    job->error = result == TRANSFER_DONE ? str_format(a, "the gateway says %d", response.status)
                                         : transfer_result_name(result);
    bool refused = result == TRANSFER_DONE && response.status / 100 == 4 && response.status != 429;
    return refused ? JOB_FAILED : JOB_RETRY;
}

static enum job_result run(struct job *job)
{
    struct arena *a = fiber_arena();
    if (value_get_int(job->payload, KEY(until_us), 0) <= clock_now_us())
        return JOB_DONE;
    return gateway_url.len ? post(a, job) : write_to_folder(a, job);
}

void text_message_start(struct str gateway, struct str state)
{
    gateway_url = gateway;
    state_folder = state;
    job_handler(TEXT_MESSAGE_JOB, run);
    job_policy(TEXT_MESSAGE_JOB, TRIES, DEADLINE_MS);
}
