// Saved views: what a list is narrowed by, kept under a name, as links above the list. A view is
// its maker's, or, when a manager says so, the whole site's. Any list whose filter is a form has
// them:
//
//   static const struct saved_list saved = {.name = "customers", .filter = &form_filter, …};
//   int place = saved_views_add(r, u, &saved);         in the list's read unit
//   saved_views_show(r, view, &saved, unit_rows(u, place));   {{>office/frame/saved}} shows them
//   static void on_views(struct request *r) { saved_views(r, &saved); }   and so on, with routes
//   below the list: GET and POST …/views, GET …/views/new, GET and POST …/views/{view}, POST
//   …/views/{view}/remove
//
// Everything lives in the request's arena.
#pragma once

#include "data/db.h"
#include "http/request.h"
#include "web/office/frame/list.h"

enum { SAVED_NAME_MAX = 40, SAVED_VIEWS_MAX = 20 }; // of one person, and again of the site

struct saved_list {
    const char *name;  // "customers"; kept in the database
    const char *path;  // "/manage/customers"
    const char *label; // the key of its words
    const struct form *filter;
    // Appends what narrows the list, as people read it: {title, text}. It reads r->form.
    bool (*describe)(struct request *r, struct value *list);
};

int saved_views_add(struct request *r, struct unit *u, const struct saved_list *list);
void saved_views_show(
    struct request *r, struct value *view, const struct saved_list *list, const struct rows *rows);

// The handlers.
void saved_views(struct request *r, const struct saved_list *list);
void saved_view_new(struct request *r, const struct saved_list *list);
void saved_view_make(struct request *r, const struct saved_list *list);
void saved_view_show(struct request *r, const struct saved_list *list);
void saved_view_change(struct request *r, const struct saved_list *list);
void saved_view_remove(struct request *r, const struct saved_list *list);

// The fields of their forms beside the filter's.
#define SAVED_VIEW_FIELDS                                                            \
    {"csrf", .kind = FIELD_TEXT}, {"name", .required = true, .max = SAVED_NAME_MAX}, \
    {                                                                                \
        "shared", .kind = FIELD_BOOL                                                 \
    }
extern const struct form saved_form_show, saved_form_change, saved_form_remove;
