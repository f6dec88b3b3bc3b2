// A sheet as XLSX, by libxlsxwriter, which keeps one row in memory and the others in a temporary
// file without a name: nothing is left behind whatever happens. What begins like a formula is
// stored as text. After a million rows another page begins. For pool threads (io/offload.h): these
// calls write files and compress.
#pragma once

#include "domain/sheet.h"

struct sheet_xlsx;

// NULL when there is no room for temporary files. Labels and columns are borrowed until the end.
struct sheet_xlsx *sheet_xlsx_new(struct arena *a, const struct sheet *sheet);
// False when the disk is full.
bool sheet_xlsx_row(struct sheet_xlsx *x, const struct sheet_cell *cells);
// Ends the file and returns its descriptor, at the beginning, and its size; -1 when it failed. The
// descriptor is the caller's.
int sheet_xlsx_finish(struct sheet_xlsx *x, int64_t *size);
// Instead of finishing.
void sheet_xlsx_drop(struct sheet_xlsx *x);
