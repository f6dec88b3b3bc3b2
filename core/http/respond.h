// Answers. A page is a view rendered with its template, or the same view as JSON, by what the
// client asked for. Problems are designed pages or problem documents (RFC 9457) with a reference.
#pragma once

#include "http/request.h"

enum problem {
    PROBLEM_BAD_REQUEST,
    PROBLEM_UNAUTHORIZED, // a token that isn't good
    PROBLEM_FORBIDDEN,
    PROBLEM_NOT_FOUND,
    PROBLEM_OTHER_METHOD,
    PROBLEM_CONFLICT,
    PROBLEM_GONE,
    PROBLEM_TOO_LARGE,
    PROBLEM_FOREIGN_TYPE,
    PROBLEM_INVALID, // 422
    PROBLEM_TOO_MANY,
    PROBLEM_INTERNAL,
    PROBLEM_UNAVAILABLE,
    PROBLEMS
};

// Starts the view of a page: site, languages, navigation, form, errors, notices.
struct value *page_view(struct request *r);
// The list that a page is: `name` for its template; as JSON `items`, with `next` null for one that
// is always whole.
void page_list(struct request *r, struct value *view, value_key name, struct value *list);
// `status` is 200, or 201 and 422 where they fit; JSON gets the page's own fields of the view.
void respond_page(struct request *r, int status, const char *template_name, struct value *view);
// A refused form: 422 with the page again, or a problem document with `errors`.
void respond_invalid(struct request *r, const char *template_name, struct value *view);
// What an address asks for that can't be: a program is refused it beside its field, a person is
// led to the same page without it.
void respond_refused_query(struct request *r);
// After a POST: 303 as a page; as JSON `status` with the view.
void respond_done(struct request *r, int status, struct str path, struct value *view);
void respond_redirect(struct request *r, struct str url);
void respond_json(struct request *r, int status, struct value *v);
void respond_bytes(struct request *r, struct str type, struct str bytes);
void respond_problem(struct request *r, enum problem problem);
// With a code of its own, whose words are `problem.CODE.title` and `.text`.
void respond_problem_code(struct request *r, enum problem problem, const char *code);
// The document with members of its own, for who asked in JSON.
void respond_problem_document(
    struct request *r, enum problem problem, const char *code, struct value *members);
// Somebody else changed it first: as JSON, with what it is now.
void respond_conflict(struct request *r, const struct value *current);
void respond_retry_after(struct request *r, int64_t seconds);
void respond_header(struct request *r, const char *name, struct str value);
// The content policy of a page; respond_page adds it by itself.
void respond_policy(struct request *r);
// That of a page whose forms lead to ourselves only.
struct str respond_own_policy(void);
// A download with this file name.
void respond_attachment(struct request *r, struct str file_name);
// Programs with a token get none.
// COOKIE_OF_BROWSER: until the browser is closed.
enum { COOKIE_OF_BROWSER = -1 };
void respond_cookie(struct request *r, const char *name, struct str value, int64_t max_age_s);

// Everything a worker renders with; loaded before the first request.
struct template_set;
struct messages;
struct assets;
struct respond_parts {
    struct template_set *templates;
    struct messages *messages;
    struct assets *assets;
};
void respond_init(const struct respond_parts *parts);
const struct respond_parts *respond_parts(void);

// Who adds what every page of a surface shows (the storefront's navigation and basket).
void page_on_view(enum surface surface, void (*add)(struct request *r, struct value *view));
