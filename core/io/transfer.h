// Outgoing HTTP and SMTP through libcurl; each call suspends the calling fiber until there is an
// answer or its time is over. Redirects are never followed, only http and https are
// spoken, what comes back has a limit, and addresses that aren't public are refused unless the
// caller allows them: settings of a site must not reach the inside of the installation. Nothing is
// repeated here; jobs decide about trying again.
#pragma once

#include "base/str.h"

enum transfer_result {
    TRANSFER_DONE,        // HTTP: an answer of any status; SMTP: the message was accepted
    TRANSFER_INVALID,     // the request itself: scheme, method, header, address, line break
    TRANSFER_FORBIDDEN,   // the name leads to an address that isn't public
    TRANSFER_REFUSED,     // SMTP: refused for good (5xx)
    TRANSFER_DEFERRED,    // SMTP: refused for now (4xx, login, no TLS)
    TRANSFER_UNKNOWN,     // no such host
    TRANSFER_UNTRUSTED,   // no TLS, or a certificate that isn't the host's
    TRANSFER_UNREACHABLE, // no connection, or it broke off
    TRANSFER_LATE,        // not finished in time; it may still have happened
    TRANSFER_TOO_LARGE,   // the answer passed its limit
    TRANSFER_BUSY,        // too many transfers run in this process
};

enum { TRANSFER_ACTIVE_MAX = 64, TRANSFER_MAILS_MAX = 32, TRANSFER_HEADERS_MAX = 64 };

struct transfer_header {
    struct str name, value;
};

struct transfer_request {
    struct str method; // "GET" when absent
    struct str url;
    const struct transfer_header *headers;
    size_t header_count;
    struct str body;
    int64_t timeout_ms;  // 10 s when 0; connecting gets 5 s of it at most
    size_t max_response; // 1 MB when 0; of body
    bool allow_private;  // only for addresses that the operator chose
    // A host that is named as this machine (address_is_loopback), where the operator lets sites.
    bool allow_own;
    bool clip; // an answer past max_response is cut there, and done
};

struct transfer_response {
    int status;
    struct transfer_header headers[TRANSFER_HEADERS_MAX];
    size_t header_count;
    struct str body;
};

void transfer_init(void);
// No call is waiting any more.
void transfer_fini(void);
// HTTP calls that run now, for draining and metrics.
int transfer_active(void);

// From a fiber. `response` is filled from the arena on TRANSFER_DONE.
enum transfer_result transfer_http(
    struct arena *a, const struct transfer_request *request, struct transfer_response *response);
// Whether all addresses of the URL's host may be spoken to, without speaking to them:
// TRANSFER_DONE, or why not. What holds when it is spoken to is looked at again then.
enum transfer_result transfer_resolve(struct arena *a, const struct transfer_request *request);
// The first header of that name (any case), or absent.
struct str transfer_header_find(const struct transfer_response *response, struct str name);

// From a fiber. `url` is the operator's: `smtp://[user:password@]host[:port]` uses STARTTLS where
// it is offered and insists on it before a password leaves for another machine, `smtp+starttls://`
// always insists, `smtps://` is TLS from the start. One recipient; the message has CRLF line ends.
// A minute at most. `*reply` (may be NULL) is the server's last answer, for the log.
struct transfer_mail {
    struct str from, to, message;
};
enum transfer_result transfer_smtp(
    struct arena *a, struct str url, const struct transfer_mail *mail, struct str *reply);

// Whether the server takes our connection, TLS and login: blocking, five seconds, for the doctor.
// False with `*why`.
bool transfer_smtp_try(struct arena *a, struct str url, struct str *why);

// Whether trying the same again later makes no sense.
bool transfer_is_final(enum transfer_result r);
// A word for logs and the console.
struct str transfer_result_name(enum transfer_result r);
