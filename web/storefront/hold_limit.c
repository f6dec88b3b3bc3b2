#include "web/storefront/hold_limit.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/form.h"
#include "http/respond.h"
#include "io/address.h"
#include "io/redis.h"
#include "web/web.h"

enum { WINDOW_S = 600 };

static int64_t now_s(void)
{
    return clock_now_us() / 1000000;
}

static int64_t count(struct request *r, int64_t places)
{
    int64_t total;
    struct str key = str_format(r->arena, "holds:%lld:%lld:%.*s", (long long)r->site->tenant,
        (long long)(now_s() / WINDOW_S), STR_ARG(address_network(r->arena, r->remote)));
    return redis_count(key, places, WINDOW_S * 1000, &total) == REDIS_DONE ? total : 0;
}

static bool is_counted(struct request *r, int64_t places)
{
    return places > 0 && web_config()->holds_per_address &&
           !address_is_loopback(str_z(r->arena, r->remote));
}

// More than anybody may have at once is refused by the offer's own limit, in its own words.
static int64_t counted(int64_t places)
{
    return places < web_config()->holds_per_address ? places : web_config()->holds_per_address;
}

bool hold_limit_take(struct request *r, int64_t places, const char *field)
{
    if (!is_counted(r, places) || count(r, counted(places)) <= web_config()->holds_per_address)
        return true;
    hold_limit_give_back(r, places);
    log_warn("too many holds from one address", "address", r->remote);
    int64_t wait_s = WINDOW_S - now_s() % WINDOW_S;
    respond_retry_after(r, wait_s);
    form_refuse_text(r, field, "too_many_holds",
        message(r->arena, r->words, STR("error.too_many_holds"), "minutes",
            value_int(r->arena, (wait_s + 59) / 60), NULL));
    return false;
}

void hold_limit_give_back(struct request *r, int64_t places)
{
    if (is_counted(r, places))
        count(r, -counted(places));
}
