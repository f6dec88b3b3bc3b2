#include "domain/mime.h"

#include <sodium.h>

#include "base/text.h"
#include "domain/mime_field.h"

enum { BASE64_LINE_BYTES = 57, QP_LINE_MAX = 76, HEADER_VALUE_MAX = 4000, HEADER_WORD_MAX = 900 };

// What this module writes itself; an extra field of that name would contradict it.
static const char *const own_fields[] = {"from", "to", "cc", "bcc", "sender", "reply-to", "subject",
    "date", "message-id", "mime-version", "return-path", "received"};

static bool is_own(struct str name)
{
    for (size_t i = 0; i < sizeof own_fields / sizeof *own_fields; i++)
        if (str_ieq(name, str_of(own_fields[i])))
            return true;
    return str_ieq(str_sub(name, 0, 8), STR("content-"));
}

static bool is_field_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ':')
            return false;
    return s.len > 0 && s.len <= 60;
}

static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < ' ' || s.p[i] > '~')
            return false;
    return true;
}

static bool header_valid(const struct mime_header *h)
{
    if (!is_field_name(h->name) || is_own(h->name) || !is_printable(h->value) ||
        h->value.len > HEADER_VALUE_MAX)
        return false;
    for (struct str rest = h->value; rest.p;)
        if (str_cut(&rest, ' ').len > HEADER_WORD_MAX)
            return false;
    return true;
}

static bool attachment_valid(const struct mime_attachment *a)
{
    return is_printable(a->type) && str_index(a->type, '/') > 0 && a->type.len < 200 &&
           str_utf8_valid(a->name);
}

// Its name is its Content-ID too.
static bool picture_valid(const struct mime_attachment *a)
{
    for (size_t i = 0; i < a->name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", a->name.p[i]))
            return false;
    return a->name.len > 0 && a->name.len < 60 && attachment_valid(a);
}

static bool address_valid(const struct mime_address *a)
{
    return text_is_email(a->address) && str_utf8_valid(a->address) && str_utf8_valid(a->name);
}

static bool text_valid(struct str s)
{
    return s.len <= MIME_SIZE_MAX && str_utf8_valid(s);
}

static enum mime_result message_valid(const struct mime_message *m)
{
    if (!address_valid(&m->from) || !address_valid(&m->to) || !text_is_email(m->id) ||
        !is_printable(m->id) || (m->reply_to.address.p && !address_valid(&m->reply_to)))
        return MIME_BAD_ADDRESS;
    for (size_t i = 0; i < m->header_count; i++)
        if (!header_valid(&m->headers[i]))
            return MIME_BAD_HEADER;
    for (size_t i = 0; i < m->attachment_count; i++)
        if (!attachment_valid(&m->attachments[i]))
            return MIME_BAD_HEADER;
    for (size_t i = 0; i < m->picture_count; i++)
        if (!picture_valid(&m->pictures[i]))
            return MIME_BAD_HEADER;
    if (!text_valid(m->subject) || !text_valid(m->text) || !text_valid(m->html) ||
        (!m->text.p && !m->html.p))
        return MIME_BAD_TEXT;
    return MIME_DONE;
}

static void add_base64(struct buf *b, struct str bytes)
{
    char line[BASE64_LINE_BYTES / 3 * 4 + 1];
    for (size_t i = 0; i < bytes.len && !b->full; i += BASE64_LINE_BYTES) {
        struct str part = str_sub(bytes, i, i + BASE64_LINE_BYTES);
        sodium_bin2base64(line, sizeof line, (const unsigned char *)part.p, part.len,
            sodium_base64_VARIANT_ORIGINAL);
        buf_add(b, str_of(line));
        buf_add(b, STR("\r\n"));
    }
}

static struct str with_crlf(struct arena *a, struct str s)
{
    struct buf b;
    buf_init(&b, a, 2 * s.len + 2);
    for (struct str rest = s; rest.p;) {
        struct str line = str_cut(&rest, '\n');
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        buf_add(&b, line);
        if (rest.p)
            buf_add(&b, STR("\r\n"));
    }
    return buf_str(&b);
}

// Escapes beyond what must be: a dot or "From " that begins a line, which some relays change, and
// white space that ends one.
static bool qp_escapes(struct str line, size_t i)
{
    unsigned char c = (unsigned char)line.p[i];
    if (i == 0 && (c == '.' || str_starts(line, STR("From "))))
        return true;
    if (c == ' ' || c == '\t')
        return i + 1 == line.len;
    return c < ' ' || c > '~' || c == '=';
}

static void add_qp_line(struct buf *b, struct str line)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool escape = qp_escapes(line, i);
        size_t width = escape ? 3 : 1;
        // The soft break's "=" must fit too.
        if (column + width > QP_LINE_MAX - 1) {
            buf_add(b, STR("=\r\n"));
            column = 0;
        }
        unsigned char c = (unsigned char)line.p[i];
        if (escape)
            buf_add(b, str_n((char[]){'=', hex[c >> 4], hex[c & 15]}, 3));
        else
            buf_add_char(b, (char)c);
        column += width;
    }
    buf_add(b, STR("\r\n"));
}

