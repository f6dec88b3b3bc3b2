// What strangers type into names, subjects, texts and file names: whatever the bytes, a mail that
// is built has well-formed lines and no header field that this target didn't ask for.
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "domain/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The next piece of the input: a length byte, then that many bytes.
static struct str take(struct str *rest)
{
    if (!rest->len)
        return STR("");
    size_t len = (unsigned char)rest->p[0] * 2;
    struct str piece = str_sub(*rest, 1, 1 + len);
    *rest = str_sub(*rest, 1 + len, rest->len);
    return piece;
}

static void check_header_line(struct str line)
{
    static const char *const expected[] = {"From: ", "To: ", "Reply-To: ", "Subject: ", "Date: ",
        "Message-ID: ", "X-Field: ", "MIME-Version: ", "Content-Type: "};
    if (line.p[0] == ' ')
        return;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (str_starts(line, str_of(expected[i])))
            return;
    check(!"a foreign header field");
}

static void check_mail(struct str mail)
{
    bool header = true;
    check(str_ends(mail, STR("\r\n")));
    for (struct str rest = str_sub(mail, 0, mail.len - 1); rest.p;) {
        struct str line = str_cut(&rest, '\n');
        check(line.len && line.p[line.len - 1] == '\r' && line.len <= 999);
        line.len--;
        check(str_index(line, '\r') < 0 && !(line.len && memchr(line.p, 0, line.len)));
        header = header && line.len;
        if (header)
            check_header_line(line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct str rest = str_n(data, size), out;
    struct mime_attachment file = {.name = take(&rest), .type = STR("application/pdf")};
    struct mime_header header = {STR("X-Field"), take(&rest)};
    struct mime_message m = {
        .from = {take(&rest), STR("box@site.example")},
        .to = {take(&rest), take(&rest)},
        .reply_to = {take(&rest), STR("box@b\xc3\xbc.example")},
        .subject = take(&rest),
        .text = take(&rest),
        .html = rest,
        .attachments = &file,
        .attachment_count = 1,
        .headers = &header,
        .header_count = 1,
        .id = STR("1@site.example"),
    };
    if (!m.to.address.len)
        m.to.address = STR("ana@guest.example");
    if (mime_build(a, &m, &out) == MIME_DONE)
        check_mail(out);
    arena_free(a);
    return 0;
}
