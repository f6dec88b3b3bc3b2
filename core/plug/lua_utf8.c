#include "plug/lua_box.h"
#include "plug/lua_library.h"

// The utf8 library with well-formed text only (no surrogates, nothing above U+10FFFF, no `lax`).
// Loops over a string are charged by its bytes.

static bool continues(struct str s, size_t i)
{
    return i < s.len && ((unsigned char)s.p[i] & 0xC0) == 0x80;
}

static struct str text_arg(lua_State *L)
{
    size_t len;
    const char *p = luaL_checklstring(L, 1, &len);
    return str_n(p, len);
}

// The code point at byte `i` and its length, 0 when it isn't well-formed.
static size_t decode(struct str s, size_t i, uint32_t *code)
{
    unsigned char c = (unsigned char)s.p[i];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c == 0) {
        *code = 0;
        return 1;
    }
    if (s.len - i < n || !str_utf8_valid(str_n(s.p + i, n)))
        return 0;
    *code = n == 1 ? c : c & (0xFFu >> (n + 1));
    for (size_t k = 1; k < n; k++)
        *code = *code << 6 | ((unsigned char)s.p[i + k] & 0x3F);
    return n;
}

// A position that counts back from the end when negative, from 0.
static lua_Integer place(lua_Integer at, size_t len)
{
    if (at >= 0)
        return at - 1;
    return (lua_Unsigned)-at > len ? -1 : (lua_Integer)len + at;
}

static void push_char(lua_State *L, struct lua_text *text, int arg)
{
    lua_Integer c = luaL_checkinteger(L, arg);
    luaL_argcheck(
        L, c >= 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF), arg, "value out of range");
    if (c < 0x80) {
        lua_text_add_char(text, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    lua_text_add_char(text, (char)(0xF00 >> (more + 1) | c >> (6 * more)));
    while (more--)
        lua_text_add_char(text, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

static int utf8_char(lua_State *L)
{
    struct lua_text text;
    int count = lua_gettop(L);
    lua_charge(L, count);
    lua_text_init(&text, L);
    for (int i = 1; i <= count; i++)
        push_char(L, &text, i);
    lua_text_push(&text);
    return 1;
}

static int utf8_len(lua_State *L)
{
    struct str s = text_arg(L);
    lua_Integer i = place(luaL_optinteger(L, 2, 1), s.len);
    lua_Integer last = place(luaL_optinteger(L, 3, -1), s.len), count = 0;
    luaL_argcheck(L, i >= 0 && i <= (lua_Integer)s.len, 2, "initial position out of bounds");
    luaL_argcheck(L, last < (lua_Integer)s.len, 3, "final position out of bounds");
    lua_charge_bytes(L, s.len * 4);
    uint32_t code;
    for (size_t n; i <= last; i += (lua_Integer)n, count++)
        if (!(n = decode(s, (size_t)i, &code))) {
            lua_pushnil(L);
            lua_pushinteger(L, i + 1);
            return 2;
        }
    lua_pushinteger(L, count);
    return 1;
}

static int utf8_codepoint(lua_State *L)
{
    struct str s = text_arg(L);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer i = place(first, s.len), last = place(luaL_optinteger(L, 3, first), s.len);
    luaL_argcheck(L, i >= 0, 2, "out of bounds");
    luaL_argcheck(L, last < (lua_Integer)s.len, 3, "out of bounds");
    int count = 0;
    uint32_t code;
    for (size_t n; i <= last; i += (lua_Integer)n, count++) {
        lua_charge(L, 1);
        if (!(n = decode(s, (size_t)i, &code)))
            return luaL_error(L, "invalid UTF-8 code");
        luaL_checkstack(L, 1, "string slice too long");
        lua_pushinteger(L, code);
    }
    return count;
}

// offset(s, n [, i]): where the n-th character, counted from byte i, starts.
static int utf8_offset(lua_State *L)
{
    struct str s = text_arg(L);
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_Integer i = place(luaL_optinteger(L, 3, n > 0 ? 1 : (lua_Integer)s.len + 1), s.len);
    luaL_argcheck(L, i >= 0 && i <= (lua_Integer)s.len, 3, "position out of bounds");
    lua_charge_bytes(L, s.len * 2);
    size_t at = (size_t)i;
    if (n == 0) {
        while (at > 0 && continues(s, at))
            at--;
        lua_pushinteger(L, (lua_Integer)at + 1);
        return 1;
    }
    if (continues(s, at))
        return luaL_error(L, "initial position is a continuation byte");
    for (; n < 0 && at > 0; n++)
        do
            at--;
        while (at > 0 && continues(s, at));
    for (; n > 1 && at < s.len; n--)
        do
            at++;
        while (continues(s, at));
    if (n == 0 || n == 1)
        lua_pushinteger(L, (lua_Integer)at + 1);
    else
        lua_pushnil(L);
    return 1;
}

static int next_code(lua_State *L)
{
    struct str s = text_arg(L);
    lua_Integer last = luaL_checkinteger(L, 2);
    luaL_argcheck(L, last >= 0 && last <= (lua_Integer)s.len, 2, "out of bounds");
    size_t at = (size_t)last;
    lua_charge(L, 1);
    uint32_t code;
    // `last` is the place of the character before, from 1; 0 at the start.
    if (at > 0) {
        size_t before = decode(s, at - 1, &code);
        if (!before)
            return luaL_error(L, "invalid UTF-8 code");
        at += before - 1;
    }
    if (at >= s.len)
        return 0;
    if (!decode(s, at, &code))
        return luaL_error(L, "invalid UTF-8 code");
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_pushinteger(L, code);
    return 2;
}

static int utf8_codes(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_pushcfunction(L, next_code);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void lua_library_utf8(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"char", utf8_char},
        {"codepoint", utf8_codepoint},
        {"codes", utf8_codes},
        {"len", utf8_len},
        {"offset", utf8_offset},
        {NULL, NULL},
    };
    luaL_newlib(L, own);
    // Every byte sequence of one character, for patterns (the first range starts with NUL).
    static const char pattern[] = "[\0-\x7F\xC2-\xFD][\x80-\xBF]*";
    lua_pushlstring(L, pattern, sizeof pattern - 1);
    lua_setfield(L, -2, "charpattern");
}
