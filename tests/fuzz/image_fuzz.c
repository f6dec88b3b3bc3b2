// Pictures that strangers send: whatever the bytes, a decoder ends with pixels of a size that was
// asked for, every one of them written, or with a reason.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "io/image_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pixels pixels;
    enum image_result result = image_decode(str_n(data, size), &pixels);
    if (result == IMAGE_DONE) {
        check(pixels.rgba && pixels.orientation >= 1 && pixels.orientation <= 8);
        check(pixels.width > 0 && pixels.width <= IMAGE_SIDE_MAX);
        check(pixels.height > 0 && pixels.height <= IMAGE_SIDE_MAX);
        uint64_t sum = 0; // reads every page of what was promised
        for (size_t i = 0; i < (size_t)pixels.width * (size_t)pixels.height * 4; i += 4096)
            sum += pixels.rgba[i];
        check(sum <= (uint64_t)IMAGE_AREA_MAX * 255);
    }
    free(pixels.rgba);
    return 0;
}
