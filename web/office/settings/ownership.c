// Owners who change (P4): the new owner's link, the link of the owners of now, what is open in the
// office of an owner, and an owner who hands over by hand.
#include "domain/ownership.h"

#include "data/db.h"
#include "domain/password.h"
#include "domain/staff_member.h"
#include "domain/staff_member.sql.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/password.h"

static struct str when(struct request *r, int64_t us)
{
    return value_get_str(format_time_value(r->arena, r->format, r->site->zone, us), KEY(text));
}

static void say_over(struct request *r, enum ownership_result result)
{
    if (result == OWNERSHIP_BUSY)
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        respond_problem_code(r, PROBLEM_GONE, "link_over");
}

// The address carries the token: it goes nowhere else.
static void keep_address(struct request *r)
{
    respond_header(r, "referrer-policy", STR("no-referrer"));
}

// Numbers of rows are too long for a number in JSON: they come as text.
static int64_t number_of(struct str text)
{
    int64_t number = 0;
    return str_to_i64(text, &number) ? number : 0;
}

static bool open_new(struct request *r, struct ownership *o)
{
    enum ownership_result found =
        ownership_open(r->arena, r->site, number_of(form_str(r, KEY(id))), form_str(r, KEY(t)), o);
    if (found != OWNERSHIP_DONE)
        say_over(r, found);
    return found == OWNERSHIP_DONE;
}

static struct value *new_page(struct request *r, const struct ownership *o)
{
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.ownership.yours");
    panel_page_line(r, view,
        message(a, r->words, STR("office.ownership.yours_line"), "who",
            value_str(a, o->operator_name), "email", value_str(a, o->email), "when",
            value_str(a, when(r, o->ready_us)), NULL));
    keep_address(r);
    return view;
}

static void add_link(struct request *r, struct value *panel, const struct ownership *o)
{
    panel_hidden(r, panel, "id", str_of_i64(r->arena, o->id));
    panel_hidden(r, panel, "t", form_str(r, KEY(t)));
}

// Who works there already proves it by logging in, second factor and all.
static void lead_to_login(struct request *r, const struct ownership *o)
{
    struct buf b;
    struct value *view = new_page(r, o), *panel = panel_add(r, view, "log-in", "office.login.go");
    struct str own = str_join(r->arena, STR("/manage/ownership/confirm?id="),
        str_of_i64(r->arena, o->id), STR("&t="), form_str(r, KEY(t)), STR_NULL);
    buf_init(&b, r->arena, 1024);
    buf_add(&b, STR("/manage/login?next="));
    buf_add_url(&b, own);
    panel_text(r, panel, panel_words(r, "office.ownership.works_here"));
    panel_link(r, panel, "office.login.go", buf_str(&b));
    panel_respond_gate(r, view);
}

static void show_new(struct request *r, const struct ownership *o)
{
    if (o->member) {
        lead_to_login(r, o);
        return;
    }
    struct value *view = new_page(r, o), *panel;
    panel = panel_add(r, view, "confirm", "office.ownership.confirm");
    panel_form(r, panel, STR("/manage/login/ownership"), "office.ownership.confirm");
    add_link(r, panel, o);
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.invitation.name",
            .kind = PANEL_TEXT,
            .len_max = 120,
            .autocomplete = "name",
            .required = true});
    password_field(r, panel);
    panel_respond_gate(r, view);
}

static void on_new_page(struct request *r)
{
    struct ownership o;
    if (open_new(r, &o))
        show_new(r, &o);
}

static void confirm(
    struct request *r, const struct ownership *o, const struct ownership_newcomer *who)
{
    enum ownership_result result = ownership_confirm(r->arena, r->site, o, who);
    if (result == OWNERSHIP_DONE)
        respond_done(r, 200, STR("/manage/login/ownership/confirmed"), value_object(r->arena));
    else
        say_over(r, result);
}

static void on_new(struct request *r)
{
    struct ownership o;
    if (!open_new(r, &o))
        return;
    if (o.member) {
        respond_problem_code(r, PROBLEM_FORBIDDEN, "login_required");
        return;
    }
    password_check_strength(r, o.email, form_str(r, KEY(name)));
    if (form_refused(r)) {
        show_new(r, &o);
        return;
    }
    struct ownership_newcomer who = {
        .name = form_str(r, KEY(name)), .password = form_str(r, KEY(password))};
    confirm(r, &o, &who);
}

static void on_confirmed(struct request *r)
{
    struct value *view = panel_page(r, "office.ownership.confirmed");
    panel_page_line(r, view, panel_words(r, "office.ownership.confirmed_line"));
    panel_respond_gate(r, view);
}

