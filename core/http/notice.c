#include "http/notice.h"

#include "http/markdown.h"
#include "http/respond.h"
#include "http/template.h"

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

// On one line, every sign that Markdown might read otherwise behind a backslash (CommonMark 2.4).
static struct str plain_in_markdown(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, 2 * s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        if (is_punctuation(s.p[i]))
            buf_add_char(&b, '\\');
        buf_add_char(&b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
    }
    return buf_str(&b);
}

static struct value *escaped(struct arena *a, const struct value *texts)
{
    struct value *out = value_object(a);
    for (uint32_t i = 0; value_is(texts, VALUE_OBJECT) && i < texts->object.count; i++) {
        const struct value_field *f = &texts->object.fields[i];
        if (value_is(f->value, VALUE_STR))
            value_set_str(a, out, f->key, plain_in_markdown(a, f->value->str));
        else
            value_set(a, out, f->key, f->value);
    }
    return out;
}

static struct value *view_of(
    struct arena *a, const struct value *variables, const struct value *site)
{
    struct value *view = value_object(a);
    for (uint32_t i = 0; value_is(variables, VALUE_OBJECT) && i < variables->object.count; i++)
        value_set(a, view, variables->object.fields[i].key, variables->object.fields[i].value);
    value_set(a, view, KEY(site), (struct value *)site);
    return view;
}

struct filling {
    struct arena *a;
    struct catalogue *language;
    const struct value *view;
    struct source_error *why;
};

static bool fill(const struct filling *f, struct str text, struct str *out)
{
    struct arena *a = f->a;
    struct buf b;
    struct template_set *set =
        template_set_new(a, respond_parts()->messages, respond_parts()->assets);
    if (!template_set_add(set, STR("words"), TEMPLATE_TEXT, text, f->why) ||
        !template_set_finish(set, false, f->why))
        return false;
    struct template_input in = {.view = f->view, .language = f->language};
    buf_init(&b, a, NOTICE_LEN_MAX);
    enum template_outcome outcome = template_render(template_find(set, STR("words")), &in, &b);
    *out = buf_str(&b);
    if (outcome == TEMPLATE_DONE)
        return true;
    source_refuse(a, f->why, STR("words"), 0, "the text gets too long");
    f->why->code = "long";
    return false;
}

static struct str one_line(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        buf_add_char(&b, (unsigned char)s.p[i] < ' ' ? ' ' : s.p[i]);
    return str_trim(buf_str(&b));
}

bool notice_render(
    struct arena *a, const struct notice_words *words, struct notice *out, struct source_error *why)
{
    struct filling plain = {a, words->language, view_of(a, words->variables, words->site), why};
    struct filling safe = plain;
    struct str markdown;
    safe.view = view_of(a, escaped(a, words->variables), escaped(a, words->site));
    if (!fill(&plain, words->subject, &out->subject) || !fill(&plain, words->body, &out->text) ||
        !fill(&safe, words->body, &markdown))
        return false;
    out->subject = one_line(a, out->subject);
    out->html = markdown_html(a, markdown);
    return true;
}
