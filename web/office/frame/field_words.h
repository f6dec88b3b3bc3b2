// Fields and their values as people read them: in a history, and where two versions stand side by
// side. A field's words are `office.field.NAME`, or `office.field.KIND.NAME` where an object's own
// differ, a value's `office.value.NAME.VALUE`, unless whose fields they are says it otherwise. A
// field's name ends with its unit: `_minor`, `_ppm`, `_us`.
#pragma once

#include "domain/feature_info.h"
#include "http/request.h"

struct field_words {
    struct request *r;
    const struct site *site;            // whose amounts they are; NULL: the request's
    struct str kind;                    // of the object, as in its audit; or absent
    struct str plugin;                  // its words come first: x.PLUGIN.field.NAME; or absent
    const struct feature_info *feature; // whose settings the fields are; or NULL
    // {field: choices}: what the page knows by name (office_choice_add); or NULL
    const struct value *names;
};

struct str field_label(const struct field_words *w, struct str field);
struct str field_value(const struct field_words *w, struct str field, const struct value *v);
// Its place among others: as forms ask them.
int field_place(struct str field);
// Whether it is what nobody filled in: nothing, no, or no number. An amount of 0 says something.
bool field_is_empty(struct str field, const struct value *v);
// The title that a feature or a setting has in the reader's language.
struct str field_title(const struct request *r, const struct value *titles);
// Whether it is the name of a language that the site speaks.
bool field_is_language(const struct request *r, struct str name);
