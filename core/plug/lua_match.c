#include "plug/lua_match.h"

#include "base/check.h"

// How many choices and captures may be open at once; stock Lua gives up at the same depth.
enum { POINTS_MAX = 199, ESCAPE = '%' };

// Where the matcher came from: undone or retried, newest first, when it can't go on.
enum point_kind {
    FEWER,  // an item with * or +: try one repetition less
    MORE,   // an item with -: try one repetition more
    SKIP,   // an item with ?: try without
    OPENED, // forget the newest capture
    CLOSED, // open it again
};

struct point {
    enum point_kind kind;
    uint32_t capture;
    size_t item, next; // in the pattern: the item, and what follows its quantifier
    size_t at;         // in the subject
    size_t count;      // FEWER: repetitions that may still be given up
};

struct run {
    struct lua_match *m;
    size_t s, p; // in the subject, in the pattern
    int depth;
    struct point points[POINTS_MAX];
};

enum outcome { FAIL, GO_ON, DONE, STOP };

static enum outcome wrong(struct lua_match *m, const char *error)
{
    m->error = error;
    return STOP;
}

static unsigned char pattern_byte(const struct lua_match *m, size_t p)
{
    return p < m->pattern.len ? (unsigned char)m->pattern.p[p] : 0;
}

static bool in_range(unsigned char c, unsigned char low, unsigned char high)
{
    return c >= low && c <= high;
}

static bool is_letter(unsigned char c)
{
    return in_range(c | 0x20, 'a', 'z');
}

static bool is_digit(unsigned char c)
{
    return in_range(c, '0', '9');
}

// A class letter such as %a, in lower case; false in `*known` when it is none.
static bool in_class(unsigned char c, unsigned char class, bool *known)
{
    switch (class) {
    case 'a':
        return is_letter(c);
    case 'c':
        return c < 0x20 || c == 0x7f;
    case 'd':
        return is_digit(c);
    case 'g':
        return in_range(c, 0x21, 0x7e);
    case 'l':
        return in_range(c, 'a', 'z');
    case 'p':
        return in_range(c, 0x21, 0x7e) && !is_letter(c) && !is_digit(c);
    case 's':
        return c == ' ' || in_range(c, '\t', '\r');
    case 'u':
        return in_range(c, 'A', 'Z');
    case 'w':
        return is_letter(c) || is_digit(c);
    case 'x':
        return is_digit(c) || in_range(c | 0x20, 'a', 'f');
    case 'z': // from older versions, still understood
        return c == 0;
    default:
        *known = false;
        return false;
    }
}

// What stands after '%': a class, its complement in upper case, or a character that means itself.
static bool escaped_is(unsigned char c, unsigned char after)
{
    bool known = true;
    if (!is_letter(after))
        return c == after;
    bool in = in_class(c, after | 0x20, &known);
    if (!known)
        return c == after;
    return in == in_range(after, 'a', 'z');
}

// `p` stands on '['; the place after the set's ']', or 0 when it has none. The first character of
// a set is never its end.
static size_t set_end(const struct lua_match *m, size_t p)
{
    p += pattern_byte(m, p + 1) == '^' ? 2 : 1;
    for (bool first = true; p < m->pattern.len; first = false) {
        unsigned char c = pattern_byte(m, p);
        if (c == ']' && !first)
            return p + 1;
        p += c == ESCAPE ? 2 : 1;
    }
    return 0;
}

// Whether the set in [p, end) of the pattern has `c`.
static bool in_set(struct lua_match *m, unsigned char c, size_t p, size_t end)
{
    size_t last = end - 1;
    bool negated = pattern_byte(m, p + 1) == '^';
    for (p += negated ? 2 : 1; p < last; p++) {
        unsigned char low = pattern_byte(m, p);
        m->steps_left--;
        if (low == ESCAPE) {
            if (escaped_is(c, pattern_byte(m, ++p)))
                return !negated;
        } else if (pattern_byte(m, p + 1) == '-' && p + 2 < last) {
            p += 2;
            if (in_range(c, low, pattern_byte(m, p)))
                return !negated;
        } else if (c == low) {
            return !negated;
        }
    }
    return negated;
}

// Where the item of one character at `p` ends, or 0 with the error set.
static size_t item_end(struct lua_match *m, size_t p)
{
    unsigned char c = pattern_byte(m, p);
    if (c == ESCAPE) {
        if (p + 1 < m->pattern.len)
            return p + 2;
        m->error = "malformed pattern (ends with '%')";
        return 0;
    }
    if (c != '[')
        return p + 1;
    size_t end = set_end(m, p);
    if (!end)
        m->error = "malformed pattern (missing ']')";
    return end;
}

