// json.encode and json.decode, straight between text and Lua tables: no field names reach the
// process's key table, and all memory is the state's.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plug/lua_binding.h"
#include "plug/lua_box.h"
#include "plug/lua_library.h"
#include "plug/lua_value.h"

enum { DEPTH_MAX = LUA_VALUE_DEPTH_MAX, NUMBER_LEN_MAX = 64 };

static void encode(lua_State *L, struct lua_text *out, int depth);

static void encode_string(lua_State *L, struct lua_text *out, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    if (!str_utf8_valid(s))
        luaL_error(L, "a string is not valid UTF-8 text");
    lua_charge_bytes(L, s.len * 4);
    lua_text_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            lua_text_add_char(out, '\\');
        if (c >= 0x20)
            lua_text_add_char(out, (char)c);
        else
            lua_text_add(out, str_n((char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6));
    }
    lua_text_add_char(out, '"');
}

static void encode_number(lua_State *L, struct lua_text *out)
{
    char text[NUMBER_LEN_MAX];
    int len;
    if (lua_isinteger(L, -1)) {
        len = snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, -1));
    } else {
        lua_Number n = lua_tonumber(L, -1);
        if (!isfinite(n))
            luaL_error(L, "a number is infinite or not a number");
        len = snprintf(text, sizeof text, "%.17g", n);
    }
    lua_text_add(out, str_n(text, (size_t)len));
}

static void encode_list(lua_State *L, struct lua_text *out, int depth)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    lua_text_add_char(out, '[');
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1)
            lua_text_add_char(out, ',');
        lua_rawgeti(L, -1, i);
        encode(L, out, depth + 1);
        lua_pop(L, 1);
    }
    lua_text_add_char(out, ']');
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

// How many fields the table at the top has; all its names must be of one kind: `*named`, or
// integers.
static size_t count_fields(lua_State *L, bool *named)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        bool is_name = lua_type(L, -2) == LUA_TSTRING;
        if (!is_name && !lua_isinteger(L, -2))
            luaL_error(L, "a table is either a list or has names only");
        if (count++ && is_name != *named)
            luaL_error(L, "a table is either a list or has names only");
        *named = is_name;
    }
    lua_charge(L, (int64_t)count);
    return count;
}

// In the order of names, so that the same table gives the same text.
static void encode_object(lua_State *L, struct lua_text *out, size_t count, int depth)
{
    struct str *names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    size_t i = 0;
    lua_insert(L, -2);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        size_t len;
        const char *p = lua_tolstring(L, -2, &len);
        names[i++] = str_n(p, len);
    }
    qsort(names, count, sizeof *names, by_bytes);
    lua_text_add_char(out, '{');
    for (i = 0; i < count; i++) {
        if (i)
            lua_text_add_char(out, ',');
        encode_string(L, out, names[i]);
        lua_text_add_char(out, ':');
        lua_pushlstring(L, names[i].p, names[i].len);
        lua_rawget(L, -2);
        encode(L, out, depth + 1);
        lua_pop(L, 1);
    }
    lua_text_add_char(out, '}');
    lua_remove(L, -2);
}

static void encode_table(lua_State *L, struct lua_text *out, int depth)
{
    bool named = false;
    if (depth > DEPTH_MAX)
        luaL_error(L, "the value is nested deeper than %d levels", DEPTH_MAX);
    luaL_checkstack(L, 8, NULL);
    size_t count = count_fields(L, &named);
    if (named || (!count && lua_value_is_object(L, lua_gettop(L))))
        encode_object(L, out, count, depth);
    else if (count != lua_rawlen(L, -1))
        luaL_error(L, "the list has holes (use null)");
    else
        encode_list(L, out, depth);
}

// The value at the top of the stack; stays there.
static void encode(lua_State *L, struct lua_text *out, int depth)
{
    size_t len;
    const char *p;
    lua_charge(L, 4);
    switch (lua_type(L, -1)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        lua_text_add(out, STR("null"));
        break;
    case LUA_TBOOLEAN:
        lua_text_add(out, lua_toboolean(L, -1) ? STR("true") : STR("false"));
        break;
    case LUA_TNUMBER:
        encode_number(L, out);
        break;
    case LUA_TSTRING:
        p = lua_tolstring(L, -1, &len);
        encode_string(L, out, str_n(p, len));
        break;
    case LUA_TTABLE:
        encode_table(L, out, depth);
        break;
    default:
        luaL_error(L, "a %s has no form in JSON", luaL_typename(L, -1));
    }
}

