// string.find, match, gmatch and gsub over the bounded matcher.
#include "plug/lua_box.h"
#include "plug/lua_library.h"
#include "plug/lua_match.h"

// A step of the matcher is cheaper than an instruction of the VM.
enum { STEPS_A_UNIT = 2 };

static struct str arg_bytes(lua_State *L, int i)
{
    size_t len;
    const char *p = luaL_checklstring(L, i, &len);
    return str_n(p, len);
}

static void prepare(struct lua_match *m, struct str subject, struct str pattern)
{
    m->subject = subject;
    m->pattern = pattern;
    m->error = NULL;
    m->capture_count = 0;
}

// Searches from `at` with what is left of the call's budget, and charges what it took.
static bool search(lua_State *L, struct lua_match *m, size_t at, bool anchored)
{
    int64_t left = lua_call_of(L)->left;
    int64_t allowed = left > 0 ? left * STEPS_A_UNIT : 0;
    m->steps_left = allowed;
    enum lua_match_result result = lua_match_search(m, at, anchored);
    lua_charge(L, 1 + (allowed - m->steps_left) / STEPS_A_UNIT + (result == LUA_MATCH_STEPS));
    if (result == LUA_MATCH_WRONG)
        luaL_error(L, "%s", m->error);
    return result == LUA_MATCH_YES;
}

static void push_capture(lua_State *L, const struct lua_match *m, int i)
{
    if (i == 0 && m->capture_count == 0) {
        lua_pushlstring(L, m->subject.p + m->start, m->end - m->start);
        return;
    }
    if (i >= m->capture_count)
        luaL_error(L, "invalid capture index %%%d", i + 1);
    if (m->captures[i].len == LUA_MATCH_OPEN)
        luaL_error(L, "unfinished capture");
    if (m->captures[i].len == LUA_MATCH_POSITION)
        lua_pushinteger(L, (lua_Integer)m->captures[i].start + 1);
    else
        lua_pushlstring(L, m->subject.p + m->captures[i].start, (size_t)m->captures[i].len);
}

// All captures, or the whole match when there are none and `whole` is set.
static int push_captures(lua_State *L, const struct lua_match *m, bool whole)
{
    int count = m->capture_count || !whole ? m->capture_count : 1;
    luaL_checkstack(L, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(L, m, i);
    return count;
}

// Argument `i` counts from 1, or back from the end; the first byte's place, past the end when out.
static size_t start_at(lua_State *L, int i, size_t len)
{
    lua_Integer at = luaL_optinteger(L, i, 1);
    if (at > 0)
        return (lua_Unsigned)at - 1 > len ? len + 1 : (size_t)at - 1;
    if (at == 0 || at < -(lua_Integer)len)
        return 0;
    return len - (size_t)-at;
}

static int find_plain(lua_State *L, struct str subject, struct str needle, size_t at)
{
    // memmem compares up to 256 bytes at every place in the worst case.
    size_t weight = 1 + (needle.len < 256 ? needle.len : 256) / 16;
    lua_charge_bytes(L, (subject.len - at) * weight + needle.len);
    ptrdiff_t found = needle.len ? str_find(str_sub(subject, at, subject.len), needle) : 0;
    if (found < 0)
        return 0;
    lua_pushinteger(L, (lua_Integer)at + found + 1);
    lua_pushinteger(L, (lua_Integer)at + found + (lua_Integer)needle.len);
    return 2;
}

static bool strip_anchor(struct str *pattern)
{
    if (!pattern->len || pattern->p[0] != '^')
        return false;
    *pattern = str_sub(*pattern, 1, pattern->len);
    return true;
}

static int nothing(lua_State *L)
{
    lua_pushnil(L);
    return 1;
}

int lua_string_find(lua_State *L)
{
    struct lua_match m;
    struct str subject = arg_bytes(L, 1), pattern = arg_bytes(L, 2);
    size_t at = start_at(L, 3, subject.len);
    if (at > subject.len)
        return nothing(L);
    if (lua_toboolean(L, 4) || lua_match_is_plain(pattern)) {
        int found = find_plain(L, subject, pattern, at);
        return found ? found : nothing(L);
    }
    bool anchored = strip_anchor(&pattern);
    prepare(&m, subject, pattern);
    if (!search(L, &m, at, anchored))
        return nothing(L);
    lua_pushinteger(L, (lua_Integer)m.start + 1);
    lua_pushinteger(L, (lua_Integer)m.end);
    return 2 + push_captures(L, &m, false);
}

int lua_string_match(lua_State *L)
{
    struct lua_match m;
    struct str subject = arg_bytes(L, 1), pattern = arg_bytes(L, 2);
    size_t at = start_at(L, 3, subject.len);
    if (at > subject.len)
        return nothing(L);
    bool anchored = strip_anchor(&pattern);
    prepare(&m, subject, pattern);
    return search(L, &m, at, anchored) ? push_captures(L, &m, true) : nothing(L);
}

// An empty match may not stand where the last one ended: searches on from the next byte then.
static bool search_next(lua_State *L, struct lua_match *m, size_t at, int64_t last_end)
{
    while (at <= m->subject.len && search(L, m, at, false)) {
        if ((int64_t)m->end != last_end)
            return true;
        at = m->start + 1;
    }
    return false;
}

// upvalues: subject, pattern, where to go on, where the last match ended (-1: nowhere).
static int gmatch_next(lua_State *L)
{
    struct lua_match m;
    struct str subject = arg_bytes(L, lua_upvalueindex(1));
    prepare(&m, subject, arg_bytes(L, lua_upvalueindex(2)));
    size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    int64_t last_end = lua_tointeger(L, lua_upvalueindex(4));
    if (!search_next(L, &m, at, last_end)) {
        lua_pushinteger(L, (lua_Integer)subject.len + 1);
        lua_replace(L, lua_upvalueindex(3));
        return 0;
    }
    lua_pushinteger(L, (lua_Integer)m.end);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures(L, &m, true);
}

int lua_string_gmatch(lua_State *L)
{
    struct str subject = arg_bytes(L, 1);
    arg_bytes(L, 2);
    size_t at = start_at(L, 3, subject.len);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)at);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

