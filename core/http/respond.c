#include "http/respond.h"

#include "base/check.h"
#include "base/json.h"
#include "base/log.h"
#include "http/asset.h"
#include "http/page.h"
#include "http/route.h"
#include "http/template.h"

enum { PAGE_MAX = 4 << 20 };

static struct respond_parts parts;

void respond_init(const struct respond_parts *given)
{
    parts = *given;
}

const struct respond_parts *respond_parts(void)
{
    return &parts;
}

void respond_header(struct request *r, const char *name, struct str value)
{
    struct response *out = &r->response;
    check(out->header_count < HTTP_HEADERS_MAX);
    out->headers[out->header_count++] = (struct http_header){str_of(name), value};
}

void respond_cookie(struct request *r, const char *name, struct str value, int64_t max_age_s)
{
    if (r->token.id)
        return;
    struct str age =
        max_age_s < 0 ? STR("") : str_format(r->arena, "; Max-Age=%lld", (long long)max_age_s);
    respond_header(r, "set-cookie",
        str_format(r->arena, "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=Lax%.*s", name,
            STR_ARG(value), STR_ARG(age)));
}

void respond_retry_after(struct request *r, int64_t seconds)
{
    respond_header(r, "retry-after", str_of_i64(r->arena, seconds));
}

static void set_body(struct request *r, int status, struct str type, struct str body)
{
    r->response.status = status;
    r->response.type = type;
    r->response.body = body;
    if (r->session.id || status != 200)
        r->response.shareable = false;
}

static void add_json(struct request *r, int status, struct str type, const struct value *v)
{
    struct buf b;
    buf_init(&b, r->arena, PAGE_MAX);
    json_write(&b, v);
    check(!b.full);
    set_body(r, status, type, buf_str(&b));
}

void respond_json(struct request *r, int status, struct value *v)
{
    add_json(r, status, STR("application/json"), v);
}

void respond_bytes(struct request *r, struct str type, struct str bytes)
{
    set_body(r, 200, type, bytes);
}

void respond_attachment(struct request *r, struct str file_name)
{
    respond_header(r, "content-disposition",
        str_join(r->arena, STR("attachment; filename=\""), file_name, STR("\""), STR_NULL));
}

void respond_redirect(struct request *r, struct str url)
{
    respond_header(r, "location", url);
    set_body(r, r->method == HTTP_GET ? 302 : 303, STR("text/plain; charset=utf-8"), STR(""));
}

void respond_refused_query(struct request *r)
{
    if (r->wants_json)
        respond_problem(r, PROBLEM_INVALID);
    else
        respond_redirect(
            r, str_join(r->arena, request_url(r, r->path), request_query(r), STR_NULL));
}

void respond_done(struct request *r, int status, struct str path, struct value *view)
{
    if (r->wants_json) {
        respond_header(r, "location", request_url(r, path));
        respond_json(r, status, view);
    } else {
        respond_redirect(r, request_url(r, path));
    }
}

struct str respond_own_policy(void)
{
    // Nothing but ourselves, no inline script or style.
    return STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
               "font-src 'self'; frame-src 'self'; connect-src 'self'; manifest-src 'self'; "
               "base-uri 'none'; "
               "frame-ancestors 'none'; form-action 'self'");
}

void respond_policy(struct request *r)
{
    struct str policy = respond_own_policy();
    if (r->forms_lead_to.len)
        policy = str_join(r->arena, policy, STR(" "), r->forms_lead_to, STR_NULL);
    if (r->preview_css.len) {
        ptrdiff_t at = str_find(policy, STR("frame-ancestors 'none'"));
        policy = str_join(r->arena, str_sub(policy, 0, (size_t)at), STR("frame-ancestors 'self'"),
            str_sub(policy, (size_t)at + strlen("frame-ancestors 'none'"), policy.len), STR_NULL);
        respond_header(r, "x-frame-options", STR("SAMEORIGIN"));
    }
    respond_header(r, "content-security-policy", policy);
}

