// What the pages of an order share: finding it by its address, the words for its state, ways of
// paying, and the way back to its page. Private to this folder.
#pragma once

#include "domain/order_return.h"
#include "http/form.h"
#include "http/respond.h"
#include "web/office/frame/saved.h"

// By the route's {code}; answers 404 or 503 and returns NULL when there is none.
struct order *orders_of_route(struct request *r);
// "/manage/orders/CODE" with an end such as "/cancel".
struct str orders_path(struct request *r, const struct order *o, const char *end);
// "confirmed", "part_cancelled", "cancelled", "reserved", "no_show": of lines as states and flags.
struct str orders_state(int live, int cancelled, int reserved, int no_show);
// The name of a payment's plugin; "venue" for what is paid there.
struct str orders_way(struct arena *a, struct catalogue *words, struct str provider);
// An order as its page and its events have it; `channel` is the kind of where it was sold.
struct value *orders_view(struct request *r, const struct order *o, struct str channel);
// Adds `payments` {id, provider, way, state, …}, and what of them can be given back. False when
// they can't be read.
bool orders_add_payments(struct request *r, const struct order *o, struct value *view);
struct order_actor orders_actor(const struct request *r);
struct value *orders_money(struct request *r, int64_t minor);
struct value *orders_time(struct request *r, int64_t at_us);
// Back to the order's page, with what was done; as JSON the view.
void orders_done(struct request *r, const struct order *o, const char *done, struct value *view);
// The order's page again with what was refused, or what somebody else did: 422 or 409.
void orders_show(struct request *r, struct order *o, int status);

void on_order_page(struct request *r);
void on_order_note(struct request *r);
void on_order_mail(struct request *r);
void on_order_no_show(struct request *r);
void on_order_refund(struct request *r);
void on_order_refund_again(struct request *r);
void on_order_cancel_look(struct request *r);
void on_order_cancel(struct request *r);
void on_booking(struct request *r);
void on_book(struct request *r);

// What narrows the list, in words; reads r->form. False without an answer.
bool orders_describe(struct request *r, struct value *list);
extern const struct saved_list orders_saved;
