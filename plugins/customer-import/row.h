// The rows of an import as they are shown: what each would do, or did, by kind and page by page.
#pragma once

#include <vitrine.h>

// `form` says which: {show, after}.
struct vt_value *row_view(struct vt_call *call, struct vt_value *import, struct vt_value *form);
// Every reason's words by its code, as the file of errors needs them.
struct vt_value *row_reasons(struct vt_call *call);
