/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bodies of messages that the engine never reads: key exchanges that it does not speak (RFC 5246 7.4.3, RFC 4346 7.4.3,
 * RFC 8422 5.4), and messages of extensions. Only the suite says which form a key exchange has, and nobody tells the tree: the
 * first form that all bytes fit counts. And the end of a body whose reader takes no more than it needs.
 */
#include "explain/tree_parts.h"

enum { VEC8 = 0xff, VEC16 = 0xffff, VEC24 = 0xffffff };

/* ---- ServerKeyExchange ---- */

static void read_signature(hf_reader *r)
{
    hf_rd_vec16(r, 1, VEC16, "signature");
}

/* Since TLS 1.2 the algorithm is said. */
static void read_signature12(hf_reader *r)
{
    hf_rd_u16(r, "algorithm");
    read_signature(r);
}

static void read_dh(hf_reader *r)
{
    hf_rd_vec16(r, 1, VEC16, "dh_p");
    hf_rd_vec16(r, 1, VEC16, "dh_g");
    hf_rd_vec16(r, 1, VEC16, "dh_Ys");
}

static void read_ecdh(hf_reader *r)
{
    if (hf_rd_u8(r, "curve_type") != HF_NAMED_CURVE)
        hf_rd_refuse(r, HF_E_TRAILING_BYTES, 1, "curve_type", "no named curve");
    hf_rd_u16(r, "named_curve");
    hf_rd_vec8(r, 1, VEC8, "point");
}

static void read_ecdh_signed12(hf_reader *r)
{
    read_ecdh(r);
    read_signature12(r);
}

static void read_ecdh_signed(hf_reader *r)
{
    read_ecdh(r);
    read_signature(r);
}

static void read_dh_signed12(hf_reader *r)
{
    read_dh(r);
    read_signature12(r);
}

static void read_dh_signed(hf_reader *r)
{
    read_dh(r);
    read_signature(r);
}

static hf_opener *const server_forms[] = { read_ecdh_signed12, read_ecdh_signed, read_dh_signed12,
                                           read_dh_signed,     read_dh,          read_ecdh };

/* ---- ClientKeyExchange ---- */

static void read_point(hf_reader *r)
{
    hf_rd_vec8(r, 1, VEC8, "ecdh_Yc");
}

/* RSA's ciphertext or a Diffie-Hellman public key: they look the same. */
static void read_exchange_keys(hf_reader *r)
{
    hf_rd_vec16(r, 1, VEC16, "exchange_keys");
}

static hf_opener *const client_forms[] = { read_exchange_keys, read_point };

/* ---- messages of extensions ---- */

/* RFC 8879 4 */
static void read_compressed_certificate(hf_reader *r)
{
    hf_rd_u16(r, "CertificateCompressionAlgorithm");
    hf_rd_u24(r, "uncompressed_length");
    hf_rd_vec24(r, 1, VEC24, "compressed_certificate_message");
}

/* ---- which ---- */

static void open_by(hf_reader *r, hf_opener *const forms[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (hf_opener_fits(*r, forms[i])) {
            forms[i](r);
            return;
        }
}

static void open_server(hf_reader *r)
{
    open_by(r, server_forms, sizeof server_forms / sizeof *server_forms);
}

static void open_client(hf_reader *r)
{
    open_by(r, client_forms, sizeof client_forms / sizeof *client_forms);
}

static const struct {
    const char *message;
    hf_opener *open;
} bodies[] = {
    { "ServerKeyExchange", open_server },
    { "ClientKeyExchange", open_client },
    { "compressed_certificate", read_compressed_certificate },
};

hf_opener *hf_body_opener(const char *message)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (strcmp(bodies[i].message, message) == 0)
            return bodies[i].open;
    return NULL;
}

/* ---- further certificates ---- */

/* The list is the innermost group that is open. What is wrong with these is no news: the message was refused before. */
void hf_growth_read_on(hf_growth *g, const hf_wire *w)
{
    const hf_tree *tree = g->tree;
    hf_field_sink sink = { hf_growth_hear, g };
    hf_fault fault = { 0 };
    hf_extensions ext;

    if (tree->fault.code != HF_E_CERT_CHAIN_TOO_LONG || g->n_open == 0 || g->full)
        return;
    const hf_node *list = &tree->nodes[g->open[g->n_open - 1]];
    size_t end = list->offset + list->len;
    hf_reader r = hf_rd_start(hf_span_of(tree->bytes.data + g->place, end - g->place), list->name,
                              g->place, &fault, &sink);
    while (hf_rd_left(&r) > 0) {
        hf_rd_vec24(&r, 1, VEC24, "cert_data");
        if (w->version != HF_TLS12)
            hf_extensions_read(&r, IN_CT, &ext);
    }
}
