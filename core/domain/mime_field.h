// Header fields of a mail, each a whole line with its folding and CRLF. Only mime.c uses this; what
// arrives here was checked or is made harmless here: nothing can end a line. Pure.
#pragma once

#include "base/buf.h"

// One field of free text: control characters and runs of white space become one space, foreign
// scripts become encoded words (RFC 2047).
void field_text(struct buf *b, struct str name, struct str text);
// A field that is ASCII already, folded at its spaces.
void field_plain(struct buf *b, struct str name, struct str value);
// `name` may be absent; the address was checked, its domain becomes Punycode.
void field_address(struct buf *b, struct str field, struct str name, struct str address);
// Day, date and time in UTC.
void field_date(struct buf *b, struct str name, int64_t at_us);
// `; key="…"` on a new line of the field, or in RFC 2231's form for foreign scripts.
void field_parameter(struct buf *b, struct str key, struct str text);
