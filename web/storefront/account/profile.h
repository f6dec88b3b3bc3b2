// One profile for all venues, as the account shows it (C8a): what the files of its pages share.
// Private to this folder.
#pragma once

#include "domain/person_own.h"
#include "domain/profile.h"
#include "web/storefront/account/account.h"

// Everything the page is made of; `person.id` 0: there is none of that address.
struct profile_page {
    struct customer customer;
    struct profile_state state;
    struct person person;
    struct person_sites sites;
};
// False, and answered, when it can't be read. The person and the sites are read only while the
// profile is open.
bool profile_read(struct request *r, struct profile_page *p);
void profile_show(struct request *r, const struct profile_page *p);
// The panels of who the profile is for and of its end.
void profile_add_sites(struct request *r, struct value *view, const struct profile_page *p);
// 303 to the page, with what was done.
void profile_done(struct request *r, const char *done);
// 403 while the profile isn't open in this browser.
bool profile_require_open(struct request *r, const struct profile_page *p);
// The panels of another address.
void profile_add_address(struct request *r, struct value *view, const struct profile_page *p);
struct profile_key profile_key_of(const struct request *r, const struct profile_page *p);
// The digits of a code, however it was typed.
struct str profile_digits(struct request *r, value_key field);
