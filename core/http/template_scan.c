#include "http/template_scan.h"

#include <ctype.h>

enum { NAME_LEN_MAX = 200, DELIMITER_LEN_MAX = 16 };

struct scan {
    const struct template_job *job;
    struct tokens *tokens;
    struct str rest, open, close;
    int line;
    uint32_t openers[TEMPLATE_NESTING_MAX];
    uint32_t depth;
};

#define refuse(s, ...) \
    source_refuse((s)->job->arena, (s)->job->error, (s)->job->file, (s)->line, __VA_ARGS__)

// What was refused, for who reads it in other words than these (see template.h).
static bool blame(struct scan *s, const char *code, struct str name)
{
    struct source_error *e = s->job->error;
    e->code = code;
    e->name = str_dup(s->job->arena, name);
    return false;
}

static struct token *add(struct scan *s, enum token_kind kind, struct str text)
{
    struct tokens *t = s->tokens;
    if (t->count == t->room) {
        uint32_t room = t->room ? t->room * 2 : 64;
        t->items = arena_grow(
            s->job->arena, t->items, t->room * sizeof *t->items, room * sizeof *t->items);
        t->room = room;
    }
    struct token *token = &t->items[t->count++];
    *token = (struct token){.kind = kind, .line = s->line, .text = text};
    return token;
}

static void skip(struct scan *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        s->line += s->rest.p[i] == '\n';
    s->rest = str_sub(s->rest, len, s->rest.len);
}

static void add_text(struct scan *s, size_t len)
{
    while (len) {
        struct str text = str_sub(s->rest, 0, len);
        ptrdiff_t end = str_index(text, '\n');
        if (end >= 0)
            text.len = (size_t)end + 1;
        add(s, TOKEN_TEXT, text);
        skip(s, text.len);
        len -= text.len;
    }
}

