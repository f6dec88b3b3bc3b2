#include "web/office/customers/person.h"

#include "domain/person_invite.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"

void customers_say_person(
    struct request *r, const char *template_name, struct value *view, struct str email)
{
    struct arena *a = r->arena;
    if (r->wants_json || r->sent_json) {
        customer_problem(r, CUSTOMER_VERIFIED);
        return;
    }
    struct value *v = value_object(a);
    value_set(a, view, KEY(person), v);
    value_set_str(a, v, KEY(email), email);
    value_set_str(a, v, KEY(invite_url), request_url(r, STR("/manage/customers/invite")));
    respond_page(r, 403, template_name, view);
}

// The same answer for any address.
static void on_invite(struct request *r)
{
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    if (form_refused(r)) {
        if (r->wants_json || r->sent_json)
            respond_invalid(r, "office/customers/new", page_view(r));
        else
            respond_redirect(r, request_url(r, STR("/manage/customers/new")));
        return;
    }
    enum customer_result result = person_invite(r->arena, &by, form_str(r, KEY(email)));
    if (result == CUSTOMER_DONE)
        respond_done(
            r, 200, STR("/manage/customers?done=customer_invited"), value_object(r->arena));
    else
        customer_problem(r, result);
}

static const struct form form_invite =
    FORM({"csrf", .kind = FIELD_TEXT}, {"email", .kind = FIELD_EMAIL, .required = true});

static const struct route routes[] = {
    {HTTP_POST, "/manage/customers/invite", PERMIT_CUSTOMERS_CHANGE, on_invite, &form_invite, 0, 0},
};

OFFICE_PAGE(routes, NULL)
