// Mails as they go over the wire, and the folder they go to without a server.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/id.h"
#include "domain/mime.h"
#include "io/outbox.h"

static struct arena *a;

static int setup(void **state)
{
    (void)state;
    a = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

static struct mime_message plain(void)
{
    return (struct mime_message){
        .from = {STR("Padel Norte"), STR("box@norte.example")},
        .to = {STR_NULL, STR("ana@guest.example")},
        .subject = STR("Your tickets"),
        .text = STR("Hello\n"),
        .id = STR("k3x9.1@norte.example"),
        .date_us = 1795294800000000,
    };
}

static struct str built(const struct mime_message *m)
{
    struct str out = STR_NULL;
    assert_int_equal(mime_build(a, m, &out), MIME_DONE);
    return out;
}

static bool has(struct str mail, const char *text)
{
    return str_find(mail, str_of(text)) >= 0;
}

static void a_plain_mail_is_plain(void **state)
{
    (void)state;
    struct mime_message m = plain();
    assert_true(str_eq(built(&m), STR("From: Padel Norte <box@norte.example>\r\n"
                                      "To: <ana@guest.example>\r\n"
                                      "Subject: Your tickets\r\n"
                                      "Date: Sat, 21 Nov 2026 21:00:00 +0000\r\n"
                                      "Message-ID: <k3x9.1@norte.example>\r\n"
                                      "MIME-Version: 1.0\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: quoted-printable\r\n"
                                      "\r\n"
                                      "Hello\r\n")));
}

static void parts_nest_as_readers_expect(void **state)
{
    (void)state;
    struct mime_message m = plain();
    const struct mime_attachment files[] = {
        {STR("entradas.pdf"), STR("application/pdf"), STR("%PDF-1.5 \0\xff")},
        {STR("\xe5\x88\x87\xe7\xac\xa6.ics"), STR("text/calendar; charset=utf-8; method=PUBLISH"),
            STR("BEGIN:VCALENDAR\r\n")}};
    const struct mime_header headers[] = {{STR("Auto-Submitted"), STR("auto-generated")},
        {STR("List-Unsubscribe"),
            STR("<https://norte.example/a/very/long/address/that/needs/the/whole/line>, "
                "<mailto:stop@norte.example>")}};
    m.html = STR("<p>Hello</p>\n");
    m.attachments = files;
    m.attachment_count = 2;
    m.headers = headers;
    m.header_count = 2;
    struct str mail = built(&m);
    assert_true(has(mail, "Content-Type: multipart/mixed;\r\n boundary=\"=_mk3x91\"\r\n"));
    assert_true(has(mail, "--=_mk3x91\r\nContent-Type: multipart/alternative;\r\n "
                          "boundary=\"=_ak3x91\"\r\n\r\n--=_ak3x91\r\n"));
    assert_true(has(mail, "<p>Hello</p>\r\n--=_ak3x91--\r\n--=_mk3x91\r\n"));
    assert_true(has(mail, "Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n "
                          "filename=\"entradas.pdf\"\r\nContent-Transfer-Encoding: "
                          "base64\r\n\r\nJVBERi0xLjUgAP8=\r\n"));
    assert_true(has(mail, "filename*0*=UTF-8''%E5%88%87%E7%AC%A6.ics\r\n"));
    assert_true(has(mail, "line>,\r\n <mailto:stop@norte.example>\r\n"));
    assert_true(str_ends(mail, STR("--=_mk3x91--\r\n")));
    assert_true(str_eq(mail, built(&m)));
}

static void a_picture_goes_with_the_html_that_shows_it(void **state)
{
    (void)state;
    struct mime_message m = plain();
    struct mime_attachment picture = {STR("logo.png"), STR("image/png"), STR("PNG")};
    const struct mime_attachment file = {STR("a.pdf"), STR("application/pdf"), STR("")};
    m.html = STR("<img src=\"cid:logo.png\">\n");
    m.pictures = &picture;
    m.picture_count = 1;
    struct str mail = built(&m);
    assert_true(has(mail, "Content-Type: multipart/related;\r\n boundary=\"=_rk3x91\"\r\n\r\n"
                          "--=_rk3x91\r\nContent-Type: multipart/alternative;"));
    assert_true(has(mail, "--=_ak3x91--\r\n--=_rk3x91\r\nContent-Type: image/png\r\n"
                          "Content-ID: <logo.png>\r\nContent-Disposition: inline;\r\n "
                          "filename=\"logo.png\"\r\n"));
    assert_true(str_ends(mail, STR("UE5H\r\n--=_rk3x91--\r\n")));
    m.attachments = &file;
    m.attachment_count = 1;
    mail = built(&m);
    assert_true(has(mail, "--=_mk3x91\r\nContent-Type: multipart/related;"));
    assert_true(has(mail, "--=_rk3x91--\r\n--=_mk3x91\r\nContent-Type: application/pdf"));
    static const char *const names[] = {"", "a b", "a>", "Ä.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str out;
        picture.name = str_of(names[i]);
        assert_int_equal(mime_build(a, &m, &out), MIME_BAD_HEADER);
    }
}

// Decodes the encoded words of a field, as a reader does.
static struct str decoded_subject(struct str mail)
{
    struct buf_of_text {
        char p[4096];
        size_t len;
    } *out = arena_zalloc(a, 1, sizeof *out);
    struct str rest = str_sub(mail, (size_t)str_find(mail, STR("\r\nSubject: ")) + 2, mail.len);
    rest.len = (size_t)str_find(rest, STR("\r\nDate: "));
    for (ptrdiff_t at; (at = str_find(rest, STR("=?UTF-8?"))) >= 0;) {
        bool q = rest.p[at + 8] == 'Q';
        rest = str_sub(rest, (size_t)at + 10, rest.len);
        struct str word = str_sub(rest, 0, (size_t)str_find(rest, STR("?=")));
        assert_true(word.len + 12 <= 75);
        struct str bytes = q ? STR("") : id_base64_decode(a, word);
        for (size_t i = 0; q && i < word.len; i++) {
            char c = word.p[i] == '_' ? ' ' : word.p[i];
            if (c == '=') {
                c = (char)strtol((char[]){word.p[i + 1], word.p[i + 2], 0}, NULL, 16);
                i += 2;
            }
            out->p[out->len++] = c;
        }
        assert_true(str_utf8_valid(bytes)); // no character is split
        memcpy(out->p + out->len, bytes.p, bytes.len);
        out->len += bytes.len;
        rest = str_sub(rest, word.len + 2, rest.len);
    }
    return str_n(out->p, out->len);
}

static void check_lines(struct str mail)
{
    for (struct str rest = mail; rest.p;) {
        struct str line = str_cut(&rest, '\n');
        assert_true(!rest.p || (line.len && line.p[line.len - 1] == '\r'));
        assert_true(line.len <= 79);
        for (size_t i = 0; i + 1 < line.len; i++)
            assert_true(line.p[i] >= ' ' && line.p[i] <= '~');
    }
}

static void any_script_survives(void **state)
{
    (void)state;
    static const char *const subjects[] = {"Réservation confirmée : « Le Médecin malgré lui »",
        "美術館のチケット:十一月二十一日(土)"
        "午後六時のご予約を確認いたしました。ありがとうございます",
        "تذكرتك إلى المتحف",
        "🎭🎟️ Two tickets for tonight 🎟️🎭, don't be late "
        "🎭🎭🎭🎭🎭🎭🎭🎭",
        "=?UTF-8?Q?not_encoded?=",
        "averylongwordwithoutanyspaceinsideitthatgoesonandonandonandonandonandonandonandonandonando"
        "n"};
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct mime_message m = plain();
        m.subject = str_of(subjects[i]);
        m.from.name = str_of(subjects[i]);
        struct str mail = built(&m);
        check_lines(mail);
        assert_true(str_is(decoded_subject(mail), subjects[i]));
    }
    struct mime_message m = plain();
    m.to = (struct mime_address){STR("Bücher \"&\" Co."), STR("ana@bücher.example")};
    assert_true(has(built(&m), "?= <ana@xn--bcher-kva.example>\r\n"));
    m.to.name = STR("Dr. \"Ana\" \\ Ruiz");
    assert_true(has(built(&m), "To: \"Dr. \\\"Ana\\\" \\\\ Ruiz\" <"));
}

