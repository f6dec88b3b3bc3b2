// vitrine.h: requests and answers, and the outside.
#include "base/check.h"
#include "base/id.h"
#include "http/host.h"
#include "http/respond.h"
#include "http/template.h"
#include "io/transfer.h"
#include "plug/api.h"
#include "plug/plug.h"

// Inside of a route that hasn't answered yet, or the call fails.
static bool may_answer(struct vt_call *c)
{
    if (c->failure.p)
        return false;
    if (!c->is_route || !c->request)
        return api_fail(c, "only a route answers a request");
    if (c->answered)
        return api_fail(c, "the request is answered already");
    c->answered = true;
    return true;
}

static bool has_request(struct vt_call *c)
{
    return !c->failure.p && (c->request || api_fail(c, "there is no request here"));
}

struct vt_str vt_site_url(struct vt_call *c, struct vt_str path)
{
    return has_request(c) ? api_out(request_url(c->request, api_in(path))) : VT_NULL;
}

struct vt_str vt_site_absolute_url(struct vt_call *c, struct vt_str path)
{
    if (c->request || c->failure.p)
        return has_request(c) ? api_out(request_absolute_url(c->request, api_in(path))) : VT_NULL;
    struct arena *a = c->arena;
    api_speak(c);
    struct str host = str_join(a, c->site->slug, STR("."), host_platform(), STR_NULL);
    bool first = str_eq(c->language, c->site->languages[0]);
    struct str prefix = first ? STR("") : str_join(a, STR("/"), c->language, STR_NULL);
    return api_out(str_join(a, host_url(a, host), prefix, api_in(path), STR_NULL));
}

static bool is_refused(const struct request *r, struct str field)
{
    for (size_t i = 0; i < value_count(r->errors); i++)
        if (str_eq(value_get_str(value_at(r->errors, i), KEY(field)), field))
            return true;
    return false;
}

void vt_form_refuse(struct vt_call *c, struct vt_str field, struct vt_str text)
{
    if (!has_request(c) || is_refused(c->request, api_in(field)))
        return;
    const char *name = str_z(c->arena, api_in(field));
    form_refuse_text(c->request, name, "refused", str_dup(c->arena, api_in(text)));
}

static plug_history_fn *add_history;

void plug_set_history(plug_history_fn *add)
{
    add_history = add;
}

static void put_fields(struct arena *a, struct value *view, const struct value *from)
{
    for (uint32_t i = 0; value_is(from, VALUE_OBJECT) && i < from->object.count; i++)
        value_set(a, view, from->object.fields[i].key, from->object.fields[i].value);
}

// The page's common fields with the plugin's own on top.
static struct value *full_view(struct vt_call *c, const struct value *own)
{
    struct value *view = page_view(c->request);
    // The route is the first member of its row in the manifest.
    const struct manifest_route *route =
        (const struct manifest_route *)(const void *)c->request->route;
    if (route->history && add_history)
        add_history(c->request, view, c->plugin->name, c->request->params[0]);
    // Programs get the plugin's own fields only.
    if (!c->request->wants_json)
        put_fields(c->arena, view, c->frame);
    put_fields(c->arena, view, own);
    return view;
}

static const char *template_of(struct vt_call *c, struct str page)
{
    struct str name = str_join(c->arena, STR("x/"), c->plugin->name, STR("/"), page, STR_NULL);
    if (template_find(respond_parts()->templates, name))
        return name.p;
    api_fail(c, "there is no template templates/%.*s.html", STR_ARG(page));
    return NULL;
}

void vt_response_page(struct vt_call *c, int status, struct vt_str page, struct vt_value *view)
{
    const char *name = template_of(c, api_in(page));
    if (name && may_answer(c))
        respond_page(c->request, status, name, full_view(c, api_value(view)));
}

void vt_response_invalid(struct vt_call *c, struct vt_str page, struct vt_value *view)
{
    const char *name = template_of(c, api_in(page));
    if (name && may_answer(c))
        respond_invalid(c->request, name, full_view(c, api_value(view)));
}

void vt_response_json(struct vt_call *c, int status, struct vt_value *v)
{
    if (may_answer(c))
        respond_json(c->request, status, v ? api_value(v) : value_null());
}

void vt_response_done(struct vt_call *c, int status, struct vt_str path, struct vt_value *view)
{
    if (may_answer(c))
        respond_done(
            c->request, status, api_in(path), view ? api_value(view) : value_object(c->arena));
}

void vt_response_redirect(struct vt_call *c, struct vt_str url)
{
    struct str to = api_in(url);
    bool own = str_starts(to, STR("/")) && !str_starts(to, STR("//"));
    if (!own && !str_starts(to, STR("https://")) && !str_starts(to, STR("http://")))
        api_fail(c, "an address begins with / or https://");
    else if (may_answer(c))
        respond_redirect(c->request, own ? request_url(c->request, to) : str_dup(c->arena, to));
}

