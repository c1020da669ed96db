/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Hellos by hand: the message, and the records that it goes into. Its extensions are crafted_extensions.c, what a common client
 * says crafted_lists.c.
 *
 *     struct {
 *         ProtocolVersion client_version;
 *         Random random;
 *         SessionID session_id;
 *         CipherSuite cipher_suites<2..2^16-2>;
 *         CompressionMethod compression_methods<1..2^8-1>;
 *         Extension extensions<0..2^16-1>;                  (RFC 5246 7.4.1.2)
 *     } ClientHello;
 */
#include "audit/crafted_parts.h"
#include "crypto/random.h"

enum {
    RANDOM = 32,
    RECORD_HEADER = 5,
    RECORD_MAX = 1 << 14,
    CLIENT_HELLO = 1,
    EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff,
    FALLBACK_SCSV = 0x5600,
    DEFLATE = 1
};

/* ---- randomness: it need not be secret, but it must differ ---- */

static bool choose_random(const hf_crafted *hello, uint8_t random[RANDOM])
{
    static const uint8_t zeroes[RANDOM];

    memcpy(random, hello->random, RANDOM);
    return memcmp(random, zeroes, RANDOM) != 0 || hf_random_bytes(NULL, random, RANDOM) == HF_OK;
}

uint16_t hf_crafted_grease(const uint8_t random[32], unsigned i)
{
    unsigned nibble = (random[31] + i) & 0xf;

    return (uint16_t)(0x0a0a + 0x1010 * nibble);
}

/* ---- the message ---- */

bool hf_crafted_is13(const hf_crafted *hello)
{
    return hello->version == HF_TLS13;
}

static uint16_t legacy_version(const hf_crafted *hello)
{
    if (hello->legacy_version != 0)
        return hello->legacy_version;
    return hf_crafted_is13(hello) ? HF_TLS12 : hello->version;
}

static void write_suites(hf_builder *b, const hf_crafted *hello, const uint8_t random[RANDOM])
{
    hf_wr_open16(b);
    if (hello->grease)
        hf_wr_u16(b, hf_crafted_grease(random, 0));
    for (size_t i = 0; i < hello->suites.n; i++)
        hf_wr_u16(b, hello->suites.at[i]);
    /* Without extensions a suite says it (RFC 5746 3.3). */
    if (hello->renegotiation_info && hello->no_extensions &&
        !hf_codes_have(&hello->suites, EMPTY_RENEGOTIATION_INFO_SCSV))
        hf_wr_u16(b, EMPTY_RENEGOTIATION_INFO_SCSV);
    if (hello->scsv_fallback && !hf_codes_have(&hello->suites, FALLBACK_SCSV))
        hf_wr_u16(b, FALLBACK_SCSV);
    hf_wr_close(b);
}

static void write_compressions(hf_builder *b, const hf_crafted *hello)
{
    hf_wr_open8(b);
    if (hello->deflate)
        hf_wr_u8(b, DEFLATE);
    hf_wr_u8(b, 0);
    hf_wr_close(b);
}

static void write_message(hf_builder *b, const hf_crafted *hello, const uint8_t random[RANDOM])
{
    hf_wr_u8(b, CLIENT_HELLO);
    hf_wr_open24(b);
    hf_wr_u16(b, legacy_version(hello));
    hf_wr_bytes(b, hf_span_of(random, RANDOM));
    hf_wr_vec8(b, hello->session_id);
    write_suites(b, hello, random);
    write_compressions(b, hello);
    if (!hello->no_extensions)
        hf_crafted_extensions(b, hello, random);
    hf_wr_close(b);
}

/* ---- the records ---- */

static uint16_t record_version(const hf_crafted *hello)
{
    if (hello->record_version != 0)
        return hello->record_version;
    return hello->version == HF_SSL3 ? HF_SSL3 : HF_TLS10;
}

static void write_records(hf_builder *b, const hf_crafted *hello, hf_span message)
{
    size_t most =
        hello->record_size > 0 && hello->record_size < RECORD_MAX ? hello->record_size : RECORD_MAX;

    while (message.len > 0 && b->error == HF_OK) {
        size_t n = message.len < most ? message.len : most;
        hf_wr_u8(b, HF_CT_HANDSHAKE);
        hf_wr_u16(b, record_version(hello));
        hf_wr_vec16(b, hf_span_of(message.data, n));
        message = hf_span_of(message.data + n, message.len - n);
    }
}

size_t hf_crafted_write(const hf_crafted *hello, uint8_t out[HF_CRAFTED_MAX])
{
    uint8_t room[HF_CRAFTED_MAX], random[RANDOM];
    hf_builder b = hf_wr_start(room, sizeof room);
    hf_builder records = hf_wr_start(out, HF_CRAFTED_MAX);
    hf_span message, whole;

    if (hello->session_id.len > 32 || !choose_random(hello, random))
        return 0;
    write_message(&b, hello, random);
    if (hf_wr_finish(&b, &message) != HF_OK)
        return 0;
    write_records(&records, hello, message);
    return hf_wr_finish(&records, &whole) == HF_OK ? whole.len : 0;
}

/* ---- SSL 2.0 ---- */

static const struct {
    uint32_t kind;
    const char *name;
} kinds2[] = {
    { 0x010080, "SSL_CK_RC4_128_WITH_MD5" },
    { 0x020080, "SSL_CK_RC4_128_EXPORT40_WITH_MD5" },
    { 0x030080, "SSL_CK_RC2_128_CBC_WITH_MD5" },
    { 0x040080, "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5" },
    { 0x050080, "SSL_CK_IDEA_128_CBC_WITH_MD5" },
    { 0x060040, "SSL_CK_DES_64_CBC_WITH_MD5" },
    { 0x0700c0, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5" },
};
enum { KINDS2 = sizeof kinds2 / sizeof *kinds2, CHALLENGE2 = 16, CLIENT_HELLO2 = 1 };

const char *hf_ssl2_kind_name(uint16_t kind)
{
    for (size_t i = 0; i < KINDS2; i++)
        if (kinds2[i].kind >> 8 == kind)
            return kinds2[i].name;
    return NULL;
}

/* Lengths stand before the fields, all three together; the record's header has two bytes. */
size_t hf_crafted_write_ssl2(uint8_t out[HF_CRAFTED_MAX])
{
    hf_builder b = hf_wr_start(out, HF_CRAFTED_MAX);
    uint8_t challenge[CHALLENGE2];
    hf_span whole;

    if (hf_random_bytes(NULL, challenge, sizeof challenge) != HF_OK)
        return 0;
    hf_wr_u16(&b, 0x8000 | (9 + 3 * KINDS2 + CHALLENGE2));
    hf_wr_u8(&b, CLIENT_HELLO2);
    hf_wr_u16(&b, HF_SSL2);
    hf_wr_u16(&b, 3 * KINDS2);
    hf_wr_u16(&b, 0); /* session id */
    hf_wr_u16(&b, CHALLENGE2);
    for (size_t i = 0; i < KINDS2; i++)
        hf_wr_u24(&b, kinds2[i].kind);
    hf_wr_bytes(&b, hf_span_of(challenge, sizeof challenge));
    return hf_wr_finish(&b, &whole) == HF_OK ? whole.len : 0;
}