static int json_encode(lua_State *L)
{
    struct lua_text out;
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    lua_text_init(&out, L);
    lua_pushvalue(L, 1);
    encode(L, &out, 0);
    lua_text_push(&out);
    return 1;
}

static int json_object(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_newtable(L);
    } else {
        luaL_checktype(L, 1, LUA_TTABLE);
        luaL_argcheck(L, !lua_getmetatable(L, 1), 1, "a table with a metatable");
        lua_settop(L, 1);
    }
    lua_value_mark_object(L);
    return 1;
}

struct decoder {
    lua_State *L;
    const char *start, *p, *end;
};

__attribute__((noreturn)) static void bad(struct decoder *d, const char *what)
{
    luaL_error(d->L, "no JSON: %s at byte %d", what, (int)(d->p - d->start) + 1);
    __builtin_unreachable();
}

static char peek(struct decoder *d)
{
    while (d->p < d->end && (*d->p == ' ' || *d->p == '\t' || *d->p == '\n' || *d->p == '\r'))
        d->p++;
    return d->p < d->end ? *d->p : 0;
}

static uint32_t hex4(struct decoder *d)
{
    uint32_t n = 0;
    for (int i = 0; i < 4; i++, d->p++) {
        char c = d->p < d->end ? *d->p : 0;
        if (c >= '0' && c <= '9')
            n = n * 16 + (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            n = n * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
        else
            bad(d, "a wrong escape");
    }
    return n;
}

static void add_code(struct lua_text *out, uint32_t c)
{
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    lua_text_add_char(out, (char)(more ? 0xF00 >> (more + 1) | c >> (6 * more) : c));
    while (more--)
        lua_text_add_char(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

// After "\u": one code unit, or two that make a pair.
static uint32_t decode_unicode(struct decoder *d)
{
    uint32_t c = hex4(d);
    if (c >= 0xD800 && c < 0xDC00 && d->end - d->p >= 6 && d->p[0] == '\\' && d->p[1] == 'u') {
        d->p += 2;
        uint32_t low = hex4(d);
        if (low < 0xDC00 || low > 0xDFFF)
            bad(d, "half a surrogate pair");
        return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (c == 0 || (c >= 0xD800 && c <= 0xDFFF))
        bad(d, "a character that can't stand in text");
    return c;
}

static void decode_escape(struct decoder *d, struct lua_text *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = d->p < d->end ? *d->p++ : 0;
    const char *found = c ? strchr(from, c) : NULL;
    if (found)
        lua_text_add_char(out, to[found - from]);
    else if (c == 'u')
        add_code(out, decode_unicode(d));
    else
        bad(d, "a wrong escape");
}

static void decode_string(struct decoder *d)
{
    struct lua_text out;
    lua_text_init(&out, d->L);
    for (d->p++; d->p < d->end && *d->p != '"';) {
        const char *plain = d->p;
        while (d->p < d->end && *d->p != '"' && *d->p != '\\' && (unsigned char)*d->p >= 0x20)
            d->p++;
        lua_text_add(&out, str_n(plain, (size_t)(d->p - plain)));
        if (d->p == d->end || *d->p == '"')
            break;
        if (*d->p++ != '\\')
            bad(d, "a control character");
        decode_escape(d, &out);
    }
    if (d->p == d->end)
        bad(d, "a string without an end");
    d->p++;
    lua_text_push(&out);
    lua_replace(d->L, out.slot);
}

static size_t skip_digits(struct decoder *d)
{
    const char *start = d->p;
    while (d->p < d->end && *d->p >= '0' && *d->p <= '9')
        d->p++;
    return (size_t)(d->p - start);
}

static void decode_number(struct decoder *d)
{
    const char *start = d->p;
    bool real = false;
    int64_t n;
    d->p += *d->p == '-';
    const char *first = d->p;
    size_t count = skip_digits(d);
    if (!count || (count > 1 && *first == '0'))
        bad(d, "a wrong number");
    if (d->p < d->end && *d->p == '.') {
        d->p++;
        real = true;
        if (!skip_digits(d))
            bad(d, "a wrong number");
    }
    if (d->p < d->end && (*d->p | 0x20) == 'e') {
        d->p++;
        real = true;
        d->p += d->p < d->end && (*d->p == '+' || *d->p == '-');
        if (!skip_digits(d))
            bad(d, "a wrong number");
    }
    struct str text = str_n(start, (size_t)(d->p - start));
    if (text.len >= NUMBER_LEN_MAX)
        bad(d, "a number that is too long");
    if (!real && str_to_i64(text, &n)) {
        lua_pushinteger(d->L, n);
        return;
    }
    lua_pushlstring(d->L, text.p, text.len);
    lua_Number value = strtod(lua_tostring(d->L, -1), NULL);
    lua_pop(d->L, 1);
    if (!isfinite(value))
        bad(d, "a number out of range");
    lua_pushnumber(d->L, value);
}

static void decode(struct decoder *d, int depth);

static void decode_list(struct decoder *d, int depth)
{
    lua_Integer count = 0;
    lua_newtable(d->L);
    d->p++;
    if (peek(d) == ']') {
        d->p++;
        return;
    }
    for (;;) {
        decode(d, depth + 1);
        lua_rawseti(d->L, -2, ++count);
        char c = peek(d);
        d->p += c != 0;
        if (c == ']')
            return;
        if (c != ',')
            bad(d, "a list without an end");
    }
}

static void decode_object(struct decoder *d, int depth)
{
    lua_newtable(d->L);
    d->p++;
    if (peek(d) == '}') {
        d->p++;
        lua_value_mark_object(d->L);
        return;
    }
    for (;;) {
        if (peek(d) != '"')
            bad(d, "a field without a name");
        decode_string(d);
        if (peek(d) != ':')
            bad(d, "a field without a value");
        d->p++;
        decode(d, depth + 1);
        lua_rawset(d->L, -3);
        char c = peek(d);
        d->p += c != 0;
        if (c == '}')
            return;
        if (c != ',')
            bad(d, "an object without an end");
    }
}

static bool word(struct decoder *d, struct str text)
{
    if (!str_starts(str_n(d->p, (size_t)(d->end - d->p)), text))
        return false;
    d->p += text.len;
    return true;
}

static void decode(struct decoder *d, int depth)
{
    if (depth > DEPTH_MAX)
        bad(d, "nested too deep");
    luaL_checkstack(d->L, 6, NULL);
    lua_charge(d->L, 4);
    char c = peek(d);
    if (c == '{')
        decode_object(d, depth);
    else if (c == '[')
        decode_list(d, depth);
    else if (c == '"')
        decode_string(d);
    else if (c == '-' || (c >= '0' && c <= '9'))
        decode_number(d);
    else if (word(d, STR("true")))
        lua_pushboolean(d->L, 1);
    else if (word(d, STR("false")))
        lua_pushboolean(d->L, 0);
    else if (word(d, STR("null")))
        lua_pushlightuserdata(d->L, NULL);
    else
        bad(d, "nothing that has a meaning");
}

static int json_decode(lua_State *L)
{
    struct str s = lua_arg_text(L, 1);
    struct decoder d = {L, s.p, s.p, s.p + s.len};
    lua_charge_bytes(L, s.len * 4);
    decode(&d, 0);
    if (peek(&d))
        bad(&d, "more after its end");
    return 1;
}

const struct lua_binding lua_bindings_json[] = {
    {"json", "encode", json_encode, "json.encode(value) → string",
        "The value as compact JSON, fields in the order of their names. An empty table is [].",
        false},
    {"json", "decode", json_decode, "json.decode(text) → value",
        "The value; JSON's null becomes `null`. Raises when the text is no JSON.", false},
    {"json", "object", json_object, "json.object([table]) → table",
        "Marks a table, so that it is {} and not [] while it is empty.", false},
    {0},
};
