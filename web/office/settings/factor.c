#include "web/office/settings/factor.h"

#include "domain/qr.h"
#include "domain/staff.h"
#include "domain/staff_secret.h"
#include "domain/totp.h"
#include "http/form.h"
#include "http/respond.h"
#include "web/office/office.h"
#include "web/office/settings/panel.h"

const struct form factor_code_query = FORM({"next", FIELD_TEXT, .max = 500});
const struct form factor_code_form = FORM({"csrf", .kind = FIELD_TEXT},
    {"next", FIELD_TEXT, .max = 500}, {"code", FIELD_TEXT, .required = true, .max = 30});

const struct factor_place office_factor_place = {.login = &office_login_place,
    .account = "/manage/account",
    .account_label = "office.account.title",
    .gate = panel_respond_gate,
    .page = panel_respond};

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

bool factor_is_due(struct request *r, const struct factor_place *place, enum session_due due)
{
    if (r->session.id && r->session.due == due)
        return true;
    if (r->wants_json || r->sent_json)
        respond_problem(r, PROBLEM_NOT_FOUND);
    else
        respond_redirect(
            r, request_url(r, r->session.id ? place->login->within : place->login->path));
    return false;
}

static void ask_code(struct request *r, const struct factor_place *place)
{
    struct value *view = panel_page(r, "office.code.title");
    panel_page_line(r, view, panel_words(r, "office.code.line"));
    struct value *panel = panel_add(r, view, "code-panel", "office.code.title");
    panel_form(r, panel, str_join(r->arena, place->login->path, STR("/code"), STR_NULL),
        "office.login.go");
    panel_hidden(r, panel, "next", form_str(r, KEY(next)));
    panel_field(r, panel,
        &(struct panel_field){.name = "code",
            .label = "office.factor.code",
            .hint = "office.code.hint",
            .kind = PANEL_CODE,
            .len_max = 30,
            .autocomplete = "one-time-code",
            .required = true});
    place->gate(r, view);
}

void factor_code_page(struct request *r, const struct factor_place *place)
{
    if (factor_is_due(r, place, SESSION_DUE_CODE))
        ask_code(r, place);
}

static void lead_in(struct request *r, const struct factor_place *place)
{
    struct staff who = {
        .id = r->session.person, .name = r->session.name, .email = r->session.email};
    login_let_in(r, place->login, &who, false);
}

void factor_code_take(struct request *r, const struct factor_place *place)
{
    int64_t wait_s = 0;
    struct staff_change c = factor_self(r);
    if (!factor_is_due(r, place, SESSION_DUE_CODE))
        return;
    enum staff_result result =
        form_refused(r) ? STAFF_REFUSED
                        : staff_factor_check(r->arena, &c, form_str(r, KEY(code)), &wait_s);
    switch (result) {
    case STAFF_DONE:
        lead_in(r, place);
        return;
    case STAFF_REFUSED:
        if (!form_refused(r))
            panel_refuse(r, "code", "code_wrong", "office.code.wrong");
        ask_code(r, place);
        return;
    case STAFF_TRIED:
        respond_retry_after(r, wait_s);
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static struct value *account_page(
    struct request *r, const struct factor_place *place, const char *title)
{
    struct value *view = panel_page(r, title);
    panel_page_back(r, view, place->account_label, str_of(place->account));
    return view;
}

void factor_setup_page(struct request *r, const struct factor_place *place)
{
    struct staff_change c = factor_self(r);
    struct value *view = account_page(r, place, "office.factor.setup");
    factor_setup_panel(
        r, view, &c, str_join(r->arena, str_of(place->account), STR("/second-factor"), STR_NULL));
    place->page(r, view);
}

void factor_show_codes(struct request *r, const struct factor_place *place,
    enum staff_result result, const struct str *codes)
{
    if (result != STAFF_DONE) {
        respond_problem(r, result == STAFF_CHANGED ? PROBLEM_CONFLICT : PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = account_page(r, place, "office.factor.codes");
    factor_codes_panel(r, view, codes);
    place->page(r, view);
}

void factor_setup_save(struct request *r, const struct factor_place *place)
{
    struct staff_change c = factor_self(r);
    struct str codes[STAFF_RECOVERY_CODES];
    enum staff_result result = factor_setup_take(r, &c, codes);
    if (form_refused(r))
        factor_setup_page(r, place);
    else
        factor_show_codes(r, place, result, codes);
}
