// Lua patterns (reference manual 6.4.1) with a budget of steps. A stock pattern search can run for
// minutes inside one C call, where nothing can stop it; this matcher counts every comparison and
// gives up when the allowance is used. It keeps its way back on a fixed stack instead of recursing,
// so deep patterns need no C stack. No allocation, no Lua state: it can be fuzzed alone.
#pragma once

#include "base/str.h"

enum { LUA_MATCH_CAPTURES_MAX = 32 };

enum lua_match_result {
    LUA_MATCH_NO,
    LUA_MATCH_YES,
    LUA_MATCH_STEPS, // the allowance is used up
    LUA_MATCH_WRONG, // the pattern can't be read: see `error`
};

// What a capture's length says when it isn't one.
enum { LUA_MATCH_POSITION = -1, LUA_MATCH_OPEN = -2 };

struct lua_match {
    struct str subject, pattern; // borrowed
    int64_t steps_left;
    const char *error; // a literal
    // After LUA_MATCH_YES: the match is [start, end) of the subject.
    size_t start, end;
    int capture_count;
    struct {
        size_t start;
        int64_t len; // or LUA_MATCH_POSITION, LUA_MATCH_OPEN
    } captures[LUA_MATCH_CAPTURES_MAX];
};

// Matches the whole pattern from byte `at` of the subject. A '^' is an ordinary character here:
// whoever searches strips it first.
enum lua_match_result lua_match_at(struct lua_match *m, size_t at);
// Tries `at` and every later start; with `anchored`, `at` only.
enum lua_match_result lua_match_search(struct lua_match *m, size_t at, bool anchored);
// No character has a special meaning, so a plain search finds the same.
bool lua_match_is_plain(struct str pattern);
