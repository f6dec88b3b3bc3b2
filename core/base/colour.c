#include "base/colour.h"

#include <math.h>

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool colour_parse(struct str text, struct colour *out)
{
    uint8_t parts[3];
    if (text.len != 7 || text.p[0] != '#')
        return false;
    for (int i = 0; i < 3; i++) {
        int high = digit(text.p[1 + 2 * i]), low = digit(text.p[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        parts[i] = (uint8_t)(16 * high + low);
    }
    *out = (struct colour){parts[0], parts[1], parts[2]};
    return true;
}

struct str colour_text(struct arena *a, struct colour c)
{
    return str_format(a, "#%02x%02x%02x", c.red, c.green, c.blue);
}

// The transfer function of sRGB (IEC 61966-2-1) and its inverse.
static double to_linear(uint8_t part)
{
    double v = part / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double from_linear(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

struct linear {
    double red, green, blue;
};

static struct linear linear_of(struct colour c)
{
    return (struct linear){to_linear(c.red), to_linear(c.green), to_linear(c.blue)};
}

// Both matrices: Ottosson, "A perceptual color space for image processing" (2020).
struct oklch colour_oklch(struct colour colour)
{
    struct linear v = linear_of(colour);
    double l = cbrt(0.4122214708 * v.red + 0.5363325363 * v.green + 0.0514459929 * v.blue);
    double m = cbrt(0.2119034982 * v.red + 0.6806995451 * v.green + 0.1073969566 * v.blue);
    double s = cbrt(0.0883024619 * v.red + 0.2817188376 * v.green + 0.6299787005 * v.blue);
    double a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    double b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
    double hue = atan2(b, a) * 180 / M_PI;
    return (struct oklch){.l = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        .c = hypot(a, b),
        .h = hue < 0 ? hue + 360 : hue};
}

static struct linear to_rgb(struct oklch c)
{
    double a = c.c * cos(c.h * M_PI / 180), b = c.c * sin(c.h * M_PI / 180);
    double l = c.l + 0.3963377774 * a + 0.2158037573 * b;
    double m = c.l - 0.1055613458 * a - 0.0638541728 * b;
    double s = c.l - 0.0894841775 * a - 1.2914855480 * b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    return (struct linear){4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

static bool is_shown(struct linear v)
{
    // Half a step of the 255: what rounding takes back isn't outside.
    const double slack = 0.0005;
    return v.red >= -slack && v.red <= 1 + slack && v.green >= -slack && v.green <= 1 + slack &&
           v.blue >= -slack && v.blue <= 1 + slack;
}

static uint8_t part_of(double linear)
{
    double v = from_linear(linear < 0 ? 0 : linear > 1 ? 1 : linear);
    return (uint8_t)lround(v * 255);
}

struct colour colour_of(struct oklch c)
{
    double low = 0, high = c.c;
    if (!is_shown(to_rgb(c))) {
        for (int i = 0; i < 20; i++) {
            c.c = (low + high) / 2;
            *(is_shown(to_rgb(c)) ? &low : &high) = c.c;
        }
        c.c = low;
    }
    struct linear v = to_rgb(c);
    return (struct colour){part_of(v.red), part_of(v.green), part_of(v.blue)};
}

// Relative luminance (WCAG 2.2).
static double luminance(struct colour c)
{
    struct linear v = linear_of(c);
    return 0.2126 * v.red + 0.7152 * v.green + 0.0722 * v.blue;
}

double colour_contrast(struct colour a, struct colour b)
{
    double first = luminance(a), second = luminance(b);
    double light = first > second ? first : second, dark = first > second ? second : first;
    return (light + 0.05) / (dark + 0.05);
}
