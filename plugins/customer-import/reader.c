#include "reader.h"

#include <csv.h>
#include <string.h>

enum { LINES_MAX = 200, REPLACEMENT = 0xFFFD, UTF8_MAX = 4 };

const char *const reader_encodings[READER_ENCODINGS] = {
    "utf-8", "windows-1252", "utf-16le", "utf-16be"};

enum reader_encoding reader_encoding_of(struct vt_str name)
{
    for (int i = 0; i < READER_ENCODINGS; i++)
        if (vt_str_eq(name, vt_str_of(reader_encodings[i])))
            return (enum reader_encoding)i;
    return READER_UTF8;
}

// What Windows-1252 has where Latin-1 has control characters.
static const uint16_t windows[32] = {0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D,
    0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178};

struct letter {
    uint32_t code;
    size_t used; // 0: the bytes end within it
    bool wrong;
};

static struct letter utf8_letter(const unsigned char *p, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = *p < 0x80                 ? 1
                  : *p >= 0xC2 && *p < 0xE0 ? 2
                  : *p >= 0xE0 && *p < 0xF0 ? 3
                  : *p >= 0xF0 && *p < 0xF5 ? 4
                                            : 0;
    struct letter wrong = {REPLACEMENT, 1, true};
    if (need == 1)
        return (struct letter){*p, 1, false};
    uint32_t code = *p & (0xFFU >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if (i == len)
            return (struct letter){0, 0, false};
        if ((p[i] & 0xC0) != 0x80)
            return wrong;
        code = code << 6 | (p[i] & 0x3F);
    }
    bool good = need && code >= least[need] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    return good ? (struct letter){code, need, false} : wrong;
}

static uint32_t unit16(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static struct letter utf16_letter(const unsigned char *p, size_t len, bool big)
{
    if (len < 2)
        return (struct letter){0, 0, false};
    uint32_t high = unit16(p, big);
    if (high < 0xD800 || high > 0xDFFF)
        return (struct letter){high, 2, false};
    if (high > 0xDBFF)
        return (struct letter){REPLACEMENT, 2, true};
    if (len < 4)
        return (struct letter){0, 0, false};
    uint32_t low = unit16(p + 2, big);
    if (low < 0xDC00 || low > 0xDFFF)
        return (struct letter){REPLACEMENT, 2, true};
    return (struct letter){0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), 4, false};
}

static struct letter letter_at(const struct reader *r, size_t at)
{
    const unsigned char *p = (const unsigned char *)r->bytes.p + at;
    size_t len = r->bytes.len - at;
    struct letter found;
    if (r->encoding == READER_1252)
        found = (struct letter){*p >= 0x80 && *p < 0xA0 ? windows[*p - 0x80] : *p, 1, false};
    else if (r->encoding == READER_UTF8)
        found = utf8_letter(p, len);
    else
        found = utf16_letter(p, len, r->encoding == READER_UTF16BE);
    if (!found.used && r->last)
        found = (struct letter){REPLACEMENT, len, true};
    // PostgreSQL's texts have none.
    if (found.used && !found.code)
        found = (struct letter){REPLACEMENT, found.used, true};
    return found;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF0 << (4 - len) & 0xFF) | code);
    return len;
}

struct scan {
    struct reader *r;
    struct csv_parser parser;
    struct reader_row row;
    bool whole;           // the row has ended
    char *text;           // of the row, so far
    size_t text_len, fed; // of which libcsv has seen so much
    int lines;            // of the row, so far
    size_t first_end;     // behind the row's first line
    struct vt_str first;  // that line
    size_t at, consumed;
    int64_t next_line; // of the row behind what was consumed
    bool go_on;
};

static void on_cell(void *cell, size_t len, void *arg)
{
    struct scan *s = arg;
    char *copy = vt_alloc(s->r->call, len + 1);
    memcpy(copy, cell, len);
    if (s->row.count < READER_CELLS_MAX)
        s->row.cells[s->row.count++] = (struct vt_str){copy, len};
}

static void on_end(int terminator, void *arg)
{
    struct scan *s = arg;
    (void)terminator;
    s->whole = true;
}

static void begin_row(struct scan *s)
{
    s->row = (struct reader_row){.line = s->r->line};
    s->whole = false;
    s->text_len = s->fed = 0;
    s->lines = 0;
    s->first = VT_NULL;
}

static void begin_parser(struct scan *s)
{
    csv_init(&s->parser, 0);
    csv_set_delim(&s->parser, (unsigned char)s->r->separator);
    begin_row(s);
}

static void consume(struct scan *s)
{
    s->consumed = s->at;
    s->next_line = s->r->line;
}

