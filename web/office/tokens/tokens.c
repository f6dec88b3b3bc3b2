// API tokens: which programs speak to the site, what they may do and until when. For owners only.
#include "base/clock.h"
#include "data/db.h"
#include "domain/token.h"
#include "http/respond.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/office/settings/panel.h"
#include "web/office/settings/saving.h"
#include "web/office/tokens/tokens.sql.h"

#define SOON_US (7LL * 86400 * 1000000)

static const char *const days[] = {"30", "90", "180", "365", NULL};

static struct str scope_words(struct request *r, struct str scope)
{
    return message(
        r->arena, r->words, str_join(r->arena, STR("office.scope."), scope, STR_NULL), NULL);
}

static struct str path_of(struct request *r, struct str id, const char *rest)
{
    return str_join(r->arena, STR("/manage/tokens/"), id, str_of(rest), STR_NULL);
}

static struct value *time_of(struct request *r, const struct rows *rows, int row, value_key column)
{
    int64_t us = rows_i64_or(rows, row, column, 0);
    return us ? format_time_value(r->arena, r->format, r->site->zone, us) : NULL;
}

static const char *state_of(const struct rows *rows, int row)
{
    int64_t left = rows_us(rows, row, KEY(expires_us)) - clock_now_us();
    return left <= 0 ? "over" : left < SOON_US ? "soon" : "good";
}

static struct value *token_value(struct request *r, const struct rows *rows, int row)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a), *scopes = value_list(a);
    value_set_str(a, v, KEY(id), rows_str(rows, row, KEY(token_id)));
    value_set_str(a, v, KEY(name), rows_str(rows, row, KEY(name)));
    value_set_str(a, v, KEY(start), rows_str(rows, row, KEY(start)));
    value_set_str(a, v, KEY(state), str_of(state_of(rows, row)));
    value_set_str(a, v, KEY(made_by), rows_str(rows, row, KEY(made_by)));
    value_set(a, v, KEY(created), time_of(r, rows, row, KEY(created_us)));
    value_set(a, v, KEY(expires), time_of(r, rows, row, KEY(expires_us)));
    value_set(a, v, KEY(used), time_of(r, rows, row, KEY(used_us)));
    value_set(a, v, KEY(scopes), scopes);
    for (struct str rest = rows_str(rows, row, KEY(scopes)); rest.len;)
        value_append(a, scopes, value_str(a, str_cut(&rest, ' ')));
    value_set_str(
        a, v, KEY(token_url), request_url(r, path_of(r, rows_str(rows, row, KEY(token_id)), "")));
    return v;
}

static void add_state(struct request *r, struct value *item, const char *state)
{
    bool over = str_is(str_of(state), "over"), soon = str_is(str_of(state), "soon");
    struct str key = str_join(r->arena, STR("office.token.state_"), str_of(state), STR_NULL);
    panel_item_state(r, item,
        over   ? "bad"
        : soon ? "waiting"
               : "on",
        message(r->arena, r->words, key, NULL));
}

static struct str line_of(struct request *r, const struct value *token)
{
    struct arena *a = r->arena;
    const struct value *used = value_get(token, KEY(used));
    struct str seen = value_is(used, VALUE_OBJECT) ? message(a, r->words, STR("office.token.used"),
                                                         "when", value_get(used, KEY(text)), NULL)
                                                   : panel_words(r, "office.token.unused");
    struct str ends = message(a, r->words, STR("office.token.ends"), "when",
        value_get(value_get(token, KEY(expires)), KEY(date_text)), NULL);
    return str_join(
        a, value_get_str(token, KEY(start)), STR("… · "), seen, STR(" · "), ends, STR_NULL);
}

static void add_list(struct request *r, struct value *view, const struct value *items)
{
    struct value *panel = panel_add(r, view, "tokens", "office.token.list");
    for (size_t i = 0; i < value_count(items); i++) {
        const struct value *token = value_at(items, i);
        struct value *item =
            panel_item(r, panel, value_get_str(token, KEY(name)), line_of(r, token));
        panel_item_link(r, item, path_of(r, value_get_str(token, KEY(id)), ""));
        add_state(r, item, value_get_str(token, KEY(state)).p);
    }
    if (!value_count(items))
        panel_text(r, panel, panel_words(r, "office.token.none"));
}

static bool is_wished(const struct request *r, struct str scope)
{
    const struct value *list = value_get(r->form, KEY(scopes));
    for (size_t i = 0; i < value_count(list); i++)
        if (str_eq(value_get_str(value_at(list, i), KEY(key)), scope))
            return true;
    return false;
}

static void add_scopes(struct request *r, struct value *panel)
{
    struct arena *a = r->arena;
    for (int i = 0; i < PERMISSION_COUNT; i++) {
        if (!permission_is_scope((enum permission)i))
            continue;
        struct str scope = str_lower(a, permission_name((enum permission)i));
        panel_field(r, panel,
            &(struct panel_field){.name = str_join(a, STR("scopes_"), scope, STR_NULL).p,
                .title = scope_words(r, scope),
                .kind = PANEL_TICK,
                .checked = is_wished(r, scope)});
    }
}

