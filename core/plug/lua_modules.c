// The modules that need nothing from the host: text, money, time, log.
#include <time.h>

#include "base/id.h"
#include "base/log.h"
#include "base/money.h"
#include "base/text.h"
#include "plug/lua_binding.h"
#include "plug/lua_library.h"
#include "plug/lua_sandbox.h"

// Folding can make a text eighteen times as long while it works.
enum { TEXT_MAX = 16 * 1024, SPLIT_MAX = 200 };
// Far beyond any price, and no product of two of them overflows.
#define AMOUNT_MAX INT64_C(1000000000000000)
#define SHARE_MAX INT64_C(1000000000)
// The years 1 to 9999.
#define SECONDS_MIN INT64_C(-62135596800)
#define SECONDS_MAX INT64_C(253402300799)

static struct str short_text(lua_State *L)
{
    struct str s = lua_arg_text(L, 1);
    luaL_argcheck(L, s.len <= TEXT_MAX, 1, "longer than 16 KB");
    lua_charge(L, 20 + (int64_t)s.len * 4);
    return s;
}

static int text_trim(lua_State *L)
{
    lua_push_str(L, str_trim(lua_arg_bytes(L, 1)));
    return 1;
}

static int push_made(lua_State *L, struct str (*make)(struct arena *, struct str))
{
    // The work takes many times the memory of its result: that is given back at once.
    struct str s = short_text(L);
    struct arena *work = arena_new();
    struct str made = str_dup(lua_call_arena(L), make(work, s));
    arena_free(work);
    lua_push_str(L, made);
    return 1;
}

static int text_fold_binding(lua_State *L)
{
    return push_made(L, text_fold);
}

static int text_slug_binding(lua_State *L)
{
    return push_made(L, text_slug);
}

static int text_length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)str_utf8_count(lua_arg_text(L, 1)));
    return 1;
}

static int text_clip(lua_State *L)
{
    struct str s = lua_arg_text(L, 1);
    lua_Integer max = luaL_checkinteger(L, 2);
    luaL_argcheck(L, max >= 0, 2, "negative");
    lua_push_str(L, str_utf8_clip(s, (size_t)max));
    return 1;
}

static int text_is_email_binding(lua_State *L)
{
    lua_pushboolean(L, text_is_email(lua_arg_text(L, 1)));
    return 1;
}

static int text_number(lua_State *L)
{
    struct str s = lua_isnoneornil(L, 1) ? STR_NULL : lua_arg_text(L, 1);
    if (id_is_row_number(s))
        lua_pushvalue(L, 1);
    else
        lua_pushnil(L);
    return 1;
}

const struct lua_binding lua_bindings_text[] = {
    {"text", "trim", text_trim, "text.trim(s) → string", "Without white space at both ends.",
        false},
    {"text", "fold", text_fold_binding, "text.fold(s) → string",
        "Normalised and without case, for comparing and looking up what people typed. At most "
        "16 KB.",
        false},
    {"text", "slug", text_slug_binding, "text.slug(s) → string",
        "The text as part of an address: a–z, 0–9 and '-'. May be empty.", false},
    {"text", "length", text_length, "text.length(s) → integer",
        "How many characters (code points) it has; #s counts bytes.", false},
    {"text", "clip", text_clip, "text.clip(s, bytes) → string",
        "The longest start of at most that many bytes that ends between characters.", false},
    {"text", "is_email", text_is_email_binding, "text.is_email(s) → boolean",
        "Whether mail could be sent to it.", false},
    {"text", "number", text_number, "text.number(s) → s or nil",
        "The text again when a statement can take it as the number of a row: what stood in an "
        "address or a form; nil may be given.",
        false},
    {0},
};

static int64_t amount_arg(lua_State *L, int i)
{
    lua_Integer n = luaL_checkinteger(L, i);
    luaL_argcheck(L, n >= -AMOUNT_MAX && n <= AMOUNT_MAX, i, "amount out of range");
    return n;
}

static int push_amount(lua_State *L, int64_t n)
{
    if (n < -AMOUNT_MAX || n > AMOUNT_MAX)
        return luaL_error(L, "the amount is out of range");
    lua_pushinteger(L, n);
    return 1;
}

static int money_add_binding(lua_State *L)
{
    int64_t sum = 0;
    int count = lua_gettop(L);
    for (int i = 1; i <= count; i++) {
        sum += amount_arg(L, i);
        if (sum < -AMOUNT_MAX || sum > AMOUNT_MAX)
            break;
    }
    return push_amount(L, sum);
}

static int money_multiply_binding(lua_State *L)
{
    int64_t product = 0;
    if (!money_multiply(amount_arg(L, 1), amount_arg(L, 2), &product))
        return luaL_error(L, "the amount is out of range");
    return push_amount(L, product);
}

static int money_share_binding(lua_State *L)
{
    int64_t amount = amount_arg(L, 1);
    lua_Integer ppm = luaL_checkinteger(L, 2);
    luaL_argcheck(L, ppm >= -SHARE_MAX && ppm <= SHARE_MAX, 2, "share out of range");
    return push_amount(L, money_share(amount, ppm));
}

