#include "web/storefront/account/account.h"

#include "base/phone.h"
#include "domain/basket.h"
#include "plug/plug.h"

struct section {
    const char *name, *path, *label, *icon;
};
static const struct section sections[] = {
    {"", "/account", "storefront.account.home", "house"},
    {"orders", "/account/orders", "storefront.account.orders", "ticket"},
    {"tickets", "/account/tickets", "storefront.account.tickets", "ticket"},
    {"details", "/account/details", "storefront.account.details", "user-round"},
    {"profile", "/account/profile", "storefront.profile.title", "user-round"},
    {"security", "/account/security", "storefront.account.security", "shield-check"},
    {"data", "/account/data", "storefront.account.data", "file-down"},
};

static void add_section(
    struct request *r, struct value *list, const struct section *s, const char *current)
{
    struct arena *a = r->arena;
    struct value *item = value_append_object(a, list);
    value_set_str(a, item, KEY(label), panel_words(r, s->label));
    value_set_str(a, item, KEY(section_url), request_url(r, str_of(s->path)));
    value_set_bool(a, item, KEY(current), str_is(str_of(s->name), current));
}

// What features add to the account.
static void add_of_features(struct request *r, struct value *list)
{
    struct arena *a = r->arena;
    const struct value *found = hook_collect(a, r->site, HOOK_account_sections, value_object(a));
    for (size_t i = 0; i < value_count(found); i++) {
        struct str path = value_get_str(value_at(found, i), KEY(path));
        if (!str_starts(path, STR("/x/")))
            continue;
        struct value *item = value_append_object(a, list);
        value_set_str(a, item, KEY(label), value_get_str(value_at(found, i), KEY(title)));
        value_set_str(a, item, KEY(section_url), request_url(r, path));
        value_set_bool(a, item, KEY(current), str_eq(r->path, path));
    }
}

static void add_account(struct request *r, struct value *view, const char *section)
{
    struct arena *a = r->arena;
    struct value *account = value_object(a), *list = value_list(a);
    value_set(a, view, KEY(account), account);
    value_set_str(a, account, KEY(name), r->session.name);
    value_set_str(a, account, KEY(email), r->session.email);
    value_set_str(a, account, KEY(logout_url), request_url(r, STR("/account/logout")));
    value_set(a, account, KEY(sections), list);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        add_section(r, list, &sections[i], section);
    add_of_features(r, list);
    respond_header(r, "cache-control", STR("no-store"));
}

struct value *account_page(struct request *r, const char *title, const char *section)
{
    struct value *view = panel_page(r, title);
    add_account(r, view, section);
    return view;
}

// Around a feature's page, for who is logged in.
static bool add_frame(struct request *r, struct plug_frame *out)
{
    struct arena *a = r->arena;
    out->view = value_object(a);
    out->customer = value_object(a);
    add_account(r, out->view, "none of ours");
    value_set_str(a, out->customer, KEY(id), str_of_i64(a, r->session.person));
    value_set_str(a, out->customer, KEY(name), r->session.name);
    value_set_str(a, out->customer, KEY(email), r->session.email);
    value_set_str(a, out->customer, KEY(language), r->language);
    return true;
}

void account_respond(struct request *r, struct value *view)
{
    panel_respond_as(r, "storefront/account/page", view);
}

void account_respond_entry(struct request *r, struct value *view)
{
    respond_header(r, "cache-control", STR("no-store"));
    panel_respond_as(r, "storefront/account/entry", view);
}

bool account_customer(struct request *r, struct customer *c)
{
    enum customer_result found = customer_find(r->arena, r->site, r->session.person, c);
    if (found != CUSTOMER_DONE)
        customer_problem(r, found);
    return found == CUSTOMER_DONE;
}

// No other host, no scheme, nothing that a browser reads otherwise.
struct str account_next(const struct request *r)
{
    struct str next = form_str(r, KEY(next)), home = STR("/account");
    if (!str_starts(next, STR("/")) || str_starts(next, STR("/account/login")) ||
        str_starts(next, STR("/account/register")) || str_find(next, STR("//")) >= 0)
        return home;
    for (size_t i = 0; i < next.len; i++)
        if ((unsigned char)next.p[i] <= ' ' || next.p[i] == '\\')
            return home;
    return next;
}

// Whoever it is now may have other prices; what can't be written now is found before it is sold.
void account_reprice(struct request *r)
{
    if (hook_list(r->site, HOOK_price_member)->count)
        basket_reprice(r->arena, r->site, r->session.id);
}

void account_let_in(struct request *r, int64_t customer, bool proven)
{
    struct session_entry entry = {
        .customer = customer, .kept = form_bool(r, KEY(keep)), .proven = proven};
    // The basket of somebody else who was logged in here stays theirs.
    bool other = r->session.person && r->session.person != customer;
    if ((other && !session_end(r, SESSION_GUEST)) || !session_enter(r, &entry)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    customer_claim(r->arena, r->site, customer);
    account_reprice(r);
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(customer_id), str_of_i64(r->arena, customer));
    value_set_str(r->arena, view, KEY(next), request_url(r, account_next(r)));
    respond_done(r, 200, account_next(r), view);
}

void account_add_names(struct request *r, struct value *panel, const struct customer *known)
{
    struct panel_field first = {.name = "first_name",
        .label = "storefront.account.first_name",
        .len_max = ACCOUNT_NAME_MAX,
        .required = true,
        .autocomplete = "given-name"};
    struct panel_field last = first;
    last.name = "last_name";
    last.label = "storefront.account.last_name";
    last.autocomplete = "family-name";
    if (known) {
        first.value = known->first_name;
        last.value = known->last_name;
    }
    panel_field(r, panel, &first);
    panel_field(r, panel, &last);
}

void account_read_names(const struct request *r, struct customer *c)
{
    c->first_name = form_str(r, KEY(first_name));
    c->last_name = form_str(r, KEY(last_name));
}

void account_refuse_many(struct request *r, const char *field, int64_t wait_s)
{
    form_refuse_many(r, field, "storefront.account.wait", wait_s);
}

struct str account_with_next(struct request *r, const char *path, struct str next)
{
    if (str_is(next, "/account"))
        return str_of(path);
    struct buf b;
    buf_init(&b, r->arena, 2048);
    buf_add(&b, str_of(path));
    buf_add(&b, STR("?next="));
    buf_add_url(&b, next);
    return buf_str(&b);
}

void account_add_done(struct request *r, struct value *view)
{
    struct str done = form_str(r, KEY(done));
    if (!done.len || form_refused(r))
        return;
    struct value *notices = value_list(r->arena), *n = value_append_object(r->arena, notices);
    value_set(r->arena, view, KEY(notices), notices);
    value_set_str(r->arena, n, KEY(kind), STR("success"));
    value_set_str(r->arena, n, KEY(text),
        message(r->arena, r->words, STR("storefront.account.done"), "what",
            value_str(r->arena, done), NULL));
}

struct str account_phone(struct request *r, const char *field)
{
    struct str typed = form_str(r, value_key_intern(str_of(field)));
    if (!typed.len)
        return STR_NULL;
    struct str phone = phone_parse(r->arena, typed, r->site->region);
    if (!phone.p)
        panel_refuse(r, field, "phone", "storefront.account.phone_wrong");
    return phone;
}

void account_start(void)
{
    plug_set_account_frame(add_frame);
    account_entry_start();
    account_code_start();
    account_details_start();
    account_security_start();
    account_passkeys_start();
    account_email_start();
    account_orders_start();
    account_data_start();
    account_profile_start();
    account_profile_sites_start();
    account_profile_address_start();
    account_invitation_start();
}
