#include "io/image_decode.h"

#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <webp/decode.h>

enum { PLAIN_AREA_MAX = 24000000, WIDTH_WANTED = 1600, SCANS_MAX = 100 };

static enum image_result check_size(int64_t width, int64_t height, int64_t area_max)
{
    if (width <= 0 || height <= 0)
        return IMAGE_BROKEN;
    if (width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX || width * height > area_max)
        return IMAGE_LARGE;
    return (width < height ? width : height) < IMAGE_WIDTH_MIN / 2 ||
                   (width > height ? width : height) < IMAGE_WIDTH_MIN
               ? IMAGE_SMALL
               : IMAGE_DONE;
}

struct jpeg {
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    bool cut; // the file ends too early
};

static void on_jpeg_error(j_common_ptr c)
{
    longjmp(((struct jpeg *)c)->out, 1);
}

static void on_jpeg_message(j_common_ptr c, int level)
{
    if (level < 0 && c->err->msg_code == JWRN_JPEG_EOF)
        ((struct jpeg *)c)->cut = true;
}

// A small file can ask for thousands of passes over a large picture.
static void on_jpeg_progress(j_common_ptr c)
{
    if (((struct jpeg *)c)->d.input_scan_number > SCANS_MAX)
        on_jpeg_error(c);
}

static uint32_t number_at(const uint8_t *p, int bytes, bool little)
{
    uint32_t n = 0;
    for (int i = 0; i < bytes; i++)
        n = n << 8 | p[little ? bytes - 1 - i : i];
    return n;
}

// The orientation of an Exif block (Exif 2.32, 4.6): entry 0x0112 of the first directory.
static int exif_orientation(const uint8_t *p, size_t len)
{
    if (len < 14 || memcmp(p, "Exif\0\0", 6) != 0)
        return 1;
    p += 6;
    len -= 6;
    bool little = p[0] == 'I';
    size_t at = number_at(p + 4, 4, little);
    if (at > len || len - at < 2)
        return 1;
    uint32_t count = number_at(p + at, 2, little);
    at += 2;
    for (uint32_t i = 0; i < count && len - at >= 12; i++, at += 12)
        if (number_at(p + at, 2, little) == 0x0112) {
            uint32_t orientation = number_at(p + at + 8, 2, little);
            return orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
        }
    return 1;
}

static int jpeg_orientation(const struct jpeg *j)
{
    for (jpeg_saved_marker_ptr m = j->d.marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length >= 14)
            return exif_orientation(m->data, m->data_length);
    return 1;
}

// Decoded at 1/2, 1/4 or 1/8 where that is still wide enough.
static unsigned jpeg_scale(const struct jpeg *j)
{
    unsigned scale = 1;
    unsigned small = j->d.image_width < j->d.image_height ? j->d.image_width : j->d.image_height;
    while (scale < 8 && small / (scale * 2) >= WIDTH_WANTED)
        scale *= 2;
    return scale;
}

static void jpeg_read_rows(struct jpeg *j, struct pixels *out)
{
    while (j->d.output_scanline < j->d.output_height) {
        JSAMPROW row = out->rgba + (size_t)j->d.output_scanline * (size_t)out->width * 4;
        jpeg_read_scanlines(&j->d, &row, 1);
    }
    jpeg_finish_decompress(&j->d);
}

