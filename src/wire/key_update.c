/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * KeyUpdate (RFC 9846 4.7.3): from the next record on the writer uses new keys.
 *
 *     enum { update_not_requested(0), update_requested(1), (255) } KeyUpdateRequest;
 *     struct {
 *         KeyUpdateRequest request_update;
 *     } KeyUpdate;
 */
#include "wire/wire.h"

void hf_key_update_read(hf_reader *r, const hf_wire *w, hf_key_update *update)
{
    (void)w;
    update->request_update = hf_rd_u8(r, "request_update");
    hf_rd_end(r);
}

void hf_key_update_write(hf_builder *b, const hf_wire *w, const hf_key_update *update)
{
    (void)w;
    hf_wr_u8(b, update->request_update);
}
