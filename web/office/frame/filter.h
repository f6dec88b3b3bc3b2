// What narrows a list, as a value that is kept and passed on: by its export, by what is done to
// many, by a view that somebody saved. It holds the list's own fields as they stand in its address;
// those that features add are under "with", [{key: "plugin.name", text: value}].
#pragma once

#include "http/form.h"
#include "http/request.h"

// The filters of features in a list's form: with_PLUGIN.NAME=value in its address.
#define OFFICE_FILTER_WITH                     \
    {                                          \
        "with", .kind = FIELD_TEXTS, .max = 60 \
    }

// The fields of `form` that were sent and aren't empty.
struct value *office_filter_of(struct request *r, const struct form *form);
// [{name, value}] as hidden fields or an address have them.
struct value *office_filter_fields(struct arena *a, const struct value *filter);
// The same as an address's query, in the form's order: "?a=1", empty without a filter. Two filters
// that narrow alike have the same.
struct str office_filter_query(
    struct arena *a, const struct form *form, const struct value *filter);
