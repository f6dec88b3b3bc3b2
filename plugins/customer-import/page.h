// An import's pages in the office: what was imported, the file, its columns, what each row would do
// and did.
#pragma once

#include <vitrine.h>

void page_list(struct vt_call *call, struct vt_value *request);
void page_send(struct vt_call *call, struct vt_value *request);
struct vt_value *page_send_view(struct vt_call *call);
void page_import(struct vt_call *call, struct vt_value *request);
// `mapping` as it is to be shown, and the refusals by field; NULL: there are none.
struct vt_value *page_map_view(struct vt_call *call, struct vt_value *import,
    struct vt_value *mapping, struct vt_value *errors);
// Applies what the preview showed; puts it back.
void page_apply(struct vt_call *call, struct vt_value *request);
void page_undo(struct vt_call *call, struct vt_value *request);
// The rows that weren't taken, as a file.
void page_errors(struct vt_call *call, struct vt_value *request);
