// One profile for all venues (C8a): confirming e-mail and phone, and what is confirmed. Nothing of
// it is shown before a code that was sent to the address has come back in this browser.
#include "web/storefront/account/profile.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/phone.h"
#include "domain/person_link.h"
#include "http/country.h"

enum { NAME_MAX = 80, BORN_LEAST = 1900 };

struct profile_key profile_key_of(const struct request *r, const struct profile_page *p)
{
    return (struct profile_key){r->site, &p->customer, r->session.id};
}

bool profile_read(struct request *r, struct profile_page *p)
{
    *p = (struct profile_page){.person.id = 0};
    if (!account_customer(r, &p->customer))
        return false;
    struct profile_key key = profile_key_of(r, p);
    enum customer_result result = profile_load(r->arena, &key, &p->state);
    p->state.open &= p->customer.verified_us > 0;
    if (result == CUSTOMER_DONE && p->state.open) {
        struct person_list found;
        result = person_find_all(r->arena, &p->customer.email, 1, &found);
        if (result == CUSTOMER_DONE && found.count)
            p->person = found.items[0];
        if (result == CUSTOMER_DONE)
            result = person_sites(r->arena, p->customer.email, &p->sites);
    }
    if (result != CUSTOMER_DONE)
        customer_problem(r, result);
    return result == CUSTOMER_DONE;
}

bool profile_require_open(struct request *r, const struct profile_page *p)
{
    if (p->state.open)
        return true;
    if (r->wants_json || r->sent_json)
        respond_problem_code(r, PROBLEM_FORBIDDEN, "prove_email");
    else
        respond_redirect(r, request_url(r, STR("/account/profile")));
    return false;
}

void profile_done(struct request *r, const char *done)
{
    respond_done(r, 200, str_join(r->arena, STR("/account/profile?done="), str_of(done), STR_NULL),
        value_object(r->arena));
}

static void add_code_field(struct request *r, struct value *panel, const char *label)
{
    panel_field(r, panel,
        &(struct panel_field){.name = "code",
            .label = label,
            .kind = PANEL_CODE,
            .len_max = 12,
            .required = true,
            .autocomplete = "one-time-code"});
}

static struct str with_email(struct request *r, const char *key, const struct profile_page *p)
{
    return message(
        r->arena, r->words, str_of(key), "email", value_str(r->arena, p->customer.email), NULL);
}

// The first step: the address, by the code that logs in or by one of its own.
static void add_email_step(struct request *r, struct value *view, const struct profile_page *p)
{
    if (p->state.email_sent) {
        struct value *typed = panel_add(r, view, "email-code", "storefront.profile.email_code");
        panel_text(r, typed, with_email(r, "storefront.profile.email_code_line", p));
        panel_form(r, typed, STR("/account/profile/email/code"), "storefront.profile.confirm");
        add_code_field(r, typed, "storefront.account.code_label");
    }
    struct value *panel = panel_add(r, view, "email-step", "storefront.profile.email");
    panel_text(r, panel, with_email(r, "storefront.profile.email_line", p));
    if (!p->customer.verified_us) {
        panel_form(r, panel, STR("/account/login/mail"), "storefront.account.code_send");
        panel_hidden(r, panel, "email", p->customer.email);
        panel_hidden(r, panel, "next", STR("/account/profile"));
        return;
    }
    panel_form(r, panel, STR("/account/profile/email"),
        p->state.email_sent ? "storefront.profile.code_again" : "storefront.account.code_send");
}

static void add_genders(struct request *r, struct value *panel, struct str chosen)
{
    struct value *field = panel_field(r, panel,
        &(struct panel_field){.name = "gender",
            .label = "storefront.profile.gender",
            .kind = PANEL_CHOICE,
            .required = true});
    panel_option(r, field, STR(""), panel_words(r, "storefront.profile.choose"), !chosen.len);
    for (const char *const *g = customer_genders; *g; g++) {
        struct str key =
            str_join(r->arena, STR("storefront.profile.gender."), str_of(*g), STR_NULL);
        panel_option(
            r, field, str_of(*g), message(r->arena, r->words, key, NULL), str_is(chosen, *g));
    }
}

static void add_countries(struct request *r, struct value *panel, struct str chosen)
{
    const struct countries *all = countries_in(r->language);
    struct value *field = panel_field(r, panel,
        &(struct panel_field){.name = "country",
            .label = "storefront.profile.country",
            .kind = PANEL_CHOICE,
            .required = true});
    panel_option(r, field, STR(""), panel_words(r, "storefront.profile.choose"), !chosen.len);
    for (int i = 0; i < all->count; i++)
        panel_option(
            r, field, all->items[i].code, all->items[i].name, str_eq(chosen, all->items[i].code));
}

