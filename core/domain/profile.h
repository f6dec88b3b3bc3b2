// The way to a profile for all venues, from a customer's account at one of them: a code sent to the
// address opens it for half an hour in that browser, a code sent to the phone confirms what was
// typed. Codes are six digits for ten minutes and five tries, follow from the row and the
// installation's key, and are sent by jobs. How many are sent is limited for customer, site and
// telephone. From fibers.
#pragma once

#include "domain/person.h"

enum { PROFILE_CODE_MINUTES = 10, PROFILE_OPEN_MINUTES = 30 };

struct profile_key {
    const struct site *site;
    const struct customer *customer;
    int64_t session; // the browser's
};
struct profile_state {
    bool open;       // the address was shown to be theirs, here and just now
    bool email_sent; // a code that still holds
    bool phone_sent;
    struct person typed; // what the code of the phone is for
    struct str moving;   // the address that a code was sent to which still holds; absent: none
};
enum customer_result profile_load(
    struct arena *a, const struct profile_key *key, struct profile_state *out);

// CUSTOMER_TRIED: enough for now.
enum customer_result profile_ask_email(struct arena *a, const struct profile_key *key);
// CUSTOMER_WRONG: not that code. CUSTOMER_GONE: none holds.
enum customer_result profile_prove_email(
    struct arena *a, const struct profile_key *key, struct str code);

// The code that will be sent, so that the message's words can be made with it.
struct profile_code {
    struct str digits;
    int64_t until_us;
};
struct profile_code profile_phone_code(
    struct arena *a, const struct profile_key *key, struct str phone);
// Keeps what was typed and sends `text` to its phone.
enum customer_result profile_ask_phone(struct arena *a, const struct profile_key *key,
    const struct person *typed, const struct profile_code *code, struct str text);
// `typed` is confirmed; the code doesn't work a second time.
enum customer_result profile_prove_phone(
    struct arena *a, const struct profile_key *key, struct str code, struct person *typed);

// Another address: a code goes there, whosever it is, so that nobody learns whose it is.
enum customer_result profile_ask_address(
    struct arena *a, const struct profile_key *key, struct str email);
// `email` is shown to be theirs; the code doesn't work a second time.
enum customer_result profile_prove_address(
    struct arena *a, const struct profile_key *key, struct str code, struct str *email);
