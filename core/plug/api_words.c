// vitrine.h: site, settings, words, formats, amounts, texts, secrets, log.
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/phone.h"
#include "base/text.h"
#include "data/seal.h"
#include "http/respond.h"
#include "plug/api.h"

enum { JSON_MAX = 1 << 20 };

void api_speak(struct vt_call *c)
{
    if (c->words)
        return;
    if (c->request) {
        c->language = c->request->language;
        c->words = c->request->words;
        c->format = c->request->format;
        return;
    }
    c->language = c->site->languages[0];
    c->words = messages_language(respond_parts()->messages, c->language);
    c->format = format_for(c->language, c->site->region);
}

void vt_speak(struct vt_call *c, struct vt_str language)
{
    struct str wanted = api_in(language);
    if (!site_speaks(c->site, wanted))
        return;
    c->language = wanted;
    c->words = messages_language(respond_parts()->messages, wanted);
    c->format = format_for(wanted, c->site->region);
}

struct vt_value *vt_site_info(struct vt_call *c)
{
    struct arena *a = c->arena;
    const struct site *s = c->site;
    struct value *v = value_object(a), *languages = value_list(a);
    api_speak(c);
    value_set_str(a, v, KEY(slug), s->slug);
    value_set_str(a, v, KEY(name), s->name);
    value_set_str(a, v, KEY(kind), s->kind);
    value_set_str(a, v, KEY(currency), str_of(s->currency.code));
    value_set_str(a, v, KEY(time_zone), zone_name(s->zone));
    value_set_str(a, v, KEY(region), s->region);
    value_set_bool(a, v, KEY(practice), s->practice);
    value_set(a, v, KEY(contact), s->contact);
    value_set_str(a, v, KEY(language), c->language);
    value_set(a, v, KEY(languages), languages);
    for (int i = 0; i < s->language_count; i++)
        value_append(a, languages, value_str(a, s->languages[i]));
    return api_give(v);
}

struct vt_value *vt_settings_get(struct vt_call *c, struct vt_str name)
{
    const struct setting *s = feature_setting_find(&c->plugin->manifest.info, api_in(name));
    if (c->failure.p)
        return NULL;
    if (!s)
        return vt_fail(
            c, vt_str_format(c, "there is no setting %.*s in plugin.json", (int)name.len, name.p));
    const struct value *v = value_get(c->settings, s->key);
    return api_give(v ? v : s->fallback);
}

struct vt_str vt_translate_text(struct vt_call *c, struct vt_str key, struct vt_value *args)
{
    struct message_arg list[MESSAGE_ARGS_MAX];
    const struct value *v = api_value(args);
    size_t count = value_is(v, VALUE_OBJECT) ? v->object.count : 0;
    struct str full =
        str_join(c->arena, STR("x."), c->plugin->name, STR("."), api_in(key), STR_NULL);
    message_id id = message_find(respond_parts()->messages, full);
    if (!id)
        return api_out(full);
    if (count > MESSAGE_ARGS_MAX)
        count = MESSAGE_ARGS_MAX;
    for (size_t i = 0; i < count; i++)
        list[i] = (struct message_arg){v->object.fields[i].key, v->object.fields[i].value};
    api_speak(c);
    return api_out(str_dup(c->arena, message_text(c->arena, c->words, id, list, count)));
}

struct vt_str vt_translate_choose(struct vt_call *c, struct vt_value *texts, struct vt_str language)
{
    api_speak(c);
    struct str text =
        site_text_in(c->site, api_value(texts), language.p ? api_in(language) : c->language);
    return api_out(text.p ? text : STR(""));
}

struct vt_str vt_format_money(struct vt_call *c, int64_t minor)
{
    api_speak(c);
    return api_out(str_dup(c->arena, format_money(c->arena, c->format, minor, c->site->currency)));
}

// 1 January 1970 to the end of 2100: what zones know.
static bool is_time(struct vt_call *c, int64_t at_us)
{
    return (at_us >= 0 && at_us < INT64_C(4133980800000000)) ||
           api_fail(c, "the time is out of range: microseconds since 1970");
}

static struct vt_str time_part(struct vt_call *c, int64_t at_us, value_key part)
{
    if (!is_time(c, at_us))
        return VT_NULL;
    api_speak(c);
    struct value *v = format_time_value(c->arena, c->format, c->site->zone, at_us);
    return api_out(str_dup(c->arena, value_get_str(v, part)));
}