static int money_split_binding(lua_State *L)
{
    int64_t amount = amount_arg(L, 1), weights[SPLIT_MAX], parts[SPLIT_MAX], sum = 0;
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t count = lua_rawlen(L, 2);
    luaL_argcheck(L, count > 0 && count <= SPLIT_MAX, 2, "1 to 200 weights");
    lua_charge(L, (int64_t)count * 10);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        weights[i] = amount_arg(L, -1);
        lua_pop(L, 1);
        luaL_argcheck(L, weights[i] >= 0, 2, "a weight below 0");
        sum += weights[i];
    }
    luaL_argcheck(L, sum > 0, 2, "all weights are 0");
    money_split(amount, weights, count, parts);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, parts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int money_parse_binding(lua_State *L)
{
    struct currency currency;
    int64_t minor;
    struct str text = str_trim(lua_arg_text(L, 1));
    luaL_argcheck(L, currency_parse(lua_arg_text(L, 2), &currency), 2, "no currency");
    lua_charge(L, 50);
    if (!money_parse(text, currency, &minor) || minor > AMOUNT_MAX)
        lua_pushnil(L);
    else
        lua_pushinteger(L, minor);
    return 1;
}

static int money_digits(lua_State *L)
{
    struct currency currency;
    luaL_argcheck(L, currency_parse(lua_arg_text(L, 1), &currency), 1, "no currency");
    lua_charge(L, 50);
    lua_pushinteger(L, currency_digits(currency));
    return 1;
}

static int money_typed_binding(lua_State *L)
{
    struct currency currency;
    int64_t minor = amount_arg(L, 1);
    luaL_argcheck(L, currency_parse(lua_arg_text(L, 2), &currency), 2, "no currency");
    lua_charge(L, 50);
    lua_push_str(L, money_typed(lua_call_arena(L), minor, currency));
    return 1;
}

static int money_parse_share_binding(lua_State *L)
{
    int64_t share_ppm;
    lua_charge(L, 50);
    if (money_parse_share(lua_arg_text(L, 1), &share_ppm))
        lua_pushinteger(L, share_ppm);
    else
        lua_pushnil(L);
    return 1;
}

static int money_typed_share_binding(lua_State *L)
{
    lua_Integer share_ppm = luaL_checkinteger(L, 1);
    luaL_argcheck(L, share_ppm >= -SHARE_MAX && share_ppm <= SHARE_MAX, 1, "share out of range");
    lua_charge(L, 50);
    lua_push_str(L, money_typed_share(lua_call_arena(L), share_ppm));
    return 1;
}

const struct lua_binding lua_bindings_money[] = {
    {"money", "add", money_add_binding, "money.add(minor, …) → integer",
        "The sum of amounts in minor units. Raises when one is no whole number or the sum is out "
        "of range.",
        false},
    {"money", "multiply", money_multiply_binding, "money.multiply(minor, quantity) → integer",
        "An amount a number of times, checked like money.add.", false},
    {"money", "share", money_share_binding, "money.share(minor, ppm) → integer",
        "Parts per million of an amount, rounded once, half away from zero: 10 % is 100000.",
        false},
    {"money", "split", money_split_binding, "money.split(minor, {weight, …}) → {minor, …}",
        "The amount in parts that are in proportion to the weights and sum to it, to the cent. The "
        "same input gives the same parts.",
        false},
    {"money", "parse", money_parse_binding, "money.parse(text, currency) → integer or nil",
        "What a person typed in major units (\"12.50\" or \"12,50\") in minor units.", false},
    {"money", "digits", money_digits, "money.digits(currency) → integer",
        "Decimal places of the currency's minor unit.", false},
    {"money", "typed", money_typed_binding, "money.typed(minor, currency) → string",
        "\"12.50\": an amount as a form shows it and money.parse reads it.", false},
    {"money", "parse_share", money_parse_share_binding, "money.parse_share(text) → ppm or nil",
        "What a person typed in per cent (\"12.5\", \"12,5 %\") in parts per million: above 0, at "
        "most 100 %, two decimals.",
        false},
    {"money", "typed_share", money_typed_share_binding, "money.typed_share(ppm) → string",
        "\"12.5\": per cent as a form shows it and money.parse_share reads it.", false},
    {0},
};

static int64_t seconds_arg(lua_State *L, int i)
{
    lua_Integer seconds = luaL_checkinteger(L, i);
    luaL_argcheck(L, seconds >= SECONDS_MIN && seconds <= SECONDS_MAX, i, "time out of range");
    return seconds;
}

static int time_now(lua_State *L)
{
    lua_pushinteger(L, lua_call_now_us(L) / 1000000);
    return 1;
}

