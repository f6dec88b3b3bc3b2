// What the pages of resources share: the site's resources as read once, and their addresses. Lives
// in the request's arena.
#pragma once

#include "domain/resource.h"
#include "http/request.h"

struct resource_list {
    const struct rows *rows, *history;
    int row; // of the one that the route names; -1: none
};

// The list, with the history of the resource that the route names, or of all. False, and answered,
// when that one isn't there or the database is away.
bool resource_list_read(struct request *r, struct resource_list *out);
struct resource resource_of_row(const struct rows *rows, int i);
// "/manage/resources/12345" with `tail` behind it.
struct str resource_path(struct request *r, struct str id, const char *tail);
// "Court", "Room".
struct str resource_kind_words(struct request *r, struct str kind);
