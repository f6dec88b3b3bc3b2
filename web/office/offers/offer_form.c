#include "web/office/offers/offer_form.h"

#include "base/text.h"
#include "http/respond.h"
#include "web/office/frame/fields.h"
#include "web/office/offers/offer_form.sql.h"

enum { TITLE_MAX = 120, LINE_MAX = 200, STORY_MAX = 20000, SLUG_MAX = 60 };

static const char *const kinds[] = {"event", "class", "service", "admission", NULL};
static const char *const actions[] = {"save", "preview", NULL};

const struct form offer_edit_form =
    FORM({"csrf", .kind = FIELD_TEXT}, {"do", .kind = FIELD_CHOICE, .choices = actions},
        FORM_SEEN("version"), {"agreed", .kind = FIELD_BOOL},
        {"kind", .kind = FIELD_CHOICE, .required = true, .choices = kinds},
        {"slug", .kind = FIELD_TEXT, .max = SLUG_MAX}, {"category", .kind = FIELD_TEXT, .max = 80},
        {"tax", .kind = FIELD_TEXT, .required = true, .max = 80}, {"title", .kind = FIELD_OBJECT},
        {"line", .kind = FIELD_OBJECT}, {"description", .kind = FIELD_OBJECT},
        {"image_alt", .kind = FIELD_OBJECT},
        {"duration_min", .kind = FIELD_INT, .required = true, .min = 5, .max = 10080},
        {"buffer_min", .kind = FIELD_INT, .min = 0, .max = 1440}, {"exclusive", .kind = FIELD_BOOL},
        {"capacity", .kind = FIELD_INT, .required = true, .min = 1, .max = 1000000},
        {"resource", .kind = FIELD_COUNTS, .max = 1},
        {"min_per_order", .kind = FIELD_INT, .required = true, .min = 1, .max = 10000},
        {"max_per_order", .kind = FIELD_INT, .required = true, .min = 1, .max = 10000},
        {"opens_days_before", .kind = FIELD_INT, .required = true, .min = 1, .max = 730},
        {"closes_min_before", .kind = FIELD_INT, .min = 0, .max = 525600});

struct offer_choice_places offer_choices_add(struct request *r, struct unit *u)
{
    struct str tenant = db_i64(r->arena, r->site->tenant);
    return (struct offer_choice_places){unit_add(u, &SQL_office_offer_categories, tenant),
        unit_add(u, &SQL_office_offer_taxes, tenant),
        unit_add(u, &SQL_office_offer_resources, tenant)};
}

struct offer_choices offer_choices_take(struct unit *u, struct offer_choice_places places)
{
    return (struct offer_choices){unit_rows(u, places.categories), unit_rows(u, places.taxes),
        unit_rows(u, places.resources)};
}

struct value *offer_doc_new(struct request *r, const struct offer_choices *choices)
{
    struct arena *a = r->arena;
    struct value *doc = value_object(a);
    value_set_str(a, doc, KEY(slug), STR(""));
    value_set_str(a, doc, KEY(kind), STR("event"));
    value_set(a, doc, KEY(category), value_null());
    value_set_str(
        a, doc, KEY(tax), choices->taxes->count ? rows_str(choices->taxes, 0, KEY(code)) : STR(""));
    value_set(a, doc, KEY(title), value_object(a));
    value_set(a, doc, KEY(line), value_object(a));
    value_set(a, doc, KEY(description), value_object(a));
    value_set(a, doc, KEY(image_alt), value_object(a));
    value_set_int(a, doc, KEY(duration_min), 60);
    value_set_int(a, doc, KEY(buffer_min), 0);
    value_set_int(a, doc, KEY(capacity), 10);
    value_set_bool(a, doc, KEY(exclusive), false);
    value_set(a, doc, KEY(resources), value_list(a));
    value_set_int(a, doc, KEY(min_per_order), 1);
    value_set_int(a, doc, KEY(max_per_order), 10);
    value_set_int(a, doc, KEY(opens_days_before), 60);
    value_set_int(a, doc, KEY(closes_min_before), 0);
    return doc;
}

const char *offer_text_id(struct request *r, const char *field, struct str language)
{
    return str_join(r->arena, str_of(field), STR("_"), language, STR_NULL).p;
}

static void refuse_limit(struct request *r, const char *id, const char *code, int64_t limit)
{
    struct str key = str_join(r->arena, STR("error."), str_of(code), STR_NULL);
    form_refuse_text(
        r, id, code, message(r->arena, r->words, key, "limit", value_int(r->arena, limit), NULL));
}