static bool render(struct request *r, const char *name, struct value *view, struct buf *out)
{
    const struct template *t = template_find(parts.templates, str_of(name));
    struct template_input in = {
        .view = view, .language = r->words, .overlay = r->site ? r->site->overlay : NULL};
    if (!t) {
        log_error("no such template", "template", str_of(name));
        return false;
    }
    enum template_outcome outcome = template_render(t, &in, out);
    return outcome == TEMPLATE_DONE || outcome == TEMPLATE_FELL_BACK;
}

static const struct {
    int status;
    const char *kind; // its code, by which the error page selects its words
} problems[PROBLEMS] = {
    [PROBLEM_BAD_REQUEST] = {400, "bad_request"},
    [PROBLEM_UNAUTHORIZED] = {401, "unauthorized"},
    [PROBLEM_FORBIDDEN] = {403, "forbidden"},
    [PROBLEM_NOT_FOUND] = {404, "not_found"},
    [PROBLEM_OTHER_METHOD] = {405, "method_not_allowed"},
    [PROBLEM_CONFLICT] = {409, "conflict"},
    [PROBLEM_GONE] = {410, "gone"},
    [PROBLEM_TOO_LARGE] = {413, "too_large"},
    [PROBLEM_FOREIGN_TYPE] = {415, "unsupported_media_type"},
    [PROBLEM_INVALID] = {422, "invalid"},
    [PROBLEM_TOO_MANY] = {429, "too_many_requests"},
    [PROBLEM_INTERNAL] = {500, "internal_error"},
    [PROBLEM_UNAVAILABLE] = {503, "unavailable"},
};

static void problem_document(
    struct request *r, enum problem problem, const char *code, struct value *v);

static enum problem problem_of(int status)
{
    for (int i = 0; i < PROBLEMS; i++)
        if (problems[i].status == status)
            return (enum problem)i;
    return PROBLEM_INTERNAL;
}

void respond_page(struct request *r, int status, const char *name, struct value *view)
{
    struct buf b;
    if (r->wants_json && status >= 400) {
        // What the page says besides stays beside the problem's own members.
        enum problem problem = problem_of(status);
        problem_document(r, problem, problems[problem].kind, view);
        return;
    }
    if (r->wants_json) {
        respond_json(r, status, view);
        return;
    }
    buf_init(&b, r->arena, PAGE_MAX);
    if (!render(r, name, view, &b)) {
        respond_problem(r, PROBLEM_INTERNAL);
        return;
    }
    respond_policy(r);
    set_body(r, status, STR("text/html; charset=utf-8"), buf_str(&b));
}

static bool is_keyed(const struct field *f, struct str id)
{
    struct str name = str_of(f->name);
    bool inner = f->kind == FIELD_OBJECT || f->kind == FIELD_COUNTS || f->kind == FIELD_TEXTS;
    return inner && str_starts(id, name) && id.len > name.len && id.p[name.len] == '_';
}

// Pages know what stands in a field as "title_en"; who sent {"title": {"en": …}} finds it at
// "title.en".
static struct str sent_path(const struct request *r, struct str id)
{
    const struct form *form = r->route ? r->route->form : NULL;
    const struct field *in = NULL;
    for (size_t i = 0; form && i < form->count; i++) {
        const struct field *f = &form->fields[i];
        if (str_is(id, f->name))
            return id;
        if (is_keyed(f, id) && (!in || strlen(f->name) > strlen(in->name)))
            in = f;
    }
    if (!in)
        return id;
    size_t at = strlen(in->name);
    return str_join(r->arena, str_of(in->name), STR("."), str_sub(id, at + 1, id.len), STR_NULL);
}

static struct value *sent_errors(const struct request *r)
{
    for (size_t i = 0; r->sent_json && i < value_count(r->errors); i++) {
        struct value *error = value_at(r->errors, i);
        value_set_str(r->arena, error, KEY(field), sent_path(r, value_get_str(error, KEY(field))));
    }
    return r->errors;
}

