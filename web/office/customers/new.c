// A new customer (C6, C7): the form, each refusal beside its field, and whom the site knows
// already. A verified person's address is taken with identical data only (C8); otherwise the person
// may be invited, and nothing says what differs.
#include "http/country.h"
#include "http/idempotency.h"
#include "web/office/customers/pages.h"
#include "web/office/customers/person.h"
#include "web/office/customers/pick.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"
#include "web/storefront/sale.h"

static struct value *view_of(struct request *r, const struct customer_record *record, int64_t other)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r);
    office_object_view(r, view,
        &(struct office_object){message(a, r->words, STR("office.customer.new"), NULL),
            "/manage/customers", "office.nav.customers"});
    value_set_str(a, view, KEY(action), request_url(r, STR("/manage/customers/new")));
    value_set_str(a, view, KEY(idempotency_key), idempotency_key(r));
    struct str next = customers_back(r);
    value_set_str(a, view, KEY(next), next);
    value_set_str(a, view, KEY(back_url), next.len ? request_url(r, next) : STR_NULL);
    value_set_str(
        a, view, KEY(other_url), other ? request_url(r, customers_path(r, other, "")) : STR_NULL);
    if (!r->wants_json)
        customers_form_view(r, view, record, true);
    return view;
}

static void show(struct request *r, const struct customer_record *record, int64_t other)
{
    struct value *view = view_of(r, record, other);
    if (form_refused(r))
        respond_invalid(r, "office/customers/new", view);
    else
        respond_page(r, 200, "office/customers/new", view);
}

static struct customer_record blank(const struct request *r)
{
    struct str region = r->site->region;
    return (struct customer_record){
        .country = country_exists(region) ? region : STR_NULL, .c.language = r->site->languages[0]};
}

static void on_new(struct request *r)
{
    struct customer_record record = blank(r);
    show(r, &record, 0);
}

static void refuse(struct request *r, const struct customer_record *record, int64_t other)
{
    idempotency_end(r, STR_NULL);
    show(r, record, other);
}

// To the new customer, or back to what was to be done for somebody new.
static struct str place_of(struct request *r, int64_t id)
{
    struct arena *a = r->arena;
    struct str next = customers_back(r);
    if (!next.len)
        return request_url(r, customers_path(r, id, "?done=customer_created"));
    struct str sign = str_find(next, STR("?")) < 0 ? STR("?") : STR("&");
    return request_url(r, str_join(a, next, sign, STR("customer="), str_of_i64(a, id), STR_NULL));
}

static void create(struct request *r)
{
    struct arena *a = r->arena;
    struct customer_record base = blank(r), record = customers_sent(r, &base, true);
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    int64_t other = 0;
    if (form_refused(r)) {
        refuse(r, &base, 0);
        return;
    }
    enum customer_result result = customer_create(a, &by, &record, &other);
    if (result == CUSTOMER_TAKEN) {
        form_refuse_text(
            r, "email", "taken", message(a, r->words, STR("office.customer.email.taken"), NULL));
        refuse(r, &base, other);
        return;
    }
    if (result == CUSTOMER_VERIFIED) {
        idempotency_end(r, STR_NULL);
        customers_say_person(r, "office/customers/new", view_of(r, &base, 0), record.c.email);
        return;
    }
    if (result != CUSTOMER_DONE) {
        idempotency_end(r, STR_NULL);
        customer_problem(r, result);
        return;
    }
    struct str path = place_of(r, record.c.id);
    idempotency_end(r, path);
    sale_lead_to(r, path);
}

static void on_create(struct request *r)
{
    if (sale_is_first(r))
        create(r);
}

static const struct form form_next = FORM(CUSTOMERS_NEXT);

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/new", PERMIT_CUSTOMERS_CHANGE, on_new, &form_next, 0, 0},
    {HTTP_POST, "/manage/customers/new", PERMIT_CUSTOMERS_CHANGE, on_create, &customers_form_new, 0,
        0},
};

OFFICE_PAGE(routes, NULL)
