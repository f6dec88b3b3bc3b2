// One tax: its name in each language, its rate, included in prices or added to them (P10).
#include "domain/tax.h"
#include "base/text.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/legal.sql.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

// "20", "5,5" or "8.1" per cent as millionths; -1 for anything else or more than 100.
static int64_t rate_of(struct str typed)
{
    int64_t whole = 0, part = 0;
    struct str rest = typed, digits;
    struct str first = str_cut(&rest, str_index(typed, ',') >= 0 ? ',' : '.');
    if (!str_to_i64(first, &whole) || whole < 0 || whole > 100)
        return -1;
    digits = rest.p ? rest : STR("");
    if (digits.len > 4 || (digits.len && (!str_to_i64(digits, &part) || part < 0)))
        return -1;
    for (size_t i = digits.len; i < 4; i++)
        part *= 10;
    int64_t ppm = whole * 10000 + part;
    return ppm <= 1000000 ? ppm : -1;
}

static struct str rate_text(struct arena *a, int64_t ppm)
{
    struct str text =
        str_format(a, "%lld.%04lld", (long long)(ppm / 10000), (long long)(ppm % 10000));
    while (text.p[text.len - 1] == '0')
        text.len--;
    if (text.p[text.len - 1] == '.')
        text.len--;
    return str_dup(a, text);
}

static bool is_new(const struct request *r)
{
    return !r->params[0].p;
}

static struct str path_of(struct request *r)
{
    return str_join(
        r->arena, STR("/manage/legal/taxes/"), is_new(r) ? STR("new") : r->params[0], STR_NULL);
}

struct found {
    struct tax tax;
    const struct rows *offers;
    struct unit *unit;
    int history;
};

// False, and answered, without one.
static bool find(struct request *r, struct found *out)
{
    struct arena *a = r->arena;
    *out = (struct found){.tax = {.included = true, .name = value_object(a)}};
    if (is_new(r))
        return true;
    str_to_i64(r->params[0], &out->tax.id);
    struct str tenant = db_i64(a, r->site->tenant), id = db_i64(a, out->tax.id);
    out->unit = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(out->unit, &SQL_office_tax, tenant, id);
    int offers = unit_add(out->unit, &SQL_office_tax_offers, tenant, id);
    out->history = office_history_add(r, out->unit, "tax", id);
    enum db_result result = unit_run(out->unit);
    const struct rows *rows = result == DB_OK ? unit_rows(out->unit, place) : NULL;
    if (!rows || !rows->count) {
        respond_problem(r, rows ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
        return false;
    }
    out->offers = unit_rows(out->unit, offers);
    out->tax.version = rows_i64(rows, 0, KEY(version));
    out->tax.code = rows_str(rows, 0, KEY(code));
    out->tax.name = rows_json(a, rows, 0, KEY(name));
    out->tax.rate_ppm = rows_i64(rows, 0, KEY(rate_ppm));
    out->tax.included = rows_bool(rows, 0, KEY(included));
    return true;
}

static void add_form(struct request *r, struct value *view, const struct tax *tax)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "tax", "office.tax.title");
    panel_form(r, panel, path_of(r), "office.save");
    panel_hidden(r, panel, "version", str_of_i64(a, tax->version));
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        value_key key = value_key_intern(language);
        struct str typed = value_get_str(value_get(r->form, KEY(name)), key);
        struct str label = message(a, r->words, STR("office.tax.name"), "language",
            value_str(a, format_language_name(a, language)), NULL);
        panel_field(r, panel,
            &(struct panel_field){.name = str_join(a, STR("name_"), language, STR_NULL).p,
                .title = label,
                .kind = PANEL_TEXT,
                .len_max = 60,
                .language = language,
                .value = typed.p ? typed : value_get_str(tax->name, key),
                .required = i == 0});
    }
    panel_field(r, panel,
        &(struct panel_field){.name = "rate",
            .label = "office.tax.rate",
            .hint = "office.tax.rate_hint",
            .kind = PANEL_TEXT,
            .len_max = 10,
            .required = true,
            .value = tax->id ? rate_text(a, tax->rate_ppm) : STR("")});
    panel_field(r, panel,
        &(struct panel_field){.name = "included",
            .label = "office.tax.included",
            .hint = "office.tax.included_hint",
            .kind = PANEL_TICK,
            .checked = tax->included});
    if (tax->id)
        panel_link(
            r, panel, "office.tax.remove", str_join(a, path_of(r), STR("/remove"), STR_NULL));
}

static struct value *view_of(struct request *r, const struct found *f)
{
    struct value *view = panel_page(r, f->tax.id ? "office.tax.title" : "office.tax.new");
    panel_page_back(r, view, "office.nav.legal", STR("/manage/legal"));
    value_set(r->arena, view, KEY(tax), tax_value(r->arena, &f->tax));
    value_set_int(r->arena, view, KEY(version), f->tax.version);
    add_form(r, view, &f->tax);
    if (f->unit)
        office_history_view(r, view, unit_rows(f->unit, f->history));
    office_done(r, view, STR(""));
    return view;
}

static void on_tax(struct request *r)
{
    struct found f;
    if (find(r, &f))
        panel_respond(r, view_of(r, &f));
}

static struct value *typed_name(struct request *r)
{
    struct arena *a = r->arena;
    struct value *name = value_object(a);
    const struct value *typed = value_get(r->form, KEY(name));
    for (int i = 0; i < r->site->language_count; i++) {
        value_key key = value_key_intern(r->site->languages[i]);
        struct str text = str_trim(value_get_str(typed, key));
        if (text.len)
            value_set_str(a, name, key, str_utf8_clip(text, 200));
    }
    struct str field = str_join(a, STR("name_"), r->site->languages[0], STR_NULL);
    if (!value_get_str(name, value_key_intern(r->site->languages[0])).len)
        panel_refuse(r, field.p, "required", "office.tax.name_missing");
    return name;
}