static struct str typed_or(const struct request *r, const char *field, struct str otherwise)
{
    const struct value *v = r->typed ? value_get(r->typed, value_key_intern(str_of(field))) : NULL;
    return v ? value_get_str(v, KEY(value)) : otherwise;
}

static void add_details(struct request *r, struct value *view, const struct person *shown)
{
    struct value *panel = panel_add(r, view, "profile-details",
        shown->id ? "storefront.profile.details" : "storefront.profile.phone");
    panel_text(r, panel,
        panel_words(
            r, shown->id ? "storefront.profile.details_line" : "storefront.profile.phone_line"));
    panel_form(r, panel, STR("/account/profile"),
        shown->id ? "storefront.profile.save" : "storefront.profile.text_send");
    panel_hidden(r, panel, "version", str_of_i64(r->arena, shown->version));
    panel_field(r, panel,
        &(struct panel_field){.name = "first_name",
            .label = "storefront.account.first_name",
            .value = shown->first_name,
            .len_max = NAME_MAX,
            .required = true,
            .autocomplete = "given-name"});
    panel_field(r, panel,
        &(struct panel_field){.name = "last_name",
            .label = "storefront.account.last_name",
            .value = shown->last_name,
            .len_max = NAME_MAX,
            .required = true,
            .autocomplete = "family-name"});
    panel_field(r, panel,
        &(struct panel_field){.name = "phone",
            .label = "storefront.profile.phone_label",
            .hint = "storefront.profile.phone_hint",
            .kind = PANEL_PHONE,
            .value = phone_text(r->arena, shown->phone),
            .len_max = PHONE_TYPED_MAX,
            .required = true,
            .autocomplete = "tel"});
    add_genders(r, panel, typed_or(r, "gender", shown->gender));
    add_countries(r, panel, typed_or(r, "country", shown->country));
    panel_field(r, panel,
        &(struct panel_field){.name = "birthdate",
            .label = "storefront.profile.birthdate",
            .kind = PANEL_DATE,
            .value = shown->birthdate,
            .autocomplete = "bday"});
}

// A site's own notes of somebody aren't confirmed by them: only what they typed there themselves
// is proposed.
static struct person proposed(const struct request *r, const struct profile_page *p)
{
    struct str region = r->site->region;
    const struct person *typed = &p->state.typed;
    if (p->person.id)
        return p->person;
    if (typed->phone.len)
        return *typed;
    return (struct person){.first_name = p->customer.first_name,
        .last_name = p->customer.last_name,
        .phone = p->customer.phone,
        .country = country_exists(region) ? region : STR_NULL};
}

static void add_phone_code(struct request *r, struct value *view, const struct profile_page *p)
{
    struct value *panel = panel_add(r, view, "phone-code", "storefront.profile.phone_code");
    panel_text(r, panel,
        message(r->arena, r->words, STR("storefront.profile.phone_code_line"), "phone",
            value_str(r->arena, phone_text(r->arena, p->state.typed.phone)), NULL));
    panel_form(r, panel, STR("/account/profile/phone/code"), "storefront.profile.confirm");
    add_code_field(r, panel, "storefront.profile.phone_code_label");
}

static const char *state_of(const struct profile_page *p)
{
    if (!p->state.open)
        return "closed";
    if (!p->person.id)
        return "none";
    return p->customer.person ? "linked" : "unlinked";
}

static void add_profile(struct request *r, struct value *view, const struct profile_page *p)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *who = value_null();
    value_set(a, view, KEY(profile), v);
    value_set_str(a, v, KEY(state), str_of(state_of(p)));
    value_set_bool(a, v, KEY(email_sent), p->state.email_sent);
    value_set_bool(a, v, KEY(phone_sent), p->state.phone_sent);
    value_set_str(a, v, KEY(moving), p->state.moving);
    if (p->person.id) {
        who = value_object(a);
        value_set_int(a, who, KEY(version), p->person.version);
        value_set_str(a, who, KEY(first_name), p->person.first_name);
        value_set_str(a, who, KEY(last_name), p->person.last_name);
        value_set_str(a, who, KEY(email), p->person.email);
        value_set_str(a, who, KEY(phone), p->person.phone);
        value_set_str(a, who, KEY(gender), p->person.gender);
        value_set_str(a, who, KEY(country), p->person.country);
        value_set_str(a, who, KEY(birthdate), p->person.birthdate);
    }
    value_set(a, v, KEY(person), who);
    struct value *sites = value_list(a);
    value_set(a, v, KEY(sites), sites);
    for (int i = 0; i < p->sites.count; i++) {
        const struct person_site *s = &p->sites.items[i];
        struct value *item = value_append_object(a, sites);
        value_set_str(a, item, KEY(slug), s->slug);
        value_set_str(a, item, KEY(name), s->name);
        value_set_bool(a, item, KEY(linked), p->person.id && s->person == p->person.id);
    }
}

