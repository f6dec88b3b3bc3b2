// A row's cells as what a customer has: names, an address, a phone in E.164, a day. What can't be
// is named by a reason of locales/*.json, reason.CODE.
#pragma once

#include "detect.h"

struct cell_rules {
    struct vt_str dates;  // how days are written: dmy or mdy; ISO always goes
    struct vt_str region; // of phones without a prefix
    struct vt_str today;  // YYYY-MM-DD
    bool spanish;         // M is mujer there
};

struct cell_person {
    struct vt_str first_name, last_name, email, email_folded, phone, gender, birthdate;
    struct vt_str category, expires; // the category as typed
    const char *reason;              // NULL: all of it is right
};

// `cells` by field; an absent one is empty.
void cell_read(struct vt_call *call, const struct cell_rules *rules,
    const struct vt_str cells[DETECT_FIELDS], struct cell_person *out);