static void say_changed(struct request *r, const struct tax *tax)
{
    struct found f;
    if (!find(r, &f))
        return;
    struct office_conflict conflict = {
        .theirs = tax_value(r->arena, &f.tax), .yours = tax_value(r->arena, tax)};
    office_conflict_respond(r, "office/settings/page", view_of(r, &f), &conflict);
}

static void on_save(struct request *r)
{
    struct arena *a = r->arena;
    struct found f;
    if (!find(r, &f))
        return;
    struct tax tax = f.tax;
    tax.name = typed_name(r);
    tax.rate_ppm = rate_of(form_str(r, KEY(rate)));
    tax.included = form_bool(r, KEY(included));
    tax.version = form_int(r, KEY(version), -1);
    if (tax.rate_ppm < 0 && form_str(r, KEY(rate)).len)
        panel_refuse(r, "rate", "rate", "office.tax.rate_wrong");
    if (!tax.id)
        tax.code = text_slug(a, value_get_str(tax.name, value_key_intern(r->site->languages[0])));
    if (form_refused(r)) {
        panel_respond(r, view_of(r, &f));
        return;
    }
    struct tax_change c = {.site = r->site,
        .actor = saving_actor(r),
        .before = f.tax.id ? tax_value(a, &f.tax) : NULL};
    switch (tax_save(a, &c, &tax)) {
    case TAX_DONE:
        respond_done(r, 200, STR("/manage/legal?done=saved"), value_object(a));
        return;
    case TAX_TAKEN:
        panel_refuse(r, str_join(a, STR("name_"), r->site->languages[0], STR_NULL).p, "taken",
            "office.tax.taken");
        panel_respond(r, view_of(r, &f));
        return;
    case TAX_CHANGED:
        say_changed(r, &tax);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

// What uses it, in words: the first few by name, and how many others.
static struct str users(struct request *r, const struct rows *offers)
{
    struct arena *a = r->arena;
    struct value *names = value_list(a);
    for (int i = 0; i < offers->count; i++)
        value_append(a, names,
            value_str(a, site_text_in(r->site, rows_json(a, offers, i, KEY(title)), r->language)));
    int64_t others = offers->count ? rows_i64(offers, 0, KEY(users)) - offers->count : 0;
    if (others)
        value_append(a, names,
            value_str(a, message(a, r->words, STR("office.tax.others"), "count",
                             value_int(a, others), NULL)));
    return format_list(a, r->format, names);
}

static void say_in_use(struct request *r, const struct found *f)
{
    struct value *view = view_of(r, f);
    struct str text = message(r->arena, r->words, STR("office.tax.in_use"), "offers",
        value_str(r->arena, users(r, f->offers)), NULL);
    if (r->wants_json || r->sent_json) {
        form_refuse_text(r, "tax", "in_use", text);
        respond_invalid(r, "office/settings/page", view);
        return;
    }
    office_notice(r, view, "error", text);
    respond_page(r, 409, "office/settings/page", view);
}

static void on_ask_remove(struct request *r)
{
    struct arena *a = r->arena;
    struct found f;
    if (!find(r, &f))
        return;
    if (f.offers->count) {
        say_in_use(r, &f);
        return;
    }
    office_confirm_respond(r, &(struct office_confirm){.title = panel_words(r, "office.tax.remove"),
                                  .text = panel_words(r, "office.tax.remove_text"),
                                  .button = panel_words(r, "office.tax.remove"),
                                  .action_path = str_join(a, path_of(r), STR("/remove"), STR_NULL),
                                  .back_path = path_of(r)});
}

static void on_remove(struct request *r)
{
    struct arena *a = r->arena;
    struct found f;
    if (!find(r, &f))
        return;
    struct tax_change c = {
        .site = r->site, .actor = saving_actor(r), .before = tax_value(a, &f.tax)};
    switch (tax_remove(a, &c, f.tax.id)) {
    case TAX_DONE:
        respond_done(r, 200, STR("/manage/legal?done=saved"), value_object(a));
        return;
    case TAX_IN_USE:
        say_in_use(r, &f);
        return;
    case TAX_GONE:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
#define TAX_FIELDS                                                                     \
    {"name", .kind = FIELD_OBJECT}, {"rate", FIELD_TEXT, .required = true, .max = 10}, \
    {                                                                                  \
        "included", .kind = FIELD_BOOL                                                 \
    }
static const struct form form_new = FORM({"csrf", .kind = FIELD_TEXT}, TAX_FIELDS);
static const struct form form_change =
    FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"), TAX_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/legal/taxes/new", PERMIT_SETTINGS_CHANGE, on_tax, &form_show, 0, 0},
    {HTTP_POST, "/manage/legal/taxes/new", PERMIT_SETTINGS_CHANGE, on_save, &form_new, 0, 0},
    {HTTP_GET, "/manage/legal/taxes/{id}", PERMIT_SETTINGS_CHANGE, on_tax, &form_show, 0, 0},
    {HTTP_POST, "/manage/legal/taxes/{id}", PERMIT_SETTINGS_CHANGE, on_save, &form_change, 0, 0},
    {HTTP_GET, "/manage/legal/taxes/{id}/remove", PERMIT_SETTINGS_CHANGE, on_ask_remove, NULL, 0,
        0},
    {HTTP_POST, "/manage/legal/taxes/{id}/remove", PERMIT_SETTINGS_CHANGE, on_remove, &form_plain,
        0, 0},
};

OFFICE_PAGE(routes, NULL)
