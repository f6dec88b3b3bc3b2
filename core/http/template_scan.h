// First pass over a template's text: tags and lines. Included by the template engine only.
#pragma once

#include "http/template_op.h"

enum token_kind {
    TOKEN_TEXT, // at most one line, its end included
    TOKEN_VALUE,
    TOKEN_RAW,
    TOKEN_MESSAGE,   // {{#t}}…{{/t}}: `text` is what stands between
    TOKEN_ASSET,     // likewise
    TOKEN_ICON,      // likewise
    TOKEN_ICON_NAME, // {{#icon}}{{path}}{{/icon}}: `text` is the path
    TOKEN_COMMENT,   // from here on tags that put nothing out themselves
    TOKEN_DELIMITERS,
    TOKEN_PARTIAL,
    TOKEN_SECTION,
    TOKEN_INVERTED,
    TOKEN_PARENT,
    TOKEN_BLOCK,
    TOKEN_CLOSE,
};

struct token {
    enum token_kind kind;
    bool dropped;    // text of a line that has nothing but tags
    bool alone;      // tag of such a line
    bool line_start; // text that starts a line
    int line;
    uint32_t match;    // of an opening tag its close, and back
    struct str text;   // text, or the tag's name
    struct str indent; // white space before a block, partial or parent that is first on its line
    struct str inner;  // a block alone on its line: the indentation of its first line
};

struct tokens {
    struct token *items;
    uint32_t count, room;
};

// False with the job's error filled. Opening and closing tags match.
bool template_scan(const struct template_job *job, struct tokens *out);
