#include "domain/qr.h"

#include <errno.h>

#include <qrencode.h>

#include "base/buf.h"
#include "base/check.h"

bool qr_make(struct arena *a, struct str text, struct qr *out)
{
    if (!text.len || text.len > QR_TEXT_MAX || memchr(text.p, 0, text.len))
        return false;
    QRcode *code = QRcode_encodeString(str_z(a, text), 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code && errno == ERANGE)
        return false;
    check(code);
    size_t count = (size_t)code->width * (size_t)code->width;
    unsigned char *modules = arena_alloc(a, count);
    for (size_t i = 0; i < count; i++)
        modules[i] = code->data[i] & 1;
    *out = (struct qr){code->width, modules};
    QRcode_free(code);
    return true;
}

// One run of dark modules as a part of a path.
static void add_run(struct buf *b, int x, int y, int width)
{
    buf_add(b, STR("M"));
    buf_add_i64(b, x + QR_QUIET);
    buf_add(b, STR(" "));
    buf_add_i64(b, y + QR_QUIET);
    buf_add(b, STR("h"));
    buf_add_i64(b, width);
    buf_add(b, STR("v1h-"));
    buf_add_i64(b, width);
    buf_add(b, STR("z"));
}

static void add_dark(struct buf *b, const struct qr *q)
{
    for (int y = 0; y < q->size; y++)
        for (int x = 0, end; x < q->size; x = end) {
            bool dark = qr_dark(q, x, y);
            for (end = x + 1; end < q->size && qr_dark(q, end, y) == dark;)
                end++;
            if (dark)
                add_run(b, x, y, end - x);
        }
}

struct str qr_svg(struct arena *a, const struct qr *q, struct str label)
{
    struct buf b;
    int side = q->size + 2 * QR_QUIET;
    // A run is at most 24 bytes and every other module.
    buf_init(&b, a, 1024 + 6 * label.len + 24 * (size_t)side * (size_t)side);
    buf_add(&b, STR("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
    buf_add_i64(&b, side);
    buf_add(&b, STR(" "));
    buf_add_i64(&b, side);
    buf_add(&b, STR("\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\""));
    buf_add_html(&b, label);
    buf_add(&b, STR("\"><path fill=\"#fff\" d=\"M0 0h"));
    buf_add_i64(&b, side);
    buf_add(&b, STR("v"));
    buf_add_i64(&b, side);
    buf_add(&b, STR("H0z\"/><path fill=\"#000\" d=\""));
    add_dark(&b, q);
    buf_add(&b, STR("\"/></svg>"));
    return buf_str(&b);
}
