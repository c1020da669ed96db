/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Finished (RFC 9846 4.5.3, RFC 5246 7.4.9): a MAC over the handshake so far, which fills the
 * message. The exact length depends on the suite's hash; here only what no suite can have is refused.
 *
 *     struct {
 *         opaque verify_data[Hash.length];
 *     } Finished;
 */
#include "wire/wire.h"

enum { VERIFY_DATA_12 = 12, VERIFY_DATA_13_MIN = 32 };

void hf_finished_read(hf_reader *r, const hf_wire *w, hf_finished *finished)
{
    size_t min = w->version == HF_TLS13 ? VERIFY_DATA_13_MIN : VERIFY_DATA_12;
    size_t max = w->version == HF_TLS12 ? VERIFY_DATA_12 : HF_HASH_MAX;

    finished->verify_data = hf_rd_rest(r, min, max, "verify_data");
}

void hf_finished_write(hf_builder *b, const hf_wire *w, const hf_finished *finished)
{
    (void)w;
    hf_wr_bytes(b, finished->verify_data);
}