static bool is_name(struct str name)
{
    if (!name.len || name.len > NAME_LEN_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (isspace((unsigned char)name.p[i]))
            return false;
    return true;
}

static bool set_delimiters(struct scan *s, struct str content)
{
    struct str inside = str_trim(str_sub(content, 1, content.len ? content.len - 1 : 0));
    size_t split = 0, behind = inside.len;
    while (split < inside.len && !isspace((unsigned char)inside.p[split]))
        split++;
    while (behind > split && !isspace((unsigned char)inside.p[behind - 1]))
        behind--;
    struct str open = str_sub(inside, 0, split), close = str_sub(inside, behind, inside.len);
    bool fits = content.len > 1 && content.p[content.len - 1] == '=' && open.len && close.len &&
                open.len <= DELIMITER_LEN_MAX && close.len <= DELIMITER_LEN_MAX &&
                !str_trim(str_sub(inside, split, behind)).len && str_index(open, '=') < 0 &&
                str_index(close, '=') < 0;
    if (!fits)
        return refuse(s, "delimiters are set as in {{=<%% %%>=}}");
    s->open = open;
    s->close = close;
    return true;
}

// Finds the tag that starts at `*from` in `in`: its content, and where it ends.
static bool cut_tag(struct scan *s, struct str in, size_t from, struct str *content, size_t *end)
{
    struct str behind = str_sub(in, from + s->open.len, in.len);
    ptrdiff_t len = str_find(behind, s->close);
    if (len < 0)
        return false;
    *content = str_sub(behind, 0, (size_t)len);
    *end = from + s->open.len + (size_t)len + s->close.len;
    return true;
}

static bool closes(struct str content, struct str name)
{
    return content.len && content.p[0] == '/' &&
           str_eq(str_trim(str_sub(content, 1, content.len)), name);
}

// {{#t}}…{{/t}} and its kin: what stands between belongs to the tag. Only an icon may have a tag
// inside, the one that gives its name.
static bool scan_inside(struct scan *s, enum token_kind kind, struct str name)
{
    struct token *token = add(s, kind, STR_NULL);
    struct str content, within = STR_NULL;
    size_t end;
    for (size_t at = 0;; at = end) {
        ptrdiff_t next = str_find(str_sub(s->rest, at, s->rest.len), s->open);
        if (next < 0 || !cut_tag(s, s->rest, at + (size_t)next, &content, &end))
            return refuse(s, "{{#%.*s}} is never closed: end it with {{/%.*s}}", STR_ARG(name),
                STR_ARG(name));
        if (closes(content, name)) {
            token->text = str_trim(str_sub(s->rest, 0, at + (size_t)next));
            break;
        }
        if (kind != TOKEN_ICON || within.p)
            return refuse(s, "{{#%.*s}} can't have other tags inside", STR_ARG(name));
        within = str_trim(content);
    }
    if (within.p) {
        token->kind = TOKEN_ICON_NAME;
        token->text = within;
        if (!is_name(within) || strchr("#^/!>=<$&{", within.p[0]))
            return refuse(s, "an icon's name is a word or one plain tag");
    }
    skip(s, end);
    return true;
}

static bool add_opener(struct scan *s, enum token_kind kind, struct str name)
{
    if (s->depth == TEMPLATE_NESTING_MAX) {
        refuse(
            s, "nested more than %d deep: move the inner part to a partial", TEMPLATE_NESTING_MAX);
        return blame(s, "deep", name);
    }
    s->openers[s->depth++] = s->tokens->count;
    add(s, kind, name);
    return true;
}

static bool add_close(struct scan *s, struct str name)
{
    if (!s->depth) {
        refuse(s, "{{/%.*s}} closes nothing", STR_ARG(name));
        return blame(s, "stray", name);
    }
    uint32_t opener = s->openers[--s->depth];
    struct token *opened = &s->tokens->items[opener];
    if (!str_eq(opened->text, name)) {
        refuse(s, "{{/%.*s}} stands where {{/%.*s}} must close line %d", STR_ARG(name),
            STR_ARG(opened->text), opened->line);
        s->job->error->other = str_dup(s->job->arena, opened->text);
        s->job->error->other_line = opened->line;
        return blame(s, "crossed", name);
    }
    opened->match = s->tokens->count;
    add(s, TOKEN_CLOSE, name)->match = opener;
    return true;
}

static enum token_kind kind_of(char sigil)
{
    switch (sigil) {
    case '#':
        return TOKEN_SECTION;
    case '^':
        return TOKEN_INVERTED;
    case '/':
        return TOKEN_CLOSE;
    case '>':
        return TOKEN_PARTIAL;
    case '<':
        return TOKEN_PARENT;
    case '$':
        return TOKEN_BLOCK;
    case '&':
        return TOKEN_RAW;
    default:
        return TOKEN_VALUE;
    }
}

// A tag whose content is a name, behind its sign. The tag itself is already skipped.
static bool add_named(struct scan *s, struct str content)
{
    enum token_kind kind = kind_of(content.len ? content.p[0] : ' ');
    struct str name = str_trim(kind == TOKEN_VALUE ? content : str_sub(content, 1, content.len));
    if (!is_name(name)) {
        refuse(s, "a tag's name is one word of at most %d bytes: {{%.*s}}", NAME_LEN_MAX,
            content.len > 40 ? 40 : (int)content.len, content.p);
        return blame(s, "name", str_utf8_clip(content, 40));
    }
    switch (kind) {
    case TOKEN_SECTION:
        if (str_is(name, "t"))
            return scan_inside(s, TOKEN_MESSAGE, name);
        if (str_is(name, "asset"))
            return scan_inside(s, TOKEN_ASSET, name);
        if (str_is(name, "icon"))
            return scan_inside(s, TOKEN_ICON, name);
        return add_opener(s, kind, name);
    case TOKEN_INVERTED:
    case TOKEN_PARENT:
    case TOKEN_BLOCK:
        return add_opener(s, kind, name);
    case TOKEN_CLOSE:
        return add_close(s, name);
    default:
        add(s, kind, name);
        return true;
    }
}

static bool scan_triple(struct scan *s)
{
    ptrdiff_t len = str_find(s->rest, STR("}}}"));
    if (len < 0) {
        refuse(s, "{{{ is never closed: end it with }}}");
        return blame(s, "triple", STR(""));
    }
    struct str name = str_trim(str_sub(s->rest, 3, (size_t)len));
    if (!is_name(name))
        return refuse(s, "{{{ needs one name");
    add(s, TOKEN_RAW, name);
    skip(s, (size_t)len + 3);
    return true;
}

static bool scan_tag(struct scan *s)
{
    struct str content;
    size_t end;
    if (str_is(s->open, "{{") && str_starts(s->rest, STR("{{{")))
        return scan_triple(s);
    if (!cut_tag(s, s->rest, 0, &content, &end))
        return refuse(s, "a tag is never closed: end it with %.*s", STR_ARG(s->close));
    char sign = content.len ? content.p[0] : ' ';
    if (sign == '!') {
        add(s, TOKEN_COMMENT, STR(""));
        skip(s, end);
        return true;
    }
    if (sign == '=') {
        add(s, TOKEN_DELIMITERS, STR(""));
        skip(s, end);
        return set_delimiters(s, content);
    }
    skip(s, end);
    return add_named(s, content);
}

static bool is_blank(struct str s)
{
    return !str_trim(s).len;
}

static bool is_inheritance(const struct tokens *t, const struct token *token)
{
    if (token->kind == TOKEN_CLOSE)
        token = &t->items[token->match];
    return token->kind == TOKEN_PARENT || token->kind == TOKEN_BLOCK;
}

struct line {
    struct token *from, *to;
};

// A line stands alone when it has nothing but white space and one tag that puts nothing out, or
// several tags of inheritance. A block that opens and closes there keeps the line.
static bool is_alone(const struct tokens *t, struct line line)
{
    size_t tags = 0, inherited = 0;
    struct token *first = NULL;
    for (struct token *k = line.from; k < line.to; k++) {
        if (k->kind == TOKEN_TEXT) {
            if (!is_blank(k->text))
                return false;
            continue;
        }
        if (k->kind < TOKEN_COMMENT)
            return false;
        first = first ? first : k;
        tags++;
        inherited += is_inheritance(t, k);
    }
    bool pair = first && first->kind == TOKEN_BLOCK && t->items + first->match < line.to;
    return tags == 1 || (tags > 1 && tags == inherited && !pair);
}

static void mark_line(const struct tokens *t, struct line line)
{
    bool alone = is_alone(t, line);
    bool starts_blank = line.from->kind == TOKEN_TEXT && is_blank(line.from->text);
    struct str indent = starts_blank ? line.from->text : STR("");
    struct token *first = starts_blank ? line.from + 1 : line.from;
    line.from->line_start = line.from->kind == TOKEN_TEXT;
    for (struct token *k = line.from; k < line.to; k++) {
        k->dropped = alone && k->kind == TOKEN_TEXT;
        k->alone = alone && k->kind != TOKEN_TEXT;
        if (k->alone || k == first)
            k->indent = indent;
    }
}

static struct line line_from(const struct tokens *t, uint32_t from)
{
    uint32_t to = from;
    while (to < t->count) {
        const struct token *k = &t->items[to++];
        if (k->kind == TOKEN_TEXT && k->text.p[k->text.len - 1] == '\n')
            break;
    }
    return (struct line){t->items + from, t->items + to};
}

static struct str leading_blank(struct str s)
{
    size_t len = 0;
    while (len < s.len && (s.p[len] == ' ' || s.p[len] == '\t'))
        len++;
    return str_sub(s, 0, len);
}

// How far the first line of a block's content is indented; an empty block counts as its tag.
static struct str first_indent(const struct tokens *t, const struct token *block)
{
    struct line line = line_from(t, (uint32_t)(block - t->items));
    const struct token *close = t->items + block->match;
    while (line.to <= close && line.to < t->items + t->count) {
        line = line_from(t, (uint32_t)(line.to - t->items));
        const struct token *k = line.from;
        if (k->kind == TOKEN_TEXT && is_blank(k->text) && line.to == k + 1)
            continue;
        bool before_tag = k->kind == TOKEN_TEXT && is_blank(k->text);
        if ((before_tag ? k + 1 : k) == close)
            break;
        return k->kind == TOKEN_TEXT ? leading_blank(k->text) : STR("");
    }
    return block->indent;
}

static void mark_lines(const struct tokens *t)
{
    for (uint32_t i = 0; i < t->count;) {
        struct line line = line_from(t, i);
        mark_line(t, line);
        i = (uint32_t)(line.to - t->items);
    }
    for (uint32_t i = 0; i < t->count; i++)
        if (t->items[i].kind == TOKEN_BLOCK && t->items[i].alone)
            t->items[i].inner = first_indent(t, &t->items[i]);
}

bool template_scan(const struct template_job *job, struct tokens *out)
{
    struct scan s = {.job = job,
        .tokens = out,
        .rest = job->text,
        .open = STR("{{"),
        .close = STR("}}"),
        .line = 1};
    while (s.rest.len) {
        ptrdiff_t tag = str_find(s.rest, s.open);
        add_text(&s, tag < 0 ? s.rest.len : (size_t)tag);
        if (s.rest.len && !scan_tag(&s))
            return false;
    }
    if (s.depth) {
        struct token *opened = &out->items[s.openers[s.depth - 1]];
        s.line = opened->line;
        refuse(&s, "{{%.*s}} is never closed: add {{/%.*s}}", STR_ARG(opened->text),
            STR_ARG(opened->text));
        return blame(&s, "open", opened->text);
    }
    mark_lines(out);
    return true;
}