static void bodies_are_encoded_safely(void **state)
{
    (void)state;
    struct mime_message m = plain();
    m.text = STR(".\n..\nFrom here\na = b\ntrailing \ntab\t\n\nPrix : 12,50 €\r\nlast");
    assert_true(has(built(&m), "\r\n\r\n=2E\r\n=2E.\r\n=46rom here\r\na =3D b\r\ntrailing=20\r\n"
                               "tab=09\r\n\r\nPrix : 12,50 =E2=82=AC\r\nlast\r\n"));
    char *longer = arena_alloc(a, 5000);
    memset(longer, 'x', 5000);
    m.text = str_n(longer, 5000);
    check_lines(built(&m));
    m.text = STR("ご予約を確認いたしました。\n");
    assert_true(has(built(&m), "Content-Transfer-Encoding: base64"));
    m.text = STR("--=_mk3x91--\n");
    assert_false(has(built(&m), "--=_mk3x91"));
}

static void lies_are_refused(void **state)
{
    (void)state;
    struct str out;
    struct mime_message m = plain();
    m.subject = STR("Tickets\r\nBcc: all@guest.example\r\n\r\nbody");
    m.from.name = STR("Norte\r\nBcc: all@guest.example");
    struct str mail = built(&m);
    assert_true(has(mail, "Subject: Tickets Bcc: all@guest.example body\r\n"));
    assert_false(has(mail, "\r\nBcc"));

    m = plain();
    m.to.address = STR("ana@guest.example>\r\nBcc: <all@guest.example");
    assert_int_equal(mime_build(a, &m, &out), MIME_BAD_ADDRESS);
    m = plain();
    m.id = STR("no-domain");
    assert_int_equal(mime_build(a, &m, &out), MIME_BAD_ADDRESS);
    static const struct mime_header wrong[] = {{STR("X"), STR("a\r\nBcc: b")},
        {STR("X:\r\nBcc"), STR("b")}, {STR("Bcc"), STR("b@c.example")},
        {STR("content-type"), STR("text/html")}, {STR(""), STR("a")}, {STR("X"), STR("é")}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        m = plain();
        m.headers = &wrong[i];
        m.header_count = 1;
        assert_int_equal(mime_build(a, &m, &out), MIME_BAD_HEADER);
    }
    const struct mime_attachment file = {STR("a"), STR("text/plain\r\nX: y"), STR("")};
    m = plain();
    m.attachments = &file;
    m.attachment_count = 1;
    assert_int_equal(mime_build(a, &m, &out), MIME_BAD_HEADER);
    m = plain();
    m.text = STR("\xff");
    assert_int_equal(mime_build(a, &m, &out), MIME_BAD_TEXT);
    m.text = STR_NULL;
    assert_int_equal(mime_build(a, &m, &out), MIME_BAD_TEXT);
    const struct mime_attachment path = {STR("../../etc/x\".pdf"), STR("application/pdf"), STR("")};
    m = plain();
    m.attachments = &path;
    m.attachment_count = 1;
    assert_true(has(built(&m), "filename=\"..-..-etc-x-.pdf\""));
}

