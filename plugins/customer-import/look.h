// Looking at a file: its rows are read piece by piece, each is compared with the site's customers,
// and what it would do is written down. No customer is touched.
#pragma once

#include "cell.h"

// As the manager chose; the import's row has all of it.
struct look_columns {
    int of[DETECT_FIELDS]; // from 0; -1: the file doesn't have it
};
struct look_columns look_columns_of(struct vt_value *mapping);

enum vt_job_result look_run(struct vt_call *call, struct vt_value *data);
