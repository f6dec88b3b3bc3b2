#include "base/check.h"
#include "http/template_op.h"

enum { INDENT_MAX = 256, PAGE_ROOM = 32 * 1024 };

// The context stack: what a name is looked up in, innermost first.
struct scope {
    const struct value *value;
    const struct scope *outer;
};

// Overrides that a parent tag brought in; outer ones win.
struct frame {
    const struct template *author; // whose text the overrides are
    const struct include *include;
    const struct frame *outer;
};

struct here {
    const struct template *template;
    const struct scope *scope;
    const struct frame *frame;
};

struct run {
    struct buf *out;
    const struct template_input *in;
    const struct template_overlay *overlay;
    enum template_outcome outcome;
    int depth;
    int64_t steps_left;
    // Indentation of the partials around, between two marks so that a partial within a line can
    // hide what is outside of it.
    uint32_t indent_from, indent_to;
    char indent[INDENT_MAX];
};

static void run_ops(struct run *r, const struct here *here, uint32_t from, uint32_t to);

static inline void put(struct buf *b, const char *p, size_t len)
{
    if (__builtin_expect(b->room - b->len >= len, 1)) {
        memcpy(b->p + b->len, p, len);
        b->len += len;
    } else {
        buf_add(b, str_n(p, len));
    }
}

static inline const struct value *find_in(const struct value *object, value_key key)
{
    const struct value_field *field = object->object.fields;
    for (uint32_t n = object->object.count; n; n--, field++)
        if (field->key == key)
            return field->value;
    return NULL;
}

static const struct value *find(const struct scope *scope, value_key key)
{
    for (; scope; scope = scope->outer) {
        if (scope->value->kind != VALUE_OBJECT)
            continue;
        const struct value *v = find_in(scope->value, key);
        if (v)
            return v;
    }
    return NULL;
}

static const struct value *find_path(
    const struct scope *scope, const value_key *keys, uint16_t count)
{
    if (!count)
        return scope->value;
    const struct value *v = find(scope, keys[0]);
    for (uint16_t i = 1; v && i < count; i++)
        v = v->kind == VALUE_OBJECT ? find_in(v, keys[i]) : NULL;
    return v;
}

static void put_value(struct buf *b, const struct value *v, bool escape)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_STR:
        if (escape)
            buf_add_html(b, v->str);
        else
            put(b, v->str.p, v->str.len);
        break;
    case VALUE_INT:
        buf_add_i64(b, v->integer);
        break;
    case VALUE_REAL:
        buf_add_format(b, "%.15g", v->real);
        break;
    case VALUE_BOOL:
        buf_add(b, v->boolean ? STR("true") : STR("false"));
        break;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_OBJECT:
        break;
    }
}

static void put_indent(struct run *r)
{
    struct buf *b = r->out;
    if (!b->len || b->p[b->len - 1] == '\n')
        put(b, r->indent + r->indent_from, r->indent_to - r->indent_from);
}

// Text under indentation: each line of the file gets it, except empty ones.
static void put_lines(struct run *r, const struct op *op)
{
    struct str rest = str_n(op->text, op->text_len);
    for (bool at_line = op->text_at_line; rest.len; at_line = true) {
        ptrdiff_t end = str_index(rest, '\n');
        struct str line = end < 0 ? rest : str_sub(rest, 0, (size_t)end + 1);
        if (at_line && line.p[0] != '\n' && line.p[0] != '\r')
            put_indent(r);
        put(r->out, line.p, line.len);
        rest = str_sub(rest, line.len, rest.len);
    }
}

static void put_message(struct run *r, const struct here *here, const struct op *op)
{
    const struct message_use *use = op->message;
    struct message_arg args[MESSAGE_ARGS_MAX];
    for (uint32_t i = 0; i < use->count; i++)
        args[i] = (struct message_arg){
            use->args[i].name, find_path(here->scope, use->args[i].keys, use->args[i].count)};
    check(r->in->language);
    if (op->kind == OP_MESSAGE)
        message_add_html(r->out, r->in->language, use->id, args, use->count);
    else
        buf_add(r->out, message_text(r->out->arena, r->in->language, use->id, args, use->count));
}

static void put_icon(struct run *r, const struct here *here, const struct op *op)
{
    const struct value *name = find_path(here->scope, op->keys, op->count);
    if (!value_as_str(name).len)
        return;
    buf_add(r->out, here->template->set->icon_start);
    put_value(r->out, name, true);
    buf_add(r->out, STR(ICON_END));
}

static void run_section(struct run *r, const struct here *here, const struct op *op, uint32_t from)
{
    const struct value *v = find_path(here->scope, op->keys, op->count);
    if (value_falsy(v))
        return;
    if (v->kind == VALUE_BOOL) {
        run_ops(r, here, from, op->end);
        return;
    }
    bool is_list = v->kind == VALUE_LIST;
    for (uint32_t i = 0, n = is_list ? v->list.count : 1; i < n && !r->outcome; i++) {
        struct scope scope = {is_list ? v->list.items[i] : v, here->scope};
        struct here inside = {here->template, &scope, here->frame};
        run_ops(r, &inside, from, op->end);
    }
}

struct indent_marks {
    uint32_t from, to;
};

static struct indent_marks indent_push(struct run *r, struct str more)
{
    struct indent_marks before = {r->indent_from, r->indent_to};
    if (more.len && more.len <= INDENT_MAX - r->indent_to) {
        memcpy(r->indent + r->indent_to, more.p, more.len);
        r->indent_to += (uint32_t)more.len;
    }
    return before;
}

