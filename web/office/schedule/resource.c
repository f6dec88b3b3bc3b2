// One court, room or person: its name and kind, the offers that use it, putting it away and
// removing it. What is in use stays, and the page says by what.
#include "base/clock.h"
#include "base/text.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/schedule/resources.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"

enum { CODE_MAX = 40, NAMED_MAX = 3 };

struct found {
    struct resource resource;
    struct resource_list list;
    const struct rows *offers; // NULL of a new one
    int64_t bookings, ever;
};

static bool is_new(const struct request *r)
{
    return !r->params[0].p;
}

static struct str path_of(struct request *r, const char *tail)
{
    return resource_path(r, is_new(r) ? STR("new") : r->params[0], tail);
}

// False, and answered, without one.
static bool find(struct request *r, struct found *f)
{
    *f = (struct found){.resource = {.kind = str_of(resource_kinds[0])}};
    if (!resource_list_read(r, &f->list))
        return false;
    if (is_new(r))
        return true;
    f->resource = resource_of_row(f->list.rows, f->list.row);
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    struct resource_places places = resource_add_uses(u, f->resource.id, clock_now_us());
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return false;
    }
    f->offers = unit_rows(u, places.offers);
    f->bookings = rows_i64(unit_rows(u, places.bookings), 0, KEY(bookings));
    f->ever = rows_i64(unit_rows(u, places.bookings), 0, KEY(ever));
    return true;
}

static void add_form(struct request *r, struct value *view, const struct resource *one)
{
    struct value *panel =
        panel_add(r, view, "resource", one->id ? "office.resource.title" : "office.resource.new");
    panel_form(r, panel, path_of(r, ""), one->id ? "office.save" : "office.resource.add");
    if (one->id)
        panel_hidden(r, panel, "version", str_of_i64(r->arena, one->version));
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.field.name",
            .hint = "office.resource.name_hint",
            .kind = PANEL_TEXT,
            .len_max = RESOURCE_NAME_MAX,
            .required = true,
            .value = one->name});
    struct value *kind = panel_field(r, panel,
        &(struct panel_field){.name = "kind", .label = "office.field.kind", .kind = PANEL_CHOICE});
    bool known = false;
    for (int i = 0; resource_kinds[i]; i++) {
        struct str value = str_of(resource_kinds[i]);
        known |= str_eq(value, one->kind);
        panel_option(r, kind, value, resource_kind_words(r, value), str_eq(value, one->kind));
    }
    if (!known)
        panel_option(r, kind, one->kind, one->kind, true);
}

static void add_offers(struct request *r, struct value *view, const struct rows *offers)
{
    struct value *panel = panel_add(r, view, "offers", "office.resource.offers");
    panel_text(r, panel, panel_words(r, "office.resource.offers_text"));
    for (int i = 0; i < offers->count; i++) {
        struct str state = rows_str(offers, i, KEY(state));
        struct str title =
            site_text_in(r->site, rows_json(r->arena, offers, i, KEY(title)), r->language);
        struct value *item = panel_item(r, panel, title, STR_NULL);
        panel_item_link(r, item,
            str_join(
                r->arena, STR("/manage/offers/"), rows_str(offers, i, KEY(offer_id)), STR_NULL));
        if (!str_is(state, "published"))
            panel_item_state(r, item, "off",
                panel_words(r, str_join(r->arena, STR("office.value.state."), state, STR_NULL).p));
    }
    panel_link(r, panel, "office.nav.offers", STR("/manage/offers"));
}

static void add_endings(struct request *r, struct value *view, const struct resource *one)
{
    struct value *panel = panel_add(
        r, view, "state", one->archived ? "office.resource.archived_one" : "office.offer.archive");
    const char *text =
        one->archived ? "office.resource.archived_text" : "office.resource.archive_text";
    panel_text(r, panel, panel_words(r, text));
    panel_form(r, panel, path_of(r, one->archived ? "/restore" : "/archive"),
        one->archived ? "office.resource.restore" : "office.offer.archive");
    panel_link(r, panel, "office.resource.remove", path_of(r, "/remove"));
}

static struct value *names_of(struct request *r, const struct rows *offers)
{
    struct value *list = value_list(r->arena);
    for (int i = 0; i < offers->count; i++)
        value_append(r->arena, list,
            value_str(r->arena,
                site_text_in(r->site, rows_json(r->arena, offers, i, KEY(title)), r->language)));
    return list;
}

static struct value *view_of(struct request *r, const struct found *f)
{
    struct arena *a = r->arena;
    const struct resource *one = &f->resource;
    struct value *view = panel_page(r, one->id ? "office.resource.title" : "office.resource.new");
    struct value *data = resource_value(a, one);
    panel_page_back(r, view, "office.nav.resources", STR("/manage/resources"));
    if (one->id)
        value_set_str(a, value_get(view, KEY(settings)), KEY(title), one->name);
    value_set_str(a, data, KEY(id), one->id ? str_of_i64(a, one->id) : STR_NULL);
    value_set_str(a, data, KEY(code), one->code);
    value_set_bool(a, data, KEY(archived), one->archived);
    value_set(a, data, KEY(offers), f->offers ? names_of(r, f->offers) : value_list(a));
    value_set_int(a, data, KEY(bookings), f->bookings);
    value_set(a, view, KEY(resource), data);
    value_set_int(a, view, KEY(version), one->version);
    add_form(r, view, one);
    if (one->id) {
        add_offers(r, view, f->offers);
        add_endings(r, view, one);
        office_history_view(r, view, f->list.history);
    }
    office_done(r, view, one->name);
    return view;
}

