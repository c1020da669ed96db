/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Messages without content: EndOfEarlyData (RFC 9846 4.6), HelloRequest and ServerHelloDone
 * (RFC 5246 7.4.1.1, 7.4.5). To write one, open and close it (message.c).
 *
 *     struct {} EndOfEarlyData;
 */
#include "wire/wire.h"

void hf_empty_read(hf_reader *r, const hf_wire *w)
{
    (void)w;
    hf_rd_end(r);
}
