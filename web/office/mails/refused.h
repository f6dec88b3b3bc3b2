// Mails that the server of whom they were for refused for good: nobody read them, so somebody of
// the venue has to. One is left out once the last one to the same customer, or about the same
// order, was taken.
#pragma once

#include "http/request.h"

// For a page's read unit: one row with `count`, of what the list at /manage/mails shows this
// reader.
int mails_refused_count_add(const struct request *r, struct unit *u);