struct vt_str vt_format_date(struct vt_call *c, int64_t at_us)
{
    return time_part(c, at_us, KEY(date_text));
}

struct vt_str vt_format_time(struct vt_call *c, int64_t at_us)
{
    return time_part(c, at_us, KEY(text));
}

struct vt_str vt_format_number(struct vt_call *c, int64_t n)
{
    api_speak(c);
    return api_out(str_dup(c->arena, format_number(c->arena, c->format, n)));
}

struct vt_str vt_format_percent(struct vt_call *c, int64_t share_ppm)
{
    api_speak(c);
    return api_out(str_dup(c->arena, format_percent(c->arena, c->format, share_ppm)));
}

bool vt_money_add(int64_t a, int64_t b, int64_t *sum)
{
    return money_add(a, b, sum);
}

bool vt_money_multiply(int64_t amount, int64_t quantity, int64_t *product)
{
    return money_multiply(amount, quantity, product);
}

int64_t vt_money_share(int64_t amount, int64_t share_ppm)
{
    return money_share(amount, share_ppm);
}

bool vt_money_parse(struct vt_call *c, struct vt_str text, int64_t *minor)
{
    return money_parse(str_trim(api_in(text)), c->site->currency, minor);
}

struct vt_str vt_text_fold(struct vt_call *c, struct vt_str s)
{
    return api_out(text_fold(c->arena, api_in(s)));
}

bool vt_text_is_email(struct vt_str s)
{
    return text_is_email(api_in(s));
}

struct vt_str vt_text_phone(struct vt_call *c, struct vt_str typed, struct vt_str region)
{
    return api_out(
        phone_parse(c->arena, api_in(typed), region.len ? api_in(region) : c->site->region));
}

struct vt_str vt_json_encode(struct vt_call *c, struct vt_value *v)
{
    struct buf b;
    buf_init(&b, c->arena, JSON_MAX);
    json_write(&b, api_value(v));
    if (b.full)
        api_fail(c, "the JSON is longer than 1 MB");
    return b.full ? VT_NULL : api_out(buf_str(&b));
}

struct vt_value *vt_json_decode(struct vt_call *c, struct vt_str text, const char *const *fields)
{
    struct json_error error;
    for (; *fields; fields++)
        value_key_intern(str_of(*fields));
    if (c->failure.p)
        return NULL;
    struct value *v = json_parse(c->arena, api_in(text), JSON_DROP_UNKNOWN_KEYS, &error);
    if (!v)
        api_fail(c, "no JSON: %.*s", STR_ARG(error.text));
    return api_give(v);
}

int64_t vt_time_now(void)
{
    return clock_now_us() / 1000000;
}

struct vt_str vt_crypto_hmac_sha256(struct vt_call *c, struct vt_str key, struct vt_str message)
{
    struct sha256 digest = hash_hmac_sha256(api_in(key), api_in(message));
    return api_out(str_hex(c->arena, digest.bytes, sizeof digest.bytes));
}

bool vt_crypto_same(struct vt_str a, struct vt_str b)
{
    return id_same_secret(api_in(a), api_in(b));
}

struct vt_str vt_crypto_sign(struct vt_call *c, struct vt_str message)
{
    struct str of =
        str_format(c->arena, "%lld/%.*s/", (long long)c->site->tenant, STR_ARG(c->plugin->name));
    return api_out(
        seal_sign(c->arena, STR("plugin"), str_join(c->arena, of, api_in(message), STR_NULL)));
}

struct vt_str vt_crypto_token(struct vt_call *c)
{
    return api_out(id_token(c->arena));
}

static void write_log(struct vt_call *c, enum log_level level, struct vt_str text)
{
    log_line(level, "plugin says", "plugin", c->plugin->name, "text", api_in(text), NULL);
}

void vt_log_debug(struct vt_call *c, struct vt_str text)
{
    write_log(c, LOG_DEBUG, text);
}

void vt_log_info(struct vt_call *c, struct vt_str text)
{
    write_log(c, LOG_INFO, text);
}

void vt_log_warn(struct vt_call *c, struct vt_str text)
{
    write_log(c, LOG_WARN, text);
}

void vt_log_error(struct vt_call *c, struct vt_str text)
{
    write_log(c, LOG_ERROR, text);
}
