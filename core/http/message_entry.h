// How catalogues are kept; included by message.c and message_load.c only.
#pragma once

#include "http/message.h"
#include "http/message_icu.h"

enum entry_kind {
    ENTRY_ABSENT,
    ENTRY_PLAIN,
    ENTRY_UNPARSED,
    ENTRY_PIECES, // {name} alone: copied together without ICU
    ENTRY_ICU,
    ENTRY_BROKEN,
};

// Literal text, then an argument unless `name` is 0.
struct piece {
    struct str text, html;
    value_key name;
};

struct entry {
    uint8_t kind;
    uint8_t piece_count;
    struct catalogue *home; // the language it was written in, which differs where it fills a gap
    struct str text;
    union {
        struct str html;
        struct piece *pieces;
        struct icu_message *icu;
    };
};

struct catalogue {
    struct messages *messages;
    struct str lang;
    struct entry *entries; // by id; 0 is never used
};

struct messages {
    struct arena *arena;
    struct catalogue languages[MESSAGE_LANGUAGES_MAX];
    size_t language_count;
    struct str *keys; // by id
    uint32_t count, room;
    message_id *by_name; // by interned key
    uint32_t names_room;
};

struct str message_escaped(struct arena *a, struct str s);
