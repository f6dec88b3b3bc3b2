#include "domain/password_common.h"

#include "base/hash.h"

enum { FILTER_BYTES = 1 << 17, WORDS = 8 };

// The file's bytes; the build says where it is.
__asm__(".section .rodata\n"
        "password_common_filter:\n"
        ".incbin \"" PASSWORD_COMMON_FILE "\"\n"
        ".previous\n");
extern const unsigned char password_common_filter[FILTER_BYTES];

bool password_is_common(struct str folded)
{
    struct sha256 digest = hash_sha256(folded);
    for (int i = 0; i < WORDS; i++) {
        const unsigned char *word = digest.bytes + 4 * i;
        uint32_t bit =
            ((uint32_t)word[0] << 24 | word[1] << 16 | word[2] << 8 | word[3]) % (FILTER_BYTES * 8);
        if (!(password_common_filter[bit >> 3] & 1 << (bit & 7)))
            return false;
    }
    return true;
}