// A browser sends CR LF.
static struct str plain(struct request *r, struct str text)
{
    struct buf b;
    buf_init(&b, r->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != '\r')
            buf_add_char(&b, text.p[i]);
    return text_strip(buf_str(&b));
}

static bool one_line(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

struct value *offer_texts_sent(
    struct request *r, const struct value *base, const struct offer_texts *t)
{
    struct arena *a = r->arena;
    const struct value *sent = value_get(r->form, value_key_intern(str_of(t->field)));
    struct value *texts = value_object(a);
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        const char *id = offer_text_id(r, t->field, language);
        const struct value *v = value_get(sent, value_key_intern(language));
        if (!sent || (v && !value_is(v, VALUE_STR) && !value_is(v, VALUE_NULL)))
            v = value_get(base, value_key_intern(language));
        struct str text = value_is(v, VALUE_STR) ? plain(r, v->str) : STR("");
        if (!str_utf8_valid(text) || (!t->lines && !one_line(text)))
            refuse_limit(r, id, "one_line", 0);
        else if ((int64_t)str_utf8_count(text) > t->max)
            refuse_limit(r, id, "too_long", t->max);
        else if (!text.len && i == 0 && t->required)
            form_refuse_text(r, id, "required",
                message(a, r->words, STR("office.texts.required"), "language",
                    value_str(a, format_language_name(a, language)), NULL));
        if (text.len)
            value_set_str(a, texts, value_key_intern(language), text);
    }
    return texts;
}

static struct str first_of(struct request *r, const struct value *texts)
{
    return value_get_str(texts, value_key_intern(r->site->languages[0]));
}

// What a person types as an address becomes one; an empty one is made of the title.
static struct str slug_sent(struct request *r, const struct value *base, const struct value *title)
{
    struct str typed = form_str(r, KEY(slug));
    if (!typed.len && value_get_str(base, KEY(slug)).len && r->sent_json)
        return value_get_str(base, KEY(slug));
    struct str slug = text_slug(r->arena, typed.len ? typed : first_of(r, title));
    slug = str_sub(slug, 0, SLUG_MAX);
    if (!slug.len && typed.len)
        form_refuse_text(
            r, "slug", "slug", message(r->arena, r->words, STR("office.offer.slug_wrong"), NULL));
    return slug.len ? slug : STR("offer");
}

static bool rows_have(const struct rows *rows, value_key column, struct str value)
{
    for (int i = 0; i < rows->count; i++)
        if (str_eq(rows_str(rows, i, column), value))
            return true;
    return false;
}

static void take_names(struct request *r, struct value *doc, const struct offer_choices *choices)
{
    struct arena *a = r->arena;
    struct str category = form_str(r, KEY(category)), tax = form_str(r, KEY(tax));
    if (category.len && !rows_have(choices->categories, KEY(slug), category))
        form_refuse(r, "category", "choice");
    value_set(a, doc, KEY(category), category.len ? value_str(a, category) : value_null());
    if (tax.len && !rows_have(choices->taxes, KEY(code), tax))
        form_refuse(r, "tax", "choice");
    if (tax.len)
        value_set_str(a, doc, KEY(tax), tax);
    struct value *resources = value_list(a);
    const struct value *sent = value_get(r->form, KEY(resource));
    // In the order of the site's resources, as they are stored.
    for (int i = 0; i < choices->resources->count; i++)
        for (size_t k = 0; k < value_count(sent); k++) {
            struct str code = value_get_str(value_at(sent, k), KEY(key));
            if (!rows_bool(choices->resources, i, KEY(archived)) &&
                str_eq(code, rows_str(choices->resources, i, KEY(code))))
                value_append(a, resources, value_str(a, code));
        }
    if (value_count(resources) != value_count(sent))
        form_refuse(r, "resource", "choice");
    value_set(a, doc, KEY(resources), resources);
}

static void take_numbers(struct request *r, struct value *doc)
{
    static const char *const names[] = {"duration_min", "buffer_min", "capacity", "min_per_order",
        "max_per_order", "opens_days_before", "closes_min_before"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        value_key key = value_key_intern(str_of(names[i]));
        value_set_int(r->arena, doc, key, form_int(r, key, value_get_int(doc, key, 0)));
    }
    bool exclusive = form_bool(r, KEY(exclusive));
    value_set_bool(r->arena, doc, KEY(exclusive), exclusive);
    if (exclusive && !value_count(value_get(doc, KEY(resources))))
        form_refuse_text(r, "exclusive", "resources",
            message(r->arena, r->words, STR("office.offer.exclusive_alone"), NULL));
    if (value_get_int(doc, KEY(max_per_order), 0) < value_get_int(doc, KEY(min_per_order), 0))
        form_refuse_text(r, "max_per_order", "too_small",
            message(r->arena, r->words, STR("office.offer.max_below_min"), NULL));
}

