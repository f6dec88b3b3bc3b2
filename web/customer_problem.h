// What is answered when something about a customer can't be done and no field is to blame.
#pragma once

#include "domain/customer.h"
#include "http/request.h"

void customer_problem(struct request *r, enum customer_result result);
