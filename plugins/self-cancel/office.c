#include "office.h"

#include "terms.h"

static struct vt_str title_of(struct vt_call *call, struct vt_value *titles)
{
    static const char *const languages[] = {"en", "fr", "es"};
    struct vt_str wanted = vt_get_text(vt_site_info(call), "language");
    struct vt_str any = VT_NULL;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct vt_str title = vt_get_text(titles, languages[i]);
        if (vt_str_eq(wanted, vt_str_of(languages[i])) && title.len)
            return title;
        if (!any.len)
            any = title;
    }
    return any;
}

void office_offers(struct vt_call *call, struct vt_value *request)
{
    struct terms terms = terms_read(call);
    struct vt_value *view = vt_object(call);
    struct vt_value *offers =
        vt_db_read(call, VT("offers"), vt_list_of(call, vt_bool(call, terms.every_offer), NULL));
    (void)request;
    for (size_t i = 0; i < vt_count(offers); i++) {
        struct vt_value *offer = vt_at(offers, i);
        struct vt_str id = vt_get_text(offer, "id");
        vt_set_text(call, offer, "title", title_of(call, vt_get(offer, "title")));
        vt_set_text(call, offer, "action",
            vt_site_url(
                call, vt_str_format(call, "/manage/x/self-cancel/offers/%.*s", (int)id.len, id.p)));
    }
    vt_set(call, view, "offers", offers);
    vt_set_text(call, view, "settings_url", vt_site_url(call, VT("/manage/features/self-cancel")));
    vt_response_page(call, 200, VT("office"), view);
}

// What the history says of the offer: its title as it is now.
static struct vt_value *described(struct vt_call *call, struct vt_value *id)
{
    struct vt_value *v = vt_object(call);
    struct vt_value *offers =
        vt_db_read(call, VT("offers"), vt_list_of(call, vt_bool(call, false), NULL));
    for (size_t i = 0; i < vt_count(offers); i++)
        if (vt_str_eq(vt_get_text(vt_at(offers, i), "id"), vt_as_text(id)))
            vt_set_text(call, v, "offer", title_of(call, vt_get(vt_at(offers, i), "title")));
    return v;
}

void office_allow(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *steps = vt_list(call), *audit = vt_object(call);
    struct vt_value *id = vt_at(vt_get(request, "params"), 0);
    bool allowed = vt_get_bool(vt_get(request, "form"), "allowed", false);
    struct vt_str refused = VT_NULL, text = vt_as_text(id);
    bool number = text.len > 0 && text.len < 19;
    for (size_t i = 0; i < text.len; i++)
        number &= text.p[i] >= '0' && text.p[i] <= '9';
    if (!number) {
        vt_response_problem(call, VT("not_found"));
        return;
    }
    vt_db_step(call, steps, VT("allow"), vt_list_of(call, id, vt_bool(call, allowed), NULL));
    vt_set_text(call, audit, "audit", allowed ? VT("allow") : VT("exclude"));
    vt_set(call, audit, "object", id);
    vt_set(call, audit, "after", described(call, id));
    vt_append(call, steps, audit);
    if (!vt_db_write(call, steps, &refused)) {
        if (!vt_failed(call))
            vt_response_problem(call, VT("not_found"));
        return;
    }
    struct vt_value *view = vt_object(call);
    vt_set_bool(call, view, "allowed", allowed);
    vt_response_done(call, 200, VT("/manage/x/self-cancel/"), view);
}
