// An import as it is kept, with what its pages and its work share. All of it lives for the call.
#pragma once

#include "detect.h"

#define STORE_PATH "/manage/x/customer-import/"

// The row of import_load; NULL when there is none.
struct vt_value *store_load(struct vt_call *call, struct vt_str id);
// Of the address; NULL: the answer (404) has been given.
struct vt_value *store_require(struct vt_call *call, struct vt_value *request);
bool store_is_id(struct vt_str s);
// How many rows of a kind; of an outcome or an undoing where it isn't NULL.
int64_t store_count(
    struct vt_value *counts, const char *kind, const char *outcome, const char *undone);
// Bytes of the file from a place on, up to so many; absent when the database doesn't answer.
struct vt_str store_piece(struct vt_call *call, struct vt_value *import, int64_t at, int64_t most);
struct vt_str store_hex(struct vt_call *call, struct vt_str bytes);
// Runs one unit; false and, with a failure or not, `*refused` says why.
bool store_write(struct vt_call *call, struct vt_value *steps, struct vt_str *refused);
// A step {job, data: {import}} at that second (0: now).
void store_add_job(
    struct vt_call *call, struct vt_value *steps, const char *job, struct vt_str id, int64_t at_s);
void store_add_audit(
    struct vt_call *call, struct vt_value *steps, const char *action, struct vt_value *import);
// Who does it, {id, name}: of the staff, or a program with a token (0).
struct vt_value *store_actor(struct vt_call *call, struct vt_value *request);
bool store_is(struct vt_value *import, const char *state);
