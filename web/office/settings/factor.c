#include "web/office/settings/factor.h"

#include "domain/qr.h"
#include "domain/staff_secret.h"
#include "domain/totp.h"
#include "http/form.h"
#include "web/office/settings/panel.h"

struct staff_change factor_self(const struct request *r)
{
    return (struct staff_change){.site = r->site,
        .actor = {.kind = request_actor_kind(r), .id = r->session.person, .name = r->session.name},
        .id = r->session.person,
        .session = r->session.id};
}

// "ABCD EFGH …", as people type it.
static struct str in_fours(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, 2 * s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        if (i && i % 4 == 0)
            buf_add_char(&b, ' ');
        buf_add_char(&b, s.p[i]);
    }
    return buf_str(&b);
}

void factor_setup_panel(
    struct request *r, struct value *view, const struct staff_change *c, struct str path)
{
    struct arena *a = r->arena;
    struct qr qr;
    struct str sealed = form_str(r, KEY(secret));
    // After a wrong code the authenticator keeps the secret that it has.
    struct str secret = sealed.len ? staff_factor_secret(a, c, sealed) : STR_NULL;
    if (!secret.p) {
        sealed = staff_factor_new(a, c);
        secret = staff_factor_secret(a, c, sealed);
    }
    struct value *panel = panel_add(r, view, "setup", "office.factor.setup");
    struct str issuer = r->site ? r->site->name : STR("Vitrine");
    struct str key = in_fours(a, totp_base32(a, secret));
    panel_text(
        r, panel, message(a, r->words, STR("office.factor.scan"), "key", value_str(a, key), NULL));
    value_set_str(a, view, KEY(secret), totp_base32(a, secret));
    if (qr_make(a, totp_uri(a, issuer, r->session.email, secret), &qr))
        value_set_str(
            a, panel, KEY(picture_html), qr_svg(a, &qr, panel_words(r, "office.factor.picture")));
    panel_form(r, panel, path, "office.factor.turn_on");
    panel_hidden(r, panel, "secret", sealed);
    panel_field(r, panel,
        &(struct panel_field){.name = "code",
            .label = "office.factor.code",
            .hint = "office.factor.code_hint",
            .kind = PANEL_CODE,
            .len_max = 20,
            .autocomplete = "one-time-code",
            .required = true});
}

enum staff_result factor_setup_take(
    struct request *r, const struct staff_change *c, struct str *codes)
{
    if (form_refused(r))
        return STAFF_REFUSED;
    enum staff_result result =
        staff_factor_turn_on(r->arena, c, form_str(r, KEY(secret)), form_str(r, KEY(code)), codes);
    if (result == STAFF_REFUSED)
        panel_refuse(r, "code", "code_wrong", "office.factor.wrong");
    return result;
}

void factor_codes_panel(struct request *r, struct value *view, const struct str *codes)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "codes", "office.factor.codes");
    struct value *list = value_list(a);
    panel_text(r, panel, panel_words(r, "office.factor.codes_text"));
    value_set(a, view, KEY(codes), list);
    for (int i = 0; i < STAFF_RECOVERY_CODES; i++) {
        panel_item(r, panel, codes[i], STR_NULL);
        value_append(a, list, value_str(a, codes[i]));
    }
}
