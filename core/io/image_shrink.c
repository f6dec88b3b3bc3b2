#include "io/image_shrink.h"

#include <stdlib.h>

// Each new pixel is the mean of those it covers, weighed by how opaque they are.
static void average(const struct pixels *from, const int box[4], uint8_t *out)
{
    uint64_t sum[3] = {0}, alpha = 0, count = 0;
    for (int y = box[1]; y < box[3]; y++) {
        const uint8_t *p = from->rgba + ((size_t)y * (size_t)from->width + (size_t)box[0]) * 4;
        for (int x = box[0]; x < box[2]; x++, p += 4) {
            for (int c = 0; c < 3; c++)
                sum[c] += (uint64_t)p[c] * p[3];
            alpha += p[3];
            count++;
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = alpha ? (uint8_t)((sum[c] + alpha / 2) / alpha) : 0;
    out[3] = (uint8_t)((alpha + count / 2) / count);
}

bool image_shrink(const struct pixels *from, int width, struct pixels *to)
{
    int height = (int)((int64_t)from->height * width / from->width);
    height = height < 1 ? 1 : height;
    *to = (struct pixels){malloc((size_t)width * (size_t)height * 4), width, height, 1};
    if (!to->rgba)
        return false;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int box[4] = {(int)((int64_t)x * from->width / width),
                (int)((int64_t)y * from->height / height),
                (int)(((int64_t)(x + 1) * from->width + width - 1) / width),
                (int)(((int64_t)(y + 1) * from->height + height - 1) / height)};
            average(from, box, to->rgba + ((size_t)y * (size_t)width + (size_t)x) * 4);
        }
    return true;
}
