// Who stands behind the site, its legal pages and its taxes, in one place (P10).
#include "data/db.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/legal.sql.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"
#include "web/storefront/pages.h"

static const char *const company_fields[] = {
    "company", "registration", "vat_number", "legal_address"};
static const char *const contact_fields[] = {"email", "phone", "address"};

static struct value *picked(
    struct request *r, const struct value *from, const char *const *names, size_t count)
{
    struct value *v = value_object(r->arena);
    for (size_t i = 0; i < count; i++) {
        value_key key = value_key_intern(str_of(names[i]));
        struct str text = value_get_str(from, key);
        if (text.len)
            value_set_str(r->arena, v, key, text);
    }
    return v;
}

// Both together, as the edition and the audit keep them.
static struct value *merged(
    struct request *r, const struct value *legal, const struct value *contact)
{
    struct value *v = picked(r, legal, company_fields, 4);
    for (size_t i = 0; i < 3; i++) {
        value_key key = value_key_intern(str_of(contact_fields[i]));
        value_set_str(r->arena, v, key, value_get_str(contact, key));
    }
    return v;
}

static void add_text(struct request *r, struct value *panel, const char *name, bool tall)
{
    const struct value *legal = value_get(r->site->settings, KEY(legal));
    value_key key = value_key_intern(str_of(name));
    struct str value = value_get_str(legal, key);
    struct str label = str_join(r->arena, STR("office.legal."), str_of(name), STR_NULL);
    if (!value.p)
        value = value_get_str(r->site->contact, key);
    panel_field(r, panel,
        &(struct panel_field){.name = name,
            .label = label.p,
            .kind = tall ? PANEL_LONG : PANEL_TEXT,
            .value = value,
            .len_max = tall ? 400 : 200,
            .rows = 3});
}

static void add_company(struct request *r, struct value *view, int64_t seen)
{
    struct value *panel = panel_add(r, view, "data", "office.legal.data");
    panel_text(r, panel, panel_words(r, "office.legal.data_text"));
    panel_form(r, panel, STR("/manage/legal/data"), "office.save");
    panel_hidden(r, panel, "seen", str_of_i64(r->arena, seen));
    add_text(r, panel, "company", false);
    add_text(r, panel, "registration", false);
    add_text(r, panel, "vat_number", false);
    add_text(r, panel, "legal_address", true);
    add_text(r, panel, "email", false);
    add_text(r, panel, "phone", false);
    add_text(r, panel, "address", false);
}

static void add_pages(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    const struct value *written = value_get(r->site->settings, KEY(pages));
    struct value *panel = panel_add(r, view, "pages", "office.legal.pages");
    for (int i = 0; common_pages[i]; i++) {
        struct str name = str_of(common_pages[i]);
        bool there = value_get_int(written, value_key_intern(name), 0) > 0;
        struct value *item = panel_item(r, panel,
            message(a, r->words, STR("storefront.legal.title"), "page", value_str(a, name), NULL),
            STR_NULL);
        panel_item_link(r, item, str_join(a, STR("/manage/legal/pages/"), name, STR_NULL));
        panel_item_state(r, item, there ? "on" : "off",
            panel_words(r, there ? "office.legal.written" : "office.legal.missing"));
    }
    panel_form(r, panel, STR("/manage/legal/ask-terms"), "office.save");
    panel_field(r, panel,
        &(struct panel_field){.name = "ask_terms",
            .label = "office.legal.ask",
            .hint = "office.legal.ask_hint",
            .kind = PANEL_TICK,
            .checked = value_get_bool(r->site->settings, KEY(ask_terms), false)});
}

static void add_taxes(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "taxes", "office.legal.taxes");
    if (!rows->count)
        panel_text(r, panel, panel_words(r, "office.tax.none"));
    for (int i = 0; i < rows->count; i++) {
        struct str text = message(a, r->words, STR("office.tax.line"), "rate",
            value_str(a, format_percent(a, r->format, rows_i64(rows, i, KEY(rate_ppm)))),
            "included", value_str(a, rows_bool(rows, i, KEY(included)) ? STR("yes") : STR("no")),
            "offers", value_int(a, rows_i64(rows, i, KEY(offers))), NULL);
        struct value *item = panel_item(
            r, panel, site_text_in(r->site, rows_json(a, rows, i, KEY(name)), r->language), text);
        panel_item_link(r, item,
            str_join(a, STR("/manage/legal/taxes/"), rows_str(rows, i, KEY(tax_id)), STR_NULL));
    }
    panel_link(r, panel, "office.tax.new", STR("/manage/legal/taxes/new"));
}

// The tax that an entry is about; what is gone has no page of its own.
static struct str tax_of_entry(struct request *r, const void *of, const struct rows *history, int i)
{
    (void)of;
    if (!str_is(rows_str(history, i, KEY(object_kind)), "tax"))
        return STR_NULL;
    const struct value *tax = rows_json(r->arena, history, i, KEY(after));
    if (!value_is(tax, VALUE_OBJECT))
        tax = rows_json(r->arena, history, i, KEY(before));
    return site_text_in(r->site, value_get(tax, KEY(name)), r->language);
}

