/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One context for all ciphers of a program, made and freed around its tests. */
#ifndef TESTS_SUPPORT_AEAD_SCENE_H
#define TESTS_SUPPORT_AEAD_SCENE_H

#include "crypto/aead.h"

static hf_aead *aead;

static int set_up(void **state)
{
    (void)state;
    aead = hf_aead_new();
    return aead ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_aead_free(aead);
    return 0;
}

#endif