// RFC 9457.
static void problem_document(
    struct request *r, enum problem problem, const char *code, struct value *v)
{
    struct arena *a = r->arena;
    struct str key = str_join(a, STR("problem."), str_of(code), STR(".title"), STR_NULL);
    value_set_str(
        a, v, KEY(type), str_join(a, STR("urn:vitrine:problem:"), str_of(code), STR_NULL));
    value_set_str(a, v, KEY(title), message(a, r->words, key, NULL));
    value_set_int(a, v, KEY(status), problems[problem].status);
    value_set_str(a, v, KEY(code), str_of(code));
    value_set_str(a, v, KEY(request_id), r->id);
    if (r->errors)
        value_set(a, v, KEY(errors), sent_errors(r));
    add_json(r, problems[problem].status, STR("application/problem+json"), v);
}

static const char *const error_templates[SURFACES] = {
    [SURFACE_PLATFORM] = "platform/error",
    [SURFACE_CONSOLE] = "console/error",
    [SURFACE_STOREFRONT] = "storefront/error",
    [SURFACE_OFFICE] = "office/error",
};

static struct str header_of(const struct response *out, const char *name)
{
    for (int i = 0; i < out->header_count; i++)
        if (str_is(out->headers[i].name, name))
            return out->headers[i].value;
    return STR_NULL;
}

static void problem_page(struct request *r, enum problem problem, const char *code)
{
    struct arena *a = r->arena;
    struct buf b;
    struct value *view = page_view(r), *p = value_object(a);
    int64_t wait_s;
    value_set(a, view, KEY(problem), p);
    value_set_int(a, p, KEY(status), problems[problem].status);
    value_set_str(a, p, KEY(kind), str_of(problems[problem].kind));
    value_set_str(a, p, KEY(code), str_of(code));
    struct str key = str_join(a, STR("problem."), str_of(code), STR(".text"), STR_NULL);
    if (!str_is(str_of(code), problems[problem].kind))
        value_set_str(a, p, KEY(detail), message(a, r->words, key, NULL));
    if (str_to_i64(header_of(&r->response, "retry-after"), &wait_s))
        value_set_int(a, p, KEY(retry_seconds), wait_s);
    buf_init(&b, a, PAGE_MAX);
    if (!render(r, error_templates[r->surface], view, &b)) {
        set_body(r, problems[problem].status, STR("text/plain; charset=utf-8"), str_of(code));
        return;
    }
    respond_policy(r);
    set_body(r, problems[problem].status, STR("text/html; charset=utf-8"), buf_str(&b));
}

static bool has_header(const struct request *r, const char *name)
{
    for (int i = 0; i < r->response.header_count; i++)
        if (str_is(r->response.headers[i].name, name))
            return true;
    return false;
}

void respond_problem_code(struct request *r, enum problem problem, const char *code)
{
    if (problem == PROBLEM_UNAVAILABLE && !has_header(r, "retry-after"))
        respond_retry_after(r, 2);
    respond_header(r, "cache-control", STR("no-store"));
    if (r->wants_json || r->sent_json)
        problem_document(r, problem, code, value_object(r->arena));
    else
        problem_page(r, problem, code);
}

void respond_problem(struct request *r, enum problem problem)
{
    respond_problem_code(r, problem, problems[problem].kind);
}

void respond_problem_document(
    struct request *r, enum problem problem, const char *code, struct value *members)
{
    respond_header(r, "cache-control", STR("no-store"));
    problem_document(r, problem, code, members);
}

void respond_conflict(struct request *r, const struct value *current)
{
    struct value *v = value_object(r->arena);
    value_set(r->arena, v, KEY(current), (struct value *)current);
    respond_problem_document(r, PROBLEM_CONFLICT, "edited_meanwhile", v);
}

void respond_invalid(struct request *r, const char *name, struct value *view)
{
    // form_refuse_many has said how long to wait.
    enum problem problem = has_header(r, "retry-after") ? PROBLEM_TOO_MANY : PROBLEM_INVALID;
    if (r->wants_json || r->sent_json)
        problem_document(r, problem, problems[problem].kind, value_object(r->arena));
    else
        respond_page(r, problems[problem].status, name, view);
}
