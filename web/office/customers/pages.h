// What the pages of customers share: finding one by its address, the form with its refusals, the
// page's head with its tabs. Private to this folder.
#pragma once

#include "domain/customer_record.h"
#include "http/form.h"
#include "http/respond.h"
#include "web/customer_problem.h"
#include "web/office/frame/saved.h"

// "/manage/customers/12345" with an end such as "/delete".
struct str customers_path(const struct request *r, int64_t id, const char *end);
struct value *customers_time(struct request *r, int64_t at_us);
// The route's {id}, 0 when it isn't a number.
int64_t customers_id_of_route(const struct request *r);
// "verified", "registered" or "none": of a row's has_account and is_verified.
struct str customers_account(const struct rows *rows, int i);
// With what was added to the unit before; answers 404 or 503 and is false without one.
bool customers_of_route(struct request *r, struct unit *u, struct customer_record *out);

// Head, tabs, and `customer` with what is known.
void customers_head(struct request *r, struct value *view, const struct customer_record *record);

// Where who adds a customer came from (customers/pick.h).
#define CUSTOMERS_NEXT     \
    {                      \
        "next", .max = 300 \
    }
// The fields of a new or a known customer.
extern const struct form customers_form_new, customers_form_change;
// Adds `sets` to the view: from `record`, or what was typed; a new one has an address to type.
void customers_form_view(
    struct request *r, struct value *view, const struct customer_record *record, bool is_new);
// What was sent, with refusals beside their fields; the rest from `base`.
struct customer_record customers_sent(
    struct request *r, const struct customer_record *base, bool is_new);

// What narrows the list, in words; reads r->form.
bool customers_describe(struct request *r, struct value *list);
extern const struct saved_list customers_saved;