void profile_show(struct request *r, const struct profile_page *p)
{
    struct value *view = account_page(r, "storefront.profile.title", "profile");
    panel_page_line(r, view, panel_words(r, "storefront.profile.line"));
    add_profile(r, view, p);
    if (!p->state.open) {
        add_email_step(r, view, p);
    } else {
        struct person shown = proposed(r, p);
        if (p->state.phone_sent)
            add_phone_code(r, view, p);
        if (!p->person.id || p->customer.person)
            add_details(r, view, &shown);
        if (p->person.id && p->customer.person)
            profile_add_address(r, view, p);
        if (p->person.id)
            profile_add_sites(r, view, p);
    }
    account_add_done(r, view);
    account_respond(r, view);
}

static void show(struct request *r)
{
    struct profile_page p;
    if (profile_read(r, &p))
        profile_show(r, &p);
}

static void on_ask_email(struct request *r)
{
    struct profile_page p;
    if (!profile_read(r, &p))
        return;
    struct profile_key key = profile_key_of(r, &p);
    enum customer_result result =
        p.customer.verified_us ? profile_ask_email(r->arena, &key) : CUSTOMER_CHANGED;
    if (result == CUSTOMER_DONE)
        profile_done(r, "code_sent");
    else
        customer_problem(r, result);
}

struct str profile_digits(struct request *r, value_key field)
{
    struct buf b;
    struct str typed = form_str(r, field);
    buf_init(&b, r->arena, 64);
    for (size_t i = 0; i < typed.len; i++)
        if (typed.p[i] >= '0' && typed.p[i] <= '9')
            buf_add_char(&b, typed.p[i]);
    return buf_str(&b);
}

// A wrong code is said beside its field; one that ran out leads back to where another is asked.
static void refuse_code(
    struct request *r, const struct profile_page *p, enum customer_result result)
{
    if (result != CUSTOMER_WRONG && result != CUSTOMER_GONE) {
        customer_problem(r, result);
        return;
    }
    panel_refuse(r, "code", result == CUSTOMER_WRONG ? "code_wrong" : "code_ended",
        result == CUSTOMER_WRONG ? "storefront.account.code_wrong"
                                 : "storefront.profile.code_ended");
    profile_show(r, p);
}

static void on_prove_email(struct request *r)
{
    struct profile_page p;
    if (!profile_read(r, &p))
        return;
    struct profile_key key = profile_key_of(r, &p);
    enum customer_result result = profile_prove_email(r->arena, &key, profile_digits(r, KEY(code)));
    if (result == CUSTOMER_DONE)
        profile_done(r, "profile_open");
    else
        refuse_code(r, &p, result);
}

static void check_birthdate(struct request *r)
{
    struct date day, today = zone_date(r->site->zone, clock_now_us());
    struct str typed = form_str(r, KEY(birthdate));
    if (typed.len && date_parse(typed, &day) && (day.year < BORN_LEAST || date_cmp(day, today) > 0))
        panel_refuse(r, "birthdate", "date", "storefront.profile.birthdate_wrong");
}

static struct person sent(struct request *r, const struct profile_page *p)
{
    struct person who = p->person;
    struct str country = form_str(r, KEY(country));
    who.first_name = form_str(r, KEY(first_name));
    who.last_name = form_str(r, KEY(last_name));
    who.gender = form_str(r, KEY(gender));
    who.birthdate = form_str(r, KEY(birthdate));
    who.birthdate = who.birthdate.len ? who.birthdate : STR_NULL;
    who.country = country;
    if (country.len && !country_exists(country))
        form_refuse(r, "country", "choice");
    struct str typed = form_str(r, KEY(phone));
    struct str phone = typed.len ? phone_parse(r->arena, typed, country) : STR_NULL;
    if (typed.len && !phone.p)
        panel_refuse(r, "phone", "phone", "storefront.account.phone_wrong");
    who.phone = phone;
    check_birthdate(r);
    who.version = form_int(r, KEY(version), 0);
    return who;
}

