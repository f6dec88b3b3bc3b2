// Who works here: members with their roles, invitations, and whether everybody needs a second
// factor (P5). For owners only.
#include "base/clock.h"
#include "base/id.h"
#include "data/db.h"
#include "domain/staff_invitation.h"
#include "domain/staff_secret.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/staff.sql.h"

static const char *const roles[] = {"owner", "manager", "box_office", NULL};

static struct staff_change change_of(struct request *r)
{
    struct staff_change c = {.site = r->site,
        .actor = {.kind = STR("staff"), .id = r->session.person, .name = r->session.name},
        .version = form_int(r, KEY(version), -1)};
    str_to_i64(r->params[0], &c.id);
    return c;
}

static struct str role_words(struct request *r, struct str role)
{
    return message(r->arena, r->words, STR("office.role"), "role", value_str(r->arena, role), NULL);
}

static struct str time_words(struct request *r, int64_t us)
{
    return value_get_str(format_time_value(r->arena, r->format, r->site->zone, us), KEY(text));
}

static void add_role_field(struct request *r, struct value *panel, struct str now)
{
    struct value *field = panel_field(r, panel,
        &(struct panel_field){.name = "role",
            .label = "office.staff.role",
            .hint = "office.staff.role_hint",
            .kind = PANEL_CHOICE});
    for (int i = 0; roles[i]; i++)
        panel_option(
            r, field, str_of(roles[i]), role_words(r, str_of(roles[i])), str_is(now, roles[i]));
}

static void add_members(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "members", "office.staff.members");
    for (int i = 0; i < rows->count; i++) {
        struct str email = rows_str(rows, i, KEY(email)), role = rows_str(rows, i, KEY(role));
        int64_t seen = rows_i64_or(rows, i, KEY(seen_us), 0);
        struct str seen_text = seen ? message(a, r->words, STR("office.staff.seen"), "when",
                                          value_str(a, time_words(r, seen)), NULL)
                                    : panel_words(r, "office.staff.not_in");
        struct value *item = panel_item(r, panel, rows_str(rows, i, KEY(name)),
            str_join(a, email, STR(" · "), role_words(r, role), STR(" · "), seen_text, STR_NULL));
        bool factor = rows_bool(rows, i, KEY(second_factor));
        panel_item_link(r, item,
            str_join(a, STR("/manage/staff/"), rows_str(rows, i, KEY(staff_id)), STR_NULL));
        panel_item_state(r, item, factor ? "on" : "off",
            panel_words(r, factor ? "office.staff.factor_on" : "office.staff.factor_off"));
    }
}

static void add_invitations(struct request *r, struct value *view, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "invitations", "office.staff.invitations");
    for (int i = 0; i < rows->count; i++) {
        bool over = rows_us(rows, i, KEY(expires_us)) <= clock_now_us();
        struct str path = str_join(
            a, STR("/manage/staff/invitations/"), rows_str(rows, i, KEY(invitation_id)), STR_NULL);
        struct str text = message(a, r->words, STR("office.staff.invited"), "role",
            value_str(a, role_words(r, rows_str(rows, i, KEY(role)))), "who",
            value_str(a, rows_str(rows, i, KEY(invited_by))), "when",
            value_str(a, time_words(r, rows_us(rows, i, KEY(expires_us)))), NULL);
        struct value *item = panel_item(r, panel, rows_str(rows, i, KEY(email)), text);
        panel_item_state(r, item, over ? "bad" : "waiting",
            panel_words(r, over ? "office.staff.over" : "office.staff.open"));
        panel_item_button(
            r, item, "office.staff.again", str_join(a, path, STR("/again"), STR_NULL));
        panel_item_button(
            r, item, "office.staff.withdraw", str_join(a, path, STR("/withdraw"), STR_NULL));
    }
    panel_form(r, panel, STR("/manage/staff/invite"), "office.staff.invite");
    panel_field(r, panel,
        &(struct panel_field){.name = "email",
            .label = "office.login.email",
            .hint = "office.staff.invite_hint",
            .kind = PANEL_EMAIL,
            .len_max = 254,
            .required = true});
    add_role_field(r, panel, STR("box_office"));
}

