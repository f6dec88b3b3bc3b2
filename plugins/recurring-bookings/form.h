// The page on which a series is described, and the draft that comes of it.
#pragma once

#include <vitrine.h>

void form_page(struct vt_call *call, struct vt_value *request);
void form_create(struct vt_call *call, struct vt_value *request);
