/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificate (RFC 9846 4.5.1, RFC 5246 7.4.2): the chain, end entity first; in TLS 1.3 each with
 * its extensions. The DER inside is read by the x509 floor; an empty list is the handshake's to
 * judge.
 *
 *     struct {
 *         opaque cert_data<1..2^24-1>;                X509
 *         Extension extensions<0..2^16-1>;
 *     } CertificateEntry;
 *     struct {
 *         opaque certificate_request_context<0..2^8-1>;
 *         CertificateEntry certificate_list<0..2^24-1>;
 *     } Certificate;                                  TLS 1.3
 *
 *     opaque ASN.1Cert<1..2^24-1>;                    cert_data here: no dots in names
 *     struct {
 *         ASN.1Cert certificate_list<0..2^24-1>;
 *     } Certificate;                                  TLS 1.2
 */
#include "wire/extension.h"

static void read_entry(hf_reader *list, const hf_wire *w, hf_certificate *certificate)
{
    size_t n = certificate->n_entries;

    if (n == HF_CERTIFICATE_ENTRIES_MAX) {
        hf_rd_refuse(list, HF_E_CERT_CHAIN_TOO_LONG, 0, "cert_data", "more than %zu certificates",
                     n);
        return;
    }
    certificate->entries[n].cert_data = hf_rd_vec24(list, 1, HF_VEC24_MAX, "cert_data");
    if (w->version == HF_TLS12)
        certificate->entries[n].ext = (hf_extensions){ 0 };
    else
        hf_extensions_read(list, IN_CT, &certificate->entries[n].ext);
    certificate->n_entries++;
}

void hf_certificate_read(hf_reader *r, const hf_wire *w, hf_certificate *certificate)
{
    certificate->n_entries = 0;
    certificate->certificate_request_context = (hf_span){ NULL, 0 };
    if (w->version != HF_TLS12)
        certificate->certificate_request_context =
            hf_rd_vec8(r, 0, HF_VEC8_MAX, "certificate_request_context");
    hf_reader list = hf_rd_sub24(r, 0, HF_VEC24_MAX, "certificate_list");
    while (hf_rd_left(&list) > 0)
        read_entry(&list, w, certificate);
    hf_rd_end(&list);
    hf_rd_end(r);
}

void hf_certificate_write(hf_builder *b, const hf_wire *w, const hf_certificate *certificate)
{
    bool tls12 = w->version == HF_TLS12;

    if (!tls12)
        hf_wr_vec8(b, certificate->certificate_request_context);
    hf_wr_open24(b);
    for (size_t i = 0; i < certificate->n_entries; i++) {
        hf_wr_vec24(b, certificate->entries[i].cert_data);
        if (!tls12)
            hf_extensions_write(b, IN_CT, &certificate->entries[i].ext);
    }
    hf_wr_close(b);
}