static void add_form(struct request *r, struct value *view)
{
    struct arena *a = r->arena;
    struct value *panel = panel_add(r, view, "scopes", "office.token.new");
    panel_text(r, panel, value_get_str(value_get(r->typed, KEY(scopes)), KEY(error)));
    panel_form(r, panel, STR("/manage/tokens"), "office.token.make");
    panel_field(r, panel,
        &(struct panel_field){.name = "name",
            .label = "office.token.name",
            .hint = "office.token.name_hint",
            .kind = PANEL_TEXT,
            .len_max = TOKEN_NAME_MAX,
            .required = true});
    struct value *end = panel_field(r, panel,
        &(struct panel_field){.name = "days",
            .label = "office.token.days",
            .hint = "office.token.days_hint",
            .kind = PANEL_CHOICE});
    for (int i = 0; days[i]; i++) {
        int64_t n = 0;
        (void)str_to_i64(str_of(days[i]), &n);
        panel_option(r, end, str_of(days[i]),
            message(a, r->words, STR("office.token.days_n"), "count", value_int(a, n), NULL),
            n == 90);
    }
    add_scopes(r, panel);
}

// NULL, and answered, when the database is away.
static struct value *load_all(struct request *r)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_tokens, db_i64(a, r->site->tenant));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    struct value *items = value_list(a);
    for (int i = 0; i < unit_rows(u, place)->count; i++)
        value_append(a, items, token_value(r, unit_rows(u, place), i));
    return items;
}

static struct value *page_of(struct request *r)
{
    struct value *view = panel_page(r, "office.nav.tokens");
    panel_page_line(r, view, panel_words(r, "office.token.line"));
    return view;
}

static void show_list(struct request *r)
{
    struct value *items = load_all(r);
    if (!items)
        return;
    if (r->wants_json && !form_refused(r)) {
        struct value *answer = value_object(r->arena);
        value_set(r->arena, answer, KEY(items), items);
        value_set(r->arena, answer, KEY(next), NULL);
        respond_json(r, 200, answer);
        return;
    }
    struct value *view = page_of(r);
    add_list(r, view, items);
    add_form(r, view);
    struct value *more = panel_add(r, view, "help", "office.token.help");
    panel_text(r, more, panel_words(r, "office.token.help_text"));
    panel_link(r, more, "office.token.description", STR("/api/openapi.json"));
    office_done(r, view, STR(""));
    panel_respond(r, view);
}

static void answer_made(struct request *r, const struct token_made *made)
{
    struct arena *a = r->arena;
    struct str id = db_i64(a, made->id);
    if (r->wants_json) {
        struct value *v = value_object(a);
        value_set_str(a, v, KEY(id), id);
        value_set_str(a, v, KEY(token), made->secret);
        value_set(
            a, v, KEY(expires), format_time_value(a, r->format, r->site->zone, made->expires_us));
        respond_header(r, "location", request_url(r, path_of(r, id, "")));
        respond_json(r, 201, v);
        return;
    }
    struct value *view = page_of(r);
    panel_page_back(r, view, "office.nav.tokens", STR("/manage/tokens"));
    struct value *panel = panel_add(r, view, "token", "office.token.made");
    panel_item(r, panel, made->secret, panel_words(r, "office.token.once"));
    panel_link(r, panel, "office.token.kept", STR("/manage/tokens"));
    panel_respond(r, view);
}

// What was ticked and may be given; refuses the rest.
static struct str wished_scopes(struct request *r)
{
    struct buf b;
    const struct value *list = value_get(r->form, KEY(scopes));
    buf_init(&b, r->arena, 2000);
    for (size_t i = 0; i < value_count(list); i++) {
        struct str scope = value_get_str(value_at(list, i), KEY(key));
        enum permission p = permission_find(scope);
        if (p == PERMISSION_COUNT || !permission_is_scope(p) ||
            !role_has(role_of(r->session.role), p)) {
            panel_refuse(r, "scopes", "choice", "office.token.scope_unknown");
            return STR("");
        }
        if (b.len)
            buf_add_char(&b, ' ');
        buf_add(&b, str_lower(r->arena, permission_name(p)));
    }
    if (!b.len)
        panel_refuse(r, "scopes", "required", "office.token.scope_needed");
    return buf_str(&b);
}

