// Fields of an office form: each with its label, hint, value and refusal, shown by the partial
// office/frame/field. What was typed and refused stands in them again.
#pragma once

#include "http/form.h"

enum office_field_kind {
    OFFICE_LINE,
    OFFICE_LONG,
    OFFICE_NUMBER,
    OFFICE_AMOUNT, // `end` is the currency
    OFFICE_TICK,
    OFFICE_CHOICE,
    OFFICE_DATE,
    OFFICE_EMAIL,
    OFFICE_PHONE,
};

struct office_field {
    const char *id;    // its name in the form too
    const char *label; // key of its words; with a hint under `label`.hint when there is one
    enum office_field_kind kind;
    struct str value; // as it is now
    bool checked, required;
    int len_max; // 0: 200, or 20,000 of a long one
    struct str language, end;
    struct value *choices; // [{value, label}]
};

// Appends the field to the list and returns it.
struct value *office_field_add(
    struct request *r, struct value *list, const struct office_field *field);
// Choices from a table of codes: the words are `key`.CODE.
struct value *office_choices(struct request *r, const char *key, const char *const *codes);
void office_choice_add(
    struct request *r, struct value *choices, struct str value, struct str label);
// A part of the form: {title, text, fields} with the title of that key and its `.text`.
struct value *office_fieldset_add(struct request *r, struct value *sets, const char *key);