static void add_qp(struct buf *b, struct str text)
{
    for (struct str rest = text; rest.p && !b->full;) {
        struct str line = str_cut(&rest, '\n');
        if (line.len && line.p[line.len - 1] == '\r')
            line.len--;
        if (line.len || rest.p)
            add_qp_line(b, line);
    }
}

// Base64 is shorter once more than a sixth of the bytes must be escaped.
static bool prefers_base64(struct str text)
{
    size_t escaped = 0;
    for (size_t i = 0; i < text.len; i++)
        escaped += (unsigned char)text.p[i] > '~' || text.p[i] == '=';
    return escaped > text.len / 6;
}

static void add_text(struct buf *b, struct str type, struct str text)
{
    bool base64 = prefers_base64(text);
    buf_add(b, STR("Content-Type: "));
    buf_add(b, type);
    buf_add(b, STR("; charset=utf-8\r\nContent-Transfer-Encoding: "));
    buf_add(b, base64 ? STR("base64\r\n\r\n") : STR("quoted-printable\r\n\r\n"));
    if (base64)
        add_base64(b, with_crlf(b->arena, text));
    else
        add_qp(b, text);
}

// "=_" occurs neither in quoted-printable nor in base64, so no part can contain a boundary.
struct boundary {
    char name[64];
    size_t len;
};

static struct boundary boundary_of(const char *kind, struct str id)
{
    struct boundary out = {.name = "=_", .len = 2};
    for (const char *p = kind; *p; p++)
        out.name[out.len++] = *p;
    for (size_t i = 0; i < id.len && id.p[i] != '@' && out.len < sizeof out.name; i++) {
        char c = id.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            out.name[out.len++] = c;
    }
    return out;
}

static void open_multipart(struct buf *b, struct str type, const struct boundary *boundary)
{
    buf_add(b, STR("Content-Type: multipart/"));
    buf_add(b, type);
    field_parameter(b, STR("boundary"), str_n(boundary->name, boundary->len));
    buf_add(b, STR("\r\n\r\n"));
}

static void add_boundary(struct buf *b, const struct boundary *boundary, bool last)
{
    buf_add(b, STR("--"));
    buf_add(b, str_n(boundary->name, boundary->len));
    buf_add(b, last ? STR("--\r\n") : STR("\r\n"));
}

static void add_texts(struct buf *b, const struct mime_message *m)
{
    if (!m->text.p || !m->html.p) {
        add_text(
            b, m->html.p ? STR("text/html") : STR("text/plain"), m->html.p ? m->html : m->text);
        return;
    }
    struct boundary boundary = boundary_of("a", m->id);
    open_multipart(b, STR("alternative"), &boundary);
    add_boundary(b, &boundary, false);
    add_text(b, STR("text/plain"), m->text);
    add_boundary(b, &boundary, false);
    add_text(b, STR("text/html"), m->html);
    add_boundary(b, &boundary, true);
}

