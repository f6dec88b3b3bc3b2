// Recurring bookings (C2): a rule in words becomes dates; what stands in the way of each is shown
// before anything is booked; then each date is booked by the steps of every sale, by a job that
// goes on where it was. One date, this and the following ones, or all can be changed later.
#include "change.h"
#include "form.h"
#include "list.h"
#include "page.h"
#include "series.h"
#include "work.h"

static struct vt_value *order_actions(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *action = vt_object(call);
    struct vt_value *found = vt_at(vt_db_read(call, VT("series_of_order"),
                                       vt_list_of(call, vt_get(vt_get(in, "order"), "id"), NULL)),
        0);
    if (!vt_get_text(found, "name").len)
        return list;
    vt_set_text(call, action, "title", vt_translate_text(call, VT("customer.action"), NULL));
    vt_set_text(call, action, "path", series_link(call, vt_get_text(found, "id")));
    vt_append(call, list, action);
    return list;
}

static struct vt_value *obligations(struct vt_call *call, struct vt_value *in)
{
    struct vt_value *list = vt_list(call), *owed = vt_object(call), *args = vt_object(call);
    struct vt_value *row = vt_at(vt_db_read(call, VT("series_open_work"), NULL), 0);
    int64_t count = vt_get_int(row, "count", 0);
    (void)in;
    if (!count)
        return list;
    vt_set_int(call, args, "count", count);
    vt_set_int(call, owed, "count", count);
    vt_set_text(call, owed, "text", vt_translate_text(call, VT("obligation"), args));
    vt_append(call, list, owed);
    return list;
}

static const struct vt_hook hooks[] = {{"order_actions", order_actions},
    {"obligations", obligations}, {"switched_on", work_resume},
    {"customer_tabs", list_customer_tabs}, {"customer_facts", list_customer_facts}, {0}};
static const struct vt_route routes[] = {{"list", list_page}, {"form", form_page},
    {"create", form_create}, {"series", page_series}, {"book", page_book}, {"date", change_date},
    {"notes", change_notes}, {"change_look", change_look}, {"change", change_move},
    {"cancel_look", change_cancel_look}, {"cancel", change_cancel}, {"customer", page_customer},
    {0}};
static const struct vt_job jobs[] = {{"work", work_run}, {0}};

VT_PLUGIN("recurring-bookings", .hooks = hooks, .routes = routes, .jobs = jobs);
