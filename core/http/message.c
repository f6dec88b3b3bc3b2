#include "http/message.h"

#include <ctype.h>

#include "base/check.h"
#include "base/log.h"
#include "http/format.h"
#include "http/message_entry.h"

enum { PIECES_MAX = 2 * MESSAGE_ARGS_MAX + 1, MEMO_SLOTS = 1024, MEMO_KEY = 96, MEMO_TEXT = 160 };

static size_t name_len(struct str s)
{
    size_t len = 0;
    while (len < s.len && (isalnum((unsigned char)s.p[len]) || s.p[len] == '_'))
        len++;
    return len;
}

// Cuts text up to "{name}" or the end into `piece`. False for anything that only ICU understands.
static bool cut_piece(struct arena *a, struct str *rest, struct piece *piece)
{
    char *text = arena_alloc(a, rest->len + 1);
    size_t len = 0, i = 0;
    for (; i < rest->len && rest->p[i] != '{'; i++) {
        char next = i + 1 < rest->len ? rest->p[i + 1] : 0;
        if (rest->p[i] == '}' || (rest->p[i] == '\'' && (next == '{' || next == '}')))
            return false;
        text[len++] = rest->p[i];
        i += rest->p[i] == '\'' && next == '\'';
    }
    *piece = (struct piece){str_n(text, len), message_escaped(a, str_n(text, len)), 0};
    if (i == rest->len) {
        *rest = STR_NULL;
        return true;
    }
    struct str name = str_sub(*rest, i + 1, rest->len);
    size_t behind = name_len(name);
    if (!behind || behind == name.len || name.p[behind] != '}')
        return false;
    piece->name = value_key_intern(str_sub(name, 0, behind));
    *rest = str_sub(name, behind + 1, name.len);
    return true;
}

static bool parse_pieces(struct arena *a, struct entry *entry)
{
    struct piece pieces[PIECES_MAX];
    uint8_t count = 0;
    for (struct str rest = entry->text; rest.p; count++)
        if (count == PIECES_MAX || !cut_piece(a, &rest, &pieces[count]))
            return false;
    entry->pieces = arena_new_array(a, struct piece, count);
    memcpy(entry->pieces, pieces, count * sizeof *pieces);
    entry->piece_count = count;
    entry->kind = ENTRY_PIECES;
    return true;
}

static void parse_entry(struct catalogue *c, struct entry *entry, message_id id)
{
    struct arena *a = c->messages->arena;
    char error[ICU_ERROR_ROOM];
    if (parse_pieces(a, entry))
        return;
    entry->icu =
        icu_message_new(entry->text.p, entry->text.len, str_z(a, entry->home->lang), error);
    entry->kind = entry->icu ? ENTRY_ICU : ENTRY_BROKEN;
    if (!entry->icu)
        log_error("message pattern refused", "key", c->messages->keys[id], "language",
            entry->home->lang, "error", str_of(error));
}

static struct entry *entry_of(struct catalogue *c, message_id id)
{
    check(id && id <= c->messages->count);
    struct entry *entry = &c->entries[id];
    if (entry->kind == ENTRY_UNPARSED)
        parse_entry(c, entry, id);
    return entry;
}

// What stands for an object: amounts and times bring their text along.
static const struct value *shown(const struct value *v)
{
    return value_is(v, VALUE_OBJECT) ? value_get(v, KEY(text)) : v;
}

static const struct value *find_arg(const struct message_arg *args, size_t count, value_key name)
{
    for (size_t i = 0; i < count; i++)
        if (args[i].name == name)
            return shown(args[i].value);
    return NULL;
}

static void add_shown(struct buf *b, struct catalogue *c, const struct value *v, bool html)
{
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_STR:
        if (html)
            buf_add_html(b, v->str);
        else
            buf_add(b, v->str);
        break;
    case VALUE_INT:
        // Below a thousand all languages that are written with these digits agree.
        if (v->integer > -1000 && v->integer < 1000)
            buf_add_i64(b, v->integer);
        else
            buf_add(b, format_number(b->arena, format_for(c->lang, STR_NULL), v->integer));
        break;
    case VALUE_REAL:
        buf_add_format(b, "%.15g", v->real);
        break;
    default:
        break;
    }
}

static void add_pieces(struct buf *b, const struct entry *entry, const struct message_arg *args,
    size_t count, bool html)
{
    for (uint8_t i = 0; i < entry->piece_count; i++) {
        const struct piece *piece = &entry->pieces[i];
        buf_add(b, html ? piece->html : piece->text);
        if (piece->name)
            add_shown(b, entry->home, find_arg(args, count, piece->name), html);
    }
}

// Results of ICU, by message and arguments: places left, minutes, counts come again and again.
static struct memo {
    uint32_t key_len, text_len;
    char key[MEMO_KEY], text[MEMO_TEXT];
} memos[MEMO_SLOTS];

static bool key_add(char key[MEMO_KEY], uint32_t *len, const void *p, size_t n)
{
    if (n > MEMO_KEY - *len)
        return false;
    memcpy(key + *len, p, n);
    *len += (uint32_t)n;
    return true;
}

