// Files on their way in: in a form, or in parts where they are larger; and what the plugin takes
// them for.
#pragma once

#include "detect.h"

void file_create(struct vt_call *call, struct vt_value *request);
void file_begin(struct vt_call *call, struct vt_value *request);
void file_part(struct vt_call *call, struct vt_value *request);
// How it is read, and which column is what: another way to read it, or all of it is looked at.
void file_map(struct vt_call *call, struct vt_value *request);
void file_discard(struct vt_call *call, struct vt_value *request);
// The file's first rows as its settings have it: {titles, rows}.
struct vt_value *file_sample(struct vt_call *call, struct vt_value *import);
