// The picture of one offer: sent with a form, or in parts beforehand; looked at, encoded again in
// three sizes, and shown at once.
#include "domain/media.h"
#include "domain/upload.h"
#include "http/respond.h"
#include "io/image.h"
#include "web/office/feature_view.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/offers/offer_page.h"

static void refuse(struct request *r, const char *code)
{
    struct str key = str_join(r->arena, STR("office.picture.refused."), str_of(code), STR_NULL);
    form_refuse_text(r, "picture", code, message(r->arena, r->words, key, NULL));
}

static struct value *view_of(struct request *r, const struct offer *offer)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    offer_view(r, view, offer);
    value_set_bool(a, view, KEY(has_picture), offer->image.len > 0);
    value_set_str(a, view, KEY(uploads_url), STR("/manage/uploads"));
    value_set_int(a, view, KEY(part_max), UPLOAD_PART_MAX);
    value_set_str(a, view, KEY(alt),
        site_text_in(r->site, value_get(offer->doc, KEY(image_alt)), r->language));
    return view;
}

static void on_picture(struct request *r)
{
    struct offer offer;
    struct unit *u = unit_new(r->arena, DB_READ, r->site->tenant);
    int history = office_history_part_add(
        r, u, "offer", db_i64(r->arena, offer_id_of_route(r)), "offer.picture");
    if (!offer_of_route(r, u, &offer))
        return;
    struct value *view = view_of(r, &offer);
    office_history_view(r, view, unit_rows(u, history));
    respond_page(r, 200, "office/offers/picture", view);
}

// What came in parts. False when it was refused or answered.
static bool take_upload(struct request *r, struct str *bytes)
{
    struct upload upload = {0};
    if (!str_to_i64(form_str(r, KEY(upload)), &upload.id)) {
        refuse(r, "gone");
        return false;
    }
    enum upload_result result = upload_find(r->arena, r->site->tenant, r->session.person, &upload);
    if (result == UPLOAD_DONE)
        result = upload_take(r->arena, r->site->tenant, &upload, IMAGE_BYTES_MAX, bytes);
    if (result == UPLOAD_DONE)
        return true;
    refuse(r, result == UPLOAD_LARGE ? "heavy" : "gone");
    return false;
}

static bool take_bytes(struct request *r, struct str *bytes)
{
    *bytes = form_str(r, KEY(picture));
    if (bytes->len)
        return true;
    if (form_str(r, KEY(upload)).len)
        return take_upload(r, bytes);
    refuse(r, "none");
    return false;
}

static bool encode(struct request *r, struct str bytes, struct image *image)
{
    static const char *const codes[] = {[IMAGE_SVG] = "svg",
        [IMAGE_HEIC] = "heic",
        [IMAGE_FOREIGN] = "foreign",
        [IMAGE_LARGE] = "large",
        [IMAGE_SMALL] = "small",
        [IMAGE_BROKEN] = "broken",
        [IMAGE_BUSY] = "busy"};
    enum image_result result = image_encode(r->arena, bytes, image);
    if (result == IMAGE_DONE)
        return true;
    refuse(r, codes[result]);
    return false;
}

static void save(struct request *r, const struct offer *offer, const struct image *image)
{
    struct feature_actor who = feature_actor_of(r);
    struct offer_actor by = {r->site, &who};
    struct str name = STR_NULL, id = str_of_i64(r->arena, offer->id);
    if (image) {
        enum media_result stored =
            media_save_picture(r->arena, r->site->tenant, image->bytes, &name);
        if (stored == MEDIA_FULL) {
            refuse(r, "full");
            respond_invalid(r, "office/offers/picture", view_of(r, offer));
            return;
        }
        if (stored != MEDIA_DONE) {
            respond_problem(r, PROBLEM_UNAVAILABLE);
            return;
        }
    }
    enum offer_result result = offer_set_image(r->arena, &by, offer, name);
    if (result != OFFER_DONE) {
        offer_problem(r, result);
        return;
    }
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(image), name);
    respond_done(r, 200,
        offer_path(
            r, id, name.len ? "/picture?done=picture_saved" : "/picture?done=picture_removed"),
        view);
}

static void on_send(struct request *r)
{
    struct offer offer;
    struct str bytes;
    struct image image;
    if (!offer_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &offer))
        return;
    if (take_bytes(r, &bytes) && encode(r, bytes, &image))
        save(r, &offer, &image);
    else
        respond_invalid(r, "office/offers/picture", view_of(r, &offer));
}

static void on_remove(struct request *r)
{
    struct offer offer;
    if (offer_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &offer))
        save(r, &offer, NULL);
}

static const struct form form_page =
    FORM({"done", .kind = FIELD_TEXT, .max = 40}, OFFICE_HISTORY_FIELD);
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});
static const struct form form_picture = FORM({"csrf", .kind = FIELD_TEXT},
    {"picture", .kind = FIELD_FILE}, {"upload", .kind = FIELD_TEXT, .max = 20});

static const struct route routes[] = {
    {HTTP_GET, "/manage/offers/{id}/picture", PERMIT_OFFERS_READ, on_picture, &form_page, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/picture", PERMIT_OFFERS_CHANGE, on_send, &form_picture, 0, 0},
    {HTTP_POST, "/manage/offers/{id}/picture/remove", PERMIT_OFFERS_CHANGE, on_remove, &form_button,
        0, 0},
};

OFFICE_PAGE(routes, NULL)
