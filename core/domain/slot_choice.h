// What customers choose after the office changed what they had booked: to keep the new time, to
// take another one of the same offer, or all of their money back. The choice is open from the mail
// that tells them until the time begins, or as long as the office has it; one answer counts,
// whichever tab, person or job comes first, and is guarded in the unit that does it. Where the time
// was cancelled and nobody was booked elsewhere the money goes back by itself when there is no
// answer.
#pragma once

#include "domain/order_rebook.h"
#include "domain/order_return.h"

enum { SLOT_CHOICES_MAX = 10, SLOT_CHOOSE_DAYS = 7, SLOT_CHOOSE_DAYS_MAX = 90 };

struct slot_choice {
    int64_t change;
    bool open;         // may be answered now
    bool asked;        // nobody booked them elsewhere: there is no time to keep
    bool cancelled;    // the time that they had booked, instead of moved
    struct str answer; // "kept", "rebooked", "refunded"; absent: none yet
    struct str reason; // the office's, as customers read it
    int64_t until_us, chosen_us;
    int64_t lines[ORDER_LINES_MAX]; // of the order, as far as it hasn't lost them since
    int count;
};

// Of an order, the newest first; how many.
int slot_choices(struct arena *a, const struct site *site, int64_t order,
    struct slot_choice **choices, enum order_result *result);
// "moved", "rebooked" when the office booked them into another time, or "asked".
const char *slot_choice_kind(const struct slot_choice *c);

enum slot_answer { SLOT_KEEP, SLOT_REBOOK, SLOT_REFUND };

struct slot_choosing {
    const struct slot_choice *choice;
    enum slot_answer answer;
    const struct rebook_line *to; // SLOT_REBOOK: where each of the choice's lines goes
    struct order_actor actor;
};

// What comes back for the money: all of it.
enum order_result slot_choice_quote(struct arena *a, const struct site *site, const struct order *o,
    const struct slot_choice *choice, struct order_quote *quote);
// `o` as it was read. ORDER_ALREADY: it was answered before, or the time for it is over;
// ORDER_SOLD_OUT, ORDER_NOT_ON_SALE: the time to go to can't be had any more; ORDER_CHANGED: read
// the order again.
struct order_outcome slot_choose(struct arena *a, const struct site *site, const struct order *o,
    const struct slot_choosing *what);

// For the unit that tells somebody of a change: opens their choice.
void slot_choice_open(struct unit *u, struct str change, int64_t order);
// The same where the time was cancelled; what follows without an answer comes at its end.
void slot_choice_ask(struct unit *u, struct str change, int64_t order, int64_t until_us);
// The job kind "slot.unanswered".
void slot_choice_start(void);