// The link's own person, logged in; nobody else, and not support.
static bool is_meant(struct request *r, const struct ownership *o)
{
    if (o->member && o->member == r->session.person && !r->session.support_until_us)
        return true;
    respond_problem_code(r, PROBLEM_FORBIDDEN, "link_of_another");
    return false;
}

static void on_member_page(struct request *r)
{
    struct ownership o;
    if (!open_new(r, &o) || !is_meant(r, &o))
        return;
    struct value *view = new_page(r, &o), *panel;
    panel = panel_add(r, view, "confirm", "office.ownership.confirm");
    panel_form(r, panel, STR("/manage/ownership/confirm"), "office.ownership.confirm");
    add_link(r, panel, &o);
    panel_respond(r, view);
}

static void on_member(struct request *r)
{
    struct ownership o;
    if (!open_new(r, &o) || !is_meant(r, &o))
        return;
    struct ownership_newcomer who = {.member = r->session.person, .name = r->session.name};
    confirm(r, &o, &who);
}

static bool open_holder(struct request *r, struct ownership_holder *h)
{
    *h = (struct ownership_holder){.id = number_of(form_str(r, KEY(id))),
        .staff = number_of(form_str(r, KEY(who))),
        .token = form_str(r, KEY(t))};
    if (!h->token.p)
        h->token = STR("");
    enum ownership_result found = ownership_holder_open(r->arena, r->site, h);
    if (found != OWNERSHIP_DONE)
        say_over(r, found);
    return found == OWNERSHIP_DONE;
}

static void on_objection_page(struct request *r)
{
    struct arena *a = r->arena;
    struct ownership_holder h;
    size_t count;
    if (!open_holder(r, &h))
        return;
    const struct ownership *o = ownership_list(a, r->site, &count);
    if (!o || !count) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.ownership.open");
    panel_page_line(r, view,
        message(a, r->words, STR("office.ownership.open_line"), "who",
            value_str(a, o->operator_name), "email", value_str(a, o->email), "reason",
            value_str(a, o->reason), "former", value_str(a, o->former), "when",
            value_str(a, when(r, o->ready_us)), NULL));
    struct value *panel = panel_add(r, view, "object", "office.ownership.object");
    panel_text(r, panel, panel_words(r, "office.ownership.object_text"));
    panel_form(r, panel, STR("/manage/login/objection"), "office.ownership.object");
    add_link(r, panel, &(struct ownership){.id = h.id});
    panel_hidden(r, panel, "who", str_of_i64(a, h.staff));
    struct value *agree = panel_add(r, view, "agree", "office.ownership.consent");
    panel_link(r, agree, "office.ownership.consent", STR("/manage/ownership"));
    keep_address(r);
    panel_respond_gate(r, view);
}

static void on_objection(struct request *r)
{
    struct ownership_holder h;
    if (!open_holder(r, &h))
        return;
    enum ownership_result result = ownership_object(r->arena, r->site, &h);
    if (result == OWNERSHIP_DONE)
        respond_done(r, 200, STR("/manage/login/objection/noted"), value_object(r->arena));
    else
        say_over(r, result);
}

static void on_noted(struct request *r)
{
    struct value *view = panel_page(r, "office.ownership.noted");
    panel_page_line(r, view, panel_words(r, "office.ownership.noted_line"));
    panel_respond_gate(r, view);
}

static struct str state_words(struct request *r, const struct ownership *o)
{
    return message(r->arena, r->words, STR("office.ownership.state"), "state",
        value_str(r->arena, o->state), NULL);
}

static void add_transfer(struct request *r, struct value *panel, const struct ownership *o)
{
    struct arena *a = r->arena;
    bool open = str_is(o->state, "open");
    struct str path = str_join(a, STR("/manage/ownership/"), str_of_i64(a, o->id), STR_NULL);
    struct str text = message(a, r->words, STR("office.ownership.asked"), "who",
        value_str(a, o->operator_name), "when", value_str(a, when(r, o->asked_us)), "reason",
        value_str(a, o->reason), "proof", value_str(a, o->proof), "former", value_str(a, o->former),
        "ready", value_str(a, when(r, o->ready_us)), "state", value_str(a, o->state), NULL);
    struct value *item = panel_item(r, panel, o->email, text);
    panel_item_state(r, item,
        open                       ? "waiting"
        : str_is(o->state, "done") ? "on"
                                   : "off",
        state_words(r, o));
    if (!open)
        return;
    panel_item_button(
        r, item, "office.ownership.object", str_join(a, path, STR("/object"), STR_NULL));
    if (!o->consented_us)
        panel_item_button(
            r, item, "office.ownership.consent", str_join(a, path, STR("/consent"), STR_NULL));
}

