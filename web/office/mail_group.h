// The mails that every site sends, as its staff think of them: about bookings, about money, of
// customers' accounts, of the people who work there. A notification's key begins with what it is
// about.
#pragma once

#include "http/request.h"

// The groups in the order of the list; their words are office.mails.group.<name>.
extern const char *const mail_groups[];
const char *mail_group_of(struct str key);
struct str mail_group_title(const struct request *r, const char *group);