// NULL, and answered, when the database is away.
static struct value *view_of(struct request *r)
{
    struct arena *a = r->arena;
    struct edition_row now;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int taxes = unit_add(u, &SQL_office_taxes, db_i64(a, r->site->tenant));
    int history = office_history_and_add(r, u, "site", STR("legal"), "tax");
    if (unit_run(u) != DB_OK || !edition_newest(a, r->site->tenant, STR("legal"), &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = panel_page(r, "office.nav.legal");
    panel_page_line(r, view, panel_words(r, "office.legal.line"));
    value_set(a, view, KEY(legal), value_get(r->site->settings, KEY(legal)));
    value_set(a, view, KEY(contact), r->site->contact);
    value_set(a, view, KEY(taxes), rows_list(a, unit_rows(u, taxes)));
    value_set_int(a, view, KEY(seen), now.version);
    add_company(r, view, now.version);
    add_pages(r, view);
    add_taxes(r, view, unit_rows(u, taxes));
    office_history_view_with(
        r, view, unit_rows(u, history), &(struct history_words){.object = tax_of_entry});
    office_done(r, view, STR(""));
    return view;
}

static void show(struct request *r)
{
    struct value *view = view_of(r);
    if (view)
        panel_respond(r, view);
}

// A number of two letters and two to twelve letters and digits, as the Union's are; elsewhere
// anything of that length.
static void check_vat(struct request *r)
{
    struct str vat = form_str(r, KEY(vat_number));
    size_t good = 0;
    for (size_t i = 0; i < vat.len; i++) {
        char c = vat.p[i];
        good += (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                strchr(" .-/", c) != NULL;
    }
    if (vat.len && (good != vat.len || vat.len < 4 || vat.len > 24))
        panel_refuse(r, "vat_number", "vat_number", "office.legal.vat_wrong");
}

static void on_data(struct request *r)
{
    struct arena *a = r->arena;
    check_vat(r);
    if (form_refused(r)) {
        show(r);
        return;
    }
    struct value *legal = picked(r, r->form, company_fields, 4), *settings = value_object(a);
    struct value *contact = picked(r, r->form, contact_fields, 3);
    value_set(a, settings, KEY(legal), legal);
    struct site_change c = {.site = r->site,
        .actor = saving_actor(r),
        .action = "legal.save",
        .subject = STR("legal"),
        .seen = form_int(r, KEY(seen), -1),
        .before = merged(r, value_get(r->site->settings, KEY(legal)), r->site->contact),
        .after = merged(r, legal, contact)};
    if (saving_finish(r, site_change_legal(a, &c, contact, settings), STR("/manage/legal")))
        return;
    struct value *view = view_of(r);
    if (view)
        saving_conflict(r, view, c.subject, c.after);
}

static void on_ask_terms(struct request *r)
{
    struct arena *a = r->arena;
    struct value *settings = value_object(a), *before = value_object(a);
    struct edition_row now;
    struct str subject = STR("ask_terms");
    if (!edition_newest(a, r->site->tenant, subject, &now)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    value_set_bool(a, settings, KEY(ask_terms), form_bool(r, KEY(ask_terms)));
    value_set_bool(
        a, before, KEY(ask_terms), value_get_bool(r->site->settings, KEY(ask_terms), false));
    struct site_change c = {.site = r->site,
        .actor = saving_actor(r),
        .action = "legal.ask_terms",
        .subject = subject,
        .record = STR("legal"),
        .seen = now.version,
        .before = before,
        .after = settings};
    if (!saving_finish(r, site_change_settings(a, &c, settings), STR("/manage/legal")))
        respond_problem(r, PROBLEM_CONFLICT);
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_data =
    FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("seen"), {"company", FIELD_TEXT, .max = 200},
        {"registration", FIELD_TEXT, .max = 200}, {"vat_number", FIELD_TEXT, .max = 30},
        {"legal_address", FIELD_LONG, .max = 400}, {"email", FIELD_EMAIL, .max = 254},
        {"phone", FIELD_PHONE, .max = 30}, {"address", FIELD_TEXT, .max = 200});
static const struct form form_ask =
    FORM({"csrf", .kind = FIELD_TEXT}, {"ask_terms", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/manage/legal", PERMIT_SETTINGS_CHANGE, show, &form_show, 0, 0},
    {HTTP_POST, "/manage/legal/data", PERMIT_SETTINGS_CHANGE, on_data, &form_data, 0, 0},
    {HTTP_POST, "/manage/legal/ask-terms", PERMIT_SETTINGS_CHANGE, on_ask_terms, &form_ask, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/legal",
    .label = "office.nav.legal",
    .icon = "scale",
    .permission = PERMIT_SETTINGS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 30};

OFFICE_PAGE(routes, &nav)
