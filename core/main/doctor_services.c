#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "io/redis.h"
#include "io/redis_url.h"
#include "io/transfer.h"
#include "main/doctor.h"

enum { TRY_MS = 3000 };

static redisContext *connect_redis(struct str url)
{
    struct redis_url at;
    struct timeval limit = {.tv_sec = TRY_MS / 1000};
    if (!redis_url_parse(url, &at))
        return NULL;
    redisContext *c = at.path[0] ? redisConnectUnixWithTimeout(at.path, limit)
                                 : redisConnectWithTimeout(at.host, at.port, limit);
    if (!c || c->err || redisSetTimeout(c, limit) != REDIS_OK) {
        redisFree(c);
        return NULL;
    }
    if (at.password[0])
        freeReplyObject(at.user[0] ? redisCommand(c, "AUTH %s %s", at.user, at.password)
                                   : redisCommand(c, "AUTH %s", at.password));
    return c;
}

// A line of INFO: "maxmemory_policy:allkeys-lru".
static struct str info_of(struct str text, struct str name)
{
    while (text.p) {
        struct str line = str_trim(str_cut(&text, '\n'));
        struct str key = str_cut(&line, ':');
        if (str_eq(key, name) && line.p)
            return line;
    }
    return STR_NULL;
}

// What it holds can be lost, so it should forget the oldest instead of refusing the newest.
static void check_eviction(struct doctor *d)
{
    redisContext *c = connect_redis(str_of(d->config->redis_url));
    redisReply *r = c ? redisCommand(c, "INFO memory") : NULL;
    if (r && r->type == REDIS_REPLY_STRING) {
        struct str text = str_n(r->str, r->len);
        struct str policy = info_of(text, STR("maxmemory_policy"));
        if (str_is(info_of(text, STR("maxmemory")), "0"))
            doctor_mend_public(d, STR("Redis may take all memory there is"),
                "set maxmemory (256mb) and maxmemory-policy allkeys-lru in redis.conf");
        else if (!str_starts(policy, STR("allkeys-")))
            doctor_mend(d,
                str_join(d->a, STR("Redis refuses what is new when it is full ("), policy, STR(")"),
                    STR_NULL),
                "set maxmemory-policy allkeys-lru in redis.conf");
        else
            doctor_fine("Redis makes room by itself");
    }
    if (r)
        freeReplyObject(r);
    if (c)
        redisFree(c);
}

static void check_redis(struct doctor *d)
{
    if (!d->config->redis_url) {
        doctor_mend(d, STR("VITRINE_REDIS_URL isn't set"),
            "it works without; set it so that workers share what they cache");
        return;
    }
    if (!doctor_wait(redis_up)) {
        doctor_mend(d, STR("Redis doesn't answer"), "start it, or check VITRINE_REDIS_URL");
        return;
    }
    doctor_fine("Redis answers");
    check_eviction(d);
}

static void check_mail(struct doctor *d)
{
    struct str why;
    if (!d->config->smtp_url)
        doctor_mend_public(d, STR("VITRINE_SMTP_URL isn't set"),
            "mails are only written to the outbox folder; set it to send them");
    else if (transfer_smtp_try(d->a, str_of(d->config->smtp_url), &why))
        doctor_fine("the mail server takes us");
    else
        doctor_mend(d, str_join(d->a, STR("the mail server doesn't take us: "), why, STR_NULL),
            "check VITRINE_SMTP_URL; orders' mails wait as jobs meanwhile");
}

// Codes to telephones, for profiles of all venues.
static void check_texts(struct doctor *d)
{
    if (!d->config->text_url)
        doctor_mend_public(d, STR("VITRINE_TEXT_URL isn't set"),
            "text messages are only written to the outbox folder; set it to send them");
    else
        doctor_fine("text messages go to a gateway");
}

// The server as the proxy reaches it.
static void check_server(struct doctor *d)
{
    const struct config *c = d->config;
    bool any = str_is(c->listen_address, "0.0.0.0") || str_is(c->listen_address, "::");
    bool six = str_index(c->listen_address, ':') >= 0;
    struct str address = any ? six ? STR("::1") : STR("127.0.0.1") : c->listen_address;
    struct str at =
        str_format(d->a, six ? "[%.*s]:%d" : "%.*s:%d", STR_ARG(address), c->listen_port);
    struct str url = str_join(
        d->a, c->tls_certificate ? STR("https://") : STR("http://"), at, STR("/readyz"), STR_NULL);
    struct transfer_request ask = {.url = url, .timeout_ms = TRY_MS, .allow_private = true};
    struct transfer_response response;
    // Its certificate is for its public name, which isn't this address.
    if (c->tls_certificate)
        return;
    enum transfer_result result = transfer_http(d->a, &ask, &response);
    if (result != TRANSFER_DONE)
        doctor_mend_public(d, str_join(d->a, STR("nobody serves at "), at, STR_NULL),
            "start vitrine serve, or check VITRINE_LISTEN");
    else if (response.status != 200)
        doctor_mend(d, str_join(d->a, STR("the server at "), at, STR(" isn't ready"), STR_NULL),
            "its log says what it waits for");
    else
        doctor_fine("the server is ready");
}

static void check_webhooks(struct doctor *d)
{
    if (d->config->webhooks_to_self)
        doctor_mend_public(d, STR("VITRINE_WEBHOOKS_TO_SELF is on"),
            "sites can make the server talk to this machine's own services; leave it out");
}

void doctor_services(struct doctor *d)
{
    check_redis(d);
    check_mail(d);
    check_texts(d);
    check_server(d);
    check_webhooks(d);
}
