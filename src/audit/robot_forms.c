/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Encryption blocks with good and bad padding (RFC 8017 7.2.1, RFC 5246 7.4.7.1), the messages that they go in, and what their answers say. */
#include "audit/robot.h"
#include "x509/x509.h"

enum { PADDING = 2, FILLING = 0xa5, SECRET = 0x5a };

/* FINISHED_BYTES: any suite takes it for a record of its own. */
enum { CERTIFICATE = 11, CLIENT_KEY_EXCHANGE = 16, FINISHED_BYTES = 64 };

/* Bytes that follow a late 00: fewer than a premaster secret has. */
enum { SHORT_SECRET = 2 };

void hf_robot_block(hf_robot_form form, uint16_t version, uint8_t *block, size_t len)
{
    uint8_t *secret = block + len - HF_PREMASTER;
    uint16_t inside = form == HF_ROBOT_WRONG_VERSION ? 0x0202 : version;

    memset(block, FILLING, len);
    memset(secret, SECRET, HF_PREMASTER);
    block[0] = 0;
    block[1] = PADDING;
    secret[0] = (uint8_t)(inside >> 8);
    secret[1] = (uint8_t)inside;
    if (form == HF_ROBOT_FIRST_BYTES) {
        block[0] = 0x41;
        block[1] = 0x17;
    } else if (form == HF_ROBOT_ZERO_LATE) {
        block[len - SHORT_SECRET] = 0;
    }
    if (form != HF_ROBOT_NO_ZERO && form != HF_ROBOT_ZERO_LATE)
        secret[-1] = 0;
}

/* 41 17 … must be a number below the modulus: with a short one (its top bits are not all set) it is made smaller. */
static void fit(uint8_t *block, hf_span modulus)
{
    if (block[0] >= modulus.data[0])
        block[0] = (uint8_t)(modulus.data[0] / 2);
}

size_t hf_robot_ciphertext(hf_robot_form form, uint16_t version, hf_span leaf,
                           uint8_t out[HF_SIGNATURE_MAX])
{
    uint8_t block[HF_ROBOT_MODULUS_MAX];
    hf_cert cert;
    hf_fault fault = { 0 };
    size_t len = 0;

    if (hf_cert_parse(&cert, leaf, &fault) != HF_OK || cert.key.type != HF_KEY_RSA ||
        cert.key.n.len < HF_ROBOT_MODULUS_MIN || cert.key.n.len > sizeof block)
        return 0;
    hf_robot_block(form, version, block, cert.key.n.len);
    fit(block, cert.key.n);
    hf_span plain = hf_span_of(block, cert.key.n.len);
    return hf_rsa_encrypt_raw(&cert.key, plain, out, &len) == HF_OK ? len : 0;
}

/* ---- messages ---- */

/* None (RFC 5246 7.4.6). */
static void no_certificate(hf_builder *b, uint16_t version)
{
    static const uint8_t message[] = { CERTIFICATE, 0, 0, 3, 0, 0, 0 };

    hf_weak_record(b, HF_CT_HANDSHAKE, version, hf_span_of(message, sizeof message));
}

/* SSL 3.0 has no length before it (RFC 6101 5.6.7.1), and is not asked. */
static void key_exchange(hf_builder *b, uint16_t version, hf_span ciphertext)
{
    hf_wr_u8(b, HF_CT_HANDSHAKE);
    hf_wr_u16(b, version);
    hf_wr_open16(b);
    hf_wr_u8(b, CLIENT_KEY_EXCHANGE);
    hf_wr_open24(b);
    hf_wr_vec16(b, ciphertext);
    hf_wr_close(b);
    hf_wr_close(b);
}

static void finish_wrongly(hf_builder *b, uint16_t version)
{
    static const uint8_t finished[FINISHED_BYTES] = { 0xf1 };

    hf_weak_record(b, HF_CT_CHANGE_CIPHER_SPEC, version, hf_span_of("\1", 1));
    hf_weak_record(b, HF_CT_HANDSHAKE, version, hf_span_of(finished, sizeof finished));
}

void hf_robot_write(hf_builder *b, uint16_t version, hf_span ciphertext, bool certificate,
                    bool finished)
{
    if (certificate)
        no_certificate(b, version);
    key_exchange(b, version, ciphertext);
    if (finished)
        finish_wrongly(b, version);
}

/* ---- what it means ---- */

hf_robot_verdict hf_robot_judge(const uint32_t answers[HF_ROBOT_FORMS])
{
    uint32_t first = answers[HF_ROBOT_FIRST_BYTES];
    bool alike = true;

    for (size_t i = 1; i < HF_ROBOT_FORMS; i++)
        alike = alike && answers[i] == answers[0];
    if (alike)
        return HF_ROBOT_NONE;
    return answers[HF_ROBOT_ZERO_LATE] == first && answers[HF_ROBOT_NO_ZERO] == first
               ? HF_ROBOT_WEAK
               : HF_ROBOT_STRONG;
}
