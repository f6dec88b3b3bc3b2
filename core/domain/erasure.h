// What a site keeps of a customer, given to them and erased: both follow from the register of
// personal data (domain/personal.h), plugins' tables included, whether the plugin is on or off.
//
// Erasing is one transaction, then jobs for what no transaction holds (mails written to files, what
// done jobs were about) and for what was on its way at that moment. Orders, payments and the record
// of changes stay without names: the law wants the books. Bookings that are still to come stand as
// a guest's, with name and address, since the venue has to know who comes and the mailed link has
// to work; each is made anonymous when it is over. From fibers.
#pragma once

#include "domain/customer.h"
#include "domain/feature.h"

struct customer_booking {
    struct str code, title, rate_name;
    int64_t quantity, starts_us, ends_us;
};
enum { CUSTOMER_BOOKINGS_MAX = 50 };
struct customer_bookings {
    int count; // at most CUSTOMER_BOOKINGS_MAX, soonest first
    int64_t all;
    struct customer_booking *items;
};
// What is still to come, for whoever confirms the erasing.
enum customer_result customer_open_bookings(
    struct arena *a, const struct site *site, int64_t id, struct customer_bookings *out);

// A JSON text: {"site", "made_at", "tables": [{"table", "rows": […]}]}, nothing of anybody else.
// Only who has shown that the address is theirs gets what guests booked with it.
enum customer_result customer_export(
    struct arena *a, const struct site *site, int64_t id, struct str *json);

// Whether erasing by the site itself takes what guests left with the customer's address: it was
// shown to be theirs, or no other customer of the site has it. Customers who erase themselves have
// to have shown it: anybody may register with a stranger's address.
enum customer_result customer_address_goes(
    struct arena *a, const struct site *site, const struct customer *c, bool *goes);

struct customer_erasure {
    struct feature_actor actor; // in the record as "customer.delete"; a customer's name isn't kept
    int64_t version;            // the customer's that was looked at; 0: whatever it is
    bool tell;                  // a last mail says so
    bool by_site;               // not by the customer: see customer_address_goes
};
// CUSTOMER_GONE: there is none such (any more). CUSTOMER_CHANGED: look again.
enum customer_result customer_erase(
    struct arena *a, const struct site *site, int64_t id, const struct customer_erasure *what);

// The kinds of the jobs that follow.
#define ERASURE_JOB "customer.erased"    // {customer_id, order_ids, at_us}
#define ERASURE_ORDER_JOB "order.forget" // {order_id}
// At start. Mails that were written to files in `state` are removed too; absent: there are none.
void erasure_start(struct str state);
