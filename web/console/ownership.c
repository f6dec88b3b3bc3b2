// A new owner for a site whose owner left (P4): asked for here with the reason and how the new
// owner was verified, followed step by step, sent again, withdrawn.
#include "domain/ownership.h"

#include "base/clock.h"
#include "data/db.h"
#include "http/respond.h"
#include "web/console/console.h"
#include "web/console/site.sql.h"
#include "web/office/frame/history.h"
#include "web/office/frame/object.h"

static const char *const formers[] = {"leave", "manager", "owner", NULL};

static struct value *time_of(struct request *r, int64_t us)
{
    return us ? format_time_value(r->arena, r->format, r->about->zone, us) : value_null();
}

static struct value *transfer_view(struct request *r, const struct ownership *o)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    bool open = str_is(o->state, "open");
    struct str path = str_join(a, STR("/owner/"), str_of_i64(a, o->id), STR_NULL);
    struct str url = console_site_url(r, r->about->slug, str_z(a, path));
    value_set_str(a, v, KEY(id), str_of_i64(a, o->id));
    value_set_str(a, v, KEY(state), o->state);
    value_set_str(a, v, KEY(email), o->email);
    value_set_str(a, v, KEY(who), o->operator_name);
    value_set_str(a, v, KEY(why), o->reason);
    value_set_str(a, v, KEY(proof), o->proof);
    value_set_str(a, v, KEY(former), o->former);
    value_set_str(a, v, KEY(by), o->ended_by.len ? o->ended_by : STR_NULL);
    value_set_str(a, v, KEY(consented_by), o->consented_by.len ? o->consented_by : STR_NULL);
    value_set(a, v, KEY(asked), time_of(r, o->asked_us));
    value_set(a, v, KEY(ready), time_of(r, o->ready_us));
    value_set(a, v, KEY(until), time_of(r, o->expires_us));
    value_set(a, v, KEY(confirmed), time_of(r, o->confirmed_us));
    value_set(a, v, KEY(ended), time_of(r, o->ended_us));
    value_set_bool(a, v, KEY(is_open), open);
    value_set_bool(a, v, KEY(can_send), open && !o->confirmed_us);
    value_set_str(a, v, KEY(again_url), str_join(a, url, STR("/again"), STR_NULL));
    value_set_str(a, v, KEY(withdraw_url), str_join(a, url, STR("/withdraw"), STR_NULL));
    return v;
}

static void add_formers(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a);
    struct str typed = form_str(r, KEY(former));
    value_set(a, view, KEY(formers), list);
    for (int i = 0; formers[i]; i++) {
        struct value *option = value_append_object(a, list);
        value_set_str(a, option, KEY(value), str_of(formers[i]));
        value_set_bool(a, option, KEY(chosen), typed.len ? str_is(typed, formers[i]) : !i);
    }
}

