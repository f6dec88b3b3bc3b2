// Card payments through the payment simulator, in the way a real provider's plugin works: the
// customer pays on the provider's page, what happened is asked and never believed, and money is
// captured when the site can use it.
#include "provider.h"

enum { BODY_MAX = 64 * 1024 };

static struct vt_value *tenders(struct vt_call *call, struct vt_value *in)
{
    (void)in;
    struct vt_value *list = vt_list(call), *card = vt_object(call);
    if (!provider_is_there(call))
        return list;
    vt_set_text(call, card, "key", VT("card"));
    vt_set_text(call, card, "kind", VT("hosted"));
    vt_set_text(call, card, "title", vt_translate_text(call, VT("tender"), NULL));
    vt_set_text(call, card, "text", vt_translate_text(call, VT("tender.text"), NULL));
    vt_append(call, list, card);
    return list;
}

static struct vt_value *payment_start(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *payment = vt_get(in, "payment"), *order = vt_get(in, "order");
    struct vt_value *body = vt_object(call), *out = vt_object(call);
    int64_t session_s = 60 * vt_as_int(vt_settings_get(call, VT("session_minutes")), 25);
    vt_set_int(call, body, "amount_minor", vt_get_int(payment, "amount_minor", 0));
    vt_set_text(call, body, "currency", vt_get_text(payment, "currency"));
    vt_set_text(call, body, "reference", vt_get_text(order, "code"));
    vt_set_text(call, body, "shop", vt_get_text(vt_site_info(call), "name"));
    vt_set_text(call, body, "language", vt_get_text(order, "language"));
    vt_set_text(call, body, "return_url", vt_get_text(in, "return_url"));
    vt_set_text(call, body, "notify_url", vt_get_text(in, "notify_url"));
    vt_set_int(call, body, "expires_in", session_s);
    struct provider_request request = {.method = "POST",
        .path = VT("/payments"),
        .body = body,
        .once = vt_get_text(payment, "id")};
    struct vt_value *said = provider_ask(call, &request);
    if (!said)
        return NULL;
    if (!vt_get_text(said, "redirect_url").len)
        return vt_fail(call, vt_str_format(call, "the provider refused to start a payment (%d)",
                                 (int)vt_get_int(said, "status", 0)));
    vt_set_text(call, out, "reference", vt_get_text(said, "id"));
    vt_set_text(call, out, "redirect_url", vt_get_text(said, "redirect_url"));
    vt_set_int(call, out, "session_until", vt_time_now() + session_s);
    return out;
}

static struct vt_str path_of(struct vt_call *call, struct vt_value *payment, const char *what)
{
    struct vt_str reference = vt_get_text(payment, "reference");
    return vt_str_format(call, "/payments/%.*s%s", (int)reference.len, reference.p, what);
}

static bool text_is(struct vt_str s, const char *other)
{
    return vt_str_eq(s, vt_str_of(other));
}

static struct vt_value *state_value(struct vt_call *call, const char *state, const char *refusal)
{
    struct vt_value *out = vt_object(call);
    vt_set_text(call, out, "state", vt_str_of(state));
    vt_set_text(call, out, "refusal", vt_str_of(refusal));
    return out;
}

// The provider's states in the core's words, with the classes of refusal that pages name.
static struct vt_value *state_of(struct vt_call *call, struct vt_value *said)
{
    struct vt_str state = vt_get_text(said, "state"), why = vt_get_text(said, "refusal");
    if (text_is(state, "captured"))
        return state_value(call, "captured", NULL);
    if (text_is(state, "refused"))
        return state_value(
            call, "refused", text_is(why, "authentication_failed") ? "authentication" : "declined");
    if (text_is(state, "cancelled"))
        return state_value(call, "abandoned", "abandoned");
    if (text_is(state, "expired"))
        return state_value(call, "abandoned", "expired");
    return state_value(call, "started", NULL);
}

// Somebody who could make the provider's answers differ from what was asked would sell for less.
static bool fits(struct vt_value *payment, struct vt_value *said)
{
    return vt_get_int(payment, "amount_minor", -1) == vt_get_int(said, "amount_minor", -2) &&
           vt_str_eq(vt_get_text(payment, "currency"), vt_get_text(said, "currency"));
}

