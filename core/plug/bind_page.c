// Lua's form, response and http.
#include "plug/api.h"
#include "plug/bindings.h"
#include "plug/lua_value.h"

static int form_refuse_binding(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_form_refuse(c, api_out(lua_arg_text(L, 1)), api_out(lua_arg_text(L, 2)));
    binding_check(L, c);
    return 0;
}

static struct vt_value *optional_value(lua_State *L, int i)
{
    return lua_isnoneornil(L, i) ? NULL : api_give(lua_arg_value(L, i));
}

// Texts on the Lua stack may go before the answer is sent.
static struct vt_str kept_text(lua_State *L, int i)
{
    return api_out(str_dup(lua_call_arena(L), lua_arg_text(L, i)));
}

static int status_arg(lua_State *L, int i)
{
    lua_Integer status = luaL_checkinteger(L, i);
    luaL_argcheck(L, status >= 200 && status <= 599, i, "no status");
    return (int)status;
}

static int response_page(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_page(c, status_arg(L, 1), kept_text(L, 2), optional_value(L, 3));
    binding_check(L, c);
    return 0;
}

static int response_invalid(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str page = kept_text(L, 1);
    struct vt_value *view = optional_value(L, 2);
    const struct value *refused = api_value(optional_value(L, 3));
    for (uint32_t i = 0; value_is(refused, VALUE_OBJECT) && i < refused->object.count; i++)
        vt_form_refuse(c, api_out(value_key_name(refused->object.fields[i].key)),
            api_out(value_as_str(refused->object.fields[i].value)));
    vt_response_invalid(c, page, view);
    binding_check(L, c);
    return 0;
}

static int response_found(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str statement = kept_text(L, 1), number = kept_text(L, 2);
    struct vt_value *row = vt_response_found(c, statement, number);
    binding_check(L, c);
    lua_value_push(L, api_value(row));
    return 1;
}

static int response_json(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_json(c, status_arg(L, 1), api_give(lua_arg_value(L, 2)));
    binding_check(L, c);
    return 0;
}

static int response_done(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_done(c, status_arg(L, 1), kept_text(L, 2), optional_value(L, 3));
    binding_check(L, c);
    return 0;
}

static int response_redirect(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_redirect(c, kept_text(L, 1));
    binding_check(L, c);
    return 0;
}

static int response_problem(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_problem(c, api_out(lua_arg_text(L, 1)));
    binding_check(L, c);
    return 0;
}

static int response_sheet(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str name = kept_text(L, 1);
    struct value *columns = lua_arg_value(L, 2), *statement = lua_arg_value(L, 3);
    vt_response_sheet(c, name, api_give(columns), api_give(statement));
    binding_check(L, c);
    return 0;
}

static int response_download(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    vt_response_download(c, kept_text(L, 1), kept_text(L, 2), api_out(lua_arg_bytes(L, 3)));
    binding_check(L, c);
    return 0;
}

static int http_fetch(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    struct vt_value *answer = vt_http_fetch(c, api_give(lua_arg_value(L, 1)));
    binding_check(L, c);
    struct vt_str error = vt_get_text(answer, "error");
    if (!error.p) {
        lua_value_push(L, api_value(answer));
        return 1;
    }
    lua_pushnil(L);
    lua_push_str(L, api_in(error));
    return 2;
}

const struct lua_binding plug_bindings_page[] = {
    {"form", "refuse", form_refuse_binding, "form.refuse(field, text)",
        "Adds a refusal beside a field of the form; then answer with response.invalid. A field "
        "that "
        "is refused already keeps its words.",
        false},
    {"response", "page", response_page, "response.page(status, page [, view])",
        "Renders templates/PAGE.html with the view's fields on top of those that every page has, "
        "or gives the view as JSON to whoever asks for it.",
        true},
    {"response", "invalid", response_invalid, "response.invalid(page [, view [, refused]])",
        "422 and the page again, with what was refused and what was typed. `refused` is {field = "
        "text}, as if by form.refuse.",
        true},
    {"response", "found", response_found, "response.found(statement, number) → row or nil",
        "The row that a statement reads by its one parameter, the number that stood in the "
        "address; nil, and not found is answered, when there is none: then return.",
        true},
    {"response", "json", response_json, "response.json(status, value)", "JSON to everybody.",
        false},
    {"response", "done", response_done, "response.done(status, path [, view])",
        "After a POST: leads a browser to the path (303), answers JSON with the status and view.",
        false},
    {"response", "redirect", response_redirect, "response.redirect(url)",
        "To a path of the site or to an address of a provider.", false},
    {"response", "problem", response_problem, "response.problem(kind)",
        "The designed page of a problem: bad_request, forbidden, not_found, conflict, gone, "
        "too_many, unavailable.",
        true},
    {"response", "download", response_download, "response.download(file_name, type, bytes)",
        "A file to keep: text/csv, text/plain, text/calendar, application/json, application/pdf, "
        "application/zip.",
        false},
    {"response", "sheet", response_sheet,
        "response.sheet(file_name, {{name =, label =, type =}, …}, {statement, …})",
        "All rows of a statement as CSV, sent while they are read; texts never become formulas. "
        "The statement has two more parameters than it is given, the last ones: the `key` of the "
        "row to go on after, absent at first, and how many; its rows have a `key` beside their "
        "columns. A type is text, count, amount (minor units), share (parts per million) or time "
        "(microseconds).",
        true},
    {"http", "fetch", http_fetch,
        "http.fetch({url, method, headers, body, timeout_ms}) → {status, headers, body} or nil, "
        "reason",
        "An HTTP request to a public address; redirects aren't followed. `headers` are {name = "
        "value} in, a list of {name, value} out. Reasons: unreachable, late, forbidden, too_large, "
        "busy, invalid. In C the reason is the field `error`.",
        true},
    {0},
};
