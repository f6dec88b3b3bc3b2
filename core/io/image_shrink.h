// Pixels made fewer, behind image.h. Run in a thread of the pool.
#pragma once

#include "io/image_decode.h"

// Of that width, which is less than it has, in the same shape; `to` has its own pixels. False when
// there is no memory.
bool image_shrink(const struct pixels *from, int width, struct pixels *to);