static struct vt_value *payment_status(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *payment = vt_get(in, "payment");
    struct provider_request ask = {.method = "GET", .path = path_of(call, payment, "")};
    struct vt_value *said = provider_ask(call, &ask);
    if (!said)
        return NULL;
    // It keeps nothing over a restart: that session can't be paid any more.
    if (vt_get_int(said, "status", 0) == 404)
        return state_value(call, "abandoned", "expired");
    if (!fits(payment, said))
        return vt_fail(call, VT("the provider has another amount for this payment"));
    if (text_is(vt_get_text(said, "state"), "authorized")) {
        struct provider_request capture = {
            .method = "POST", .path = path_of(call, payment, "/capture")};
        said = provider_ask(call, &capture);
    }
    return said ? state_of(call, said) : NULL;
}

static struct vt_value *payment_refund(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *body = vt_object(call), *out = vt_object(call);
    vt_set_int(call, body, "amount_minor", vt_get_int(in, "amount_minor", 0));
    struct provider_request request = {.method = "POST",
        .path = path_of(call, vt_get(in, "payment"), "/refunds"),
        .body = body,
        .once = vt_get_text(in, "refund")};
    struct vt_value *said = provider_ask(call, &request);
    if (!said)
        return NULL;
    int64_t status = vt_get_int(said, "status", 0);
    struct vt_str code = vt_get_text(vt_get(said, "error"), "code");
    // Asking again wouldn't change it: people have to look.
    if (status == 404 || status == 409 || status == 422) {
        vt_set_text(call, out, "state", VT("refused"));
        vt_set_text(call, out, "refusal", code);
        return out;
    }
    if (status >= 300)
        return vt_fail(call,
            vt_str_format(call, "the provider refused a refund: %.*s", (int)code.len, code.p));
    vt_set_text(call, out, "reference", vt_get_text(said, "id"));
    vt_set_text(call, out, "state", VT("captured"));
    return out;
}

static struct vt_value *obligations(struct vt_call *call, struct vt_value *in)
{
    (void)in;
    struct vt_value *list = vt_list(call), *owed = vt_object(call), *args = vt_object(call);
    struct vt_value *rows = vt_db_read(call, VT("open_payments"), NULL);
    int64_t open = vt_get_int(vt_at(rows, 0), "open", 0);
    if (!open)
        return list;
    vt_set_int(call, args, "count", open);
    vt_set_int(call, owed, "count", open);
    vt_set_text(call, owed, "text", vt_translate_text(call, VT("obligations.open"), args));
    vt_append(call, list, owed);
    return list;
}

// Whatever the message says, in whatever order and how often: it is only the word to ask.
static void notify(struct vt_call *call, struct vt_value *request)
{
    static const char *const known[] = {"data", "payment", "id", NULL};
    struct vt_str body = vt_get_text(request, "body");
    if (body.len > BODY_MAX || !provider_signed(call, vt_get_text(request, "signature"), body)) {
        vt_response_problem(call, VT("forbidden"));
        return;
    }
    struct vt_value *message = vt_json_decode(call, body, known);
    struct vt_str reference = vt_get_text(vt_get(vt_get(message, "data"), "payment"), "id");
    vt_forgive(call);
    if (!reference.len) {
        vt_response_problem(call, VT("bad_request"));
        return;
    }
    struct vt_value *settled = vt_payments_ask(call, reference);
    if (vt_failed(call)) {
        // The provider tries again.
        vt_forgive(call);
        vt_response_problem(call, VT("unavailable"));
    } else if (settled) {
        vt_response_json(call, 200, settled);
    } else {
        vt_response_problem(call, VT("not_found"));
    }
}

static const struct vt_hook hooks[] = {
    {"tenders", tenders},
    {"payment_start", payment_start},
    {"payment_status", payment_status},
    {"payment_refund", payment_refund},
    {"obligations", obligations},
    {0},
};
static const struct vt_route routes[] = {{"notify", notify}, {0}};

VT_PLUGIN("sandbox-pay", .hooks = hooks, .routes = routes);
