// Tickets as PDF, judged by programs that read PDF: pdftotext, pdfinfo, qpdf, and zbarimg on the
// rendered page. With VITRINE_TICKET_DIR set, the files are left there to look at.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "domain/ticket_pdf.h"
#include "io/fiber.h"
#include "io/loop.h"
#include "io/offload.h"

static struct arena *a;
static char own_dir[] = "/tmp/vitrine-ticket-XXXXXX";
static const char *dir;

static const struct ticket_page opening[] = {
    {
        .offer = STR("Le Médecin malgré lui"),
        .subtitle = STR("Molière, mise en scène de Camille Rousseau"),
        .date = STR("samedi 21 novembre 2026"),
        .time = STR("19:30 – 21:45"),
        .zone = STR("heure normale d’Europe centrale"),
        .place = STR("Grande salle, rang C, place 14"),
        .holder = STR("Zoë Lefèbvre-Nuñez"),
        .rate = STR("Plein tarif"),
        .price = STR("24,00 €"),
        .qr = STR("https://theatre.example/k/7KQXM2PD"),
        .code = STR("7KQX M2PD"),
        .count = STR("1 sur 2"),
    },
    {
        .offer = STR("Le Médecin malgré lui"),
        .date = STR("samedi 21 novembre 2026"),
        .time = STR("19:30 – 21:45"),
        .rate = STR("Tarif réduit"),
        .price = STR("0,00 €"),
        .qr = STR("https://theatre.example/k/ABCDEFGH"),
        .code = STR("ABCD EFGH"),
        .count = STR("2 sur 2"),
    },
};

static struct ticket_document french(void)
{
    return (struct ticket_document){
        .title = STR("Billets, commande 4H7K-22QW"),
        .lang = STR("fr"),
        .brand = 0x7a1f3d,
        .face = TICKET_SERIF,
        .site = STR("Théâtre de la Lanterne"),
        .order = STR("4H7K 22QW"),
        .contact = STR("Théâtre de la Lanterne · 12, rue des Teinturiers, 84000 Avignon\n"
                       "billetterie@lanterne.example · +33 4 90 00 00 00"),
        .legal = STR("Billet nominatif, ni repris ni échangé sauf annulation. Licence 1-1234567. "
                     "TVA 2,10 % incluse."),
        .created_us = 1795294800000000,
        .words = {.place = STR("Place"),
            .holder = STR("Spectateur"),
            .rate = STR("Tarif"),
            .price = STR("Prix"),
            .order = STR("Commande"),
            .code = STR("Code du billet"),
            .hint = STR("Présentez ce code à l’entrée, imprimé ou sur votre téléphone.")},
        .pages = opening,
        .page_count = 2,
    };
}

static struct str path_of(const char *name)
{
    return str_join(a, str_of(dir), STR("/"), str_of(name), STR_NULL);
}

// What a program prints.
static struct str output_of(struct str command)
{
    struct buf b;
    char part[4096];
    buf_init(&b, a, 1 << 20);
    FILE *f = popen(command.p, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&b, str_n(part, n));
    assert_int_equal(pclose(f), 0);
    return buf_str(&b);
}

static struct str made(const struct ticket_document *d, const char *name)
{
    struct str pdf = ticket_pdf(a, d), path = path_of(name);
    assert_true(pdf.p != NULL);
    FILE *f = fopen(path.p, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(pdf.p, 1, pdf.len, f), pdf.len);
    fclose(f);
    return path;
}

static struct str scanned(struct str path, int page)
{
    struct str image = str_join(a, path, STR(".page"), STR_NULL);
    output_of(str_format(
        a, "pdftoppm -r 110 -f %d -l %d -png -singlefile %s %s", page, page, path.p, image.p));
    struct str code =
        output_of(str_format(a, "zbarimg -q --raw -Sdisable -Sqrcode.enable %s.png", image.p));
    if (dir == own_dir)
        unlink(str_join(a, image, STR(".png"), STR_NULL).p);
    return str_trim(code);
}

static void forget(struct str path)
{
    if (dir == own_dir)
        unlink(path.p);
}

static bool has(struct str text, const char *part)
{
    return str_find(text, str_of(part)) >= 0;
}

