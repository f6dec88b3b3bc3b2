// A customer's address, changed by staff (T7): on a page of its own, because both addresses are
// told and the customer has to log in again.
#include "base/clock.h"
#include "domain/customer_email.h"
#include "domain/customer_login.h"
#include "web/office/customers/customer.sql.h"
#include "web/office/customers/pages.h"
#include "web/office/customers/person.h"
#include "web/office/feature_view.h"
#include "web/office/frame/fields.h"
#include "web/office/frame/history.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

struct page {
    struct customer_record record;
    struct str wished;
    int64_t other; // who has that address; 0: nobody
};

static bool read_page(struct request *r, struct page *p)
{
    struct arena *a = r->arena;
    struct unit *u = unit_new(a, DB_READ, r->site->tenant);
    int wish = unit_add(
        u, &SQL_customer_wish, db_i64(a, r->site->tenant), db_i64(a, customers_id_of_route(r)));
    *p = (struct page){.wished = STR("")};
    if (!customers_of_route(r, u, &p->record))
        return false;
    if (unit_rows(u, wish)->count)
        p->wished = rows_str(unit_rows(u, wish), 0, KEY(email));
    return true;
}

static struct value *view_of(struct request *r, const struct page *p)
{
    struct arena *a = r->arena;
    struct value *view = page_view(r), *fields = value_list(a);
    int64_t id = p->record.c.id;
    customers_head(r, view, &p->record);
    value_set_str(a, view, KEY(save_url), request_url(r, customers_path(r, id, "/email")));
    value_set_str(a, view, KEY(decline_url),
        p->wished.len ? request_url(r, customers_path(r, id, "/email/decline")) : STR_NULL);
    value_set_str(a, view, KEY(other_url),
        p->other ? request_url(r, customers_path(r, p->other, "")) : STR_NULL);
    if (r->wants_json)
        return view;
    value_set(a, view, KEY(fields), fields);
    office_field_add(r, fields,
        &(struct office_field){.id = "email",
            .label = "office.customer.email",
            .kind = OFFICE_EMAIL,
            .value = p->wished.len ? p->wished : p->record.c.email,
            .required = true,
            .len_max = 254});
    return view;
}

static void on_email(struct request *r)
{
    struct page p;
    if (!read_page(r, &p))
        return;
    // A verified person changes it, at all venues at once (T7).
    if (p.record.c.person)
        customer_problem(r, CUSTOMER_VERIFIED);
    else
        respond_page(r, 200, "office/customers/email", view_of(r, &p));
}

static void answer(struct request *r, int64_t id, const char *done)
{
    struct value *view = value_object(r->arena);
    value_set_str(r->arena, view, KEY(id), str_of_i64(r->arena, id));
    respond_done(
        r, 200, str_join(r->arena, customers_path(r, id, "?done="), str_of(done), STR_NULL), view);
}

static struct str confirm_url(struct request *r, const struct customer *c, struct str email)
{
    int64_t until = clock_now_us() + CUSTOMER_CONFIRM_US;
    struct customer moved = *c;
    moved.email = email;
    if (!c->registered_us || r->site->login == SITE_LOGIN_NONE)
        return STR_NULL;
    struct str token = customer_confirm_token(r->arena, r->site, &moved, until);
    return request_absolute_url(r, str_format(r->arena, "/account/confirm?until=%lld&t=%.*s",
                                       (long long)until, STR_ARG(token)));
}

static void say_conflict(struct request *r, struct page *p, struct str email)
{
    if (!read_page(r, p))
        return;
    struct value *theirs = value_object(r->arena), *yours = value_object(r->arena);
    value_set_str(r->arena, theirs, KEY(email), p->record.c.email);
    value_set_str(r->arena, yours, KEY(email), email);
    struct office_conflict conflict = {.theirs = theirs, .yours = yours};
    office_conflict_respond(r, "office/customers/email", view_of(r, p), &conflict);
}

static void save(struct request *r, struct page *p, struct str email)
{
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    struct customer c = p->record.c;
    struct customer_move move = {email, confirm_url(r, &c, email)};
    c.version = form_int(r, KEY(version), 0);
    enum customer_result result = customer_set_email(r->arena, &by, &c, &move, &p->other);
    switch (result) {
    case CUSTOMER_DONE:
        answer(r, c.id, "customer_email");
        return;
    case CUSTOMER_TAKEN:
        form_refuse_text(r, "email", "taken",
            message(r->arena, r->words, STR("office.customer.email.taken"), NULL));
        respond_invalid(r, "office/customers/email", view_of(r, p));
        return;
    case CUSTOMER_CHANGED:
        say_conflict(r, p, email);
        return;
    case CUSTOMER_VERIFIED:
        if (c.person)
            customer_problem(r, result);
        else
            customers_say_person(r, "office/customers/email", view_of(r, p), email);
        return;
    default:
        customer_problem(r, result);
    }
}

static void on_save(struct request *r)
{
    struct page p;
    struct str email = form_str(r, KEY(email));
    if (!read_page(r, &p))
        return;
    if (form_refused(r))
        respond_invalid(r, "office/customers/email", view_of(r, &p));
    else if (str_eq(email, p.record.c.email))
        answer(r, p.record.c.id, "customer_saved");
    else
        save(r, &p, email);
}

static void on_decline(struct request *r)
{
    struct feature_actor who = feature_actor_of(r);
    struct customer_editor by = {r->site, &who};
    int64_t id = customers_id_of_route(r);
    enum customer_result result = customer_decline_email(r->arena, &by, id);
    if (result == CUSTOMER_DONE)
        answer(r, id, "customer_declined");
    else
        customer_problem(r, result);
}

static const struct form form_email = FORM({"csrf", .kind = FIELD_TEXT}, FORM_SEEN("version"),
    {"email", .kind = FIELD_EMAIL, .required = true});
static const struct form form_button = FORM({"csrf", .kind = FIELD_TEXT});

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/{id}/email", PERMIT_CUSTOMERS_CHANGE, on_email, NULL, 0, 0},
    {HTTP_POST, "/manage/customers/{id}/email", PERMIT_CUSTOMERS_CHANGE, on_save, &form_email, 0,
        0},
    {HTTP_POST, "/manage/customers/{id}/email/decline", PERMIT_CUSTOMERS_CHANGE, on_decline,
        &form_button, 0, 0},
};

OFFICE_PAGE(routes, NULL)
