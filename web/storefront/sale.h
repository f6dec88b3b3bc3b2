// The selling half of the storefront: basket, checkout, payment, order. Views of an order that
// several of its pages share.
#pragma once

#include "domain/basket.h"
#include "domain/order_place.h"
#include "http/form.h"
#include "http/idempotency.h"
#include "http/page.h"
#include "http/respond.h"
#include "http/route.h"
#include "http/session.h"
#include "web/storefront/common.h"

void sale_start(void);
// Route tables of the files beside this one.
void basket_start(void);
void checkout_start(void);
void pay_start(void);
void order_start(void);
void choice_start(void);

// The fixtures' `order`, `hold` and `steps`.
struct value *sale_order_view(struct request *r, const struct order *o);
// `next` is the step whose page it stands on: "basket", "details" or "pay".
struct value *sale_hold_view(struct request *r, const struct order *o, const char *next);
struct value *sale_steps_view(struct request *r, const char *current, bool to_pay);
// What was paid and given back: `payments` of the order's view. False when they can't be read.
bool sale_add_payments(struct request *r, const struct order *o, struct value *view);
// A time with weekday, day and month for date blocks.
struct value *sale_when_view(struct request *r, int64_t at_us);
// "1 h 30 min": what passes, also over midnight and a change of the clock.
struct str sale_duration(struct request *r, const struct order_line *l);
struct value *sale_money(struct request *r, int64_t minor);
// "confirmed", "paying", … of the whole order.
const char *sale_order_state(const struct order *o);

// The session's basket, which the page's header shows too. NULL with ORDER_NOT_FOUND: there is
// none.
struct order *sale_find_basket(struct request *r, enum order_result *result);
// The session's basket, or the answer is given and NULL comes back: 503, a redirect to the
// basket's page when there is nothing to sell, or to the order that was paid meanwhile. A payment
// still open is asked for and given up: the buyer came back from it.
struct order *sale_require_basket(struct request *r);
// The same for the steps after the basket: with lines that were lost it leads back to it.
struct order *sale_require_whole_basket(struct request *r);
// Answers what went wrong, as a page or a problem document; false when it was nothing.
bool sale_failed(struct request *r, const struct order_outcome *outcome);
// Its code for machines.
const char *sale_refusal_code(const struct order_outcome *outcome);
// The words for a refusal: a plugin's own, or the catalogue's.
struct str sale_refusal_text(struct request *r, const struct order_outcome *outcome);
// An order's page with its token.
struct str sale_order_path(struct request *r, const struct order *o);
// Where they choose about what the venue changed of it.
struct str sale_choice_path(struct request *r, const struct order *o);
// The order of the address, for whoever has its token or bought it in this session; else answers
// and gives NULL.
struct order *sale_open_order(struct request *r);
// The pages of an order never tell other sites their address, which carries the token.
void sale_keep_private(struct request *r);
// One effect per submit: true for the first one; a repeated one is answered as that was.
bool sale_is_first(struct request *r);
// The answer to what sold something: where it leads.
void sale_lead_to(struct request *r, struct str location);
// Whether the buyer is still to say who it is: logged in, or a guest where that is allowed.
bool sale_asks_who(const struct request *r, const struct order *o);
// What the form was made for isn't what the basket is by now: another tab changed it.
bool sale_is_stale(const struct request *r, const struct order *o);