static void ask_phone(struct request *r, const struct profile_page *p, const struct person *who)
{
    struct arena *a = r->arena;
    struct profile_key key = profile_key_of(r, p);
    struct profile_code code = profile_phone_code(a, &key, who->phone);
    struct str text = message(a, r->words, STR("storefront.profile.text"), "code",
        value_str(a, code.digits), "venue", value_str(a, r->site->name), NULL);
    enum customer_result result = profile_ask_phone(a, &key, who, &code, text);
    if (result == CUSTOMER_DONE)
        profile_done(r, "text_sent");
    else
        customer_problem(r, result);
}

// Everywhere: here at once, at the other venues by their jobs.
static void change(struct request *r, struct profile_page *p, const struct person *who)
{
    enum customer_result result = person_change(r->arena, who);
    if (result == CUSTOMER_DONE)
        result = person_follow(r->arena, r->site->tenant, who->id, r->session.id);
    if (result == CUSTOMER_DONE) {
        profile_done(r, "profile_saved");
    } else if (result == CUSTOMER_CHANGED) {
        panel_refuse(r, "first_name", "changed", "storefront.account.changed");
        if (profile_read(r, p))
            profile_show(r, p);
    } else {
        customer_problem(r, result);
    }
}

static void on_save(struct request *r)
{
    struct profile_page p;
    if (!profile_read(r, &p) || !profile_require_open(r, &p))
        return;
    struct person who = sent(r, &p);
    if (p.person.id && !p.customer.person) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "profile_unlinked");
        return;
    }
    if (form_refused(r)) {
        form_sort_errors(r);
        profile_show(r, &p);
        return;
    }
    if (p.person.id && str_eq(who.phone, p.person.phone))
        change(r, &p, &who);
    else
        ask_phone(r, &p, &who);
}

static void make(struct request *r, const struct profile_page *p, struct person *who)
{
    enum customer_result result = person_create(r->arena, who);
    // Made meanwhile, in another tab or at another venue: the page shows it, to be linked.
    if (result == CUSTOMER_DONE)
        result = person_link(r->arena, r->site->tenant, &p->customer, who);
    if (result == CUSTOMER_DONE || result == CUSTOMER_TAKEN)
        profile_done(r, result == CUSTOMER_DONE ? "profile_made" : "profile_known");
    else
        customer_problem(r, result);
}

static void on_prove_phone(struct request *r)
{
    struct profile_page p;
    struct person typed;
    if (!profile_read(r, &p) || !profile_require_open(r, &p))
        return;
    struct profile_key key = profile_key_of(r, &p);
    enum customer_result result =
        profile_prove_phone(r->arena, &key, profile_digits(r, KEY(code)), &typed);
    if (result != CUSTOMER_DONE) {
        refuse_code(r, &p, result);
        return;
    }
    if (!p.person.id) {
        make(r, &p, &typed);
        return;
    }
    typed.id = p.person.id;
    typed.version = p.person.version;
    change(r, &p, &typed);
}

static const struct form form_page = FORM({"done", FIELD_TEXT, .max = 40});
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_code =
    FORM({"csrf", .kind = FIELD_TEXT}, {"code", FIELD_TEXT, .required = true, .max = 12});
static const struct form form_details = FORM({"csrf", .kind = FIELD_TEXT},
    {"version", .kind = FIELD_INT, .required = true, .min = 0, .max = INT64_MAX},
    {"first_name", FIELD_TEXT, .required = true, .max = NAME_MAX},
    {"last_name", FIELD_TEXT, .required = true, .max = NAME_MAX},
    {"phone", FIELD_PHONE, .required = true, .max = PHONE_TYPED_MAX},
    {"gender", .kind = FIELD_CHOICE, .required = true, .choices = customer_genders},
    {"country", FIELD_TEXT, .required = true, .max = 2}, {"birthdate", .kind = FIELD_DATE});

static const struct route routes[] = {
    {HTTP_GET, "/account/profile", PERMIT_ACCOUNT, show, &form_page, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile", PERMIT_ACCOUNT, on_save, &form_details, ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile/email", PERMIT_ACCOUNT, on_ask_email, &form_button, ROUTE_LOGIN,
        0},
    {HTTP_POST, "/account/profile/email/code", PERMIT_ACCOUNT, on_prove_email, &form_code,
        ROUTE_LOGIN, 0},
    {HTTP_POST, "/account/profile/phone/code", PERMIT_ACCOUNT, on_prove_phone, &form_code,
        ROUTE_LOGIN, 0},
};

void account_profile_start(void)
{
    routes_add(SURFACE_STOREFRONT, routes, sizeof routes / sizeof *routes);
}