static enum image_result decode_jpeg(struct str file, struct pixels *out)
{
    struct jpeg j = {.cut = false};
    // Between setjmp and longjmp, so it must not live in a register.
    volatile enum image_result result = IMAGE_BROKEN;
    j.d.err = jpeg_std_error(&j.errors);
    j.errors.error_exit = on_jpeg_error;
    j.errors.emit_message = on_jpeg_message;
    j.progress.progress_monitor = on_jpeg_progress;
    jpeg_create_decompress(&j.d);
    j.d.progress = &j.progress;
    if (setjmp(j.out) == 0) {
        jpeg_mem_src(&j.d, (const unsigned char *)file.p, file.len);
        jpeg_save_markers(&j.d, JPEG_APP0 + 1, 0xffff);
        jpeg_read_header(&j.d, TRUE);
        result = check_size(j.d.image_width, j.d.image_height, IMAGE_AREA_MAX);
        if (result == IMAGE_DONE) {
            j.d.out_color_space = JCS_EXT_RGBA;
            j.d.scale_num = 1;
            j.d.scale_denom = jpeg_scale(&j);
            out->orientation = jpeg_orientation(&j);
            jpeg_start_decompress(&j.d);
            out->width = (int)j.d.output_width;
            out->height = (int)j.d.output_height;
            out->rgba = malloc((size_t)out->width * (size_t)out->height * 4);
            if (out->rgba)
                jpeg_read_rows(&j, out);
            else
                result = IMAGE_BUSY;
        }
    } else {
        result = IMAGE_BROKEN;
    }
    jpeg_destroy_decompress(&j.d);
    return j.cut && result == IMAGE_DONE ? IMAGE_BROKEN : result;
}

static enum image_result decode_png(struct str file, struct pixels *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file.p, file.len))
        return IMAGE_BROKEN;
    enum image_result result = check_size(image.width, image.height, PLAIN_AREA_MAX);
    image.format = PNG_FORMAT_RGBA;
    if (result == IMAGE_DONE) {
        out->width = (int)image.width;
        out->height = (int)image.height;
        out->rgba = malloc(PNG_IMAGE_SIZE(image));
        if (!out->rgba)
            result = IMAGE_BUSY;
        else if (!png_image_finish_read(&image, NULL, out->rgba, 0, NULL))
            result = IMAGE_BROKEN;
    }
    png_image_free(&image);
    return result;
}

static enum image_result decode_webp(struct str file, struct pixels *out)
{
    WebPBitstreamFeatures f;
    const uint8_t *p = (const uint8_t *)file.p;
    if (WebPGetFeatures(p, file.len, &f) != VP8_STATUS_OK)
        return IMAGE_BROKEN;
    if (f.has_animation)
        return IMAGE_FOREIGN;
    enum image_result result = check_size(f.width, f.height, PLAIN_AREA_MAX);
    if (result != IMAGE_DONE)
        return result;
    size_t stride = (size_t)f.width * 4, size = stride * (size_t)f.height;
    out->width = f.width;
    out->height = f.height;
    out->rgba = malloc(size);
    if (!out->rgba)
        return IMAGE_BUSY;
    return WebPDecodeRGBAInto(p, file.len, out->rgba, size, (int)stride) ? IMAGE_DONE
                                                                         : IMAGE_BROKEN;
}

// A drawing begins with a tag, somewhere behind white space and a mark of its encoding.
static bool is_drawing(struct str file)
{
    struct str head = str_sub(file, 0, 1024);
    if (str_starts(head, STR("\xef\xbb\xbf")))
        head = str_sub(head, 3, head.len);
    head = str_trim(head);
    return str_starts(head, STR("<")) || str_find(head, STR("<svg")) >= 0;
}

static bool is_heic(struct str file)
{
    static const char *const brands[] = {"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"};
    if (file.len < 12 || !str_eq(str_sub(file, 4, 8), STR("ftyp")))
        return false;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (str_eq(str_sub(file, 8, 12), str_of(brands[i])))
            return true;
    return false;
}

enum image_result image_decode(struct str file, struct pixels *out)
{
    *out = (struct pixels){.orientation = 1};
    if (str_starts(file, STR("\xff\xd8\xff")))
        return decode_jpeg(file, out);
    if (str_starts(file, STR("\x89PNG\r\n\x1a\n")))
        return decode_png(file, out);
    if (file.len > 16 && str_starts(file, STR("RIFF")) && str_eq(str_sub(file, 8, 12), STR("WEBP")))
        return decode_webp(file, out);
    if (is_heic(file))
        return IMAGE_HEIC;
    return is_drawing(file) ? IMAGE_SVG : IMAGE_FOREIGN;
}
