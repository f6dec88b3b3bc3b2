// Mails of the platform's own doings: a site suspended, a feature approved, support in the office,
// an owner who changes. Each is a job in the transaction that causes it; the words stand in the
// catalogue under mail.letter.KEY (subject, text, and action where there is a link) and are put
// together when the mail is sent. Units are of the app, for the site that the letter is about.
#pragma once

#include "data/db.h"
#include "domain/site.h"

struct letter {
    struct str key;
    const struct value *arguments; // texts and numbers by name, eight at most
    struct str path;               // of the site, or of the platform in letters to operators
    struct str language;           // absent: the site's first
};

// Everybody who owns the site at that moment.
void letter_to_owners(struct unit *u, const struct letter *l);
// Somebody of its staff, if still there.
void letter_to_staff(struct unit *u, const struct letter *l, int64_t staff);
// Somebody who needn't work there.
void letter_to_address(struct unit *u, const struct letter *l, struct str email);
// All account managers and operators.
void letter_to_operators(struct unit *u, const struct letter *l);

// The kinds of the jobs: one mail, and the one that writes those to operators.
#define LETTER_JOB "mail.letter"
#define LETTER_OPERATORS_JOB "mail.operators"