// Where the result belongs, with its key set in `key`; NULL when the arguments are too long.
static struct memo *memo_of(const struct entry *entry, const struct icu_argument *args,
    size_t count, char key[MEMO_KEY], uint32_t *len)
{
    *len = 0;
    bool fits = key_add(key, len, &entry->icu, sizeof entry->icu);
    for (size_t i = 0; i < count && fits; i++) {
        // Names are interned, so their addresses tell them apart.
        const struct icu_argument *arg = &args[i];
        fits = key_add(key, len, &arg->name, sizeof arg->name) &&
               key_add(key, len, &arg->kind, sizeof arg->kind);
        if (arg->kind == ICU_TEXT)
            fits = fits && key_add(key, len, &arg->text_len, sizeof arg->text_len) &&
                   key_add(key, len, arg->text, arg->text_len);
        else
            fits = fits &&
                   (arg->kind == ICU_INTEGER ? key_add(key, len, &arg->integer, sizeof arg->integer)
                                             : key_add(key, len, &arg->real, sizeof arg->real));
    }
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < *len; i++)
        hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
    return fits ? &memos[(hash ^ hash >> 32) % MEMO_SLOTS] : NULL;
}

static struct str format_icu(
    struct arena *a, const struct entry *entry, const struct icu_argument *args, size_t count)
{
    char key[MEMO_KEY];
    uint32_t len;
    struct memo *memo = memo_of(entry, args, count, key, &len);
    if (memo && memo->key_len == len && !memcmp(memo->key, key, len))
        return str_n(memo->text, memo->text_len);
    char first[512];
    size_t needed = icu_message_format(entry->icu, args, count, first, sizeof first);
    if (needed > sizeof first) {
        char *p = arena_alloc(a, needed);
        return str_n(p, icu_message_format(entry->icu, args, count, p, needed));
    }
    if (memo && needed <= MEMO_TEXT) {
        memo->key_len = len;
        memo->text_len = (uint32_t)needed;
        memcpy(memo->key, key, len);
        memcpy(memo->text, first, needed);
    }
    return str_dup(a, str_n(first, needed));
}

static struct icu_argument icu_argument(const struct message_arg *arg)
{
    struct str name = value_key_name(arg->name);
    const struct value *v = shown(arg->value);
    struct icu_argument out = {.name = name.p, .name_len = name.len, .kind = ICU_TEXT, .text = ""};
    switch (v ? v->kind : VALUE_NULL) {
    case VALUE_INT:
        out.kind = ICU_INTEGER;
        out.integer = v->integer;
        break;
    case VALUE_REAL:
        out.kind = ICU_REAL;
        out.real = v->real;
        break;
    case VALUE_STR:
        out.text = v->str.p;
        out.text_len = v->str.len;
        break;
    case VALUE_BOOL: // {on, select, true {…} other {…}}
        out.text = v->boolean ? "true" : "false";
        out.text_len = strlen(out.text);
        break;
    default:
        break;
    }
    return out;
}

static struct str icu_text(
    struct arena *a, const struct entry *entry, const struct message_arg *args, size_t count)
{
    struct icu_argument converted[ICU_ARGUMENTS_MAX];
    check(count <= MESSAGE_ARGS_MAX);
    for (size_t i = 0; i < count; i++)
        converted[i] = icu_argument(&args[i]);
    return format_icu(a, entry, converted, count);
}

struct str message_text(struct arena *a, struct catalogue *c, message_id id,
    const struct message_arg *args, size_t count)
{
    struct buf b;
    const struct entry *entry = entry_of(c, id);
    switch (entry->kind) {
    case ENTRY_PIECES:
        buf_init(&b, a, SOURCE_LEN_MAX);
        add_pieces(&b, entry, args, count, false);
        return buf_str(&b);
    case ENTRY_ICU:
        // The remembered text is overwritten sooner or later.
        return str_dup(a, icu_text(a, entry, args, count));
    default:
        return entry->text;
    }
}

void message_add_html(
    struct buf *b, struct catalogue *c, message_id id, const struct message_arg *args, size_t count)
{
    const struct entry *entry = entry_of(c, id);
    switch (entry->kind) {
    case ENTRY_PLAIN:
        buf_add(b, entry->html);
        break;
    case ENTRY_PIECES:
        add_pieces(b, entry, args, count, true);
        break;
    case ENTRY_ICU:
        buf_add_html(b, icu_text(b->arena, entry, args, count));
        break;
    default:
        buf_add_html(b, entry->text);
    }
}

struct str message(struct arena *a, struct catalogue *c, struct str key, ...)
{
    struct message_arg args[MESSAGE_ARGS_MAX];
    size_t count = 0;
    va_list ap;
    va_start(ap, key);
    for (const char *name; (name = va_arg(ap, const char *));) {
        check(count < MESSAGE_ARGS_MAX);
        args[count].name = value_key_intern(str_of(name));
        args[count++].value = va_arg(ap, const struct value *);
    }
    va_end(ap);
    message_id id = message_find(c->messages, key);
    return id ? message_text(a, c, id, args, count) : key;
}