// Without what would make it a path.
static struct str file_name(struct arena *a, struct str name)
{
    struct str safe = str_dup(a, name.len ? name : STR("attachment"));
    for (size_t i = 0; i < safe.len; i++)
        if (strchr("/\\:*?\"<>|", safe.p[i]))
            ((char *)safe.p)[i] = '-';
    return safe;
}

static void add_part(struct buf *b, const struct mime_attachment *a, bool shown)
{
    buf_add(b, STR("Content-Type: "));
    buf_add(b, a->type);
    if (shown)
        buf_add(b, str_join(b->arena, STR("\r\nContent-ID: <"), a->name, STR(">"), STR_NULL));
    buf_add(b, STR("\r\nContent-Disposition: "));
    buf_add(b, shown ? STR("inline") : STR("attachment"));
    field_parameter(b, STR("filename"), file_name(b->arena, a->name));
    buf_add(b, STR("\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
    add_base64(b, a->bytes);
}

// The texts, with the pictures that the html shows (RFC 2387).
static void add_body(struct buf *b, const struct mime_message *m)
{
    struct boundary boundary = boundary_of("r", m->id);
    if (!m->picture_count) {
        add_texts(b, m);
        return;
    }
    open_multipart(b, STR("related"), &boundary);
    add_boundary(b, &boundary, false);
    add_texts(b, m);
    for (size_t i = 0; i < m->picture_count; i++) {
        add_boundary(b, &boundary, false);
        add_part(b, &m->pictures[i], true);
    }
    add_boundary(b, &boundary, true);
}

static void add_fields(struct buf *b, const struct mime_message *m)
{
    field_address(b, STR("From"), m->from.name, m->from.address);
    field_address(b, STR("To"), m->to.name, m->to.address);
    if (m->reply_to.address.p)
        field_address(b, STR("Reply-To"), m->reply_to.name, m->reply_to.address);
    field_text(b, STR("Subject"), m->subject);
    field_date(b, STR("Date"), m->date_us);
    field_plain(b, STR("Message-ID"), str_join(b->arena, STR("<"), m->id, STR(">"), STR_NULL));
    for (size_t i = 0; i < m->header_count; i++)
        field_plain(b, m->headers[i].name, m->headers[i].value);
    buf_add(b, STR("MIME-Version: 1.0\r\n"));
}

// Generous, so that the buffer rarely moves.
static size_t size_guess(const struct mime_message *m)
{
    size_t bytes = 4096 + m->text.len * 3 / 2 + m->html.len * 3 / 2;
    for (size_t i = 0; i < m->attachment_count; i++)
        bytes += 1024 + m->attachments[i].bytes.len * 7 / 5;
    for (size_t i = 0; i < m->picture_count; i++)
        bytes += 1024 + m->pictures[i].bytes.len * 7 / 5;
    return bytes < MIME_SIZE_MAX ? bytes : 4096;
}

enum mime_result mime_build(struct arena *a, const struct mime_message *m, struct str *out)
{
    enum mime_result valid = message_valid(m);
    if (valid != MIME_DONE)
        return valid;
    struct buf b;
    buf_init(&b, a, MIME_SIZE_MAX);
    buf_room(&b, size_guess(m));
    add_fields(&b, m);
    struct boundary boundary = boundary_of("m", m->id);
    if (m->attachment_count) {
        open_multipart(&b, STR("mixed"), &boundary);
        add_boundary(&b, &boundary, false);
    }
    add_body(&b, m);
    for (size_t i = 0; i < m->attachment_count; i++) {
        add_boundary(&b, &boundary, false);
        add_part(&b, &m->attachments[i], false);
    }
    if (m->attachment_count)
        add_boundary(&b, &boundary, true);
    *out = buf_str(&b);
    return b.full ? MIME_TOO_LARGE : MIME_DONE;
}
