// A series as it is kept, with what its pages and its work share. All of it lives for the call.
#pragma once

#include <vitrine.h>

// The row of series_load; NULL when there is none: the answer (404) has been given then.
struct vt_value *series_require(struct vt_call *call, struct vt_value *request);
struct vt_value *series_load(struct vt_call *call, struct vt_str id);
// "Every week on Monday, 10 times": of a row that has rule, first_us and until_us.
struct vt_str series_words(struct vt_call *call, struct vt_value *row);
// A text of the site by language, {"en": …}, in the reader's.
struct vt_str series_title(struct vt_call *call, struct vt_value *texts);
// /manage/x/recurring-bookings/ID and what follows it, without the language.
struct vt_str series_path(struct vt_call *call, struct vt_str id, const char *rest);
// What the customer's link to a series has to carry, and the link itself.
struct vt_str series_key(struct vt_call *call, struct vt_str id);
struct vt_str series_link(struct vt_call *call, struct vt_str id);
// Of a date that doesn't keep to the series' resource: whichever is free.
#define SERIES_ANY VT("0")
// Asks what stands in the way at these times; `own` may be NULL. NULL: the offer is gone.
struct vt_value *series_look(struct vt_call *call, struct vt_value *series, struct vt_value *ask);
// Why a date can't be booked, in the reader's words: a row of vt_booking_look.
struct vt_str series_why(struct vt_call *call, struct vt_value *time);
struct vt_str series_why_code(struct vt_call *call, struct vt_str code);
// When: the moment with the venue's clock, or the day and time of the wall where there is none.
struct vt_str series_when(
    struct vt_call *call, int64_t at_us, int64_t day_us, struct vt_str local_time);
// The same of a row of series_occurrences.
struct vt_str series_date_when(struct vt_call *call, struct vt_value *date);
int64_t series_now_us(void);
// While the feature closes nothing new begins.
bool series_closing(struct vt_call *call);
// Whether a field of a row is there: a text or a number, not null.
bool series_has(const struct vt_value *row, const char *field);
bool series_is_id(struct vt_str s);
// A text that says something, or null: what a page shows only then.
struct vt_str series_or_null(struct vt_str text);
