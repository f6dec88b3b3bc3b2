// What a compiled template is made of; included by the files of the template engine only. Ops are
// written once by template_parse.c and read by template_render.c; nothing changes afterwards.
#pragma once

#include "http/template.h"

enum op_kind {
    OP_TEXT,    // nothing but its text
    OP_FIELD,   // one escaped key, in `end`
    OP_VALUE,   // escaped path
    OP_RAW,     // path as it is
    OP_MESSAGE, // escaped
    OP_MESSAGE_RAW,
    OP_ICON,     // path of its name
    OP_SECTION,  // path; content up to `end`
    OP_INVERTED, // path; content up to `end`
    OP_INCLUDE,  // partial or parent; a parent's overrides up to `end`
    OP_BLOCK,    // default content up to `end`
};

// Every op puts out the literal text before its tag, then does what the tag says: half as many
// steps as with texts between.
struct op {
    uint8_t kind;
    bool text_at_line; // the text starts a line of the file: an indented partial indents it
    bool at_line;      // what follows the text does
    uint16_t count;    // keys of the path; none is the implicit iterator
    uint32_t end;      // index behind the content, or key
    uint32_t text_len;
    const char *text;
    union {
        const value_key *keys;
        const struct include *include;
        const struct block *block;
        const struct message_use *message;
    };
};

// A name of the set. Sites' overlays and later files replace what it stands for.
struct slot {
    struct str name;
    const struct template *template;
    uint32_t index;
    struct str used_by; // first file that includes it, for the error when it is missing
    int used_line;
};

struct override {
    value_key name;
    uint32_t from, to; // ops of the template that has the parent tag
};

struct include {
    const struct slot *slot;
    bool alone; // on its own line: `indent` goes before each line
    struct str indent;
    const struct override *overrides;
    uint32_t count;
};

struct block {
    value_key name;
    bool dedented; // the default content lost `indent` when compiled
    struct str indent;
};

struct message_use {
    message_id id;
    uint32_t count;
    struct message_use_arg {
        value_key name;
        uint16_t count;
        const value_key *keys;
    } args[];
};

struct template
{
    const struct template_set *set;
    const struct slot *slot;
    enum template_form form;
    const struct op *ops;
    uint32_t count;
};

struct template_set {
    struct arena *arena;
    struct messages *messages;
    const struct assets *assets;
    struct slot **slots; // open addressing by name
    uint32_t count, room;
    struct str icon_start; // what stands before an icon's name
};

struct template_overlay {
    struct arena *arena;
    const struct template_set *set;
    const struct template **by_slot;
};

struct template_job {
    struct arena *arena;
    struct template_set *set;
    struct str file, text;
    struct slot *slot;
    enum template_form form;
    bool is_override;
    struct source_error *error;
};

// Compiles the job's text; NULL with the job's error filled.
const struct template *template_parse(const struct template_job *job);
// NULL when the set has no such name.
struct slot *template_slot_find(const struct template_set *set, struct str name);
struct slot *template_slot_add(struct template_set *set, struct str name);

#define ICON_END "\"></use></svg>"
