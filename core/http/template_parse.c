// Second pass: tokens become ops. Text that stands together becomes one op; what the set knows
// already (assets, icons, which message) is resolved here, so that rendering looks nothing up.
#include <ctype.h>

#include "base/check.h"
#include "http/template_scan.h"

enum { PATH_KEYS_MAX = 16, KEY_LEN_MAX = 64 };

struct opened {
    uint32_t op;
    size_t dedent;
    bool at_line;
};

struct parser {
    const struct template_job *job;
    const struct tokens *tokens;
    const struct token *at;
    struct op *ops;
    uint32_t count, room;
    struct buf text;      // all literal text; ops hold offsets until the end
    size_t pending;       // from here on no op has it yet
    bool pending_at_line; // it starts a line
    bool at_line;         // nothing was put out on this line yet
    bool verbatim;        // inside <pre> or <textarea>
    size_t dedent;        // white space to take off the lines of the current block
    struct opened stack[TEMPLATE_NESTING_MAX];
    uint32_t depth;
};

#define refuse(p, ...) \
    source_refuse((p)->job->arena, (p)->job->error, (p)->job->file, (p)->at->line, __VA_ARGS__)

// How many names sites' own templates added to the process.
static uint32_t override_names;

static bool make_key(struct parser *p, struct str name, value_key *out)
{
    *out = value_key_find(name);
    if (*out)
        return true;
    if (p->job->is_override &&
        (name.len > KEY_LEN_MAX || override_names == TEMPLATE_OVERRIDE_NAMES_MAX))
        return refuse(p, "no page has anything called %.*s", STR_ARG(name));
    override_names += p->job->is_override;
    *out = value_key_intern(name);
    return true;
}

static bool make_path(struct parser *p, struct str path, const value_key **keys, uint16_t *count)
{
    value_key found[PATH_KEYS_MAX];
    *count = 0;
    *keys = NULL;
    if (str_is(path, "."))
        return true;
    for (struct str rest = path; rest.p; (*count)++) {
        struct str name = str_cut(&rest, '.');
        if (!name.len || *count == PATH_KEYS_MAX)
            return refuse(p, "%.*s isn't a path: write names with dots between", STR_ARG(path));
        if (!make_key(p, name, &found[*count]))
            return false;
    }
    value_key *kept = arena_new_array(p->job->arena, value_key, *count);
    memcpy(kept, found, *count * sizeof *kept);
    *keys = kept;
    return true;
}

// Takes along the text since the last op.
static struct op *add_op(struct parser *p, enum op_kind kind)
{
    if (p->count == p->room) {
        uint32_t room = p->room ? p->room * 2 : 64;
        p->ops = arena_grow(p->job->arena, p->ops, p->room * sizeof *p->ops, room * sizeof *p->ops);
        p->room = room;
    }
    struct op *op = &p->ops[p->count++];
    *op = (struct op){.kind = (uint8_t)kind,
        .text_at_line = p->pending_at_line,
        .text = (const char *)(uintptr_t)p->pending,
        .text_len = (uint32_t)(p->text.len - p->pending)};
    p->pending = p->text.len;
    return op;
}

static void mark_output(struct parser *p, struct op *op)
{
    op->at_line = p->at_line;
    p->at_line = false;
}

static void add_text(struct parser *p, struct str s)
{
    if (!s.len)
        return;
    if (p->pending == p->text.len)
        p->pending_at_line = p->at_line;
    buf_add(&p->text, s);
    p->at_line = s.p[s.len - 1] == '\n';
}

// Where content ends or is jumped to, text must have its op.
static void flush_text(struct parser *p)
{
    if (p->pending < p->text.len)
        add_op(p, OP_TEXT);
}

static bool opens_element(struct str s, struct str name)
{
    if (!str_ieq(str_sub(s, 0, name.len), name))
        return false;
    return s.len == name.len || (!isalnum((unsigned char)s.p[name.len]) && s.p[name.len] != '-');
}

// White space counts inside these two elements.
static void track_verbatim(struct parser *p, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] != '<')
            continue;
        struct str rest = str_sub(s, i + 1, s.len);
        bool close = rest.len && rest.p[0] == '/';
        if (close)
            rest = str_sub(rest, 1, rest.len);
        if (opens_element(rest, STR("pre")) || opens_element(rest, STR("textarea")))
            p->verbatim = !close;
    }
}

static size_t blank_len(struct str s, size_t max)
{
    size_t len = 0;
    while (len < s.len && len < max && (s.p[len] == ' ' || s.p[len] == '\t'))
        len++;
    return len;
}