static int time_text(lua_State *L)
{
    time_t seconds = seconds_arg(L, 1);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    lua_push_str(
        L, str_format(lua_call_arena(L), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
               tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
    return 1;
}

static bool digits(const char **p, const char *end, int count, int *out)
{
    *out = 0;
    for (; count; count--, (*p)++) {
        if (*p == end || **p < '0' || **p > '9')
            return false;
        *out = *out * 10 + (**p - '0');
    }
    return true;
}

static bool one_of(const char **p, const char *end, const char *set, char *found)
{
    if (*p == end || !strchr(set, **p) || !**p)
        return false;
    *found = *(*p)++;
    return true;
}

// "Z" or "+hh:mm", in seconds.
static bool read_offset(const char **p, const char *end, int *offset)
{
    char sign, colon;
    int hours, minutes;
    *offset = 0;
    if (!one_of(p, end, "Zz+-", &sign))
        return false;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (!digits(p, end, 2, &hours) || !one_of(p, end, ":", &colon) ||
        !digits(p, end, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

// RFC 3339, whole seconds; a date alone is its midnight in UTC.
static bool read_time(struct str s, int64_t *seconds)
{
    const char *p = s.p, *end = s.p + s.len;
    struct tm tm = {0};
    char sep;
    int offset = 0;
    if (!digits(&p, end, 4, &tm.tm_year) || !one_of(&p, end, "-", &sep) ||
        !digits(&p, end, 2, &tm.tm_mon) || !one_of(&p, end, "-", &sep) ||
        !digits(&p, end, 2, &tm.tm_mday))
        return false;
    if (p != end && (!one_of(&p, end, "Tt ", &sep) || !digits(&p, end, 2, &tm.tm_hour) ||
                        !one_of(&p, end, ":", &sep) || !digits(&p, end, 2, &tm.tm_min) ||
                        !one_of(&p, end, ":", &sep) || !digits(&p, end, 2, &tm.tm_sec) ||
                        !read_offset(&p, end, &offset)))
        return false;
    struct tm asked = tm;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    if (p != end || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59 || asked.tm_year < 1)
        return false;
    int64_t at = timegm(&tm);
    // A day that doesn't exist was moved by timegm.
    if (tm.tm_mon != asked.tm_mon - 1 || tm.tm_mday != asked.tm_mday)
        return false;
    *seconds = at - offset;
    return *seconds >= SECONDS_MIN && *seconds <= SECONDS_MAX;
}

static int time_parse(lua_State *L)
{
    int64_t seconds;
    if (read_time(lua_arg_text(L, 1), &seconds))
        lua_pushinteger(L, seconds);
    else
        lua_pushnil(L);
    return 1;
}

static void set_field(lua_State *L, const char *name, int n)
{
    lua_pushinteger(L, n);
    lua_setfield(L, -2, name);
}

static int time_date(lua_State *L)
{
    lua_Integer offset_min = luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, offset_min >= -1440 && offset_min <= 1440, 2, "offset out of range");
    time_t seconds = seconds_arg(L, 1) + offset_min * 60;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    lua_createtable(L, 0, 8);
    set_field(L, "year", tm.tm_year + 1900);
    set_field(L, "month", tm.tm_mon + 1);
    set_field(L, "day", tm.tm_mday);
    set_field(L, "hour", tm.tm_hour);
    set_field(L, "min", tm.tm_min);
    set_field(L, "sec", tm.tm_sec);
    set_field(L, "weekday", tm.tm_wday ? tm.tm_wday : 7);
    set_field(L, "yearday", tm.tm_yday + 1);
    return 1;
}

const struct lua_binding lua_bindings_time[] = {
    {"time", "now", time_now, "time.now() → integer", "Seconds since 1970 in UTC.", false},
    {"time", "text", time_text, "time.text(seconds) → string",
        "The moment in RFC 3339, in UTC: \"2026-11-21T18:00:00Z\".", false},
    {"time", "parse", time_parse, "time.parse(text) → integer or nil",
        "Seconds of an RFC 3339 time, or of a date's midnight in UTC; nil when it doesn't exist.",
        false},
    {"time", "date", time_date, "time.date(seconds [, offset_min]) → table",
        "year, month, day, hour, min, sec, weekday (1 is Monday) and yearday, that many minutes "
        "east of UTC.",
        false},
    {0},
};

static int write_log(lua_State *L, enum log_level level)
{
    struct str message = str_utf8_clip(lua_arg_text(L, 1), 1000);
    lua_charge(L, 500);
    log_line(level, "plugin says", "plugin", lua_call_plugin(L), "text", message, NULL);
    return 0;
}

static int log_info_binding(lua_State *L)
{
    return write_log(L, LOG_INFO);
}

static int log_warn_binding(lua_State *L)
{
    return write_log(L, LOG_WARN);
}

static int log_error_binding(lua_State *L)
{
    return write_log(L, LOG_ERROR);
}

static int log_debug_binding(lua_State *L)
{
    return write_log(L, LOG_DEBUG);
}

const struct lua_binding lua_bindings_log[] = {
    {"log", "debug", log_debug_binding, "log.debug(text)", "A line for the author.", false},
    {"log", "info", log_info_binding, "log.info(text)",
        "A line in the server's log, with plugin, site and request. No names, no addresses, no "
        "codes.",
        false},
    {"log", "warn", log_warn_binding, "log.warn(text)", "Something odd that was dealt with.",
        false},
    {"log", "error", log_error_binding, "log.error(text)", "Something that needs a person.", false},
    {0},
};