struct value *offer_doc_sent(
    struct request *r, const struct value *base, const struct offer_choices *choices)
{
    struct arena *a = r->arena;
    struct value *doc = value_copy(a, base);
    static const struct offer_texts title = {.field = "title", .max = TITLE_MAX, .required = true},
                                    line = {.field = "line", .max = LINE_MAX},
                                    story = {.field = "description",
                                        .max = STORY_MAX,
                                        .lines = true},
                                    alt = {.field = "image_alt", .max = LINE_MAX};
    struct value *titles = offer_texts_sent(r, value_get(base, KEY(title)), &title);
    value_set(a, doc, KEY(title), titles);
    value_set(a, doc, KEY(line), offer_texts_sent(r, value_get(base, KEY(line)), &line));
    value_set(
        a, doc, KEY(description), offer_texts_sent(r, value_get(base, KEY(description)), &story));
    value_set(a, doc, KEY(image_alt), offer_texts_sent(r, value_get(base, KEY(image_alt)), &alt));
    value_set_str(a, doc, KEY(slug), slug_sent(r, base, titles));
    if (form_str(r, KEY(kind)).len)
        value_set_str(a, doc, KEY(kind), form_str(r, KEY(kind)));
    take_names(r, doc, choices);
    take_numbers(r, doc);
    return doc;
}

static struct str number(struct request *r, const struct value *doc, value_key key)
{
    return str_of_i64(r->arena, value_get_int(doc, key, 0));
}

static struct value *category_choices(struct request *r, const struct rows *rows)
{
    struct value *choices = value_list(r->arena);
    office_choice_add(
        r, choices, STR(""), message(r->arena, r->words, STR("office.offer.category.none"), NULL));
    for (int i = 0; i < rows->count; i++)
        office_choice_add(r, choices, rows_str(rows, i, KEY(slug)),
            site_text_in(r->site, rows_json(r->arena, rows, i, KEY(name)), r->language));
    return choices;
}

static struct value *tax_choices(struct request *r, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *choices = value_list(a);
    for (int i = 0; i < rows->count; i++) {
        struct str name = site_text_in(r->site, rows_json(a, rows, i, KEY(name)), r->language);
        bool included = rows_bool(rows, i, KEY(included));
        office_choice_add(r, choices, rows_str(rows, i, KEY(code)),
            message(a, r->words,
                included ? STR("office.offer.tax.included") : STR("office.offer.tax.added"), "name",
                value_str(a, name), "rate",
                value_str(a, format_percent(a, r->format, rows_i64(rows, i, KEY(rate_ppm)))),
                NULL));
    }
    return choices;
}

struct value *offer_names(struct request *r, const struct offer_choices *choices)
{
    struct arena *a = r->arena;
    struct value *names = value_object(a), *resources = value_list(a);
    const struct rows *rows = choices->resources;
    for (int i = 0; i < rows->count; i++)
        office_choice_add(r, resources, rows_str(rows, i, KEY(code)), rows_str(rows, i, KEY(name)));
    value_set(a, names, KEY(category), category_choices(r, choices->categories));
    value_set(a, names, KEY(tax), tax_choices(r, choices->taxes));
    value_set(a, names, KEY(resources), resources);
    return names;
}

static void add_basics(struct request *r, struct value *sets, const struct value *doc,
    const struct offer_choices *choices)
{
    struct value *f = office_fieldset_add(r, sets, "office.offer.set.basics");
    office_field_add(r, f,
        &(struct office_field){.id = "kind",
            .label = "office.offer.kind",
            .kind = OFFICE_CHOICE,
            .value = value_get_str(doc, KEY(kind)),
            .choices = office_choices(r, "office.offer.kind", kinds)});
    office_field_add(r, f,
        &(struct office_field){.id = "category",
            .label = "office.offer.category",
            .kind = OFFICE_CHOICE,
            .value = value_get_str(doc, KEY(category)),
            .choices = category_choices(r, choices->categories)});
    office_field_add(r, f,
        &(struct office_field){.id = "tax",
            .label = "office.offer.tax",
            .kind = OFFICE_CHOICE,
            .value = value_get_str(doc, KEY(tax)),
            .choices = tax_choices(r, choices->taxes)});
    office_field_add(r, f,
        &(struct office_field){.id = "slug",
            .label = "office.offer.slug",
            .value = value_get_str(doc, KEY(slug)),
            .len_max = SLUG_MAX});
}

