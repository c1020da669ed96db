/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * server_name (RFC 6066 3): the name that the client wants to reach. Whether it is a DNS name, and
 * whether we have a certificate for it, is not looked at here.
 *
 *     struct {
 *         NameType name_type;            host_name(0)
 *         HostName name;                 opaque HostName<1..2^16-1>
 *     } ServerName;
 *     ServerName server_name_list<1..2^16-1>;
 */
#include "wire/extension.h"

enum { HOST_NAME = 0 };

static void read_name(hf_reader *list, hf_extensions *ext)
{
    uint8_t name_type = hf_rd_u8(list, "name_type");

    if (name_type != HOST_NAME) { /* RFC 6066 3: all types to come start with a 16-bit length */
        hf_rd_vec16(list, 0, HF_VEC16_MAX, "name");
        return;
    }
    hf_span host_name = hf_rd_vec16(list, 1, HF_VEC16_MAX, "host_name");
    if (ext->host_name.len > 0)
        ext->sni_two_names = true; /* RFC 6066 3 forbids it: the handshake refuses */
    else
        ext->host_name = host_name;
}

/* A server acknowledges with an empty body; CertificateRequest carries the list (RFC 9261 4). */
void hf_ext_server_name_read(hf_reader *r, unsigned message, hf_extensions *ext)
{
    if (message & (IN_EE | IN_SH12))
        return;
    hf_reader list = hf_rd_sub16(r, 1, HF_VEC16_MAX, "server_name_list");
    while (hf_rd_left(&list) > 0)
        read_name(&list, ext);
    hf_rd_end(&list);
}

void hf_ext_server_name_write(hf_builder *b, unsigned message, const hf_extensions *ext)
{
    if (message & (IN_EE | IN_SH12))
        return;
    hf_wr_open16(b);
    hf_wr_u8(b, HOST_NAME);
    hf_wr_vec16(b, ext->host_name);
    hf_wr_close(b);
}