void vt_response_problem(struct vt_call *c, struct vt_str problem)
{
    static const struct {
        const char *name;
        enum problem problem;
    } problems[] = {{"bad_request", PROBLEM_BAD_REQUEST}, {"forbidden", PROBLEM_FORBIDDEN},
        {"not_found", PROBLEM_NOT_FOUND}, {"conflict", PROBLEM_CONFLICT}, {"gone", PROBLEM_GONE},
        {"too_many", PROBLEM_TOO_MANY}, {"unavailable", PROBLEM_UNAVAILABLE}};
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (str_is(api_in(problem), problems[i].name)) {
            if (may_answer(c))
                respond_problem(c->request, problems[i].problem);
            return;
        }
    api_fail(c, "there is no problem %.*s", (int)problem.len, problem.p);
}

struct vt_value *vt_response_found(struct vt_call *c, struct vt_str statement, struct vt_str number)
{
    const struct value *rows = NULL;
    if (id_is_row_number(api_in(number))) {
        struct value *params = value_list(c->arena);
        value_append(c->arena, params, value_str(c->arena, api_in(number)));
        rows = api_value(vt_db_read(c, statement, api_give(params)));
    }
    if (c->failure.p || value_count(rows))
        return c->failure.p ? NULL : api_give((struct value *)value_at(rows, 0));
    vt_response_problem(c, api_out(STR("not_found")));
    return NULL;
}

static bool is_file_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
                ch == '-' || ch == '_' || ch == '.'))
            return false;
    }
    return s.len > 0 && s.len <= 100 && s.p[0] != '.';
}

static bool is_type(struct str s)
{
    return str_is(s, "text/csv") || str_is(s, "text/plain") || str_is(s, "text/calendar") ||
           str_is(s, "application/json") || str_is(s, "application/pdf") ||
           str_is(s, "application/zip");
}

bool api_may_attach(struct vt_call *c, struct vt_str file_name)
{
    if (!is_file_name(api_in(file_name)))
        return api_fail(c, "a file's name is letters, digits, - _ and .");
    if (!may_answer(c))
        return false;
    respond_attachment(c->request, str_dup(c->arena, api_in(file_name)));
    return true;
}

void vt_response_download(
    struct vt_call *c, struct vt_str file_name, struct vt_str type, struct vt_str bytes)
{
    struct str full = api_in(type);
    if (!is_type(full)) {
        api_fail(c, "no type for a download: %.*s", STR_ARG(full));
    } else if (api_may_attach(c, file_name)) {
        if (str_starts(full, STR("text/")))
            full = str_join(c->arena, full, STR("; charset=utf-8"), STR_NULL);
        respond_bytes(c->request, full, str_dup(c->arena, api_in(bytes)));
    }
}

// Headers come as {name = value} from code, or as a list of {name, value}.
static size_t take_headers(struct vt_call *c, const struct value *v, struct transfer_header *out)
{
    size_t count = 0;
    for (size_t i = 0; i < value_count(v) && count < TRANSFER_HEADERS_MAX; i++) {
        struct transfer_header h;
        if (value_is(v, VALUE_OBJECT))
            h = (struct transfer_header){
                value_key_name(v->object.fields[i].key), value_as_str(v->object.fields[i].value)};
        else
            h = (struct transfer_header){value_get_str(value_at(v, i), KEY(name)),
                value_get_str(value_at(v, i), KEY(value))};
        if (!h.name.p || !h.value.p)
            api_fail(c, "a header's name or value is no text");
        else
            out[count++] = h;
    }
    return count;
}

static struct value *answer_value(struct arena *a, const struct transfer_response *from)
{
    struct value *v = value_object(a), *headers = value_list(a);
    value_set_int(a, v, KEY(status), from->status);
    value_set_str(a, v, KEY(body), from->body.p ? from->body : STR(""));
    value_set(a, v, KEY(headers), headers);
    for (size_t i = 0; i < from->header_count; i++) {
        struct value *h = value_append_object(a, headers);
        value_set_str(a, h, KEY(name), str_lower(a, from->headers[i].name));
        value_set_str(a, h, KEY(value), from->headers[i].value);
    }
    return v;
}

struct vt_value *vt_http_fetch(struct vt_call *c, struct vt_value *wanted)
{
    const struct value *v = api_value(wanted);
    struct transfer_header headers[TRANSFER_HEADERS_MAX];
    struct transfer_response response;
    struct transfer_request request = {.method = value_get_str(v, KEY(method)),
        .url = value_get_str(v, KEY(url)),
        .headers = headers,
        .header_count = take_headers(c, value_get(v, KEY(headers)), headers),
        .body = value_get_str(v, KEY(body)),
        .timeout_ms = value_get_int(v, KEY(timeout_ms), 0),
        // Code in C is the operator's own.
        .allow_private =
            c->plugin->manifest.language == MANIFEST_C && value_get_bool(v, KEY(private), false)};
    if (c->failure.p)
        return NULL;
    enum transfer_result result = transfer_http(c->arena, &request, &response);
    if (result == TRANSFER_DONE)
        return api_give(answer_value(c->arena, &response));
    struct value *failed = value_object(c->arena);
    value_set_str(c->arena, failed, KEY(error), transfer_result_name(result));
    return api_give(failed);
}
