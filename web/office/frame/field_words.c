#include "web/office/frame/field_words.h"

#include "base/date.h"
#include "http/respond.h"

enum { TEXT_MAX = 600, PART_MAX = 4096, WORD_MAX = 40, NESTING_MAX = 4 };

// The order in which forms ask.
static const char *const places[] = {"title", "name", "code", "url", "line", "description", "text",
    "email", "role", "image_alt", "image", "kind", "mode", "offer", "category", "tax", "slug",
    "plan", "value_ppm", "value_minor", "rate_ppm", "included", "price_minor", "resource",
    "duration_min", "buffer_min", "exclusive", "capacity", "resources", "min_per_order",
    "max_per_order", "opens_days_before", "closes_min_before", "starts_us", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "times", "from_us", "to_us", "from",
    "to", "from_date", "to_date", "every_weeks", "uses", "per_buyer", "every_offer", "offers",
    "company", "registration", "vat_number", "legal_address", "phone", "address", "brand", "accent",
    "fonts", "corners", "header", "logo", "hero", "tagline", "intro", "enabled", "subject", "body",
    "everything", "features", "scopes", "events", "cancelled_lines", "rebooked_lines",
    "total_minor", "due_minor", "back_minor", "kept_minor", "waived_minor", "remedy", "former",
    "owners", "proof", "reason", "note", "state"};

// Values whose words are those of their form.
static const struct {
    const char *field, *prefix;
} form_words[] = {{"fonts", "office.branding.fonts."}, {"corners", "office.branding.corners."},
    {"header", "office.branding.header."}, {"mode", "office.channel.mode."},
    {"registration", "office.channel.registration."}, {"languages", "office.language."},
    {"scopes", "office.scope."}, {"events", "office.webhook.event."}};

static const char *const pictures[] = {"image", "logo", "hero"};

static bool has_words(struct str key)
{
    return message_find(respond_parts()->messages, key) != 0;
}

static struct str word(const struct request *r, const char *key)
{
    return message(r->arena, r->words, str_of(key), NULL);
}

bool field_is_language(const struct request *r, struct str name)
{
    return request_site(r) && site_speaks(request_site(r), name);
}

int field_place(struct str field)
{
    int i = 0, count = sizeof places / sizeof *places;
    while (i < count && !str_is(field, places[i]))
        i++;
    return i;
}

bool field_is_empty(struct str field, const struct value *v)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return !v->boolean;
    case VALUE_INT:
        return !v->integer && !str_ends(field, STR("_minor")) && !str_ends(field, STR("_ppm"));
    case VALUE_STR:
        return !v->str.len;
    default:
        return value_count(v) == 0;
    }
}

// The key of whose words come first: a plugin's, those of the object's kind, everybody's; absent
// when none says anything.
static struct str key_of(const struct field_words *w, const char *what, struct str tail)
{
    struct arena *a = w->r->arena;
    struct str of = str_of(what), dot = STR(".");
    const struct str keys[] = {
        str_join(a, STR("x."), w->plugin, dot, of, dot, tail, STR_NULL),
        str_join(a, STR("office."), of, dot, w->kind, dot, tail, STR_NULL),
        str_join(a, STR("office."), of, dot, tail, STR_NULL),
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (has_words(keys[i]))
            return keys[i];
    return STR_NULL;
}

static const struct setting *setting_of(const struct field_words *w, struct str field)
{
    return w->feature ? feature_setting_find(w->feature, field) : NULL;
}

struct str field_title(const struct request *r, const struct value *titles)
{
    struct str text = value_get_str(titles, value_key_find(r->language));
    return text.len ? text : value_get_str(titles, KEY(en));
}

struct str field_label(const struct field_words *w, struct str field)
{
    const struct request *r = w->r;
    const struct setting *s = setting_of(w, field);
    if (s)
        return field_title(r, s->title);
    if (field_is_language(r, field))
        return format_language_name(r->arena, field);
    struct str key = key_of(w, "field", field);
    if (key.len)
        return message(r->arena, r->words, key, NULL);
    struct str plain = str_dup(r->arena, field);
    for (size_t i = 0; i < plain.len; i++)
        if (plain.p[i] == '_')
            ((char *)plain.p)[i] = ' ';
    return plain;
}

static const struct site *site_of(const struct field_words *w)
{
    return w->site ? w->site : request_site(w->r);
}

// What many sites are to have, each in its currency, is a number of its smallest units.
static struct str amount(const struct field_words *w, int64_t minor)
{
    struct arena *a = w->r->arena;
    const struct site *site = site_of(w);
    return site ? format_money(a, w->r->format, minor, site->currency)
                : message(a, w->r->words, STR("office.history.units"), "amount",
                      value_int(a, minor), NULL);
}

static struct str number_text(const struct field_words *w, struct str field, int64_t n)
{
    const struct request *r = w->r;
    const struct site *site = site_of(w);
    const struct setting *s = setting_of(w, field);
    if (str_ends(field, STR("_minor")) || (s && s->kind == SETTING_MONEY))
        return amount(w, n);
    if (str_ends(field, STR("_ppm")))
        return format_percent(r->arena, r->format, n);
    if (str_ends(field, STR("_us")))
        return value_get_str(
            format_time_value(r->arena, r->format, site ? site->zone : zone_utc(), n), KEY(text));
    return format_number(r->arena, r->format, n);
}

static struct str named(const struct field_words *w, struct str field, struct str value)
{
    const struct value *list = value_get(w->names, value_key_find(field));
    for (size_t i = 0; i < value_count(list); i++)
        if (str_eq(value_get_str(value_at(list, i), KEY(choice)), value))
            return value_get_str(value_at(list, i), KEY(choice_title));
    const struct setting *s = setting_of(w, field);
    for (size_t i = 0; s && i < s->choice_count; i++)
        if (str_eq(s->choices[i].value, value))
            return field_title(w->r, s->choices[i].title);
    return STR_NULL;
}

static struct str form_word(const struct field_words *w, struct str field, struct str value)
{
    for (size_t i = 0; i < sizeof form_words / sizeof *form_words; i++) {
        struct str key = str_join(w->r->arena, str_of(form_words[i].prefix), value, STR_NULL);
        if (str_is(field, form_words[i].field) && has_words(key))
            return message(w->r->arena, w->r->words, key, NULL);
    }
    return STR_NULL;
}

static bool is_picture(struct str field)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (str_is(field, pictures[i]))
            return true;
    return false;
}