static void on_list(struct request *r)
{
    size_t count;
    const struct ownership *list = ownership_list(r->arena, r->site, &count);
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int history = office_history_add(r, u, OWNERSHIP_KIND, STR(OWNERSHIP_OBJECT));
    if (!list || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.ownership.title");
    panel_page_line(r, view, panel_words(r, "office.ownership.line"));
    panel_page_back(r, view, "office.nav.staff", STR("/manage/staff"));
    struct value *panel = panel_add(r, view, "transfers", "office.ownership.transfers");
    for (size_t i = 0; i < count; i++)
        add_transfer(r, panel, &list[i]);
    if (!count)
        panel_text(r, panel, panel_words(r, "office.ownership.none"));
    struct value *own = panel_add(r, view, "hand-over", "office.ownership.hand_over");
    panel_text(r, own, panel_words(r, "office.ownership.how"));
    panel_link(r, own, "office.nav.staff", STR("/manage/staff"));
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

// An owner of the day it was asked for, in the office.
static struct ownership_holder holder_of(struct request *r)
{
    struct ownership_holder h = {.staff = r->session.person, .name = r->session.name};
    str_to_i64(r->params[0], &h.id);
    return h;
}

static void answer(struct request *r, enum ownership_result result, const char *done)
{
    if (result == OWNERSHIP_DONE)
        respond_done(r, 200,
            str_join(r->arena, STR("/manage/ownership?done="), str_of(done), STR_NULL),
            value_object(r->arena));
    else
        respond_problem(r, result == OWNERSHIP_BUSY ? PROBLEM_UNAVAILABLE : PROBLEM_CONFLICT);
}

static void on_object_here(struct request *r)
{
    struct ownership_holder h = holder_of(r);
    answer(r, ownership_object(r->arena, r->site, &h), "objected");
}

static void on_consent(struct request *r)
{
    struct ownership_holder h = holder_of(r);
    enum ownership_result result = ownership_consent(r->arena, r->site, &h);
    // The consent may have been the last thing that was missing: then this office is closed to
    // them.
    answer(r, result, "consented");
}

// NULL, and answered, without one that may take over.
static const struct rows *find_member(struct request *r, struct staff_change *c)
{
    struct arena *a = r->arena;
    *c = (struct staff_change){.site = r->site,
        .actor = {.kind = STR("staff"), .id = r->session.person, .name = r->session.name},
        .version = form_int(r, KEY(version), -1)};
    str_to_i64(r->params[0], &c->id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_staff_member, db_i64(a, r->site->tenant), db_i64(a, c->id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    const struct rows *rows = unit_rows(u, place);
    if (rows->count && !str_is(rows_str(rows, 0, KEY(role)), "owner"))
        return rows;
    respond_problem(r, rows->count ? PROBLEM_CONFLICT : PROBLEM_NOT_FOUND);
    return NULL;
}

static void show_hand_over(struct request *r, const struct rows *member)
{
    struct arena *a = r->arena;
    struct str name = rows_str(member, 0, KEY(name));
    struct str path = str_join(a, STR("/manage/staff/"), r->params[0], STR_NULL);
    struct value *view = panel_page(r, "office.ownership.hand_over");
    panel_page_back(r, view, "office.nav.staff", path);
    panel_page_line(r, view,
        message(a, r->words, STR("office.ownership.hand_over_line"), "name", value_str(a, name),
            "email", value_str(a, rows_str(member, 0, KEY(email))), NULL));
    struct value *panel = panel_add(r, view, "hand-over", "office.ownership.hand_over");
    panel_form(
        r, panel, str_join(a, path, STR("/hand-over"), STR_NULL), "office.ownership.hand_over");
    panel_hidden(r, panel, "version", rows_str(member, 0, KEY(version)));
    struct value *stays = panel_field(r, panel,
        &(struct panel_field){
            .name = "stays", .label = "office.ownership.afterwards", .kind = PANEL_CHOICE});
    bool both = str_is(form_str(r, KEY(stays)), "owner");
    panel_option(r, stays, STR("manager"), panel_words(r, "office.ownership.as_manager"), !both);
    panel_option(r, stays, STR("owner"), panel_words(r, "office.ownership.as_owner"), both);
    panel_field(r, panel,
        &(struct panel_field){.name = "confirm",
            .label = "office.account.current",
            .kind = PANEL_PASSWORD,
            .autocomplete = "current-password",
            .required = true});
    panel_respond(r, view);
}

static void on_hand_over_page(struct request *r)
{
    struct staff_change c;
    const struct rows *member = find_member(r, &c);
    if (member)
        show_hand_over(r, member);
}

static void check_own_password(struct request *r, const struct staff_change *c)
{
    struct staff_change own = *c;
    own.id = r->session.person;
    switch (staff_check_password(r->arena, &own, form_str(r, KEY(confirm)))) {
    case STAFF_DONE:
        break;
    case STAFF_TRIED:
        panel_refuse(r, "confirm", "too_many", "office.account.tried");
        break;
    default:
        panel_refuse(r, "confirm", "password_wrong", "office.account.wrong");
    }
}

static void on_hand_over(struct request *r)
{
    struct staff_change c;
    const struct rows *member = find_member(r, &c);
    if (!member)
        return;
    if (!form_refused(r))
        check_own_password(r, &c);
    if (form_refused(r)) {
        show_hand_over(r, member);
        return;
    }
    bool stays = str_is(form_str(r, KEY(stays)), "owner");
    switch (ownership_hand_over(r->arena, &c, stays)) {
    case STAFF_DONE:
        respond_done(r, 200, stays ? STR("/manage/staff?done=handed_over") : STR("/manage"),
            value_object(r->arena));
        return;
    case STAFF_CHANGED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static const char *const roles_after[] = {"manager", "owner", NULL};
static const struct form form_link =
    FORM({"id", .kind = FIELD_TEXT, .max = 20}, {"t", FIELD_TEXT, .max = 60});
static const struct form form_new =
    FORM({"csrf", .kind = FIELD_TEXT}, {"id", .kind = FIELD_TEXT, .max = 20},
        {"t", FIELD_TEXT, .max = 60}, {"name", FIELD_TEXT, .required = true, .max = 120},
        {"password", .kind = FIELD_PASSWORD, .required = true, .min = PASSWORD_MIN,
            .max = PASSWORD_MAX});
static const struct form form_member = FORM({"csrf", .kind = FIELD_TEXT},
    {"id", .kind = FIELD_TEXT, .max = 20}, {"t", FIELD_TEXT, .max = 60});
static const struct form form_objection_page = FORM({"id", .kind = FIELD_TEXT, .max = 20},
    {"who", .kind = FIELD_TEXT, .max = 20}, {"t", FIELD_TEXT, .max = 60});
static const struct form form_objection =
    FORM({"csrf", .kind = FIELD_TEXT}, {"id", .kind = FIELD_TEXT, .max = 20},
        {"who", .kind = FIELD_TEXT, .max = 20}, {"t", FIELD_TEXT, .max = 60});
static const struct form form_list =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_act = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_hand_over = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"stays", FIELD_CHOICE, .required = true, .choices = roles_after},
    {"confirm", .kind = FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX});

static const struct route routes[] = {
    {HTTP_GET, "/manage/login/ownership", PERMIT_PUBLIC, on_new_page, &form_link, 0, 0},
    {HTTP_POST, "/manage/login/ownership", PERMIT_PUBLIC, on_new, &form_new, 0, 0},
    {HTTP_GET, "/manage/login/ownership/confirmed", PERMIT_PUBLIC, on_confirmed, NULL, 0, 0},
    {HTTP_GET, "/manage/login/objection", PERMIT_PUBLIC, on_objection_page, &form_objection_page, 0,
        0},
    {HTTP_POST, "/manage/login/objection", PERMIT_PUBLIC, on_objection, &form_objection, 0, 0},
    {HTTP_GET, "/manage/login/objection/noted", PERMIT_PUBLIC, on_noted, NULL, 0, 0},
    {HTTP_GET, "/manage/ownership", PERMIT_STAFF_CHANGE, on_list, &form_list, 0, 0},
    {HTTP_GET, "/manage/ownership/confirm", PERMIT_OFFICE_USE, on_member_page, &form_link, 0, 0},
    {HTTP_POST, "/manage/ownership/confirm", PERMIT_OFFICE_USE, on_member, &form_member, 0, 0},
    {HTTP_POST, "/manage/ownership/{id}/object", PERMIT_STAFF_CHANGE, on_object_here, &form_act, 0,
        0},
    {HTTP_POST, "/manage/ownership/{id}/consent", PERMIT_STAFF_CHANGE, on_consent, &form_act, 0, 0},
    {HTTP_GET, "/manage/staff/{id}/hand-over", PERMIT_STAFF_CHANGE, on_hand_over_page, NULL, 0, 0},
    {HTTP_POST, "/manage/staff/{id}/hand-over", PERMIT_STAFF_CHANGE, on_hand_over, &form_hand_over,
        0, 0},
};

OFFICE_PAGE(routes, NULL)
