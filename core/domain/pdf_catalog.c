#include "domain/pdf_catalog.h"

static ptrdiff_t find_last(struct str s, struct str needle)
{
    for (size_t at = s.len; at-- > 0;)
        if (str_starts(str_sub(s, at, s.len), needle))
            return (ptrdiff_t)at;
    return -1;
}

// The number that follows `word` in `s`, or -1.
static int64_t number_after(struct str s, struct str word)
{
    ptrdiff_t at = str_find(s, word);
    if (at < 0)
        return -1;
    struct str rest = str_trim(str_sub(s, (size_t)at + word.len, s.len));
    size_t digits = 0;
    while (digits < rest.len && rest.p[digits] >= '0' && rest.p[digits] <= '9')
        digits++;
    int64_t n = -1;
    str_to_i64(str_sub(rest, 0, digits), &n);
    return n;
}

static bool is_language_tag(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '-'))
            return false;
    }
    return s.len >= 2 && s.len <= 35;
}

struct tail {
    int64_t root, size, info, xref;
    struct str catalog; // its dictionary up to the closing ">>"
};

static bool read_tail(struct arena *a, struct str pdf, struct tail *t)
{
    ptrdiff_t at = find_last(pdf, STR("trailer"));
    if (at < 0)
        return false;
    struct str trailer = str_sub(pdf, (size_t)at, pdf.len);
    t->root = number_after(trailer, STR("/Root"));
    t->size = number_after(trailer, STR("/Size"));
    t->info = number_after(trailer, STR("/Info"));
    t->xref = number_after(trailer, STR("startxref"));
    struct str head = str_format(a, "\n%lld 0 obj\n", (long long)t->root);
    ptrdiff_t object = find_last(pdf, head);
    if (t->root < 0 || t->size < 0 || t->info < 0 || t->xref < 0 || object < 0)
        return false;
    struct str body = str_sub(pdf, (size_t)object + head.len, pdf.len);
    ptrdiff_t end = str_find(body, STR("endobj"));
    body = str_sub(body, 0, end < 0 ? 0 : (size_t)end);
    ptrdiff_t close = find_last(body, STR(">>"));
    // Copied, because what is appended may move the buffer.
    t->catalog = close < 0 ? STR_NULL : str_dup(a, str_sub(body, 0, (size_t)close));
    return t->catalog.p && str_find(t->catalog, STR("/Catalog")) >= 0;
}

void pdf_catalog_set_language(struct buf *pdf, struct str lang)
{
    struct tail t;
    if (!is_language_tag(lang) || !read_tail(pdf->arena, buf_str(pdf), &t))
        return;
    size_t object = pdf->len;
    buf_add_i64(pdf, t.root);
    buf_add(pdf, STR(" 0 obj\n"));
    buf_add(pdf, t.catalog);
    buf_add(pdf, STR("/Lang ("));
    buf_add(pdf, lang);
    buf_add(pdf, STR(")\n/ViewerPreferences << /DisplayDocTitle true >>\n>>\nendobj\n"));
    size_t xref = pdf->len;
    // An entry of the table is 20 bytes, its two spaces and line end included.
    buf_add_format(pdf, "xref\n%lld 1\n%010zu 00000 n \n", (long long)t.root, object);
    buf_add_format(pdf, "trailer\n<< /Size %lld /Root %lld 0 R /Info %lld 0 R /Prev %lld >>\n",
        (long long)t.size, (long long)t.root, (long long)t.info, (long long)t.xref);
    buf_add_format(pdf, "startxref\n%zu\n%%%%EOF\n", xref);
}
