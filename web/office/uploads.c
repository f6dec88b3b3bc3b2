// Pictures and the like that staff send in parts (web/uploads.h).
#include "web/uploads.h"

#include "http/respond.h"
#include "web/office/frame/nav.h"

static const char path[] = "/manage/uploads/";

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
        uploads_answer(r, 201, &upload, path);
    else
        uploads_refuse(r, result);
}

static bool find(struct request *r, struct upload *upload)
{
    enum upload_result result = UPLOAD_UNKNOWN;
    if (str_to_i64(r->params[0], &upload->id))
        result = upload_find(r->arena, r->site->tenant, r->session.person, upload);
    if (result != UPLOAD_DONE)
        uploads_refuse(r, result);
    return result == UPLOAD_DONE;
}

static void on_state(struct request *r)
{
    struct upload upload;
    if (find(r, &upload))
        uploads_answer(r, 200, &upload, path);
}

static void on_part(struct request *r)
{
    struct upload upload;
    int64_t at;
    if (!uploads_place(r, &at) || !find(r, &upload))
        return;
    enum upload_result result = upload_add(r->arena, r->site->tenant, &upload, at, r->body);
    if (result == UPLOAD_DONE)
        uploads_answer(r, 200, &upload, path);
    else
        uploads_refuse(r, result);
}

static const struct route routes[] = {
    {HTTP_POST, "/manage/uploads", PERMIT_OFFERS_CHANGE, on_begin, &uploads_form, 0, 0},
    {HTTP_GET, "/manage/uploads/{id}", PERMIT_OFFERS_CHANGE, on_state, NULL, 0, 0},
    {HTTP_POST, "/manage/uploads/{id}", PERMIT_OFFERS_CHANGE, on_part, NULL, ROUTE_RAW_BODY, 0},
};

OFFICE_PAGE(routes, NULL)
