#include "io/target.h"

#include <curl/curl.h>

#include "base/check.h"
#include "io/address.h"
#include "io/transfer.h"

enum { PORT_FIRST_FREE = 1024, LOOK_UP_MS = 5000 };

// Services above 1023 that take what isn't meant for them: what browsers block, and stores.
static const int foreign_ports[] = {1719, 1720, 1723, 2049, 2375, 2379, 3306, 3389, 3659, 4045,
    4190, 5060, 5061, 5432, 5672, 5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
    9042, 9092, 9200, 9300, 10080, 10250, 11211, 27017};

static bool port_fits(struct str text, bool own)
{
    int64_t port = 0;
    str_to_i64(text, &port);
    for (size_t i = 0; i < sizeof foreign_ports / sizeof *foreign_ports; i++)
        if (port == foreign_ports[i])
            return false;
    return port == 443 || port >= PORT_FIRST_FREE || (own && port == 80);
}

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '\\')
            return false;
    return s.len > 0 && s.len <= TARGET_MAX;
}

// A part of it in the arena; absent when there is none.
static struct str part_of(struct arena *a, CURLU *parts, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    struct str part = STR_NULL;
    if (curl_url_get(parts, which, &text, flags) == CURLUE_OK)
        part = str_dup(a, str_of(text));
    curl_free(text);
    return part;
}

static enum target_fault judge(struct arena *a, CURLU *parts, bool own)
{
    struct str scheme = part_of(a, parts, CURLUPART_SCHEME, 0);
    struct str host = str_lower(a, part_of(a, parts, CURLUPART_HOST, 0));
    struct str port = part_of(a, parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    bool https = str_is(scheme, "https");
    if ((!https && !str_is(scheme, "http")) || !host.len || !port.p)
        return TARGET_MALFORMED;
    if (part_of(a, parts, CURLUPART_USER, 0).p || part_of(a, parts, CURLUPART_PASSWORD, 0).p)
        return TARGET_SECRETS;
    own = own && address_is_loopback(host.p);
    if (!https && !own)
        return TARGET_PLAIN;
    if (!port_fits(port, own))
        return TARGET_PORT;
    // A name for machines of one house; the look-up would say so too, later.
    if (!own && host.p[0] != '[' && str_index(host, '.') < 0)
        return TARGET_PRIVATE;
    check(curl_url_set(parts, CURLUPART_HOST, host.p, 0) == CURLUE_OK);
    curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
    return TARGET_GOOD;
}

enum target_fault target_read(struct arena *a, struct str typed, bool own, struct str *url)
{
    *url = STR_NULL;
    if (!is_printable(typed))
        return TARGET_MALFORMED;
    CURLU *parts = curl_url();
    check(parts);
    enum target_fault fault = TARGET_MALFORMED;
    if (curl_url_set(parts, CURLUPART_URL, str_z(a, typed), 0) == CURLUE_OK)
        fault = judge(a, parts, own);
    if (fault == TARGET_GOOD)
        *url = part_of(a, parts, CURLUPART_URL, 0);
    curl_url_cleanup(parts);
    return fault == TARGET_GOOD && !url->len ? TARGET_MALFORMED : fault;
}

enum target_fault target_resolve(struct arena *a, struct str url, bool own)
{
    struct transfer_request ask = {.url = url, .allow_own = own, .timeout_ms = LOOK_UP_MS};
    switch (transfer_resolve(a, &ask)) {
    case TRANSFER_DONE:
        return TARGET_GOOD;
    case TRANSFER_FORBIDDEN:
        return TARGET_PRIVATE;
    case TRANSFER_UNKNOWN:
        return TARGET_UNKNOWN;
    case TRANSFER_INVALID:
        return TARGET_MALFORMED;
    default:
        return TARGET_BUSY;
    }
}
