#include "series.h"

#include "rule.h"

int64_t series_now_us(void)
{
    return vt_time_now() * 1000000;
}

bool series_has(const struct vt_value *row, const char *field)
{
    return vt_get_text(row, field).p || vt_get_int(row, field, INT64_MIN) != INT64_MIN;
}

bool series_closing(struct vt_call *call)
{
    return vt_count(vt_db_read(call, VT("series_closing"), NULL)) > 0;
}

bool series_is_id(struct vt_str s)
{
    bool number = s.len > 0 && s.len < 19;
    for (size_t i = 0; i < s.len; i++)
        number &= s.p[i] >= '0' && s.p[i] <= '9';
    return number;
}

struct vt_str series_or_null(struct vt_str text)
{
    return text.len ? text : VT_NULL;
}

struct vt_value *series_load(struct vt_call *call, struct vt_str id)
{
    if (!series_is_id(id))
        return NULL;
    return vt_at(vt_db_read(call, VT("series_load"), vt_list_of(call, vt_text(call, id), NULL)), 0);
}

struct vt_value *series_require(struct vt_call *call, struct vt_value *request)
{
    struct vt_value *row = series_load(call, vt_as_text(vt_at(vt_get(request, "params"), 0)));
    if (!row && !vt_failed(call))
        vt_response_problem(call, VT("not_found"));
    return row;
}

struct vt_str series_words(struct vt_call *call, struct vt_value *row)
{
    struct rule rule = rule_read(vt_get(row, "rule"));
    return rule_words(call, &rule, vt_format_date(call, vt_get_int(row, "first_us", 0)),
        vt_format_date(call, vt_get_int(row, "until_us", 0)));
}

struct vt_str series_title(struct vt_call *call, struct vt_value *texts)
{
    static const char *const languages[] = {"en", "fr", "es"};
    struct vt_str wanted = vt_get_text(vt_site_info(call), "language"), any = VT_NULL;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        struct vt_str title = vt_get_text(texts, languages[i]);
        if (vt_str_eq(wanted, vt_str_of(languages[i])) && title.len)
            return title;
        if (!any.len)
            any = title;
    }
    return any;
}

struct vt_str series_path(struct vt_call *call, struct vt_str id, const char *rest)
{
    return vt_str_format(call, "/manage/x/recurring-bookings/%.*s%s", (int)id.len, id.p, rest);
}

struct vt_value *series_look(struct vt_call *call, struct vt_value *series, struct vt_value *ask)
{
    vt_set_text(call, ask, "offer", vt_get_text(series, "offer_id"));
    if (!series_has(ask, "resource"))
        vt_set_text(call, ask, "resource", vt_get_text(series, "resource_id"));
    if (vt_str_eq(vt_get_text(ask, "resource"), SERIES_ANY))
        vt_set(call, ask, "resource", vt_null());
    vt_set_int(call, ask, "quantity", vt_get_int(series, "quantity", 1));
    return vt_booking_look(call, ask);
}

struct vt_str series_why_code(struct vt_call *call, struct vt_str code)
{
    struct vt_value *args = vt_object(call);
    // When its sale opens is known while one looks, not afterwards.
    vt_set_text(call, args, "why", vt_str_eq(code, VT("early")) ? VT("early_then") : code);
    vt_set_text(call, args, "date", VT(""));
    return vt_translate_text(call, VT("why"), args);
}

struct vt_str series_why(struct vt_call *call, struct vt_value *time)
{
    struct vt_value *args = vt_object(call);
    struct vt_str reason = vt_get_text(time, "why");
    vt_set_text(call, args, "why", vt_get_text(time, "obstacle"));
    vt_set_text(call, args, "date", vt_format_date(call, vt_get_int(time, "opens_us", 0)));
    struct vt_str why = vt_translate_text(call, VT("why"), args);
    if (!reason.len)
        return why;
    struct vt_value *both = vt_object(call);
    vt_set_text(call, both, "why", why);
    vt_set_text(call, both, "reason", reason);
    return vt_translate_text(call, VT("why.reason"), both);
}

struct vt_str series_key(struct vt_call *call, struct vt_str id)
{
    return vt_crypto_sign(call, vt_str_format(call, "series/%.*s", (int)id.len, id.p));
}

struct vt_str series_link(struct vt_call *call, struct vt_str id)
{
    struct vt_str key = series_key(call, id);
    return vt_str_format(
        call, "/x/recurring-bookings/%.*s?t=%.*s", (int)id.len, id.p, (int)key.len, key.p);
}

struct vt_str series_when(
    struct vt_call *call, int64_t at_us, int64_t day_us, struct vt_str local_time)
{
    if (at_us)
        return vt_format_time(call, at_us);
    struct vt_str day = vt_format_date(call, day_us);
    size_t skip = local_time.len > 11 ? 11 : local_time.len;
    return vt_str_format(
        call, "%.*s, %.*s", (int)day.len, day.p, (int)(local_time.len - skip), local_time.p + skip);
}

struct vt_str series_date_when(struct vt_call *call, struct vt_value *date)
{
    int64_t starts_us = vt_get_int(date, "starts_us", 0);
    return series_when(call, starts_us ? starts_us : vt_get_int(date, "wall_us", 0),
        vt_get_int(date, "day_us", 0), vt_get_text(date, "local_time"));
}