static void emit(struct scan *s)
{
    consume(s);
    s->go_on = s->r->on_row(s->r->arg, &s->row);
    begin_row(s);
}

// The quote was meant as a letter, probably: its line is said, and the next one begins anew.
static void emit_broken(struct scan *s)
{
    int64_t line = s->row.line;
    s->row.cells[0] = s->first;
    s->row.count = 1;
    s->row.flaw = READER_QUOTE;
    s->at = s->first_end;
    s->r->line = line + 1;
    csv_free(&s->parser);
    struct reader_row row = s->row;
    begin_parser(s);
    consume(s);
    s->go_on = s->r->on_row(s->r->arg, &row);
}

static void keep_first(struct scan *s)
{
    char *copy = vt_alloc(s->r->call, s->text_len + 1);
    size_t len = s->text_len;
    while (len && (s->text[len - 1] == '\n' || s->text[len - 1] == '\r'))
        len--;
    memcpy(copy, s->text, len);
    s->first = (struct vt_str){copy, len};
    s->first_end = s->at;
}

static void feed_parser(struct scan *s)
{
    csv_parse(&s->parser, s->text + s->fed, s->text_len - s->fed, on_cell, on_end, s);
    s->fed = s->text_len;
    s->r->line++;
}

// Whether its quotes stand where they have to.
static bool is_strict(const struct scan *s)
{
    struct csv_parser strict;
    csv_init(&strict, CSV_STRICT);
    csv_set_delim(&strict, (unsigned char)s->r->separator);
    bool good = csv_parse(&strict, s->text, s->text_len, NULL, NULL, NULL) == s->text_len;
    csv_free(&strict);
    return good;
}

// A row of several lines that ends in the middle of a cell: its first quote was never closed, and
// another row's quote did.
static void emit_whole(struct scan *s)
{
    if (s->lines > 1 && !is_strict(s))
        emit_broken(s);
    else
        emit(s);
}

// A line has come to its end.
static void feed(struct scan *s)
{
    if (!s->lines++)
        keep_first(s);
    feed_parser(s);
    if (s->whole)
        emit_whole(s);
    else if (!s->row.count && !s->parser.pstate) { // an empty line
        consume(s);
        begin_row(s);
    } else if (s->lines == LINES_MAX)
        emit_broken(s);
}

// Whether the line ends here; a CR waits for its LF.
static bool ends_line(struct scan *s, uint32_t code)
{
    if (code == '\n')
        return true;
    if (code != '\r')
        return false;
    if (s->at >= s->r->bytes.len)
        return s->r->last;
    struct letter next = letter_at(s->r, s->at);
    return next.used && next.code != '\n';
}

static void emit_long(struct scan *s)
{
    s->row.flaw = READER_LONG;
    s->row.count = 0;
    s->at = s->r->bytes.len;
    s->r->on_row(s->r->arg, &s->row);
    consume(s);
    s->go_on = false;
}

static void take_letter(struct scan *s, const struct letter *letter)
{
    s->at += letter->used;
    if (letter->wrong && !s->row.flaw)
        s->row.flaw = READER_LETTERS;
    size_t len = put_utf8(s->text + s->text_len, letter->code);
    s->text_len += len;
    if (s->text_len > READER_ROW_MAX - UTF8_MAX) {
        if (s->lines)
            emit_broken(s);
        else
            emit_long(s);
    } else if (ends_line(s, letter->code))
        feed(s);
}

// What the file ends with, without a line's end.
static void finish(struct scan *s)
{
    bool quoted = s->parser.quoted;
    if (s->text_len > s->fed) {
        if (!s->lines++)
            keep_first(s);
        feed_parser(s);
        quoted = s->parser.quoted;
    }
    // Closed by the last letter, its state is another than within.
    enum { WITHIN_FIELD = 2 };
    if (quoted && s->parser.pstate == WITHIN_FIELD) {
        emit_broken(s);
        return;
    }
    csv_fini(&s->parser, on_cell, on_end, s);
    if (s->whole) {
        emit_whole(s);
        return;
    }
    consume(s);
    begin_row(s);
}

size_t reader_run(struct reader *r)
{
    struct scan s = {
        .r = r, .text = vt_alloc(r->call, READER_ROW_MAX + 1), .next_line = r->line, .go_on = true};
    begin_parser(&s);
    while (s.go_on && (s.at < r->bytes.len || (r->last && s.text_len))) {
        struct letter letter = {0, 0, false};
        if (s.at < r->bytes.len)
            letter = letter_at(r, s.at);
        if (letter.used)
            take_letter(&s, &letter);
        else if (r->last)
            finish(&s);
        else
            break;
    }
    csv_free(&s.parser);
    r->line = s.next_line;
    return s.consumed;
}
