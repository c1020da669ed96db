/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Ticket keys from randomness. Whoever has one can read the sessions that its tickets resume. */
#include "tool/proxy/own_keys.h"

#include "base/bytes.h"
#include "crypto/random.h"

static bool draw(uint8_t *key, size_t len)
{
    const hf_random random = { NULL, NULL };

    return hf_random_bytes(&random, key, len) == HF_OK;
}

bool hf_own_keys_rotate(hf_own_keys *k)
{
    uint8_t fresh[HF_OWN_KEYS][HF_TICKET_KEY];
    bool good = draw(&fresh[0][0], sizeof fresh);

    if (good && k->n == HF_OWN_KEYS) {
        memcpy(fresh[0], k->keys[1], HF_TICKET_KEY);
        memcpy(fresh[2], k->keys[0], HF_TICKET_KEY);
    }
    if (good) {
        memcpy(k->keys, fresh, sizeof fresh);
        k->n = HF_OWN_KEYS;
    }
    hf_wipe(fresh, sizeof fresh);
    return good;
}

void hf_own_keys_wipe(hf_own_keys *k)
{
    hf_wipe(k, sizeof *k);
}