static void indent_pop(struct run *r, struct indent_marks before)
{
    r->indent_from = before.from;
    r->indent_to = before.to;
}

static const struct template *resolve(const struct run *r, const struct slot *slot)
{
    const struct template *own = r->overlay ? r->overlay->by_slot[slot->index] : NULL;
    return own ? own : slot->template;
}

static void run_include(struct run *r, const struct here *here, const struct op *op)
{
    const struct include *include = op->include;
    const struct template *t = resolve(r, include->slot);
    if (!t)
        return;
    struct indent_marks before = indent_push(r, include->indent);
    if (!include->alone)
        r->indent_from = r->indent_to;
    struct frame frame = {here->template, include, here->frame};
    struct here inside = {t, here->scope, include->count ? &frame : here->frame};
    run_ops(r, &inside, 0, t->count);
    indent_pop(r, before);
}

// Rendered as where it was written: in its author's template, under the overrides that were on
// when the author's parent tag was met.
static const struct override *find_override(
    const struct frame *frame, value_key name, const struct frame **found)
{
    const struct override *override = NULL;
    for (; frame; frame = frame->outer)
        for (uint32_t i = 0; i < frame->include->count; i++)
            if (frame->include->overrides[i].name == name) {
                override = &frame->include->overrides[i];
                *found = frame;
            }
    return override;
}

static void run_block(struct run *r, const struct here *here, const struct op *op, uint32_t from)
{
    const struct frame *frame;
    const struct override *override = find_override(here->frame, op->block->name, &frame);
    bool indented = override || op->block->dedented;
    struct indent_marks before = indent_push(r, indented ? op->block->indent : STR(""));
    if (override) {
        struct here inside = {frame->author, here->scope, frame->outer};
        run_ops(r, &inside, override->from, override->to);
    } else {
        run_ops(r, here, from, op->end);
    }
    indent_pop(r, before);
}

// Runs an op that has content and returns the op behind it.
static uint32_t run_nested(struct run *r, const struct here *here, uint32_t i)
{
    const struct op *op = &here->template->ops[i];
    switch (op->kind) {
    case OP_SECTION:
        run_section(r, here, op, i + 1);
        return op->end;
    case OP_INVERTED:
        if (value_falsy(find_path(here->scope, op->keys, op->count)))
            run_ops(r, here, i + 1, op->end);
        return op->end;
    case OP_INCLUDE:
        run_include(r, here, op);
        return op->end ? op->end : i + 1;
    case OP_BLOCK:
        run_block(r, here, op, i + 1);
        return op->end;
    }
    unreachable();
}

static void put_text(struct run *r, const struct op *op)
{
    if (__builtin_expect(r->indent_to != r->indent_from, 0)) {
        put_lines(r, op);
        if (op->at_line)
            put_indent(r);
    } else if (op->text_len) {
        put(r->out, op->text, op->text_len);
    }
}

static void run_output(struct run *r, const struct here *here, const struct op *op)
{
    switch (op->kind) {
    case OP_FIELD:
        put_value(r->out, find(here->scope, op->end), true);
        break;
    case OP_VALUE:
        put_value(r->out, find_path(here->scope, op->keys, op->count), true);
        break;
    case OP_RAW:
        put_value(r->out, find_path(here->scope, op->keys, op->count), false);
        break;
    case OP_MESSAGE:
    case OP_MESSAGE_RAW:
        put_message(r, here, op);
        break;
    case OP_ICON:
        put_icon(r, here, op);
        break;
    }
}

static bool may_enter(struct run *r, uint32_t steps)
{
    r->steps_left -= steps + 1;
    if (r->steps_left < 0)
        r->outcome = TEMPLATE_TOO_LONG;
    else if (r->depth == TEMPLATE_DEPTH_MAX)
        r->outcome = TEMPLATE_TOO_DEEP;
    else if (r->out->full)
        r->outcome = TEMPLATE_TOO_LARGE;
    return !r->outcome;
}

static void run_ops(struct run *r, const struct here *here, uint32_t from, uint32_t to)
{
    if (!may_enter(r, to - from))
        return;
    r->depth++;
    for (uint32_t i = from; i < to && !r->outcome;) {
        const struct op *op = &here->template->ops[i];
        put_text(r, op);
        if (op->kind >= OP_SECTION) {
            i = run_nested(r, here, i);
        } else {
            run_output(r, here, op);
            i++;
        }
    }
    r->depth--;
}

static enum template_outcome render_with(const struct template *t, const struct template_input *in,
    const struct template_overlay *overlay, struct buf *out)
{
    struct run r = {.out = out, .in = in, .overlay = overlay, .steps_left = TEMPLATE_STEPS_MAX};
    struct scope scope = {in->view ? in->view : value_null(), NULL};
    struct here here = {resolve(&r, t->slot), &scope, NULL};
    size_t start = out->len;
    bool was_full = out->full;
    run_ops(&r, &here, 0, here.template->count);
    if (!r.outcome && out->full)
        r.outcome = TEMPLATE_TOO_LARGE;
    if (r.outcome) {
        out->len = start;
        out->full = was_full;
    }
    return r.outcome;
}

enum template_outcome template_render(
    const struct template *t, const struct template_input *in, struct buf *out)
{
    if (!out->room && out->max > PAGE_ROOM)
        buf_room(out, PAGE_ROOM);
    enum template_outcome outcome = render_with(t, in, in->overlay, out);
    if (!outcome || !in->overlay)
        return outcome;
    outcome = render_with(t, in, NULL, out);
    return outcome ? outcome : TEMPLATE_FELL_BACK;
}
