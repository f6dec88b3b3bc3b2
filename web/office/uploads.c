// Files larger than one request: begun with their size, sent in parts, each where the last one
// ended
// (?at=…), then named by their number in the form that takes them.
#include "domain/upload.h"
#include "http/respond.h"
#include "http/urlencoded.h"
#include "web/office/frame/nav.h"

enum { QUERY_MAX = 4 };

static void answer(struct request *r, int status, const struct upload *upload)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str id = str_of_i64(a, upload->id);
    value_set_str(a, v, KEY(id), id);
    value_set_int(a, v, KEY(size), upload->size);
    value_set_int(a, v, KEY(received), upload->received);
    value_set_int(a, v, KEY(part_max), UPLOAD_PART_MAX);
    value_set_str(a, v, KEY(upload_url), str_join(a, STR("/manage/uploads/"), id, STR_NULL));
    respond_json(r, status, v);
}

static void refuse(struct request *r, enum upload_result result)
{
    switch (result) {
    case UPLOAD_LARGE:
        respond_problem(r, PROBLEM_TOO_LARGE);
        return;
    case UPLOAD_MANY:
        respond_problem(r, PROBLEM_TOO_MANY);
        return;
    case UPLOAD_UNKNOWN:
        respond_problem(r, PROBLEM_NOT_FOUND);
        return;
    case UPLOAD_ELSEWHERE:
        respond_problem(r, PROBLEM_CONFLICT);
        return;
    default:
        respond_problem(r, PROBLEM_UNAVAILABLE);
    }
}

static void on_begin(struct request *r)
{
    struct upload upload = {.size = form_int(r, KEY(size), 0)};
    if (form_refused(r)) {
        respond_problem(r, PROBLEM_INVALID);
        return;
    }
    struct str name = form_str(r, KEY(name));
    enum upload_result result = upload_begin(
        r->arena, r->site->tenant, r->session.person, &upload, name.len ? name : STR("file"));
    if (result == UPLOAD_DONE)
        answer(r, 201, &upload);
    else
        refuse(r, result);
}

static bool find(struct request *r, struct upload *upload)
{
    enum upload_result result = UPLOAD_UNKNOWN;
    if (str_to_i64(r->params[0], &upload->id))
        result = upload_find(r->arena, r->site->tenant, r->session.person, upload);
    if (result != UPLOAD_DONE)
        refuse(r, result);
    return result == UPLOAD_DONE;
}

static void on_state(struct request *r)
{
    struct upload upload;
    if (find(r, &upload))
        answer(r, 200, &upload);
}

// The body is the part itself, so the place stands in the address.
static bool place_of(struct request *r, int64_t *at)
{
    struct pair pairs[QUERY_MAX];
    size_t count = 0;
    if (!urlencoded_read(r->arena, r->query, pairs, QUERY_MAX, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (str_is(pairs[i].name, "at"))
            return str_to_i64(pairs[i].value, at) && *at >= 0;
    return false;
}

static void on_part(struct request *r)
{
    struct upload upload;
    int64_t at;
    if (!place_of(r, &at) || !r->body.len) {
        respond_problem(r, PROBLEM_BAD_REQUEST);
        return;
    }
    if (r->body.len > UPLOAD_PART_MAX) {
        respond_problem(r, PROBLEM_TOO_LARGE);
        return;
    }
    if (!find(r, &upload))
        return;
    enum upload_result result = upload_add(r->arena, r->site->tenant, &upload, at, r->body);
    if (result == UPLOAD_DONE)
        answer(r, 200, &upload);
    else
        refuse(r, result);
}

static const struct form form_begin =
    FORM({"csrf", .kind = FIELD_TEXT}, {"size", .kind = FIELD_INT, .required = true, .min = 1},
        {"name", .kind = FIELD_TEXT, .max = 200});

static const struct route routes[] = {
    {HTTP_POST, "/manage/uploads", PERMIT_OFFERS_CHANGE, on_begin, &form_begin, 0, 0},
    {HTTP_GET, "/manage/uploads/{id}", PERMIT_OFFERS_CHANGE, on_state, NULL, 0, 0},
    {HTTP_POST, "/manage/uploads/{id}", PERMIT_OFFERS_CHANGE, on_part, NULL, ROUTE_RAW_BODY, 0},
};

OFFICE_PAGE(routes, NULL)