static struct value *owner_view(struct request *r)
{
    struct arena *a = r->arena;
    size_t count;
    struct str tenant = db_i64(a, r->about->tenant);
    struct unit *u = unit_new(a, DB_READ, r->about->tenant);
    int owners = unit_add(u, &SQL_console_owners, tenant);
    int history = office_history_add(r, u, OWNERSHIP_KIND, STR(OWNERSHIP_OBJECT));
    const struct ownership *list = ownership_list(a, r->about, &count);
    if (!list || unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *view = console_site_view(r), *past = value_list(a), *now = value_null();
    for (size_t i = 0; i < count; i++) {
        if (str_is(list[i].state, "open"))
            now = transfer_view(r, &list[i]);
        else
            value_append(a, past, transfer_view(r, &list[i]));
    }
    bool owned = unit_rows(u, owners)->count > 0;
    bool may = role_has(role_of(r->session.role), PERMIT_SITES_CHANGE);
    value_set(a, view, KEY(owners), rows_list(a, unit_rows(u, owners)));
    value_set_bool(a, view, KEY(has_owners), owned);
    value_set(a, view, KEY(transfer), now);
    value_set(a, view, KEY(past), past);
    value_set_bool(a, view, KEY(has_past), value_count(past) > 0);
    value_set_bool(a, view, KEY(may_change), may);
    value_set_bool(a, view, KEY(may_ask), may && owned && value_is(now, VALUE_NULL));
    value_set_str(a, view, KEY(ask_url), console_site_url(r, r->about->slug, "/owner"));
    add_formers(r, view);
    office_history_view(r, view, unit_rows(u, history));
    return view;
}

static void on_owner(struct request *r)
{
    struct value *view = console_site(r) ? owner_view(r) : NULL;
    if (!view)
        return;
    office_done(r, view, r->about->name);
    respond_page(r, 200, "console/owner", view);
}

static void answer(struct request *r, enum ownership_result result, const char *done)
{
    struct arena *a = r->arena;
    struct value *view;
    switch (result) {
    case OWNERSHIP_DONE:
        respond_done(r, 200,
            str_join(a, console_site_path(r, r->about->slug, "/owner"), STR("?done="), str_of(done),
                STR_NULL),
            value_object(a));
        return;
    case OWNERSHIP_BEGUN:
    case OWNERSHIP_OWNERLESS:
    case OWNERSHIP_GONE:
        respond_problem_code(
            r, PROBLEM_CONFLICT, result == OWNERSHIP_BEGUN ? "ownership_begun" : "conflict");
        return;
    case OWNERSHIP_IS_OWNER:
        form_refuse_text(r, "owner_email", "is_owner",
            message(a, r->words, STR("console.owner.is_owner"), NULL));
        view = owner_view(r);
        if (view)
            respond_invalid(r, "console/owner", view);
        return;
    case OWNERSHIP_BUSY:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_ask(struct request *r)
{
    if (!console_site(r))
        return;
    if (form_refused(r)) {
        struct value *view = owner_view(r);
        if (view)
            respond_invalid(r, "console/owner", view);
        return;
    }
    struct feature_actor actor = console_actor(r, STR_NULL);
    struct ownership_ask what = {.email = form_str(r, KEY(owner_email)),
        .reason = form_str(r, KEY(reason)),
        .proof = form_str(r, KEY(proof)),
        .former = form_str(r, KEY(former))};
    answer(r, ownership_ask(r->arena, r->about, &actor, &what), "ownership_asked");
}

static int64_t number_of(struct request *r)
{
    int64_t id = 0;
    str_to_i64(r->params[1], &id);
    return id;
}

static void on_again(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    if (console_site(r))
        answer(r, ownership_again(r->arena, r->about, number_of(r), &actor), "ownership_again");
}

static void on_withdraw(struct request *r)
{
    struct feature_actor actor = console_actor(r, STR_NULL);
    if (console_site(r))
        answer(
            r, ownership_withdraw(r->arena, r->about, number_of(r), &actor), "ownership_withdrawn");
}

static const struct form form_page = FORM(OFFICE_HISTORY_FIELD, {"done", FIELD_TEXT, .max = 40});
#define WORDS .required = true, .min = OWNERSHIP_WORDS_MIN, .max = OWNERSHIP_WORDS_MAX
static const struct form form_ask = FORM({"csrf", .kind = FIELD_TEXT},
    {"owner_email", FIELD_EMAIL, .required = true, .max = 254}, {"reason", FIELD_LONG, WORDS},
    {"proof", FIELD_LONG, WORDS}, {"former", FIELD_CHOICE, .required = true, .choices = formers});
static const struct form form_act = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/console/sites/{slug}/owner", PERMIT_CONSOLE_USE, on_owner, &form_page, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/owner", PERMIT_SITES_CHANGE, on_ask, &form_ask, 0, 0},
    {HTTP_POST, "/console/sites/{slug}/owner/{id}/again", PERMIT_SITES_CHANGE, on_again, &form_act,
        0, 0},
    {HTTP_POST, "/console/sites/{slug}/owner/{id}/withdraw", PERMIT_SITES_CHANGE, on_withdraw,
        &form_act, 0, 0},
};

void console_ownership_start(void)
{
    routes_add(SURFACE_CONSOLE, routes, sizeof routes / sizeof *routes);
}
