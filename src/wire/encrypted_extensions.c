/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * EncryptedExtensions (RFC 9846 4.4.1): the server's answers that need not be in the clear.
 *
 *     struct {
 *         Extension extensions<0..2^16-1>;
 *     } EncryptedExtensions;
 */
#include "wire/extension.h"

void hf_encrypted_extensions_read(hf_reader *r, const hf_wire *w, hf_encrypted_extensions *ee)
{
    (void)w;
    hf_extensions_read(r, IN_EE, &ee->ext);
    hf_rd_end(r);
}

void hf_encrypted_extensions_write(hf_builder *b, const hf_wire *w,
                                   const hf_encrypted_extensions *ee)
{
    (void)w;
    hf_extensions_write(b, IN_EE, &ee->ext);
}
