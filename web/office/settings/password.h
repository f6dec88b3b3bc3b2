// New passwords, of staff, customers and operators: refused beside their field when they are easily
// guessed or known of leaks, with what to do.
#pragma once

#include "domain/password.h"
#include "http/request.h"

void password_refuse(struct request *r, const char *field, enum password_fault fault);

// Looks at the form's field `password`; `email` and `name` are whose it is going to be.
void password_check_strength(struct request *r, struct str email, struct str name);
// Adds that field to a panel.
void password_field(struct request *r, struct value *panel);