static void pages_say_what_when_where_and_scan(void **state)
{
    (void)state;
    struct ticket_document d = french();
    struct str path = made(&d, "french.pdf");
    struct str text = output_of(str_join(a, STR("pdftotext -layout "), path, STR(" -"), STR_NULL));
    static const char *const words[] = {"Théâtre de la Lanterne", "Le Médecin malgré lui",
        "samedi 21 novembre 2026", "19:30 – 21:45", "Zoë Lefèbvre-Nuñez", "24,00 €", "7KQX M2PD",
        "4H7K 22QW", "ABCD EFGH", "billetterie@lanterne.example", "TVA 2,10 % incluse."};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(has(text, words[i]));
    struct str info = output_of(str_join(a, STR("pdfinfo "), path, STR_NULL));
    assert_true(has(info, "Billets, commande 4H7K-22QW") && has(info, "595.276 x 841.89 pts (A4)"));
    assert_true(has(info, "Pages:           2"));
    output_of(str_join(a, STR("qpdf --check "), path, STR_NULL));
    assert_true(str_is(scanned(path, 1), "https://theatre.example/k/7KQXM2PD"));
    assert_true(str_is(scanned(path, 2), "https://theatre.example/k/ABCDEFGH"));
    struct str pdf = ticket_pdf(a, &d);
    assert_true(has(pdf, "/Lang (fr)") && has(pdf, "/DisplayDocTitle true"));
    assert_true(str_eq(pdf, ticket_pdf(a, &d)));
    assert_true(pdf.len < 200000);
    forget(path);
}