static void on_resource(struct request *r)
{
    struct found f;
    if (find(r, &f))
        panel_respond(r, view_of(r, &f));
}

static struct str free_code(struct request *r, const struct rows *rows, struct str name)
{
    struct str base = text_slug(r->arena, name), code;
    base = base.len ? str_sub(base, 0, CODE_MAX) : STR("resource");
    code = base;
    for (int n = 2; n < rows->count + 3; n++) {
        bool taken = false;
        for (int i = 0; i < rows->count; i++)
            taken |= str_eq(rows_str(rows, i, KEY(code)), code);
        if (!taken)
            break;
        code = str_join(r->arena, base, STR("-"), str_of_i64(r->arena, n), STR_NULL);
    }
    return code;
}

static void say_changed(struct request *r, const struct resource *yours)
{
    struct found f;
    if (!find(r, &f))
        return;
    if (is_new(r)) {
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    }
    struct office_conflict conflict = {.theirs = resource_value(r->arena, &f.resource),
        .yours = resource_value(r->arena, yours),
        .kind = STR("resource")};
    // What was typed stands in the form, with the version that is there now.
    f.resource.name = yours->name;
    f.resource.kind = yours->kind;
    office_conflict_respond(r, "office/settings/page", view_of(r, &f), &conflict);
}

// Two of one name can't be told apart in the schedule.
static bool is_taken(const struct found *f, const struct resource *one)
{
    for (int i = 0; i < f->list.rows->count; i++)
        if (rows_i64(f->list.rows, i, KEY(id)) != one->id &&
            !rows_bool(f->list.rows, i, KEY(archived)) &&
            str_eq(rows_str(f->list.rows, i, KEY(name)), one->name))
            return true;
    return false;
}

static bool is_kind(const struct resource *before, struct str kind)
{
    for (int i = 0; resource_kinds[i]; i++)
        if (str_is(kind, resource_kinds[i]))
            return true;
    return before->id && str_eq(kind, before->kind);
}

static void answer_save(
    struct request *r, const struct found *f, struct resource *one, enum resource_result result)
{
    struct arena *a = r->arena;
    struct value *done = value_object(a);
    switch (result) {
    case RESOURCE_DONE:
        value_set_str(a, done, KEY(id), str_of_i64(a, one->id));
        respond_done(r, is_new(r) ? 201 : 200,
            resource_path(r, str_of_i64(a, one->id), "?done=saved"), done);
        break;
    case RESOURCE_MANY:
        panel_refuse(r, "name", "many", "office.resource.many");
        panel_respond(r, view_of(r, f));
        break;
    case RESOURCE_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        say_changed(r, one);
    }
}

static void on_save(struct request *r)
{
    struct found f;
    if (!find(r, &f))
        return;
    struct resource one = f.resource;
    one.name = form_str(r, KEY(name));
    one.kind = form_str(r, KEY(kind));
    one.version = form_int(r, KEY(version), -1);
    if (one.kind.len && !is_kind(&f.resource, one.kind))
        form_refuse(r, "kind", "choice");
    if (is_taken(&f, &one))
        panel_refuse(r, "name", "taken", "office.resource.taken");
    if (!one.id)
        one.code = free_code(r, f.list.rows, one.name);
    if (form_refused(r)) {
        panel_respond(r, view_of(r, &f));
        return;
    }
    struct resource_change c = {
        .site = r->site, .actor = saving_actor(r), .before = one.id ? &f.resource : NULL};
    answer_save(r, &f, &one, resource_save(r->arena, &c, &one));
}

// By what, in words: offers by name, and how many bookings.
static struct str users(struct request *r, const struct found *f, bool ever)
{
    struct arena *a = r->arena;
    struct value *names = value_list(a);
    int offers = 0;
    for (int i = 0; i < f->offers->count; i++) {
        if (!ever && str_is(rows_str(f->offers, i, KEY(state)), "archived"))
            continue;
        if (offers++ < NAMED_MAX)
            value_append(a, names,
                value_str(
                    a, site_text_in(r->site, rows_json(a, f->offers, i, KEY(title)), r->language)));
    }
    if (offers > NAMED_MAX)
        value_append(a, names,
            value_str(a, message(a, r->words, STR("office.tax.others"), "count",
                             value_int(a, offers - NAMED_MAX), NULL)));
    int64_t bookings = ever ? f->ever : f->bookings;
    const char *key = ever ? "office.resource.ever" : "office.resource.bookings";
    if (bookings)
        value_append(a, names,
            value_str(a, message(a, r->words, str_of(key), "count", value_int(a, bookings), NULL)));
    return format_list(a, r->format, names);
}

