// How a file of customers is probably meant, by looking at its first bytes: encoding, separator,
// whether it begins with titles, and which column is what. The manager sees it and may say
// otherwise.
#pragma once

#include "reader.h"

enum detect_field {
    FIELD_NAME,
    FIELD_EMAIL,
    FIELD_PHONE,
    FIELD_GENDER,
    FIELD_BIRTHDATE,
    FIELD_CATEGORY,
    FIELD_EXPIRES,
    DETECT_FIELDS
};
// As the columns are called: "name", "email", "phone_number", …
extern const char *const detect_fields[DETECT_FIELDS];

struct detect_file {
    enum reader_encoding encoding;
    size_t mark; // bytes of the byte order mark
    char separator;
    bool header;
};
struct detect_file detect_look(struct vt_call *call, struct vt_str bytes);
// The separator of bytes without their mark, and whether titles come first.
void detect_columns(struct vt_call *call, struct vt_str bytes, struct detect_file *file);

// Which field a title means, in any of our languages; DETECT_FIELDS: none.
enum detect_field detect_title(struct vt_call *call, struct vt_str title);
