// Customers from a file (C5): read in whatever way it was written, compared row by row, applied
// only once somebody has seen what would happen, and put back for seven days.
#include "apply.h"
#include "file.h"
#include "look.h"
#include "page.h"

static const struct vt_hook hooks[] = {
    {"switched_on", apply_resume}, {"obligations", apply_obligations}, {0}};
static const struct vt_route routes[] = {{"list", page_list}, {"send", page_send},
    {"create", file_create}, {"begin", file_begin}, {"part", file_part}, {"import", page_import},
    {"map", file_map}, {"discard", file_discard}, {"apply", page_apply}, {"undo", page_undo},
    {"errors", page_errors}, {0}};
static const struct vt_job jobs[] = {
    {"look", look_run}, {"apply", apply_run}, {"undo", apply_undo}, {"forget", apply_forget}, {0}};

VT_PLUGIN("customer-import", .hooks = hooks, .routes = routes, .jobs = jobs);
