#include "web/uploads.h"

#include "http/respond.h"
#include "http/urlencoded.h"

enum { QUERY_MAX = 4 };

const struct form uploads_form =
    FORM({"csrf", .kind = FIELD_TEXT}, {"size", .kind = FIELD_INT, .required = true, .min = 1},
        {"name", .kind = FIELD_TEXT, .max = 200});

void uploads_answer(struct request *r, int status, const struct upload *upload, const char *path)
{
    struct arena *a = r->arena;
    struct value *v = value_object(a);
    struct str id = str_of_i64(a, upload->id);
    value_set_str(a, v, KEY(id), id);
    value_set_int(a, v, KEY(size), upload->size);
    value_set_int(a, v, KEY(received), upload->received);
    value_set_int(a, v, KEY(part_max), UPLOAD_PART_MAX);
    value_set_str(a, v, KEY(upload_url), str_join(a, str_of(path), id, STR_NULL));
    respond_json(r, status, v);
}

void uploads_refuse(struct request *r, enum upload_result result)
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

// The body is the part itself, so the place stands in the address.
static bool read_place(struct request *r, int64_t *at)
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

bool uploads_place(struct request *r, int64_t *at)
{
    bool there = read_place(r, at) && r->body.len;
    if (!there)
        respond_problem(r, PROBLEM_BAD_REQUEST);
    else if (r->body.len > UPLOAD_PART_MAX)
        respond_problem(r, PROBLEM_TOO_LARGE);
    return there && r->body.len <= UPLOAD_PART_MAX;
}