static void say_in_use(struct request *r, const struct found *f, bool ever)
{
    struct value *view = view_of(r, f);
    const char *key = ever ? "office.resource.in_use_ever" : "office.resource.in_use";
    struct str text = message(
        r->arena, r->words, str_of(key), "users", value_str(r->arena, users(r, f, ever)), NULL);
    if (r->wants_json || r->sent_json) {
        form_refuse_text(r, "resource", "in_use", text);
        respond_invalid(r, "office/settings/page", view);
        return;
    }
    office_notice(r, view, "error", text);
    respond_page(r, 409, "office/settings/page", view);
}

static void answer_state(
    struct request *r, const struct found *f, enum resource_result result, const char *done)
{
    switch (result) {
    case RESOURCE_DONE:
        respond_done(r, 200, path_of(r, done), value_object(r->arena));
        break;
    case RESOURCE_IN_USE:
        say_in_use(r, f, false);
        break;
    case RESOURCE_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        respond_problem(r, PROBLEM_CONFLICT);
    }
}

// Another took its name while it was away.
static void say_taken(struct request *r, const struct found *f)
{
    struct value *view = view_of(r, f);
    panel_refuse(r, "name", "taken", "office.resource.taken");
    respond_invalid(r, "office/settings/page", view);
}

static void set_state(struct request *r, bool archived)
{
    struct found f;
    if (!find(r, &f))
        return;
    if (f.resource.archived == archived) {
        respond_done(r, 200, path_of(r, ""), value_object(r->arena));
        return;
    }
    if (!archived && is_taken(&f, &f.resource)) {
        say_taken(r, &f);
        return;
    }
    struct resource_change c = {.site = r->site, .actor = saving_actor(r), .before = &f.resource};
    answer_state(r, &f, archived ? resource_archive(r->arena, &c) : resource_restore(r->arena, &c),
        archived ? "?done=resource_archived" : "?done=resource_restored");
}

static void on_archive(struct request *r)
{
    set_state(r, true);
}

static void on_restore(struct request *r)
{
    set_state(r, false);
}

static void on_ask_remove(struct request *r)
{
    struct found f;
    if (!find(r, &f))
        return;
    if (f.offers->count || f.ever) {
        say_in_use(r, &f, true);
        return;
    }
    office_confirm_respond(
        r, &(struct office_confirm){
               .title = message(r->arena, r->words, STR("office.resource.remove_title"), "name",
                   value_str(r->arena, f.resource.name), NULL),
               .text = panel_words(r, "office.resource.remove_text"),
               .button = panel_words(r, "office.resource.remove"),
               .action_path = path_of(r, "/remove"),
               .back_path = path_of(r, "")});
}

static void on_remove(struct request *r)
{
    struct found f;
    if (!find(r, &f))
        return;
    struct resource_change c = {.site = r->site, .actor = saving_actor(r), .before = &f.resource};
    switch (resource_remove(r->arena, &c)) {
    case RESOURCE_DONE:
        respond_done(
            r, 200, STR("/manage/resources?done=resource_removed"), value_object(r->arena));
        break;
    case RESOURCE_IN_USE:
        say_in_use(r, &f, true);
        break;
    case RESOURCE_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    default:
        respond_problem(r, PROBLEM_CONFLICT);
    }
}

static const struct form form_show =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
#define RESOURCE_FIELDS                                               \
    {"name", FIELD_TEXT, .required = true, .max = RESOURCE_NAME_MAX}, \
    {                                                                 \
        "kind", FIELD_TEXT, .required = true, .max = 40               \
    }
static const struct form form_new = FORM({"csrf", .kind = FIELD_TEXT}, RESOURCE_FIELDS);
static const struct form form_change =
    FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"), RESOURCE_FIELDS);

static const struct route routes[] = {
    {HTTP_GET, "/manage/resources/new", PERMIT_SCHEDULE_CHANGE, on_resource, &form_show, 0, 0},
    {HTTP_POST, "/manage/resources/new", PERMIT_SCHEDULE_CHANGE, on_save, &form_new, 0, 0},
    {HTTP_GET, "/manage/resources/{id}", PERMIT_SCHEDULE_CHANGE, on_resource, &form_show, 0, 0},
    {HTTP_POST, "/manage/resources/{id}", PERMIT_SCHEDULE_CHANGE, on_save, &form_change, 0, 0},
    {HTTP_POST, "/manage/resources/{id}/archive", PERMIT_SCHEDULE_CHANGE, on_archive, &form_plain,
        0, 0},
    {HTTP_POST, "/manage/resources/{id}/restore", PERMIT_SCHEDULE_CHANGE, on_restore, &form_plain,
        0, 0},
    {HTTP_GET, "/manage/resources/{id}/remove", PERMIT_SCHEDULE_CHANGE, on_ask_remove, NULL, 0, 0},
    {HTTP_POST, "/manage/resources/{id}/remove", PERMIT_SCHEDULE_CHANGE, on_remove, &form_plain, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