static void parse_text(struct parser *p)
{
    const struct token *k = p->at;
    struct str s = k->text;
    if (k->dropped) {
        p->at_line = true;
        return;
    }
    if (p->job->form == TEMPLATE_PAGE) {
        if (k->line_start && !p->verbatim)
            s = str_sub(s, blank_len(s, s.len), s.len);
        // Of an empty line nothing is left.
        if (k->line_start && !p->verbatim && (str_is(s, "\n") || str_is(s, "\r\n")))
            return;
        track_verbatim(p, s);
    } else if (k->line_start) {
        s = str_sub(s, blank_len(s, p->dedent), s.len);
    }
    add_text(p, s);
}

static bool parse_value(struct parser *p, enum op_kind kind)
{
    const value_key *keys;
    uint16_t count;
    if (!make_path(p, p->at->text, &keys, &count))
        return false;
    if (kind == OP_VALUE && p->job->form == TEMPLATE_TEXT)
        kind = OP_RAW;
    struct op *op = add_op(p, kind == OP_VALUE && count == 1 ? OP_FIELD : kind);
    op->count = count;
    op->keys = keys;
    op->end = count == 1 ? keys[0] : 0;
    mark_output(p, op);
    return true;
}

static struct message_use *new_use(struct parser *p, message_id id)
{
    size_t size = sizeof(struct message_use) + MESSAGE_ARGS_MAX * sizeof(struct message_use_arg);
    struct message_use *use = arena_zalloc(p->job->arena, 1, size);
    use->id = id;
    return use;
}

static bool parse_argument(struct parser *p, struct message_use *use, struct str word)
{
    struct str path = word, name = str_cut(&path, '=');
    if (!path.len || !name.len || use->count == MESSAGE_ARGS_MAX)
        return refuse(p, "a message's arguments are at most %d name=path: %.*s", MESSAGE_ARGS_MAX,
            STR_ARG(word));
    struct message_use_arg *arg = &use->args[use->count++];
    return make_key(p, name, &arg->name) && make_path(p, path, &arg->keys, &arg->count);
}

static struct str next_word(struct str *rest)
{
    *rest = str_trim(*rest);
    size_t len = 0;
    while (len < rest->len && !isspace((unsigned char)rest->p[len]))
        len++;
    struct str word = str_sub(*rest, 0, len);
    *rest = str_sub(*rest, len, rest->len);
    return word;
}

static bool parse_message(struct parser *p)
{
    struct messages *messages = p->job->set->messages;
    struct str rest = p->at->text, key = next_word(&rest);
    message_id id = messages ? message_find(messages, key) : 0;
    if (!id)
        return refuse(p, "there is no message %.*s: add it to locales/en.json", STR_ARG(key));
    struct message_use *use = new_use(p, id);
    for (struct str word; (word = next_word(&rest)).len;)
        if (!parse_argument(p, use, word))
            return false;
    struct op *op = add_op(p, p->job->form == TEMPLATE_TEXT ? OP_MESSAGE_RAW : OP_MESSAGE);
    op->message = use;
    mark_output(p, op);
    return true;
}

static bool parse_asset(struct parser *p)
{
    const struct assets *assets = p->job->set->assets;
    struct str path = p->at->text;
    for (size_t i = 0; i < path.len; i++)
        if (!isalnum((unsigned char)path.p[i]) && !strchr("/._-", path.p[i]))
            return refuse(p, "an asset is a path of letters, digits and / . _ -");
    struct str url = assets ? asset_url(assets, path)
                            : str_join(p->job->arena, STR("/assets/0/"), path, STR_NULL);
    if (!path.len || !url.p)
        return refuse(p, "the build has no asset %.*s", STR_ARG(path));
    add_text(p, url);
    return true;
}

static bool parse_icon(struct parser *p)
{
    struct str name = p->at->text;
    for (size_t i = 0; i < name.len; i++)
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '-')
            return refuse(p, "an icon's name has letters, digits and hyphens");
    if (!name.len)
        return refuse(p, "{{#icon}} needs a name");
    add_text(p, p->job->set->icon_start);
    add_text(p, name);
    add_text(p, STR(ICON_END));
    return true;
}

// What an indentation adds to that of the block around it.
static struct str relative_indent(const struct parser *p, struct str indent)
{
    if (p->job->form == TEMPLATE_PAGE)
        return STR("");
    return str_sub(indent, p->dedent < indent.len ? p->dedent : indent.len, indent.len);
}

static bool add_include(struct parser *p)
{
    struct template_set *set = p->job->set;
    struct slot *slot = template_slot_find(set, p->at->text);
    if (p->job->is_override && (!slot || !slot->template))
        return refuse(p, "there is no template %.*s", STR_ARG(p->at->text));
    slot = slot ? slot : template_slot_add(set, str_dup(set->arena, p->at->text));
    if (!slot->used_by.p) {
        slot->used_by = p->job->file;
        slot->used_line = p->at->line;
    }
    struct include *include = arena_new_object(p->job->arena, struct include);
    include->slot = slot;
    include->alone = p->at->alone;
    include->indent = p->at->alone ? relative_indent(p, p->at->indent) : STR("");
    add_op(p, OP_INCLUDE)->include = include;
    return true;
}

