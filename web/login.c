#include "web/login.h"

#include "domain/password.h"
#include "domain/staff.h"
#include "http/respond.h"

const struct form login_query = FORM({"next", FIELD_TEXT, .max = 500});
const struct form login_form = FORM({"csrf", .kind = FIELD_TEXT}, {"next", FIELD_TEXT, .max = 500},
    {"email", FIELD_EMAIL, .required = true, .max = 254},
    {"password", FIELD_PASSWORD, .required = true, .max = PASSWORD_MAX});
const struct form logout_form = FORM({"csrf", .kind = FIELD_TEXT});

// Only pages behind this login: no other host, no scheme, nothing that a browser reads otherwise.
static struct str next_path(const struct request *r, const struct login_place *place)
{
    struct str next = form_str(r, KEY(next));
    if (!str_starts(next, place->within) || str_starts(next, place->path))
        return place->within;
    if (next.len > place->within.len && next.p[place->within.len] != '/')
        return place->within;
    for (size_t i = 0; i < next.len; i++)
        if ((unsigned char)next.p[i] <= ' ' || next.p[i] == '\\')
            return place->within;
    return str_find(next, STR("//")) < 0 ? next : place->within;
}

static struct value *view_of(struct request *r, const struct login_place *place)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *login = value_object(a);
    value_set(a, view, KEY(login), login);
    value_set_str(a, login, KEY(action), request_url(r, place->path));
    value_set_str(a, login, KEY(next), form_str(r, KEY(next)));
    value_set_str(a, login, KEY(forgot_url),
        r->site ? request_url(r, str_join(a, place->path, STR("/forgot"), STR_NULL)) : STR_NULL);
    return view;
}

void login_show(struct request *r, const struct login_place *place)
{
    if (r->session.id)
        respond_redirect(r, request_url(r, next_path(r, place)));
    else
        respond_page(r, 200, place->template, view_of(r, place));
}

static void refuse_many(struct request *r, const struct login_place *place, int64_t wait_s)
{
    form_refuse_many(r, "email", "office.login.wait", wait_s);
    respond_invalid(r, place->template, view_of(r, place));
}

// Where the code is asked for, with the way on.
static struct str code_path(const struct request *r, const struct login_place *place)
{
    struct buf b;
    buf_init(&b, r->arena, 4096);
    buf_add(&b, place->path);
    buf_add(&b, STR("/code?next="));
    buf_add_url(&b, next_path(r, place));
    return buf_str(&b);
}

void login_let_in(
    struct request *r, const struct login_place *place, const struct staff *who, bool code_due)
{
    struct arena *a = r->arena;
    // A token that was known before the login is worth nothing after it.
    if (r->session.id && !session_end(r, place->kind)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    if (!session_start(r, place->kind, who->id, code_due)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    struct value *view = value_object(a), *staff = value_object(a);
    value_set(a, view, KEY(staff), staff);
    value_set_str(a, staff, KEY(name), who->name);
    value_set_str(a, staff, KEY(email), who->email);
    value_set_str(a, staff, KEY(role), who->role);
    if (code_due)
        value_set_bool(a, view, KEY(code_due), true);
    respond_done(r, 200, code_due ? code_path(r, place) : next_path(r, place), view);
}

void login_submit(struct request *r, const struct login_place *place)
{
    struct staff who;
    int64_t wait_s = 0;
    if (form_refused(r)) {
        respond_invalid(r, place->template, view_of(r, place));
        return;
    }
    struct staff_login login = {.tenant = r->site ? r->site->tenant : 0,
        .email = form_str(r, KEY(email)),
        .password = form_str(r, KEY(password)),
        .remote = r->remote};
    switch (staff_login(r->arena, &login, &who, &wait_s)) {
    case STAFF_LOGGED_IN:
        login_let_in(r, place, &who, who.second_factor);
        break;
    case STAFF_WRONG:
        form_refuse_text(r, "password", "login_wrong",
            message(r->arena, r->words, STR("office.login.wrong"), NULL));
        respond_invalid(r, place->template, view_of(r, place));
        break;
    case STAFF_TOO_MANY:
        refuse_many(r, place, wait_s);
        break;
    case STAFF_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
        break;
    }
}

void login_end(struct request *r, const struct login_place *place)
{
    if (r->session.id && !session_end(r, place->kind))
        respond_problem(r, PROBLEM_UNAVAILABLE);
    else
        respond_done(r, 200, place->path, value_object(r->arena));
}