static void add_factor_rule(struct request *r, struct value *view)
{
    bool required = str_is(value_get_str(r->site->settings, KEY(second_factor)), "required");
    struct value *panel = panel_add(r, view, "rule", "office.staff.rule");
    panel_form(r, panel, STR("/manage/staff/second-factor"), "office.save");
    panel_field(r, panel,
        &(struct panel_field){.name = "required",
            .label = "office.staff.rule_required",
            .hint = "office.staff.rule_hint",
            .kind = PANEL_TICK,
            .checked = required});
}

static void show_list(struct request *r)
{
    struct arena *a = r->arena;
    struct str tenant = db_i64(a, r->site->tenant);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int members = unit_add(u, &SQL_office_staff, tenant);
    int invitations = unit_add(u, &SQL_office_staff_invitations, tenant);
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = panel_page(r, "office.nav.staff");
    panel_page_line(r, view, panel_words(r, "office.staff.line"));
    page_list(r, view, KEY(members), rows_list(a, unit_rows(u, members)));
    value_set(a, view, KEY(invitations), rows_list(a, unit_rows(u, invitations)));
    add_members(r, view, unit_rows(u, members));
    add_invitations(r, view, unit_rows(u, invitations));
    add_factor_rule(r, view);
    struct value *owners = panel_add(r, view, "ownership", "office.ownership.title");
    panel_link(r, owners, "office.ownership.see", STR("/manage/ownership"));
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void add_member_role(struct request *r, struct value *view, const struct rows *member)
{
    struct arena *a = r->arena;
    struct str path = str_join(a, STR("/manage/staff/"), r->params[0], STR_NULL);
    struct value *panel = panel_add(r, view, "member", "office.staff.role");
    panel_text(r, panel, rows_str(member, 0, KEY(email)));
    panel_form(r, panel, str_join(a, path, STR("/role"), STR_NULL), "office.save");
    panel_hidden(r, panel, "version", rows_str(member, 0, KEY(version)));
    add_role_field(r, panel, rows_str(member, 0, KEY(role)));
    struct value *access = panel_add(r, view, "access", "office.staff.access");
    struct str path_out = str_join(a, path, STR("/log-out"), STR_NULL);
    struct value *sessions = panel_item(r, access,
        message(a, r->words, STR("office.staff.sessions"), "count",
            value_int(a, rows_i64(member, 0, KEY(sessions))), NULL),
        STR_NULL);
    panel_item_button(r, sessions, "office.account.everywhere", path_out);
    bool factor = rows_bool(member, 0, KEY(second_factor));
    struct value *second = panel_item(r, access, panel_words(r, "office.account.factor"), STR_NULL);
    panel_item_state(r, second, factor ? "on" : "off",
        panel_words(r, factor ? "office.staff.factor_on" : "office.staff.factor_off"));
    // One's own is turned off on one's own page, with the password.
    bool own = rows_i64(member, 0, KEY(staff_id)) == r->session.person;
    if (factor && !own)
        panel_item_button(r, second, "office.staff.factor_remove",
            str_join(a, path, STR("/second-factor-off"), STR_NULL));
    if (!str_is(rows_str(member, 0, KEY(role)), "owner"))
        panel_link(r, access, "office.ownership.hand_over",
            str_join(a, path, STR("/hand-over"), STR_NULL));
    panel_link(r, access, "office.staff.remove", str_join(a, path, STR("/remove"), STR_NULL));
}

// NULL, and answered, without one.
static const struct rows *load_member(struct request *r, struct unit **u, int *history)
{
    struct arena *a = r->arena;
    struct staff_change c = change_of(r);
    struct str id = db_i64(a, c.id);
    *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(*u, &SQL_office_staff_one, db_i64(a, r->site->tenant), id);
    *history = office_history_add(r, *u, "staff", id);
    if (unit_run(*u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    const struct rows *member = unit_rows(*u, place);
    if (member->count)
        return member;
    respond_problem(r, PROBLEM_NOT_FOUND);
    return NULL;
}

static struct value *member_view(struct request *r, const struct rows *member)
{
    struct value *view = panel_page(r, "office.nav.staff");
    value_set_str(
        r->arena, value_get(view, KEY(settings)), KEY(title), rows_str(member, 0, KEY(name)));
    panel_page_back(r, view, "office.nav.staff", STR("/manage/staff"));
    value_set(r->arena, view, KEY(member), rows_object(r->arena, member, 0));
    add_member_role(r, view, member);
    return view;
}

static void on_member(struct request *r)
{
    struct unit *u;
    int history;
    const struct rows *member = load_member(r, &u, &history);
    if (!member)
        return;
    struct value *view = member_view(r, member);
    office_history_view(r, view, unit_rows(u, history));
    office_done(r, view, rows_str(member, 0, KEY(name)));
    panel_respond(r, view);
}

// The later of two people: what is stored beside what was chosen.
static void say_changed(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u;
    int history;
    const struct rows *member = load_member(r, &u, &history);
    if (!member)
        return;
    struct value *theirs = value_object(a), *yours = value_object(a);
    value_set_str(a, theirs, KEY(role), rows_str(member, 0, KEY(role)));
    value_set_str(a, yours, KEY(role), form_str(r, KEY(role)));
    struct office_conflict conflict = {.theirs = theirs, .yours = yours};
    office_conflict_respond(r, "office/settings/page", member_view(r, member), &conflict);
}

static void finish(struct request *r, enum staff_result result, struct str path, const char *done)
{
    switch (result) {
    case STAFF_DONE:
        respond_done(r, 200, str_join(r->arena, path, STR("?done="), str_of(done), STR_NULL),
            value_object(r->arena));
        return;
    case STAFF_GONE:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case STAFF_CHANGED:
        say_changed(r);
        return;
    case STAFF_LAST_OWNER:
        respond_problem_code(r, PROBLEM_CONFLICT, "last_owner");
        return;
    case STAFF_TAKEN:
    case STAFF_REFUSED:
    case STAFF_TRIED:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    case STAFF_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static struct str member_path(struct request *r)
{
    return str_join(r->arena, STR("/manage/staff/"), r->params[0], STR_NULL);
}

static struct str invitation_link(struct request *r, int64_t id, int64_t expires_us)
{
    return request_absolute_url(
        r, staff_invitation_path(r->arena, r->site->tenant, id, expires_us));
}

static void on_invite(struct request *r)
{
    struct staff_change c = change_of(r);
    c.id = id_number();
    if (form_refused(r)) {
        show_list(r);
        return;
    }
    struct staff_invite invite = {.email = form_str(r, KEY(email)),
        .role = form_str(r, KEY(role)),
        .language = r->language,
        .expires_us = clock_now_us() + STAFF_INVITATION_US};
    invite.link = invitation_link(r, c.id, invite.expires_us);
    enum staff_result result = staff_invite(r->arena, &c, &invite);
    if (result == STAFF_TAKEN) {
        panel_refuse(r, "email", "taken", "office.staff.taken");
        show_list(r);
    } else {
        finish(r, result, STR("/manage/staff"), "invited");
    }
}

static void on_again(struct request *r)
{
    struct staff_change c = change_of(r);
    struct staff_invite invite = {
        .language = r->language, .expires_us = clock_now_us() + STAFF_INVITATION_US};
    invite.link = invitation_link(r, c.id, invite.expires_us);
    finish(r, staff_invite_again(r->arena, &c, &invite), STR("/manage/staff"), "invited");
}

static void on_withdraw(struct request *r)
{
    struct staff_change c = change_of(r);
    finish(r, staff_invite_withdraw(r->arena, &c), STR("/manage/staff"), "withdrawn");
}

static void on_role(struct request *r)
{
    struct staff_change c = change_of(r);
    if (form_refused(r))
        on_member(r);
    else
        finish(r, staff_set_role(r->arena, &c, form_str(r, KEY(role))), member_path(r), "role");
}

static void ask_remove(struct request *r, const struct rows *member)
{
    struct arena *a = r->arena;
    struct str name = rows_str(member, 0, KEY(name));
    struct str path = str_join(a, member_path(r), STR("/remove"), STR_NULL);
    office_confirm_respond(
        r, &(struct office_confirm){.title = message(a, r->words, STR("office.staff.remove_title"),
                                        "name", value_str(a, name), NULL),
               .text = panel_words(r, "office.staff.remove_text"),
               .button = panel_words(r, "office.staff.remove"),
               .action_path = path,
               .back_path = member_path(r),
               .typed = name});
}

static void on_ask_remove(struct request *r)
{
    struct unit *u;
    int history;
    const struct rows *member = load_member(r, &u, &history);
    if (member)
        ask_remove(r, member);
}

static void on_remove(struct request *r)
{
    struct unit *u;
    int history;
    const struct rows *member = load_member(r, &u, &history);
    if (!member)
        return;
    struct staff_change c = change_of(r);
    c.version = rows_i64(member, 0, KEY(version));
    if (!office_confirmed(r, rows_str(member, 0, KEY(name))))
        ask_remove(r, member);
    else
        finish(r, staff_remove(r->arena, &c), STR("/manage/staff"), "removed");
}

static void on_log_out(struct request *r)
{
    struct staff_change c = change_of(r);
    int64_t keep = c.id == r->session.person ? r->session.id : 0;
    finish(r, staff_end_sessions(r->arena, &c, keep), member_path(r), "logged_out");
}

static void on_factor_off(struct request *r)
{
    struct staff_change c = change_of(r);
    if (c.id == r->session.person)
        respond_problem_code(r, PROBLEM_CONFLICT, "own_factor");
    else
        finish(r, staff_factor_turn_off(r->arena, &c), member_path(r), "factor_off");
}

static void on_rule(struct request *r)
{
    struct staff_change c = change_of(r);
    finish(r, staff_require_factor(r->arena, &c, form_bool(r, KEY(required))), STR("/manage/staff"),
        "saved");
}

static const struct form form_list = FORM({"done", .kind = FIELD_TEXT, .max = 40});
static const struct form form_member =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_invite =
    FORM({"csrf", .kind = FIELD_TEXT}, {"email", FIELD_EMAIL, .required = true, .max = 254},
        {"role", FIELD_CHOICE, .required = true, .choices = roles});
static const struct form form_role = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"role", FIELD_CHOICE, .required = true, .choices = roles});
static const struct form form_remove =
    FORM({"csrf", .kind = FIELD_TEXT}, {"typed", .kind = FIELD_TEXT, .max = 200});
static const struct form form_rule =
    FORM({"csrf", .kind = FIELD_TEXT}, {"required", .kind = FIELD_BOOL});

static const struct route routes[] = {
    {HTTP_GET, "/manage/staff", PERMIT_STAFF_CHANGE, show_list, &form_list, 0, 0},
    {HTTP_POST, "/manage/staff/invite", PERMIT_STAFF_CHANGE, on_invite, &form_invite, 0, 0},
    {HTTP_POST, "/manage/staff/second-factor", PERMIT_STAFF_CHANGE, on_rule, &form_rule, 0, 0},
    {HTTP_POST, "/manage/staff/invitations/{id}/again", PERMIT_STAFF_CHANGE, on_again, &form_plain,
        0, 0},
    {HTTP_POST, "/manage/staff/invitations/{id}/withdraw", PERMIT_STAFF_CHANGE, on_withdraw,
        &form_plain, 0, 0},
    {HTTP_GET, "/manage/staff/{id}", PERMIT_STAFF_CHANGE, on_member, &form_member, 0, 0},
    {HTTP_POST, "/manage/staff/{id}/role", PERMIT_STAFF_CHANGE, on_role, &form_role, 0, 0},
    {HTTP_GET, "/manage/staff/{id}/remove", PERMIT_STAFF_CHANGE, on_ask_remove, NULL, 0, 0},
    {HTTP_POST, "/manage/staff/{id}/remove", PERMIT_STAFF_CHANGE, on_remove, &form_remove, 0, 0},
    {HTTP_POST, "/manage/staff/{id}/log-out", PERMIT_STAFF_CHANGE, on_log_out, &form_plain, 0, 0},
    {HTTP_POST, "/manage/staff/{id}/second-factor-off", PERMIT_STAFF_CHANGE, on_factor_off,
        &form_plain, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/staff",
    .label = "office.nav.staff",
    .icon = "users",
    .permission = PERMIT_STAFF_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 70};

OFFICE_PAGE(routes, &nav)
