// Lua's site, settings, translate, format and crypto, and the list of all modules.
#include "plug/api.h"
#include "plug/bindings.h"
#include "plug/lua_value.h"

static int site_info(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    lua_value_push(L, api_value(vt_site_info(c)));
    return 1;
}

static int site_url(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str url = vt_site_url(c, api_out(lua_arg_text(L, 1)));
    binding_check(L, c);
    lua_push_str(L, api_in(url));
    return 1;
}

static int site_absolute_url(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str url = vt_site_absolute_url(c, api_out(lua_arg_text(L, 1)));
    binding_check(L, c);
    lua_push_str(L, api_in(url));
    return 1;
}

static int settings_get(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_value *v = vt_settings_get(c, api_out(lua_arg_text(L, 1)));
    binding_check(L, c);
    lua_value_push(L, api_value(v));
    return 1;
}

static int translate_speak(lua_State *L)
{
    vt_speak(binding_call(L), api_out(lua_arg_text(L, 1)));
    return 0;
}

static int translate_text(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str key = api_out(lua_arg_text(L, 1));
    struct value *args = lua_isnoneornil(L, 2) ? NULL : lua_arg_value(L, 2);
    lua_charge(L, 200);
    lua_push_str(L, api_in(vt_translate_text(c, key, api_give(args))));
    return 1;
}

static int translate_choose(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct value *texts = lua_arg_value(L, 1);
    struct vt_str language = api_out(lua_isnoneornil(L, 2) ? STR_NULL : lua_arg_text(L, 2));
    lua_push_str(L, api_in(vt_translate_choose(c, api_give(texts), language)));
    return 1;
}

static int push_format(lua_State *L, struct vt_str (*format)(struct vt_call *, int64_t))
{
    struct vt_call *c = binding_call(L);
    lua_charge(L, 200);
    struct vt_str text = format(c, luaL_checkinteger(L, 1));
    binding_check(L, c);
    lua_push_str(L, api_in(text));
    return 1;
}

static int format_money_binding(lua_State *L)
{
    return push_format(L, vt_format_money);
}

static int format_date_binding(lua_State *L)
{
    return push_format(L, vt_format_date);
}

static int format_time_binding(lua_State *L)
{
    return push_format(L, vt_format_time);
}

static int format_number_binding(lua_State *L)
{
    return push_format(L, vt_format_number);
}

static int format_percent_binding(lua_State *L)
{
    return push_format(L, vt_format_percent);
}

static int crypto_hmac(lua_State *L)
{
    struct vt_call *c = binding_call(L);
    struct vt_str key = api_out(lua_arg_bytes(L, 1)), message = api_out(lua_arg_bytes(L, 2));
    lua_charge(L, 200 + (int64_t)message.len / 4);
    lua_push_str(L, api_in(vt_crypto_hmac_sha256(c, key, message)));
    return 1;
}

static int crypto_same(lua_State *L)
{
    lua_pushboolean(L, vt_crypto_same(api_out(lua_arg_bytes(L, 1)), api_out(lua_arg_bytes(L, 2))));
    return 1;
}

static int crypto_token(lua_State *L)
{
    lua_charge(L, 200);
    lua_push_str(L, api_in(vt_crypto_token(binding_call(L))));
    return 1;
}

static int crypto_sign(lua_State *L)
{
    struct vt_str message = api_out(lua_arg_bytes(L, 1));
    lua_charge(L, 200 + (int64_t)message.len / 4);
    lua_push_str(L, api_in(vt_crypto_sign(binding_call(L), message)));
    return 1;
}

const struct lua_binding plug_bindings_words[] = {
    {"site", "info", site_info, "site.info() → table",
        "slug, name, kind, currency, time_zone, region (of phones and dates), practice, contact, "
        "languages, and `language`, the "
        "reader's.",
        false},
    {"site", "url", site_url, "site.url(path) → string",
        "The address of a page of the site in the reader's language: \"/fr/x/hello\".", false},
    {"site", "absolute_url", site_absolute_url, "site.absolute_url(path) → string",
        "The same with scheme and host, for providers and mails; also in jobs.", false},
    {"settings", "get", settings_get, "settings.get(name) → value",
        "A setting of plugin.json as this site has it: valid, with its default where nobody set "
        "it. Amounts are minor units.",
        false},
    {"translate", "speak", translate_speak, "translate.speak(language)",
        "From now on the reader is somebody else: in jobs, whoever gets the mail. A language that "
        "the site doesn't speak changes nothing.",
        false},
    {"translate", "text", translate_text, "translate.text(key [, args]) → string",
        "Words of locales/*.json in the reader's language: the request's, in jobs the site's "
        "first.",
        false},
    {"translate", "choose", translate_choose, "translate.choose(texts [, language]) → string",
        "Of texts by language, {en = …, fr = …}, the reader's or the language's; in another "
        "language rather than not at all.",
        false},
    {"format", "money", format_money_binding, "format.money(minor) → string",
        "\"12,50 €\": an amount in the site's currency.", false},
    {"format", "date", format_date_binding, "format.date(at_us) → string",
        "The day at the venue. Moments are microseconds since 1970, as in fields ending in _us.",
        false},
    {"format", "time", format_time_binding, "format.time(at_us) → string",
        "Day and time at the venue.", false},
    {"format", "number", format_number_binding, "format.number(n) → string", "\"12,345\".", false},
    {"format", "percent", format_percent_binding, "format.percent(share_ppm) → string",
        "\"5.5 %\" of 55000 parts per million.", false},
    {"crypto", "hmac_sha256", crypto_hmac, "crypto.hmac_sha256(key, message) → string",
        "HMAC-SHA-256 in lower-case hexadecimal.", false},
    {"crypto", "same", crypto_same, "crypto.same(a, b) → boolean",
        "Compares secrets without telling by time where they differ.", false},
    {"crypto", "token", crypto_token, "crypto.token() → string",
        "128 random bits for an address that nobody guesses.", false},
    {"crypto", "sign", crypto_sign, "crypto.sign(message) → string",
        "128 bits for an address that need not be kept: only this plugin on this site makes them. "
        "The message says all that the address may do; compare by crypto.same.",
        false},
    {0},
};

const struct lua_binding *const plug_bindings[] = {plug_bindings_data, plug_bindings_customer,
    plug_bindings_ledger, plug_bindings_page, plug_bindings_words, lua_bindings_json,
    lua_bindings_text, lua_bindings_money, lua_bindings_time, lua_bindings_log, NULL};