static bool item_is(struct lua_match *m, size_t s, size_t p, size_t end)
{
    m->steps_left--;
    if (s >= m->subject.len)
        return false;
    unsigned char c = (unsigned char)m->subject.p[s], first = pattern_byte(m, p);
    switch (first) {
    case '.':
        return true;
    case ESCAPE:
        return escaped_is(c, pattern_byte(m, p + 1));
    case '[':
        return in_set(m, c, p, end);
    default:
        return c == first;
    }
}

// The new point, or NULL with the error set.
static struct point *push(struct run *r, enum point_kind kind)
{
    if (r->depth == POINTS_MAX) {
        r->m->error = "pattern too complex";
        return NULL;
    }
    struct point *point = &r->points[r->depth++];
    *point = (struct point){.kind = kind, .at = r->s};
    return point;
}

static enum outcome open_capture(struct run *r)
{
    struct lua_match *m = r->m;
    bool position = pattern_byte(m, r->p + 1) == ')';
    if (m->capture_count == LUA_MATCH_CAPTURES_MAX)
        return wrong(m, "too many captures");
    if (!push(r, OPENED))
        return STOP;
    m->captures[m->capture_count].start = r->s;
    m->captures[m->capture_count].len = position ? LUA_MATCH_POSITION : LUA_MATCH_OPEN;
    m->capture_count++;
    r->p += position ? 2 : 1;
    return GO_ON;
}

static enum outcome close_capture(struct run *r)
{
    struct lua_match *m = r->m;
    int i = m->capture_count - 1;
    while (i >= 0 && m->captures[i].len != LUA_MATCH_OPEN)
        i--;
    if (i < 0)
        return wrong(m, "invalid pattern capture");
    struct point *point = push(r, CLOSED);
    if (!point)
        return STOP;
    point->capture = (uint32_t)i;
    m->captures[i].len = (int64_t)(r->s - m->captures[i].start);
    r->p++;
    return GO_ON;
}

// %bxy: from an x to the y that balances it.
static enum outcome balanced(struct run *r)
{
    struct lua_match *m = r->m;
    if (r->p + 3 >= m->pattern.len)
        return wrong(m, "malformed pattern (missing arguments to '%b')");
    char open = m->pattern.p[r->p + 2], close = m->pattern.p[r->p + 3];
    if (r->s >= m->subject.len || m->subject.p[r->s] != open)
        return FAIL;
    size_t nested = 1;
    for (size_t s = r->s + 1; s < m->subject.len; s++) {
        m->steps_left--;
        if (m->subject.p[s] == close) {
            if (--nested == 0) {
                r->s = s + 1;
                r->p += 4;
                return GO_ON;
            }
        } else if (m->subject.p[s] == open) {
            nested++;
        }
    }
    return FAIL;
}

// %f[set]: between a character outside the set and one inside; both ends of the subject count as 0.
static enum outcome frontier(struct run *r)
{
    struct lua_match *m = r->m;
    size_t set = r->p + 2;
    if (pattern_byte(m, set) != '[')
        return wrong(m, "missing '[' after '%f' in pattern");
    size_t end = item_end(m, set);
    if (!end)
        return STOP;
    unsigned char before = r->s ? (unsigned char)m->subject.p[r->s - 1] : 0;
    unsigned char here = r->s < m->subject.len ? (unsigned char)m->subject.p[r->s] : 0;
    if (in_set(m, before, set, end) || !in_set(m, here, set, end))
        return FAIL;
    r->p = end;
    return GO_ON;
}

// %1 to %9: the same text as that capture.
static enum outcome repeated(struct run *r)
{
    struct lua_match *m = r->m;
    int i = m->pattern.p[r->p + 1] - '1';
    if (i < 0 || i >= m->capture_count || m->captures[i].len == LUA_MATCH_OPEN)
        return wrong(m, "invalid capture index in pattern");
    // A position has no text that could come again.
    if (m->captures[i].len == LUA_MATCH_POSITION)
        return FAIL;
    size_t len = (size_t)m->captures[i].len;
    m->steps_left -= (int64_t)(len / 16) + 1;
    if (m->subject.len - r->s < len ||
        memcmp(m->subject.p + m->captures[i].start, m->subject.p + r->s, len) != 0)
        return FAIL;
    r->s += len;
    r->p += 2;
    return GO_ON;
}

