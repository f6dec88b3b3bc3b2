// Stored value: points, credits, wallets, gift cards, as one append-only double-entry ledger. What
// people hold lies in accounts, as lots that may expire and are spent soonest first; the other side
// of every posting is a system account, named by its plugin ("issued", "redeemed"), made at first
// use and never locked. A posting has a key of its caller's: the same key posts once, whatever
// happens to its answer. Amounts are whole units, minor units of money, always above zero here.
// Nobody's account goes below zero. Steps that belong together are one unit: all or none.
#pragma once

#include "data/db.h"

enum { LEDGER_STEPS_MAX = 16, LEDGER_ACCOUNTS_MAX = 16 };
#define LEDGER_AMOUNT_MAX INT64_C(1000000000000000)

// Why something wasn't done. Every caller handles every one of them.
enum ledger_result {
    LEDGER_DONE,
    LEDGER_ALREADY,    // the same was done under this key before; ids are those of then
    LEDGER_KEY_REUSED, // something else was done under this key
    LEDGER_AMOUNT,     // not between 1 and LEDGER_AMOUNT_MAX
    LEDGER_NO_ACCOUNT, // not the plugin's, of another unit, or there is none
    LEDGER_EXPIRED,    // what is given would expire before now
    LEDGER_SHORT,      // more than the accounts have to spend
    LEDGER_TOO_MUCH,   // more than was held, or than is left of what is returned or taken back
    LEDGER_NOT_FOUND,  // no such hold or posting
    LEDGER_ENDED,      // the hold was captured or let go
    LEDGER_REFUSED,    // a guard of the caller's
    LEDGER_BUSY,       // try again in a moment
    LEDGER_UNAVAILABLE,
};

enum ledger_op {
    LEDGER_GIVE,    // into one account: a lot
    LEDGER_TAKE,    // out of accounts
    LEDGER_RETURN,  // a part of what a take or capture took, or all of it, to where it came from
    LEDGER_HOLD,    // sets aside until captured, let go or past its time
    LEDGER_CAPTURE, // takes a part of a hold, or all of it, and lets the rest go
    LEDGER_VOID,    // lets a hold go
};

struct ledger_step {
    enum ledger_op op;
    struct str plugin, key, kind, unit; // void: no key, no kind
    struct str other;                   // the system account's code; not for hold, void, return
    const int64_t *accounts;            // give, take, hold
    int account_count;
    int64_t amount; // not for void
    // give: when it expires, 0 never. hold: when it may be let go. return: what has expired
    // meanwhile lives anew until then; 0: it comes back expired.
    int64_t until_us;
    // return: the posting. take: the posting that is taken back, what it gave before other lots; or
    // 0. capture, void: the hold.
    int64_t of;
    bool as_far; // take: what there is of the amount, may be nothing
    int64_t order, line;
    struct str actor_kind, actor_name; // as of audit.h; the name only with a note
    int64_t actor_id;
    struct str note; // for people to read; absent: none

    int64_t id;    // answered: the posting's number, or the hold's
    int64_t taken; // answered: what a take came to
    int place;     // in its unit
};

// Statements of the caller's that belong to the same unit. False: they failed, nothing is done.
struct ledger_with {
    bool (*add)(struct unit *u, void *arg);
    void *arg;
    struct str refusal; // answered with LEDGER_REFUSED: the guard's code
};
// Accounts are locked in the order of their numbers; the first failure undoes all. `with` may be
// NULL.
enum ledger_result ledger_do(struct arena *a, int64_t tenant, struct ledger_step *steps, int count,
    struct ledger_with *with);

struct ledger_account {
    struct str plugin, code, unit;
    int64_t customer; // 0: nobody is known
    int64_t id;       // answered
};
// The plugin's account of that code, opened if there is none. False when the database refused.
bool ledger_open(struct arena *a, int64_t tenant, struct ledger_account *account);
struct ledger_balance {
    int64_t available, held;
    int64_t total;      // with what has expired and isn't posted yet: the sum of its entries
    int64_t expires_us; // when some of it expires next; 0: never
};
// Accounts of another plugin have nothing. False when the database refused.
struct ledger_holder {
    struct str plugin;
    const int64_t *accounts;
    int count;
};
bool ledger_balance(
    struct arena *a, int64_t tenant, const struct ledger_holder *of, struct ledger_balance *out);

struct ledger_page {
    struct str plugin;
    int64_t account;
    int64_t before; // a posting; 0: the newest
    int limit;
};
// Movements of an account, newest first: objects of posting_id, kind, at (microseconds), amount,
// order_id, line_id, reverses, actor_kind, actor_name, note, expires_at; ids are text. NULL when
// the database refused.
struct value *ledger_movements(struct arena *a, int64_t tenant, const struct ledger_page *page);

// What has expired leaves its accounts; a batch after the other. False when the database refused.
bool ledger_expire(struct arena *a, int64_t tenant, int64_t now_us);
