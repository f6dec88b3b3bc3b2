// The customer's page around a feature's: the same head and tabs as around our own.
#include "plug/plug.h"
#include "web/office/customers/pages.h"

static bool add_frame(struct request *r, struct plug_frame *out)
{
    static const char *const told[] = {"id", "name", "email", "language"};
    struct arena *a = r->arena;
    struct customer_record record;
    if (!customers_of_route(r, unit_new(a, DB_READ, r->site->tenant), &record))
        return false;
    out->view = value_object(a);
    out->customer = value_object(a);
    customers_head(r, out->view, &record);
    const struct value *customer = value_get(out->view, KEY(customer));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        value_key key = value_key_intern(str_of(told[i]));
        value_set_str(a, out->customer, key, value_get_str(customer, key));
    }
    return true;
}

__attribute__((constructor)) static void declare(void)
{
    plug_set_customer_frame(add_frame);
}
