#include "provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECRET_MAX = 200, KEY_LEN = 32, TIMEOUT_MS = 8000, WINDOW_S = 300 };

// Read once a process, at the first call.
static struct {
    bool known;
    const char *url;
    char secret[SECRET_MAX];
} provider;

static void read_secret(void)
{
    const char *path = getenv("VITRINE_SANDBOX_PAY_SECRET_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file)
        return;
    if (!fgets(provider.secret, sizeof provider.secret, file))
        provider.secret[0] = 0;
    provider.secret[strcspn(provider.secret, "\r\n")] = 0;
    fclose(file);
}

bool provider_is_there(struct vt_call *call)
{
    if (!provider.known) {
        provider.known = true;
        provider.url = getenv("VITRINE_SANDBOX_PAY_URL");
        read_secret();
        if (!provider.url || !provider.secret[0])
            vt_log_warn(call, VT("VITRINE_SANDBOX_PAY_URL and VITRINE_SANDBOX_PAY_SECRET_FILE "
                                 "name no provider: card payments are not offered"));
    }
    return provider.url && provider.secret[0];
}

static struct vt_str account(struct vt_call *call)
{
    return vt_get_text(vt_site_info(call), "slug");
}

static struct vt_str derive(struct vt_call *call, const char *purpose)
{
    struct vt_str name = account(call);
    struct vt_str message = vt_str_format(call, "%s/%.*s", purpose, (int)name.len, name.p);
    struct vt_str mac = vt_crypto_hmac_sha256(call, vt_str_of(provider.secret), message);
    return (struct vt_str){mac.p, mac.len < KEY_LEN ? mac.len : KEY_LEN};
}

static void add_header(
    struct vt_call *call, struct vt_value *headers, const char *name, struct vt_str value)
{
    struct vt_value *header = vt_object(call);
    vt_set_text(call, header, "name", vt_str_of(name));
    vt_set_text(call, header, "value", value);
    vt_append(call, headers, header);
}

static struct vt_value *headers_of(struct vt_call *call, struct vt_str once)
{
    struct vt_value *headers = vt_list(call);
    struct vt_str name = account(call), key = derive(call, "api");
    add_header(call, headers, "Authorization",
        vt_str_format(
            call, "Bearer sk_sandbox_%.*s_%.*s", (int)name.len, name.p, (int)key.len, key.p));
    add_header(call, headers, "Content-Type", VT("application/json"));
    if (once.len)
        add_header(call, headers, "Idempotency-Key", once);
    return headers;
}

static struct vt_value *silent(struct vt_call *call, const char *path, struct vt_str why)
{
    vt_log_warn(call, vt_str_format(call, "the payment provider didn't answer %s: %.*s", path,
                          (int)why.len, why.p));
    return NULL;
}

struct vt_value *provider_ask(struct vt_call *call, const struct provider_request *request)
{
    static const char *const known[] = {"id", "state", "refusal", "amount_minor", "currency",
        "redirect_url", "error", "code", NULL};
    struct vt_value *wanted = vt_object(call);
    if (!provider_is_there(call))
        return NULL;
    vt_set_text(call, wanted, "method", vt_str_of(request->method));
    vt_set_text(call, wanted, "url",
        vt_str_format(call, "%s/v1%.*s", provider.url, (int)request->path.len, request->path.p));
    vt_set(call, wanted, "headers", headers_of(call, request->once));
    vt_set_int(call, wanted, "timeout_ms", TIMEOUT_MS);
    vt_set_bool(call, wanted, "private", true);
    if (request->body)
        vt_set_text(call, wanted, "body", vt_json_encode(call, request->body));
    struct vt_value *answer = vt_http_fetch(call, wanted);
    int64_t status = vt_get_int(answer, "status", 0);
    if (!status || status >= 500)
        return silent(call, request->method,
            status ? vt_str_format(call, "status %d", (int)status) : vt_get_text(answer, "error"));
    struct vt_value *said = vt_json_decode(call, vt_get_text(answer, "body"), known);
    if (!said) {
        vt_forgive(call);
        return silent(call, request->method, VT("not in JSON"));
    }
    vt_set_int(call, said, "status", status);
    return said;
}

// "t=1700000000,v1=…"
static bool read_signature(struct vt_str signature, long long *at, struct vt_str *mac)
{
    char text[100];
    int start = 0;
    if (signature.len >= sizeof text)
        return false;
    memcpy(text, signature.p ? signature.p : "", signature.len);
    text[signature.len] = 0;
    if (sscanf(text, "t=%lld,v1=%n", at, &start) != 1 || !start)
        return false;
    *mac = (struct vt_str){signature.p + start, signature.len - (size_t)start};
    return true;
}

bool provider_signed(struct vt_call *call, struct vt_str signature, struct vt_str body)
{
    long long at;
    struct vt_str mac;
    // Two machines' clocks are compared here, not the business's.
    if (!provider_is_there(call) || !read_signature(signature, &at, &mac) ||
        llabs(time(NULL) - at) > WINDOW_S)
        return false;
    struct vt_str message =
        vt_str_format(call, "%lld.%.*s", at, (int)body.len, body.p ? body.p : "");
    return vt_crypto_same(mac, vt_crypto_hmac_sha256(call, derive(call, "notify"), message));
}
