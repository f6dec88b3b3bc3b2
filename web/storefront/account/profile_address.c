// Another address for a profile (T7): a code goes there, and what comes back in this browser shows
// that it is theirs; then all linked venues follow. Until then nobody learns whether the address
// has a profile.
#include "base/text.h"
#include "domain/person_link.h"
#include "web/storefront/account/profile.h"

enum { EMAIL_MAX = 254 };

void profile_add_address(struct request *r, struct value *view, const struct profile_page *p)
{
    struct arena *a = r->arena;
    if (p->state.moving.len) {
        struct value *code = panel_add(r, view, "address-code", "storefront.profile.email_code");
        panel_text(r, code,
            message(a, r->words, STR("storefront.profile.email_code_line"), "email",
                value_str(a, p->state.moving), NULL));
        panel_form(r, code, STR("/account/profile/address/code"), "storefront.profile.confirm");
        panel_field(r, code,
            &(struct panel_field){.name = "address_code",
                .label = "storefront.account.code_label",
                .kind = PANEL_CODE,
                .len_max = 12,
                .required = true,
                .autocomplete = "one-time-code"});
    }
    struct value *panel = panel_add(r, view, "profile-address", "storefront.profile.address");
    panel_text(r, panel,
        message(a, r->words, STR("storefront.profile.address_line"), "email",
            value_str(a, p->person.email), NULL));
    panel_form(r, panel, STR("/account/profile/address"), "storefront.account.code_send");
    panel_field(r, panel,
        &(struct panel_field){.name = "new_email",
            .label = "storefront.profile.address_label",
            .kind = PANEL_EMAIL,
            .value = STR(""),
            .len_max = EMAIL_MAX,
            .required = true,
            .autocomplete = "email"});
}

// Open, with a profile that this venue uses; answers otherwise.
static bool may_move(struct request *r, struct profile_page *p)
{
    if (!profile_read(r, p) || !profile_require_open(r, p))
        return false;
    if (p->person.id && p->customer.person)
        return true;
    respond_problem_code(r, PROBLEM_FORBIDDEN, "profile_unlinked");
    return false;
}

static void on_ask(struct request *r)
{
    struct profile_page p;
    if (!may_move(r, &p))
        return;
    struct str email = form_str(r, KEY(new_email));
    if (!form_refused(r) && str_eq(email, p.person.email))
        panel_refuse(r, "new_email", "same", "storefront.profile.address_same");
    if (form_refused(r)) {
        profile_show(r, &p);
        return;
    }
    struct profile_key key = profile_key_of(r, &p);
    enum customer_result result = profile_ask_address(r->arena, &key, email);
    if (result == CUSTOMER_DONE)
        profile_done(r, "address_sent");
    else
        customer_problem(r, result);
}

// Here at once, at the other venues by their jobs; here by one too when another profile had the
// address until a moment ago.
static void move(struct request *r, struct profile_page *p, struct str email)
{
    enum customer_result result = person_move(r->arena, &p->person, email);
    if (result == CUSTOMER_DONE) {
        result = person_follow(r->arena, r->site->tenant, p->person.id, r->session.id);
        if (result == CUSTOMER_TAKEN)
            result = CUSTOMER_DONE;
    } else if (result == CUSTOMER_TAKEN) {
        panel_refuse(r, "new_email", "taken", "storefront.profile.address_taken");
        p->state.moving = STR_NULL;
        profile_show(r, p);
        return;
    }
    if (result == CUSTOMER_DONE)
        profile_done(r, "address_moved");
    else
        customer_problem(r, result);
}

static void on_prove(struct request *r)
{
    struct profile_page p;
    struct str email;
    if (!may_move(r, &p))
        return;
    struct profile_key key = profile_key_of(r, &p);
    enum customer_result result =
        form_refused(r)
            ? CUSTOMER_WRONG
            : profile_prove_address(r->arena, &key, profile_digits(r, KEY(address_code)), &email);
    if (result == CUSTOMER_DONE) {
        move(r, &p, email);
    } else if (result == CUSTOMER_WRONG || result == CUSTOMER_GONE) {
        panel_refuse(r, "address_code", result == CUSTOMER_WRONG ? "code_wrong" : "code_ended",
            result == CUSTOMER_WRONG ? "storefront.account.code_wrong"
                                     : "storefront.profile.code_ended");
        profile_show(r, &p);
    } else {
        customer_problem(r, result);
    }
}

static const struct form form_ask = FORM({"csrf", .kind = FIELD_TEXT},
    {"new_email", .kind = FIELD_EMAIL, .required = true, .max = EMAIL_MAX});
static const struct form form_code =
    FORM({"csrf", .kind = FIELD_TEXT}, {"address_code", FIELD_TEXT, .required = true, .max = 12});

static const struct route routes[] = {
    {HTTP_POST, "/account/profile/address", PERMIT_ACCOUNT, on_ask, &form_ask, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile/address/code", PERMIT_ACCOUNT, on_prove, &form_code, ROUTE_LOGIN,
        0},
};

void account_profile_address_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
