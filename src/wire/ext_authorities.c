/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What kind of certificate is wanted: certificate_authorities (RFC 9846 4.3.4) and oid_filters
 * (4.3.5). The names and values are DER, which is not looked at here: no OID is recognised, each is skipped (RFC 9846 4.3.5#4).
 *
 *     opaque DistinguishedName<1..2^16-1>;
 *     DistinguishedName authorities<3..2^16-1>;
 *     struct {
 *         opaque certificate_extension_oid<1..2^8-1>;
 *         opaque certificate_extension_values<0..2^16-1>;
 *     } OIDFilter;
 *     OIDFilter filters<0..2^16-1>;
 */
#include "wire/extension.h"

hf_span hf_authorities_read(hf_reader *r, size_t min, const char *field)
{
    hf_reader list = hf_rd_sub16(r, min, HF_VEC16_MAX, field);
    hf_span content = hf_ext_content(&list);

    while (hf_rd_left(&list) > 0)
        hf_rd_vec16(&list, 1, HF_VEC16_MAX, "DistinguishedName");
    hf_rd_end(&list);
    return content;
}

void hf_ext_certificate_authorities_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    (void)message;
    ext->authorities = hf_authorities_read(r, 3, "authorities");
}

void hf_ext_certificate_authorities_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->authorities);
}

void hf_ext_oid_filters_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    hf_reader list = hf_rd_sub16(r, 0, HF_VEC16_MAX, "filters");

    (void)message;
    ext->oid_filters = hf_ext_content(&list);
    while (hf_rd_left(&list) > 0) {
        hf_rd_vec8(&list, 1, HF_VEC8_MAX, "certificate_extension_oid");
        hf_rd_vec16(&list, 0, HF_VEC16_MAX, "certificate_extension_values");
    }
    hf_rd_end(&list);
}

void hf_ext_oid_filters_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    (void)message;
    hf_wr_vec16(b, ext->oid_filters);
}
