// New passwords of staff: refused beside their field when they are easily guessed.
#pragma once

#include "http/request.h"

// Looks at the form's field `password`; `email` and `name` are whose it is going to be.
void password_check_strength(struct request *r, struct str email, struct str name);
// Adds that field to a panel.
void password_field(struct request *r, struct value *panel);
