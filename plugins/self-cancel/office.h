// The venue's page: which offers customers may cancel.
#pragma once

#include <vitrine.h>

void office_offers(struct vt_call *call, struct vt_value *request);
void office_allow(struct vt_call *call, struct vt_value *request);
