// Builds a mail as it goes over the wire: RFC 5322 header fields, MIME parts, CRLF, no line over
// 998 bytes, any script in subject, names and file names (RFC 2047 and 2231), foreign domains as
// Punycode. The same input gives the same bytes: date, message id and the name of the boundaries
// come from the caller. Texts are UTF-8; line ends in them may be LF or CRLF. No I/O.
#pragma once

#include "base/str.h"

struct mime_address {
    struct str name; // may be absent
    struct str address;
};

struct mime_attachment {
    struct str name; // file name, any script
    struct str type; // "application/pdf", "text/calendar; charset=utf-8; method=PUBLISH"
    struct str bytes;
};

// Extra header field, such as List-Unsubscribe; long values fold at their spaces.
struct mime_header {
    struct str name, value;
};

struct mime_message {
    struct mime_address from, to, reply_to; // reply_to.address may be absent
    struct str subject;
    struct str text, html; // either may be absent, not both
    const struct mime_attachment *attachments;
    size_t attachment_count;
    const struct mime_attachment *pictures; // the html shows them: "cid:NAME", ASCII
    size_t picture_count;
    const struct mime_header *headers;
    size_t header_count;
    struct str id;   // "unique@domain": Message-ID; the unique part also names the boundaries
    int64_t date_us; // of the business clock; written in UTC
};

enum mime_result {
    MIME_DONE,
    MIME_BAD_ADDRESS, // from, to, reply_to or id isn't an address
    MIME_BAD_HEADER,  // a line break, control character, foreign name, or one this module writes
    MIME_BAD_TEXT,    // not UTF-8, or neither text nor html
    MIME_TOO_LARGE,   // over MIME_SIZE_MAX
};

enum { MIME_SIZE_MAX = 24 << 20 };

enum mime_result mime_build(struct arena *a, const struct mime_message *m, struct str *out);
