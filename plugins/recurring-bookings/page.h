// A series' own pages in the office: the draft with what stands in its way, the dates.
#pragma once

#include <vitrine.h>

void page_series(struct vt_call *call, struct vt_value *request);
// Books a draft as it was decided, date by date.
void page_book(struct vt_call *call, struct vt_value *request);
// What customers see of theirs.
void page_customer(struct vt_call *call, struct vt_value *request);
