// The list of series in the office, and what a customer's page says of theirs.
#pragma once

#include <vitrine.h>

void list_page(struct vt_call *call, struct vt_value *request);
struct vt_value *list_customer_tabs(struct vt_call *call, struct vt_value *in);
// Series with dates still to be booked, for the question before a customer is deleted.
struct vt_value *list_customer_facts(struct vt_call *call, struct vt_value *in);