// States and the like have words of their own; days are written out.
static struct str text_of(const struct field_words *w, struct str field, struct str text)
{
    const struct request *r = w->r;
    struct date date;
    struct str known = named(w, field, text);
    if (known.len || text.len >= WORD_MAX)
        return known.len ? known : str_utf8_clip(text, TEXT_MAX);
    known = form_word(w, field, text);
    if (known.len)
        return known;
    struct str key = key_of(w, "value", str_join(r->arena, field, STR("."), text, STR_NULL));
    if (key.len)
        return message(r->arena, r->words, key, NULL);
    if (is_picture(field))
        return word(r, "office.history.picture");
    // What audit.h puts in a secret's place.
    if (str_is(text, "[not recorded]"))
        return word(r, "office.history.secret");
    if (text.len == 10 && date_parse(text, &date))
        return format_date(r->arena, r->format, date, FORMAT_DATE_LONG);
    return text;
}

static void add_value(
    struct buf *b, const struct field_words *w, struct str field, const struct value *v, int depth);

static void add_parts(struct buf *b, const struct field_words *w, const struct value *v, int depth)
{
    struct arena *a = w->r->arena;
    const char *between = "";
    for (uint32_t i = 0; i < v->object.count; i++) {
        struct str name = value_key_name(v->object.fields[i].key);
        struct buf part;
        if (field_is_empty(name, v->object.fields[i].value))
            continue;
        buf_init(&part, a, PART_MAX);
        add_value(&part, w, name, v->object.fields[i].value, depth + 1);
        buf_add(b, str_of(between));
        buf_add(b,
            message(a, w->r->words, STR("office.history.part"), "name",
                value_str(a, field_label(w, name)), "value", value_str(a, buf_str(&part)), NULL));
        between = " · ";
    }
}

static void add_items(struct buf *b, const struct field_words *w, struct str field,
    const struct value *list, int depth)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (i)
            buf_add(b, STR(", "));
        add_value(b, w, field, value_at(list, i), depth + 1);
    }
}

static void add_value(
    struct buf *b, const struct field_words *w, struct str field, const struct value *v, int depth)
{
    if (depth > NESTING_MAX)
        buf_add(b, STR("…"));
    else if (value_is(v, VALUE_BOOL))
        buf_add(b, word(w->r, v->boolean ? "office.history.yes" : "office.history.no"));
    else if (value_is(v, VALUE_INT))
        buf_add(b, number_text(w, field, v->integer));
    else if (value_is(v, VALUE_STR) && v->str.len)
        buf_add(b, text_of(w, field, v->str));
    else if (value_is(v, VALUE_OBJECT) && v->object.count)
        add_parts(b, w, v, depth);
    else if (value_is(v, VALUE_LIST) && v->list.count)
        add_items(b, w, field, v, depth);
    else
        buf_add(b, word(w->r, "office.history.nothing"));
}

struct str field_value(const struct field_words *w, struct str field, const struct value *v)
{
    struct buf b;
    buf_init(&b, w->r->arena, 64 << 10);
    add_value(&b, w, field, v, 0);
    return buf_str(&b);
}