static void on_make(struct request *r)
{
    struct token_wish wish = {.name = form_str(r, KEY(name)), .scopes = wished_scopes(r)};
    struct feature_actor actor = saving_actor(r);
    struct token_made made;
    int64_t wanted = 0;
    if (form_refused(r)) {
        show_list(r);
        return;
    }
    (void)str_to_i64(form_str(r, KEY(days)), &wanted);
    wish.days = (int)wanted;
    switch (token_make(r->arena, r->site, &actor, &wish, &made)) {
    case TOKEN_DONE:
        answer_made(r, &made);
        return;
    case TOKEN_TOO_MANY:
        panel_refuse(r, "name", "too_many", "office.token.too_many");
        show_list(r);
        return;
    case TOKEN_UNKNOWN:
    case TOKEN_UNAVAILABLE:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

// NULL, and answered, without one; `*history` may be NULL.
static struct value *load_one(struct request *r, const struct rows **history)
{
    struct arena *a = r->arena;
    int64_t id = 0;
    (void)str_to_i64(r->params[0], &id);
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int place = unit_add(u, &SQL_office_token, db_i64(a, r->site->tenant), db_i64(a, id));
    int past = office_history_add(r, u, "token", db_i64(a, id));
    if (unit_run(u) != DB_OK) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    if (!unit_rows(u, place)->count) {
        respond_problem(r, PROBLEM_NOT_FOUND);
        return NULL;
    }
    *history = unit_rows(u, past);
    return token_value(r, unit_rows(u, place), 0);
}

static void on_token(struct request *r)
{
    const struct rows *history;
    struct value *token = load_one(r, &history);
    if (!token)
        return;
    struct arena *a = r->arena;
    struct value *view = panel_page(r, "office.nav.tokens");
    value_set_str(a, value_get(view, KEY(settings)), KEY(title), value_get_str(token, KEY(name)));
    panel_page_back(r, view, "office.nav.tokens", STR("/manage/tokens"));
    value_set(a, view, KEY(token), token);
    struct value *panel = panel_add(r, view, "scopes", "office.token.may");
    const struct value *scopes = value_get(token, KEY(scopes));
    for (size_t i = 0; i < value_count(scopes); i++)
        panel_item(r, panel, scope_words(r, value_as_str(value_at(scopes, i))), STR_NULL);
    struct str by =
        message(a, r->words, STR("office.token.made_by"), "who", value_get(token, KEY(made_by)),
            "when", value_get(value_get(token, KEY(created)), KEY(text)), NULL);
    panel_text(r, panel, str_join(a, line_of(r, token), STR(" · "), by, STR_NULL));
    panel_link(r, panel, "office.token.revoke", path_of(r, r->params[0], "/revoke"));
    office_history_view(r, view, history);
    panel_respond(r, view);
}

static void on_ask_revoke(struct request *r)
{
    const struct rows *history;
    struct value *token = load_one(r, &history);
    if (!token)
        return;
    office_confirm_respond(r, &(struct office_confirm){.title = message(r->arena, r->words,
                                                           STR("office.token.revoke_title"), "name",
                                                           value_get(token, KEY(name)), NULL),
                                  .text = panel_words(r, "office.token.revoke_text"),
                                  .button = panel_words(r, "office.token.revoke"),
                                  .action_path = path_of(r, r->params[0], "/revoke"),
                                  .back_path = path_of(r, r->params[0], "")});
}

static void on_revoke(struct request *r)
{
    struct feature_actor actor = saving_actor(r);
    int64_t id = 0;
    (void)str_to_i64(r->params[0], &id);
    enum token_result result = token_revoke(r->arena, r->site, &actor, id);
    if (result == TOKEN_DONE)
        respond_done(r, 200, STR("/manage/tokens?done=token_revoked"), value_object(r->arena));
    else
        respond_problem(r, result == TOKEN_UNKNOWN ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE);
}

static const struct form form_list = FORM({"done", .kind = FIELD_TEXT, .max = 40});
static const struct form form_token = FORM(OFFICE_HISTORY_FIELD);
static const struct form form_plain = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_make = FORM({"csrf", .kind = FIELD_TEXT},
    {"name", .kind = FIELD_TEXT, .required = true, .max = TOKEN_NAME_MAX},
    {"days", FIELD_CHOICE, .required = true, .choices = days},
    {"scopes", .kind = FIELD_COUNTS, .max = 1});

static const struct route routes[] = {
    {HTTP_GET, "/manage/tokens", PERMIT_TOKENS_CHANGE, show_list, &form_list, 0, 0},
    {HTTP_POST, "/manage/tokens", PERMIT_TOKENS_CHANGE, on_make, &form_make, ROUTE_ONCE, 0},
    {HTTP_GET, "/manage/tokens/{id}", PERMIT_TOKENS_CHANGE, on_token, &form_token, 0, 0},
    {HTTP_GET, "/manage/tokens/{id}/revoke", PERMIT_TOKENS_CHANGE, on_ask_revoke, NULL, 0, 0},
    {HTTP_POST, "/manage/tokens/{id}/revoke", PERMIT_TOKENS_CHANGE, on_revoke, &form_plain, 0, 0},
};

static const struct office_nav nav = {.path = "/manage/tokens",
    .label = "office.nav.tokens",
    .icon = "key-round",
    .permission = PERMIT_TOKENS_CHANGE,
    .section = OFFICE_SETTINGS,
    .rank = 80};

OFFICE_PAGE(routes, &nav)
