// What the site keeps of a customer as a file, for whoever asks the venue for it: an account isn't
// needed. The same as customers download themselves. Each download is in the record of changes.
#include "data/audit.h"
#include "domain/erasure.h"
#include "web/office/customers/pages.h"
#include "web/office/frame/nav.h"

static bool note(struct request *r, int64_t id)
{
    struct unit *u = unit_new(r->arena, DB_WRITE, r->site->tenant);
    audit_add(u, &(struct audit){.actor_kind = request_actor_kind(r),
                     .actor_id = r->session.person,
                     .actor_name = r->session.name,
                     .action = STR("customer.export"),
                     .object_kind = STR("customer"),
                     .object_id = str_of_i64(r->arena, id)});
    return unit_run(u) == DB_OK;
}

static void on_data(struct request *r)
{
    struct arena *a = r->arena;
    struct str json = STR_NULL;
    int64_t id = customers_id_of_route(r);
    enum customer_result result = customer_export(a, r->site, id, &json);
    if (result != CUSTOMER_DONE) {
        customer_problem(r, result);
        return;
    }
    if (!note(r, id)) {
        respond_problem(r, PROBLEM_UNAVAILABLE);
        return;
    }
    respond_header(r, "cache-control", STR("no-store"));
    respond_attachment(
        r, str_join(a, r->site->slug, STR("-"), str_of_i64(a, id), STR(".json"), STR_NULL));
    respond_bytes(r, STR("application/json"), json);
}

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/{id}/data", PERMIT_CUSTOMERS_DELETE, on_data, NULL, 0, 0},
};

OFFICE_PAGE(routes, NULL)