// Copied out of the file a code has one space, whichever letters meet.
static void a_code_reads_back_whole(void **state)
{
    (void)state;
    static const char letters[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    enum { SIDES = 4, PAGES = 32 / SIDES };
    for (int first = 0; first < 32; first++) {
        struct ticket_page pages[PAGES];
        struct ticket_document d = french();
        d.pages = pages;
        d.page_count = PAGES;
        for (int i = 0; i < PAGES; i++) {
            const char *l = letters + (size_t)i * SIDES;
            pages[i] = opening[1];
            pages[i].code = str_format(a, "%c%c%c%c %c%c%c%c", letters[first], l[0], letters[first],
                l[1], letters[first], l[2], letters[first], l[3]);
        }
        struct str path = made(&d, "codes.pdf");
        struct str text = output_of(str_join(a, STR("pdftotext "), path, STR(" -"), STR_NULL));
        for (int i = 0; i < PAGES; i++)
            assert_true(str_find(text, pages[i].code) >= 0);
        forget(path);
    }
}

static void any_script_is_set(void **state)
{
    (void)state;
    struct ticket_page page = {
        .offer = STR("אמנות האור: תערוכה"),
        .date = STR("יום שבת, 21 בנובמבר 2026"),
        .time = STR("18:00"),
        .zone = STR("שעון ישראל (חורף)"),
        .place = STR("אולם 3 (Gallery C)"),
        .holder = STR("Miriam Levi"),
        .rate = STR("מבוגר"),
        .price = STR("‏45.00 ‏₪"),
        .qr = STR("HEBREW22"),
        .code = STR("HEBR EW22"),
        .count = STR("1 מתוך 1"),
    };
    struct ticket_document d = {.title = STR("כרטיס"),
        .lang = STR("he"),
        .right_to_left = true,
        .brand = 0xf2c14e,
        .site = STR("מוזיאון האור"),
        .order = STR("77AA KK22"),
        .contact = STR("מוזיאון האור, רחוב הרצל 1, תל אביב"),
        .words = {STR("מקום"), STR("שם"), STR("תעריף"), STR("מחיר"), STR("הזמנה"), STR("קוד"),
            STR("יש להציג את הקוד בכניסה.")},
        .pages = &page,
        .page_count = 1};
    struct str path = made(&d, "hebrew.pdf");
    assert_true(str_is(scanned(path, 1), "HEBREW22"));
    forget(path);

    page = (struct ticket_page){
        .offer = STR("光の庭園 ― 冬のナイトミュージアム特別鑑賞会と学芸員によるギャラリートーク、"
                     "お茶会付き（英語通訳あり・要予約・雨天決行）"),
        .subtitle = STR("常設展示もご覧いただけます"),
        .date = STR("2026年11月21日（土）"),
        .time = STR("18:00"),
        .zone = STR("日本標準時"),
        .place = STR("本館二階 大展示室"),
        .holder = STR("山田 花子 · Мария Петрова · Ελένη · สมชาย · 김민준 · आरती"),
        .rate = STR("一般"),
        .price = STR("¥1,400"),
        .qr = STR("JAPAN234"),
        .code = STR("JAPA N234"),
    };
    d = (struct ticket_document){.title = STR("チケット"),
        .lang = STR("ja"),
        .brand = 0x0f766e,
        .site = STR("水都美術館"),
        .order = STR("99BB CC33"),
        .legal = STR("再入場はできません。"),
        .words = {STR("場所"), STR("お名前"), STR("料金区分"), STR("料金"), STR("注文番号"),
            STR("チケットコード"), STR("入口でこのコードをご提示ください。")},
        .pages = &page,
        .page_count = 1};
    path = made(&d, "japanese.pdf");
    assert_true(str_is(scanned(path, 1), "JAPAN234"));
    struct str fonts = output_of(str_join(a, STR("pdffonts "), path, STR_NULL));
    assert_true(has(fonts, "NotoSansCJKjp") && has(fonts, "NotoSansThai"));
    forget(path);
}

static struct str repeated(const char *word, size_t times)
{
    struct buf b;
    buf_init(&b, a, 1 << 20);
    for (size_t i = 0; i < times; i++)
        buf_add(&b, str_of(word));
    return buf_str(&b);
}

static void long_texts_stay_on_the_page(void **state)
{
    (void)state;
    struct str words = repeated("Donaudampfschifffahrtsgesellschaft ", 60);
    struct ticket_page page = {words, words, words, words, words, words, words, words, words,
        repeated("https://venue.example/x/", 40), STR("ABCD EFGH"), words};
    struct ticket_document d = french();
    d.site = d.order = d.contact = d.legal = repeated("Unendlichkeit", 100);
    d.words = (struct ticket_words){words, words, words, words, words, words, words};
    d.pages = &page;
    d.page_count = 1;
    struct str path = made(&d, "long.pdf");
    assert_true(has(output_of(str_join(a, STR("pdfinfo "), path, STR_NULL)), "Pages:           1"));
    forget(path);
}

static void what_cannot_be_a_ticket_is_refused(void **state)
{
    (void)state;
    struct ticket_document d = french();
    d.page_count = 0;
    assert_null(ticket_pdf(a, &d).p);
    d.page_count = TICKET_PAGES_MAX + 1;
    assert_null(ticket_pdf(a, &d).p);
    struct ticket_page page = {.offer = STR("No code")};
    d.pages = &page;
    d.page_count = 1;
    assert_null(ticket_pdf(a, &d).p);
    page.qr = STR("Q");
    d = (struct ticket_document){.pages = &page, .page_count = 1, .lang = STR("x) /Evil (")};
    struct str pdf = ticket_pdf(a, &d);
    assert_true(pdf.p && !has(pdf, "Evil"));
}

static int printed;

static void print(void *arg)
{
    struct ticket_document d = french();
    struct arena *own = arena_new();
    for (int i = 0; i < 3; i++)
        *(size_t *)arg = ticket_pdf(own, &d).len;
    arena_free(own);
}

static void printer(void *arg)
{
    size_t len = 0;
    (void)arg;
    assert_true(offload(print, &len));
    assert_true(len > 1000);
    if (++printed == 8)
        loop_stop();
}

static void several_threads_print_at_once(void **state)
{
    (void)state;
    loop_init();
    fibers_init();
    offload_init(2);
    for (int i = 0; i < 8; i++)
        assert_true(fiber_start(printer, NULL, NULL));
    loop_run(NULL);
    assert_int_equal(printed, 8);
}

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

static int group_setup(void **state)
{
    (void)state;
    dir = getenv("VITRINE_TICKET_DIR");
    if (!dir)
        dir = mkdtemp(own_dir);
    return dir ? 0 : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    return dir == own_dir ? rmdir(dir) : 0;
}

int main(void)
{
#define with_arena(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        with_arena(pages_say_what_when_where_and_scan),
        with_arena(a_code_reads_back_whole),
        with_arena(any_script_is_set),
        with_arena(long_texts_stay_on_the_page),
        with_arena(what_cannot_be_a_ticket_is_refused),
        with_arena(several_threads_print_at_once),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
