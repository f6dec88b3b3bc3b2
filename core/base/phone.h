// Telephone numbers, by libphonenumber's numbering plans: what people type, in any spacing and with
// or without the country's prefix, becomes E.164 ("+34612345678"), which is what is stored and
// compared.
#pragma once

#include "base/str.h"

enum { PHONE_TYPED_MAX = 40 };

// `region` ("ES") is meant where no prefix was typed; may be absent. Absent when no such number can
// exist.
struct str phone_parse(struct arena *a, struct str typed, struct str region);
// As it is written where it is from, with its prefix: "+34 612 34 56 78".
struct str phone_text(struct arena *a, struct str e164);
// Its digits as one dials them at home: "612345678". Absent when it isn't one.
struct str phone_home(struct arena *a, struct str e164);
