// What was decided is done, date by date: each one as a unit of its own that clears what was to be
// done with it, so that a job which is killed goes on where it was, and nothing happens twice.
#pragma once

#include <vitrine.h>

// The hook switched_on: what was to be done when it was switched off goes on.
struct vt_value *work_resume(struct vt_call *call, struct vt_value *in);
enum vt_job_result work_run(struct vt_call *call, struct vt_value *data);