static void size_is_limited(void **state)
{
    (void)state;
    struct mime_message m = plain();
    struct str out;
    const struct mime_attachment file = {
        STR("a"), STR("application/pdf"), str_n(arena_zalloc(a, 1, 19 << 20), 19 << 20)};
    m.attachments = &file;
    m.attachment_count = 1;
    assert_int_equal(mime_build(a, &m, &out), MIME_TOO_LARGE);
}

static void the_outbox_holds_whole_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/vitrine-outbox-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct str box = str_join(a, str_of(dir), STR("/box"), STR_NULL), path;
    assert_true(outbox_write(a, box, STR("k3x9/../1@norte"), STR("Subject: x\r\n"), &path));
    assert_true(str_starts(path, box));
    assert_true(str_ends(path, STR("Z-k3x9----1-norte.eml")));
    struct stat info;
    assert_int_equal(stat(path.p, &info), 0);
    assert_int_equal(info.st_size, 12);
    assert_int_equal(info.st_mode & 0777, 0600);
    int files = 0;
    DIR *d = opendir(box.p);
    for (struct dirent *e; (e = readdir(d));)
        files += e->d_name[0] != '.' || e->d_name[1] > '.';
    closedir(d);
    assert_int_equal(files, 1);
    assert_false(outbox_write(a, path, STR("x"), STR("y"), NULL));
    unlink(path.p);
    rmdir(box.p);
    rmdir(dir);
}

int main(void)
{
#define with_arena(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_arena(a_plain_mail_is_plain),
        with_arena(parts_nest_as_readers_expect),
        with_arena(a_picture_goes_with_the_html_that_shows_it),
        with_arena(any_script_survives),
        with_arena(bodies_are_encoded_safely),
        with_arena(lies_are_refused),
        with_arena(size_is_limited),
        with_arena(the_outbox_holds_whole_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
