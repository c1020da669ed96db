/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One draw of random bytes: the hook's, or libcrypto's generator when there is no hook. */
#include "crypto/random.h"

#include <openssl/rand.h>

#include "crypto/libcrypto.h"

/* In pieces of a type that goes into int and size_t alike: libcryptos differ in what they take. */
static hf_error draw_from_libcrypto(uint8_t *out, size_t len)
{
    while (len > 0) {
        uint16_t n = len < UINT16_MAX ? (uint16_t)len : UINT16_MAX;

        if (RAND_bytes(out, n) != 1)
            return hf_libcrypto_failure(HF_E_RANDOM);
        out += n;
        len -= n;
    }
    return HF_OK;
}

hf_error hf_random_bytes(const hf_random *random, uint8_t *out, size_t len)
{
    if (!random || !random->draw)
        return draw_from_libcrypto(out, len);
    return random->draw(random->user, out, len) ? HF_OK : HF_E_RANDOM;
}
