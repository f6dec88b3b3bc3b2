// The fields of a site's look: what a form or a preview's address says, checked, as the branding
// that is stored.
#pragma once

#include "http/form.h"

extern const char *const look_fonts[], *const look_corners[], *const look_headers[];

#define LOOK_FIELDS                                                    \
    {"brand", FIELD_TEXT, .max = 7}, {"accent", FIELD_TEXT, .max = 7}, \
        {"fonts", FIELD_CHOICE, .choices = look_fonts},                \
        {"corners", FIELD_CHOICE, .choices = look_corners},            \
    {                                                                  \
        "header", FIELD_CHOICE, .choices = look_headers                \
    }

// The site's branding with what the request's form says; wrong colours are refused beside their
// field, and stay out.
struct value *look_of_form(struct request *r);
