/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* CertificateVerify, and who comes without a certificate, in both versions (hostile_certs.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_certs.h"

void hostile_no_certificate(hostile *h, int variant)
{
    hostile_until(h, HF_MSG_Certificate, 0);
    for (int i = 0; i <= variant; i++)
        hostile_skip(h);
    hostile_next(h);
}

void hostile_other_name(pair_options *o, int variant)
{
    static const char *const names[] = { "other.test", "localhost.test", "a.b.wild.test",
                                         "wild.test",  "127.0.0.2",      "::2" };

    o->verify_name = names[variant];
}

void hostile_asked_and_empty(pair_options *o, int variant)
{
    (void)variant;
    o->client_auth = HF_CLIENT_AUTH_REQUEST;
}

/* ---- algorithm, signature<0..2^16-1> ---- */

void hostile_set_scheme(hostile_bytes *proof, unsigned scheme)
{
    proof->data[0] = (uint8_t)(scheme >> 8);
    proof->data[1] = (uint8_t)scheme;
}

void hostile_proof_malformed(hostile_bytes *b, int v)
{
    switch (v) {
    case 0: b->data[3]--; break;
    case 1: b->data[3]++; break;
    case 2: b->len--; break;
    case 3: hb_add_uint(b, 0, 1); break;
    case 4: b->len = 3; break;
    default: b->len = 0; break;
    }
}

void hostile_bad_proof(hostile *h, int variant)
{
    hostile_bytes b = { 0 };

    hostile_until(h, HF_MSG_CertificateVerify, 0);
    hb_set(&b, hostile_due_body(h));
    switch (variant) {
    case 0: b.data[b.len - 1] ^= 1; break;
    case 1: b.data[4] ^= 0x80; break;
    case 2: b.len = 4; break;
    case 3: memset(b.data + 4, 0, b.len - 4); break;
    case 4: b.len--; break;
    case 5: hb_add_uint(&b, 0, 1); break;
    default: hostile_set_scheme(&b, b.data[0] == 8 ? 0x0805 : 0x0503); break;
    }
    b.data[2] = (uint8_t)((b.len - 4) >> 8);
    b.data[3] = (uint8_t)(b.len - 4);
    hostile_instead(h, hb_span(&b));
    hb_free(&b);
    hostile_rest(h);
}