static void add_texts(struct request *r, struct value *view, const struct value *doc)
{
    static const struct {
        const char *id, *label;
        enum office_field_kind kind;
        int len_max;
    } fields[] = {{"title", "office.offer.title", OFFICE_LINE, TITLE_MAX},
        {"line", "office.offer.line", OFFICE_LINE, LINE_MAX},
        {"description", "office.offer.description", OFFICE_LONG, STORY_MAX},
        {"image_alt", "office.offer.image_alt", OFFICE_LINE, LINE_MAX}};
    struct arena *a = r->arena;
    struct value *languages = value_list(a);
    value_set(a, view, KEY(texts), languages);
    for (int i = 0; i < r->site->language_count; i++) {
        struct str language = r->site->languages[i];
        struct value *v = value_append_object(a, languages), *list = value_list(a);
        value_set_str(a, v, KEY(code), language);
        value_set_str(a, v, KEY(label), format_language_name(a, language));
        value_set_bool(a, v, KEY(main), i == 0);
        value_set(a, v, KEY(fields), list);
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
            office_field_add(r, list,
                &(struct office_field){.id = offer_text_id(r, fields[k].id, language),
                    .label = fields[k].label,
                    .kind = fields[k].kind,
                    .len_max = fields[k].len_max,
                    .language = language,
                    .required = i == 0 && k == 0,
                    .value = value_get_str(value_get(doc, value_key_intern(str_of(fields[k].id))),
                        value_key_intern(language))});
    }
}

static void add_numbers(struct request *r, struct value *sets, const struct value *doc)
{
    struct arena *a = r->arena;
    struct str minutes = message(a, r->words, STR("office.offer.minutes"), NULL);
    struct str days = message(a, r->words, STR("office.offer.days"), NULL);
    struct value *f = office_fieldset_add(r, sets, "office.offer.set.time");
    const struct {
        const char *id, *label;
        struct str end;
    } time[] = {{"duration_min", "office.offer.duration", minutes},
        {"buffer_min", "office.offer.buffer", minutes},
        {"capacity", "office.offer.capacity", STR_NULL}},
      sale[] = {{"min_per_order", "office.offer.min", STR_NULL},
          {"max_per_order", "office.offer.max", STR_NULL},
          {"opens_days_before", "office.offer.opens", days},
          {"closes_min_before", "office.offer.closes", minutes}};
    for (size_t i = 0; i < sizeof time / sizeof *time; i++)
        office_field_add(r, f,
            &(struct office_field){.id = time[i].id,
                .label = time[i].label,
                .kind = OFFICE_NUMBER,
                .end = time[i].end,
                .value = number(r, doc, value_key_intern(str_of(time[i].id)))});
    f = office_fieldset_add(r, sets, "office.offer.set.sale");
    for (size_t i = 0; i < sizeof sale / sizeof *sale; i++)
        office_field_add(r, f,
            &(struct office_field){.id = sale[i].id,
                .label = sale[i].label,
                .kind = OFFICE_NUMBER,
                .end = sale[i].end,
                .value = number(r, doc, value_key_intern(str_of(sale[i].id)))});
}

static bool lists(const struct value *list, struct str code)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (str_eq(value_as_str(value_at(list, i)), code))
            return true;
    return false;
}

static void add_resources(
    struct request *r, struct value *view, const struct value *doc, const struct rows *rows)
{
    struct arena *a = r->arena;
    struct value *list = value_list(a), *one = value_list(a);
    value_set(a, view, KEY(resources), list);
    for (int i = 0; i < rows->count; i++) {
        if (rows_bool(rows, i, KEY(archived)))
            continue;
        struct value *v = value_append_object(a, list);
        struct str code = rows_str(rows, i, KEY(code));
        value_set_str(a, v, KEY(field), str_join(a, STR("resource_"), code, STR_NULL));
        value_set_str(a, v, KEY(name), rows_str(rows, i, KEY(name)));
        value_set_bool(a, v, KEY(checked), lists(value_get(doc, KEY(resources)), code));
    }
    value_set_bool(a, view, KEY(has_resources), value_count(list) > 0);
    office_field_add(r, one,
        &(struct office_field){.id = "exclusive",
            .label = "office.offer.exclusive",
            .kind = OFFICE_TICK,
            .checked = value_get_bool(doc, KEY(exclusive), false)});
    value_set(a, view, KEY(exclusive), one);
}

void offer_form_view(struct request *r, struct value *view, const struct value *doc,
    const struct offer_choices *choices)
{
    struct value *sets = value_list(r->arena);
    value_set(r->arena, view, KEY(sets), sets);
    add_basics(r, sets, doc, choices);
    add_numbers(r, sets, doc);
    add_texts(r, view, doc);
    add_resources(r, view, doc, choices->resources);
}