// The replacement is a string: %0 to %9 stand for captures, %% for itself.
static void add_template(lua_State *L, struct lua_text *out, const struct lua_match *m)
{
    struct str template = arg_bytes(L, 3);
    lua_charge_bytes(L, template.len);
    for (size_t i = 0; i < template.len; i++) {
        char c = template.p[i];
        if (c != '%') {
            lua_text_add_char(out, c);
            continue;
        }
        char after = ++i < template.len ? template.p[i] : 0;
        if (after == '%') {
            lua_text_add_char(out, '%');
        } else if (after == '0') {
            lua_text_add(out, str_n(m->subject.p + m->start, m->end - m->start));
        } else if (after >= '1' && after <= '9') {
            push_capture(L, m, after - '1');
            size_t len;
            const char *p = lua_tolstring(L, -1, &len);
            lua_text_add(out, str_n(p, len));
            lua_pop(L, 1);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
}

// The replacement is a table or function: false or nil keeps the match. Says whether it changed.
static bool add_looked_up(lua_State *L, struct lua_text *out, const struct lua_match *m)
{
    if (lua_type(L, 3) == LUA_TTABLE) {
        push_capture(L, m, 0);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(L, m, true), 1);
    }
    bool changed = lua_toboolean(L, -1);
    if (changed && !lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    size_t len;
    const char *p = changed ? lua_tolstring(L, -1, &len) : m->subject.p + m->start;
    lua_text_add(out, str_n(p, changed ? len : m->end - m->start));
    lua_pop(L, 1);
    return changed;
}

static bool add_replacement(lua_State *L, struct lua_text *out, const struct lua_match *m)
{
    if (lua_type(L, 3) == LUA_TTABLE || lua_type(L, 3) == LUA_TFUNCTION)
        return add_looked_up(L, out, m);
    add_template(L, out, m);
    return true;
}

int lua_string_gsub(lua_State *L)
{
    struct lua_match m;
    struct lua_text out;
    struct str subject = arg_bytes(L, 1), pattern = arg_bytes(L, 2);
    int type = lua_type(L, 3);
    luaL_argexpected(L,
        type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION,
        3, "string/function/table");
    if (type == LUA_TNUMBER)
        lua_tolstring(L, 3, NULL);
    lua_Integer left = luaL_optinteger(L, 4, (lua_Integer)subject.len + 1), count = 0;
    bool anchored = strip_anchor(&pattern), changed = false;
    prepare(&m, subject, pattern);
    lua_text_init(&out, L);
    size_t at = 0, copied = 0;
    int64_t last_end = -1;
    while (count < left && at <= subject.len) {
        bool found = anchored ? search(L, &m, at, true) : search_next(L, &m, at, last_end);
        if (!found)
            break;
        lua_text_add(&out, str_sub(subject, copied, m.start));
        changed |= add_replacement(L, &out, &m);
        count++;
        copied = at = m.end;
        last_end = (int64_t)m.end;
        if (anchored)
            break;
    }
    if (changed) {
        lua_text_add(&out, str_sub(subject, copied, subject.len));
        lua_text_push(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}
