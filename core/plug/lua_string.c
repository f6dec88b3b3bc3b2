#include <lualib.h>
#include <math.h>
#include <stdio.h>

#include "plug/lua_box.h"
#include "plug/lua_library.h"

enum { WIDTH_DIGITS_MAX = 2, NUMBER_MAX = 512 };

static int string_rep(lua_State *L)
{
    size_t len, between_len;
    const char *p = luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *between = luaL_optlstring(L, 3, "", &between_len);
    if (n <= 0 || len + between_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)n > lua_string_max(L) / (len + between_len) + 1)
        lua_too_long(L);
    struct lua_text text;
    lua_text_init(&text, L);
    for (lua_Integer i = 0; i < n; i++) {
        lua_text_add(&text, str_n(p, len));
        if (i + 1 < n)
            lua_text_add(&text, str_n(between, between_len));
    }
    lua_charge(L, n);
    lua_text_push(&text);
    return 1;
}

// One conversion of string.format: "%-08.3f" in parts.
struct spec {
    char text[32]; // for snprintf, its length modifier included
    int len;
    bool has_precision, plain;
    char conversion;
};

static void spec_add(struct spec *spec, char c)
{
    spec->text[spec->len++] = c;
    spec->text[spec->len] = 0;
}

// Up to two digits, so that no width makes a long text.
static const char *read_digits(struct spec *spec, const char *p, const char *end)
{
    for (int i = 0; i < WIDTH_DIGITS_MAX && p < end && *p >= '0' && *p <= '9'; i++)
        spec_add(spec, *p++);
    return p;
}

// `p` stands after the '%'; returns what follows the conversion.
static const char *read_spec(lua_State *L, struct spec *spec, const char *p, const char *end)
{
    *spec = (struct spec){.plain = true};
    const char *start = p;
    spec_add(spec, '%');
    for (int i = 0; p < end && *p && strchr("-+ #0", *p); i++) {
        if (i == 5)
            luaL_error(L, "invalid format (repeated flags)");
        spec_add(spec, *p++);
    }
    p = read_digits(spec, p, end);
    if (p < end && *p == '.') {
        spec->has_precision = true;
        spec_add(spec, *p++);
        p = read_digits(spec, p, end);
    }
    spec->plain = p == start;
    if (p == end || !*p || !strchr("diuoxXcaAeEfFgGs", *p))
        luaL_error(L, "invalid conversion in format (the width has two digits at most)");
    spec->conversion = *p;
    return p + 1;
}

static void add_integer(lua_State *L, struct lua_text *out, struct spec *spec, int arg)
{
    char text[NUMBER_MAX];
    lua_Integer n = luaL_checkinteger(L, arg);
    spec_add(spec, 'l');
    spec_add(spec, 'l');
    spec_add(spec, spec->conversion);
    int len = snprintf(text, sizeof text, spec->text, (long long)n);
    lua_text_add(out, str_n(text, (size_t)len));
}

static void add_real(lua_State *L, struct lua_text *out, struct spec *spec, int arg)
{
    // The largest double has 309 digits before the point, the precision is 99 at most.
    char text[NUMBER_MAX];
    lua_Number n = luaL_checknumber(L, arg);
    spec_add(spec, spec->conversion);
    int len = snprintf(text, sizeof text, spec->text, n);
    lua_text_add(out, str_n(text, (size_t)len));
}

static void add_char(lua_State *L, struct lua_text *out, struct spec *spec, int arg)
{
    char text[NUMBER_MAX];
    spec_add(spec, 'c');
    int len = snprintf(text, sizeof text, spec->text, (int)luaL_checkinteger(L, arg));
    lua_text_add(out, str_n(text, (size_t)len));
}

static void add_string(lua_State *L, struct lua_text *out, struct spec *spec, int arg)
{
    char text[NUMBER_MAX];
    luaL_checkany(L, arg);
    lua_push_text(L, arg);
    size_t len;
    const char *p = lua_tolstring(L, -1, &len);
    if (spec->plain || (!spec->has_precision && len >= 100)) {
        lua_text_add(out, str_n(p, len));
    } else {
        luaL_argcheck(L, len == strlen(p), arg, "string contains zeros");
        spec_add(spec, 's');
        int written = snprintf(text, sizeof text, spec->text, p);
        lua_text_add(out, str_n(text, (size_t)written));
    }
    lua_pop(L, 1);
}

static void add_argument(lua_State *L, struct lua_text *out, struct spec *spec, int arg)
{
    switch (spec->conversion) {
    case 'c':
        add_char(L, out, spec, arg);
        break;
    case 's':
        add_string(L, out, spec, arg);
        break;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        add_integer(L, out, spec, arg);
        break;
    default:
        add_real(L, out, spec, arg);
    }
}

int lua_string_format(lua_State *L)
{
    size_t len;
    int arg = 1, args = lua_gettop(L);
    const char *p = luaL_checklstring(L, 1, &len), *end = p + len;
    struct lua_text out;
    struct spec spec;
    lua_charge_bytes(L, len);
    lua_text_init(&out, L);
    while (p < end) {
        if (*p != '%') {
            lua_text_add_char(&out, *p++);
        } else if (p + 1 < end && p[1] == '%') {
            lua_text_add_char(&out, '%');
            p += 2;
        } else {
            p = read_spec(L, &spec, p + 1, end);
            luaL_argcheck(L, ++arg <= args, arg, "no value");
            lua_charge(L, 10);
            add_argument(L, &out, &spec, arg);
        }
    }
    lua_text_push(&out);
    return 1;
}

void lua_library_string(lua_State *L)
{
    static const char *const charged[] = {
        "byte", "char", "len", "lower", "reverse", "sub", "upper", NULL};
    static const luaL_Reg own[] = {
        {"find", lua_string_find},
        {"format", lua_string_format},
        {"gmatch", lua_string_gmatch},
        {"gsub", lua_string_gsub},
        {"match", lua_string_match},
        {"rep", string_rep},
        {NULL, NULL},
    };
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_string);
    lua_call(L, 0, 1);
    lua_library_charged(L, charged);
    lua_pop(L, 1);
    luaL_setfuncs(L, own, 0);
}
