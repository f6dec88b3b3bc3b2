// What differs between two states of an object, in the words and the order of its form: of nested
// fields those that differ, of texts in several languages those that do.
#pragma once

#include "web/office/frame/field_words.h"

// [{field, before, after}], texts. A state that is no object wasn't there: then that side is null,
// and what nobody filled in is left out of the other.
struct value *difference_list(
    const struct field_words *w, const struct value *before, const struct value *after);
