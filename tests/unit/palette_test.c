// Colours and the palette of a site: every brand colour gives pairs that can be read.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/palette.h"

static struct colour parsed(const char *text)
{
    struct colour c;
    assert_true(colour_parse(str_of(text), &c));
    return c;
}

static void a_colour_is_six_digits(void **state)
{
    (void)state;
    struct colour c;
    assert_true(colour_parse(STR("#0F766e"), &c));
    assert_int_equal(c.red, 0x0f);
    assert_int_equal(c.green, 0x76);
    assert_int_equal(c.blue, 0x6e);
    const char *const wrong[] = {
        "", "#", "0f766e", "#0f766", "#0f766e0", "#0f766g", "teal", "#fff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(colour_parse(str_of(wrong[i]), &c));
}

// Reference values: CSS Color 4, and the definition of contrast.
static void known_colours_convert(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double l, c, h;
    } known[] = {{"#ff0000", 0.628, 0.258, 29.2}, {"#00ff00", 0.866, 0.295, 142.5},
        {"#0000ff", 0.452, 0.313, 264.1}, {"#663399", 0.440, 0.160, 303.4}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct oklch c = colour_oklch(parsed(known[i].text));
        assert_true(fabs(c.l - known[i].l) < 0.001);
        assert_true(fabs(c.c - known[i].c) < 0.001);
        assert_true(fabs(c.h - known[i].h) < 0.1);
    }
    assert_true(fabs(colour_contrast(parsed("#000000"), parsed("#ffffff")) - 21) < 0.001);
    assert_true(fabs(colour_contrast(parsed("#767676"), parsed("#ffffff")) - 4.54) < 0.01);
}

static void conversion_there_and_back_is_the_same(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (int n = 0; n < 4096; n++) {
        struct colour c = {
            (uint8_t)((n & 15) * 17), (uint8_t)((n >> 4 & 15) * 17), (uint8_t)((n >> 8) * 17)};
        struct colour back = colour_of(colour_oklch(c));
        assert_string_equal(colour_text(a, c).p, colour_text(a, back).p);
    }
    arena_free(a);
}

static void what_no_screen_shows_keeps_hue_and_lightness(void **state)
{
    (void)state;
    struct oklch wanted = {0.7, 0.4, 150}, got = colour_oklch(colour_of(wanted));
    assert_true(fabs(got.l - wanted.l) < 0.01);
    assert_true(fabs(got.h - wanted.h) < 1.5);
    assert_true(got.c < wanted.c);
}

static double worst(struct colour c, const struct colour *grounds, int count)
{
    double least = 21;
    for (int i = 0; i < count; i++) {
        double contrast = colour_contrast(c, grounds[i]);
        least = contrast < least ? contrast : least;
    }
    return least;
}

static void check_shades(const struct shades *s, const struct colour *grounds, const char *inks[2])
{
    assert_true(colour_contrast(s->on_ground, s->ground) >= 4.5);
    assert_true(colour_contrast(s->on_ground, s->strong) >= 4.5);
    assert_true(colour_contrast(s->ground, grounds[0]) >= 3);
    assert_true(worst(s->ink, grounds, 3) >= 4.5);
    assert_true(colour_contrast(s->ink, s->tint) >= 4.5);
    for (int i = 0; i < 2; i++)
        assert_true(colour_contrast(parsed(inks[i]), s->tint) >= 4.5);
}

static void every_brand_can_be_read(void **state)
{
    (void)state;
    // The tokens' paper, surface and sunken; ink and soft ink.
    const struct colour light[] = {parsed("#fcfaf8"), parsed("#ffffff"), parsed("#f4f1ec")};
    const struct colour dark[] = {parsed("#12100d"), parsed("#1c1914"), parsed("#0c0a07")};
    const char *light_inks[] = {"#1f1b15", "#5d5850"}, *dark_inks[] = {"#f0eeeb", "#b6b2ac"};
    for (int n = 0; n < 4096; n++) {
        struct colour brand = {
            (uint8_t)((n & 15) * 17), (uint8_t)((n >> 4 & 15) * 17), (uint8_t)((n >> 8) * 17)};
        struct palette p = palette_of(brand);
        check_shades(&p.light, light, light_inks);
        check_shades(&p.dark, dark, dark_inks);
    }
}

static void a_readable_brand_stays_as_given(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *const fine[] = {"#0f766e", "#1f4fd1", "#7a1f2b", "#000000"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_string_equal(colour_text(a, palette_of(parsed(fine[i])).light.ground).p, fine[i]);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_colour_is_six_digits),
        cmocka_unit_test(known_colours_convert),
        cmocka_unit_test(conversion_there_and_back_is_the_same),
        cmocka_unit_test(what_no_screen_shows_keeps_hue_and_lightness),
        cmocka_unit_test(every_brand_can_be_read),
        cmocka_unit_test(a_readable_brand_stays_as_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