// As many as there are; whoever fails later gives them back one by one.
static enum outcome greedy(struct run *r, size_t end, size_t at_least)
{
    size_t n = 0;
    while (r->m->steps_left >= 0 && item_is(r->m, r->s + n, r->p, end))
        n++;
    if (n < at_least)
        return FAIL;
    struct point *point = push(r, FEWER);
    if (!point)
        return STOP;
    point->at = r->s + at_least;
    point->count = n - at_least;
    point->next = end + 1;
    r->s += n;
    r->p = end + 1;
    return GO_ON;
}

static enum outcome lazy(struct run *r, size_t end)
{
    struct point *point = push(r, MORE);
    if (!point)
        return STOP;
    point->item = r->p;
    point->next = end + 1;
    r->p = end + 1;
    return GO_ON;
}

static enum outcome optional(struct run *r, size_t end)
{
    if (item_is(r->m, r->s, r->p, end)) {
        struct point *point = push(r, SKIP);
        if (!point)
            return STOP;
        point->next = end + 1;
        r->s++;
    }
    r->p = end + 1;
    return GO_ON;
}

static enum outcome item(struct run *r)
{
    size_t end = item_end(r->m, r->p);
    if (!end)
        return STOP;
    switch (pattern_byte(r->m, end)) {
    case '?':
        return optional(r, end);
    case '*':
        return greedy(r, end, 0);
    case '+':
        return greedy(r, end, 1);
    case '-':
        return lazy(r, end);
    }
    if (!item_is(r->m, r->s, r->p, end))
        return FAIL;
    r->s++;
    r->p = end;
    return GO_ON;
}

static enum outcome step(struct run *r)
{
    const struct lua_match *m = r->m;
    if (r->p == m->pattern.len)
        return DONE;
    unsigned char c = pattern_byte(m, r->p), after = pattern_byte(m, r->p + 1);
    if (c == '(')
        return open_capture(r);
    if (c == ')')
        return close_capture(r);
    if (c == '$' && r->p + 1 == m->pattern.len) {
        r->p++;
        return r->s == m->subject.len ? GO_ON : FAIL;
    }
    if (c == ESCAPE && after == 'b')
        return balanced(r);
    if (c == ESCAPE && after == 'f')
        return frontier(r);
    if (c == ESCAPE && is_digit(after))
        return repeated(r);
    return item(r);
}

// Tries the point's next choice; false when it has none left.
static bool retry(struct run *r, struct point *point)
{
    struct lua_match *m = r->m;
    switch (point->kind) {
    case FEWER:
        if (!point->count)
            return false;
        r->s = point->at + --point->count;
        break;
    case MORE:
        if (!item_is(m, point->at, point->item, point->next - 1))
            return false;
        r->s = ++point->at;
        break;
    case SKIP:
        r->s = point->at;
        r->depth--;
        break;
    case OPENED:
        m->capture_count--;
        return false;
    case CLOSED:
        m->captures[point->capture].len = LUA_MATCH_OPEN;
        return false;
    }
    r->p = point->next;
    return true;
}

// False when no choice is left.
static bool back(struct run *r)
{
    while (r->depth) {
        r->m->steps_left--;
        if (retry(r, &r->points[r->depth - 1]))
            return true;
        r->depth--;
    }
    return false;
}

enum lua_match_result lua_match_at(struct lua_match *m, size_t at)
{
    check(at <= m->subject.len);
    struct run r;
    r.m = m;
    r.s = at;
    r.p = 0;
    r.depth = 0;
    m->capture_count = 0;
    m->error = NULL;
    for (;;) {
        if (--m->steps_left < 0)
            return LUA_MATCH_STEPS;
        switch (step(&r)) {
        case GO_ON:
            break;
        case FAIL:
            if (!back(&r))
                return m->steps_left < 0 ? LUA_MATCH_STEPS : LUA_MATCH_NO;
            break;
        case STOP:
            return LUA_MATCH_WRONG;
        case DONE:
            m->start = at;
            m->end = r.s;
            return LUA_MATCH_YES;
        }
    }
}

enum lua_match_result lua_match_search(struct lua_match *m, size_t at, bool anchored)
{
    for (;; at++) {
        enum lua_match_result result = lua_match_at(m, at);
        if (result != LUA_MATCH_NO || anchored || at >= m->subject.len)
            return result;
    }
}

bool lua_match_is_plain(struct str pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.p[i] && strchr("^$*+?.([%-", pattern.p[i]))
            return false;
    return true;
}
