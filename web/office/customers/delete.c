// Deleting a customer (C13): a question that names what is still open here, then the erasing that
// the register of personal data prescribes. What the law wants kept stays without a name.
#include "domain/erasure.h"
#include "web/office/customers/pages.h"
#include "web/office/feature_view.h"
#include "web/office/frame/nav.h"
#include "web/office/frame/object.h"

enum { NAMED_BOOKINGS = 5 };

static struct str words(struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

static struct str joined(struct arena *a, struct str text, struct str more)
{
    return text.len ? str_join(a, text, STR(" "), more, STR_NULL) : more;
}

// "2 bookings to come: Tour, Sunday 22 November 2026 at 10:00; …"
static struct str bookings_text(struct request *r, const struct customer_bookings *b)
{
    struct arena *a = r->arena;
    struct str list = STR_NULL;
    if (!b->all)
        return words(r, "office.customer.delete.no_bookings");
    for (int i = 0; i < b->count && i < NAMED_BOOKINGS; i++) {
        struct str when = value_get_str(customers_time(r, b->items[i].starts_us), KEY(text));
        struct str one = str_join(a, b->items[i].title, STR(", "), when, STR_NULL);
        list = list.p ? str_join(a, list, STR("; "), one, STR_NULL) : one;
    }
    if (b->all > NAMED_BOOKINGS)
        list = str_join(a, list, STR("; …"), STR_NULL);
    return message(a, r->words, STR("office.customer.delete.bookings"), "count",
        value_int(a, b->all), "list", value_str(a, list), NULL);
}

// What features say is open: balances, memberships.
static struct str facts_text(struct request *r, int64_t id)
{
    struct arena *a = r->arena;
    struct value *in = value_object(a);
    struct str text = STR_NULL;
    value_set_str(a, in, KEY(customer_id), str_of_i64(a, id));
    const struct value *facts = hook_collect(a, r->site, HOOK_customer_facts, in);
    for (size_t i = 0; i < value_count(facts); i++)
        text = joined(a, text, value_get_str(value_at(facts, i), KEY(text)));
    return text;
}

// What becomes of what guests left with the address.
static struct str address_text(struct request *r, const struct customer *c, bool goes)
{
    return message(r->arena, r->words,
        goes ? STR("office.customer.delete.address") : STR("office.customer.delete.address_shared"),
        "email", value_str(r->arena, c->email), NULL);
}

static void ask(struct request *r, const struct customer_record *record)
{
    struct arena *a = r->arena;
    struct customer_bookings bookings;
    int64_t id = record->c.id;
    bool goes = false;
    enum customer_result result = customer_open_bookings(a, r->site, id, &bookings);
    if (result == CUSTOMER_DONE)
        result = customer_address_goes(a, r->site, &record->c, &goes);
    if (result != CUSTOMER_DONE) {
        customer_problem(r, result);
        return;
    }
    struct str text = bookings_text(r, &bookings), facts = facts_text(r, id);
    if (facts.len)
        text = joined(a, text, facts);
    if (record->c.person)
        text = joined(a, text, words(r, "office.customer.delete.person"));
    if (record->c.email.len)
        text = joined(a, text, address_text(r, &record->c, goes));
    office_confirm_respond(r,
        &(struct office_confirm){.title = message(a, r->words, STR("office.customer.delete.title"),
                                     "name", value_str(a, customer_name(a, &record->c)), NULL),
            .text = joined(a, text, words(r, "office.customer.delete.text")),
            .button = words(r, "office.customer.delete"),
            .action_path = customers_path(r, id, "/delete"),
            .back_path = customers_path(r, id, ""),
            .typed = record->c.email});
}

static void on_ask(struct request *r)
{
    struct customer_record record;
    if (customers_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &record))
        ask(r, &record);
}

static void on_delete(struct request *r)
{
    struct customer_record record;
    if (!customers_of_route(r, unit_new(r->arena, DB_READ, r->site->tenant), &record))
        return;
    if (!office_confirmed(r, record.c.email)) {
        ask(r, &record);
        return;
    }
    struct customer_erasure erasure = {
        .actor = feature_actor_of(r), .version = record.c.version, .by_site = true};
    enum customer_result result = customer_erase(r->arena, r->site, record.c.id, &erasure);
    if (result != CUSTOMER_DONE)
        customer_problem(r, result);
    else
        respond_done(
            r, 200, STR("/manage/customers?done=customer_deleted"), value_object(r->arena));
}

static const struct form form_delete =
    FORM({"csrf", .kind = FIELD_TEXT}, {"typed", .kind = FIELD_TEXT, .max = 254});

static const struct route routes[] = {
    {HTTP_GET, "/manage/customers/{id}/delete", PERMIT_CUSTOMERS_DELETE, on_ask, NULL, 0, 0},
    {HTTP_POST, "/manage/customers/{id}/delete", PERMIT_CUSTOMERS_DELETE, on_delete, &form_delete,
        0, 0},
};

OFFICE_PAGE(routes, NULL)
