// One date of a series, this and the following ones, or all: other notes, another time or resource,
// or cancelled. What would happen is shown before it does.
#pragma once

#include <vitrine.h>

void change_date(struct vt_call *call, struct vt_value *request);
void change_notes(struct vt_call *call, struct vt_value *request);
void change_look(struct vt_call *call, struct vt_value *request);
void change_move(struct vt_call *call, struct vt_value *request);
void change_cancel_look(struct vt_call *call, struct vt_value *request);
void change_cancel(struct vt_call *call, struct vt_value *request);