static void push(struct parser *p)
{
    check(p->depth < TEMPLATE_NESTING_MAX);
    p->stack[p->depth++] = (struct opened){p->count - 1, p->dedent, p->at_line};
}

static bool open_section(struct parser *p, enum op_kind kind)
{
    const value_key *keys;
    uint16_t count;
    if (!make_path(p, p->at->text, &keys, &count))
        return false;
    struct op *op = add_op(p, kind);
    op->count = count;
    op->keys = keys;
    push(p);
    return true;
}

static bool open_block(struct parser *p)
{
    struct block *block = arena_new_object(p->job->arena, struct block);
    if (!make_key(p, p->at->text, &block->name))
        return false;
    block->dedented = p->at->alone;
    block->indent = relative_indent(p, p->at->alone ? p->at->inner : p->at->indent);
    add_op(p, OP_BLOCK)->block = block;
    push(p);
    if (p->at->alone)
        p->dedent = p->at->inner.len;
    p->at_line = true;
    return true;
}

static bool open_parent(struct parser *p)
{
    if (!add_include(p))
        return false;
    push(p);
    return true;
}

// The blocks right inside a parent tag are what it overrides.
static void collect_overrides(struct parser *p, uint32_t parent)
{
    uint32_t count = 0;
    struct override *overrides = arena_new_array(p->job->arena, struct override, p->count - parent);
    for (uint32_t i = parent + 1; i < p->count;) {
        const struct op *op = &p->ops[i];
        if (op->kind == OP_BLOCK)
            overrides[count++] = (struct override){op->block->name, i + 1, op->end};
        bool has_content = op->kind == OP_SECTION || op->kind == OP_INVERTED ||
                           op->kind == OP_BLOCK || (op->kind == OP_INCLUDE && op->end);
        i = has_content ? op->end : i + 1;
    }
    struct include *include = (struct include *)p->ops[parent].include;
    include->overrides = overrides;
    include->count = count;
}

static void parse_close(struct parser *p)
{
    flush_text(p);
    struct opened opened = p->stack[--p->depth];
    struct op *op = &p->ops[opened.op];
    op->end = p->count;
    p->dedent = opened.dedent;
    // Content that turns out empty leaves the line as it was; rendering looks before it indents.
    p->at_line = p->at_line || opened.at_line;
    if (op->kind == OP_INCLUDE)
        collect_overrides(p, opened.op);
}

static bool parse_token(struct parser *p)
{
    switch (p->at->kind) {
    case TOKEN_TEXT:
        parse_text(p);
        return true;
    case TOKEN_VALUE:
        return parse_value(p, OP_VALUE);
    case TOKEN_RAW:
        return parse_value(p, OP_RAW);
    case TOKEN_MESSAGE:
        return parse_message(p);
    case TOKEN_ASSET:
        return parse_asset(p);
    case TOKEN_ICON:
        return parse_icon(p);
    case TOKEN_ICON_NAME:
        return parse_value(p, OP_ICON);
    case TOKEN_PARTIAL:
        return add_include(p);
    case TOKEN_SECTION:
        return open_section(p, OP_SECTION);
    case TOKEN_INVERTED:
        return open_section(p, OP_INVERTED);
    case TOKEN_PARENT:
        return open_parent(p);
    case TOKEN_BLOCK:
        return open_block(p);
    case TOKEN_CLOSE:
        parse_close(p);
        return true;
    case TOKEN_COMMENT:
    case TOKEN_DELIMITERS:
        return true;
    }
    unreachable();
}

const struct template *template_parse(const struct template_job *job)
{
    struct tokens tokens = {0};
    if (!template_scan(job, &tokens))
        return NULL;
    struct parser p = {.job = job, .tokens = &tokens, .at_line = true};
    buf_init(&p.text, job->arena, SIZE_MAX / 4);
    for (uint32_t i = 0; i < tokens.count; i++) {
        p.at = &tokens.items[i];
        if (!parse_token(&p))
            return NULL;
    }
    flush_text(&p);
    for (uint32_t i = 0; i < p.count; i++)
        p.ops[i].text = p.ops[i].text_len ? p.text.p + (uintptr_t)p.ops[i].text : "";
    struct template *t = arena_new_object(job->arena, struct template);
    *t = (struct template){job->set, job->slot, job->form, p.ops, p.count};
    return t;
}
