// Applying an import and undoing it: some hundred rows a unit, each with where it stands, so that
// whoever is interrupted goes on behind the last unit that was committed.
#pragma once

#include <vitrine.h>

enum vt_job_result apply_run(struct vt_call *call, struct vt_value *data);
enum vt_job_result apply_undo(struct vt_call *call, struct vt_value *data);
// When the plugin is switched on again, what was under way goes on.
struct vt_value *apply_resume(struct vt_call *call, struct vt_value *in);
struct vt_value *apply_obligations(struct vt_call *call, struct vt_value *in);
// Removes what may be kept no longer.
enum vt_job_result apply_forget(struct vt_call *call, struct vt_value *data);
