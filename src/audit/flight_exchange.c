/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ServerKeyExchange of every suite that the registry names. The message does not say what is in it: the suite's name does, in
 * its part before "_WITH_".
 *
 *     [psk_identity_hint]  then  curve, point | dh_p, dh_g, dh_Ys | rsa_modulus, rsa_exponent | srp …  then  [[scheme] signature]
 */
#include "audit/flight_parts.h"
#include "explain/names.h"

enum { EXPLICIT_PRIME = 1, EXPLICIT_CHAR2 = 2 };
enum { GROUP_EXPLICIT_PRIME = 0xff01, GROUP_EXPLICIT_CHAR2 = 0xff02 };

typedef enum params_kind {
    PARAMS_UNKNOWN,
    PARAMS_NONE, /* a hint alone */
    PARAMS_ECDH,
    PARAMS_DH,
    PARAMS_RSA,
    PARAMS_SRP
} params_kind;

typedef struct exchange_form {
    bool hint, is_signed;
    params_kind params;
} exchange_form;

/* ---- what the suite says ---- */

/* A word of the name, between underscores and before "_WITH_". */
static bool says(hf_span kx, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= kx.len; i++)
        if (memcmp(kx.data + i, word, n) == 0 && (i == 0 || kx.data[i - 1] == '_') &&
            (i + n == kx.len || kx.data[i + n] == '_'))
            return true;
    return false;
}

/* "DHE_RSA" of "TLS_DHE_RSA_WITH_…". */
static hf_span key_exchange_of(const char *name)
{
    const char *from = strchr(name, '_'), *to = strstr(name, "_WITH_");

    if (!from || !to || to <= from)
        return hf_span_of("", 0);
    return hf_span_of(from + 1, (size_t)(to - from - 1));
}

static params_kind params_of(hf_span kx)
{
    if (says(kx, "ECDHE") || (says(kx, "ECDH") && says(kx, "anon")))
        return PARAMS_ECDH;
    if (says(kx, "DHE") || (says(kx, "DH") && says(kx, "anon")))
        return PARAMS_DH;
    if (says(kx, "ECDH") || says(kx, "DH")) /* a fixed key, in the certificate */
        return PARAMS_UNKNOWN;
    if (says(kx, "SRP"))
        return PARAMS_SRP;
    if (says(kx, "PSK"))
        return PARAMS_NONE;
    if (says(kx, "RSA")) /* EXPORT: with a longer key in the certificate */
        return PARAMS_RSA;
    return PARAMS_UNKNOWN;
}

static exchange_form form_of(uint16_t suite)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);
    hf_span kx = key_exchange_of(name ? name : "");
    bool has_key = says(kx, "RSA") || says(kx, "DSS") || says(kx, "ECDSA");

    return (exchange_form){
        .hint = says(kx, "PSK"),
        .params = params_of(kx),
        .is_signed = has_key && !says(kx, "PSK"),
    };
}

/* ---- parts ---- */

void hf_flight_share(hf_flight *flight, hf_span share)
{
    size_t n = share.len < sizeof flight->share ? share.len : sizeof flight->share;

    flight->share_len = share.len;
    if (n > 0)
        memcpy(flight->share, share.data, n);
}

static unsigned bits_of(hf_span number)
{
    size_t i = 0;
    unsigned bits;

    while (i < number.len && number.data[i] == 0)
        i++;
    if (i == number.len)
        return 0;
    bits = 8 * (unsigned)(number.len - i);
    for (uint8_t top = number.data[i]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

/* RFC 4492 5.4: a curve over a prime field, written out. */
static void read_prime_curve(hf_reader *r)
{
    hf_rd_vec8(r, 1, 255, "prime_p");
}

static void read_char2_curve(hf_reader *r)
{
    enum { TRINOMIAL = 1 };

    hf_rd_u16(r, "m");
    size_t n = hf_rd_u8(r, "basis") == TRINOMIAL ? 1 : 3;
    while (n-- > 0)
        hf_rd_vec8(r, 1, 255, "k");
}

static void read_explicit(hf_reader *r)
{
    hf_rd_vec8(r, 1, 255, "a");
    hf_rd_vec8(r, 1, 255, "b");
    hf_rd_vec8(r, 1, 255, "base");
    hf_rd_vec8(r, 1, 255, "order");
    hf_rd_vec8(r, 1, 255, "cofactor");
}

static void read_ecdh(hf_flight *flight, hf_reader *r)
{
    switch (hf_rd_u8(r, "curve_type")) {
    case HF_NAMED_CURVE: flight->group = hf_rd_u16(r, "named_curve"); break;
    case EXPLICIT_PRIME:
        flight->group = GROUP_EXPLICIT_PRIME;
        read_prime_curve(r);
        read_explicit(r);
        break;
    case EXPLICIT_CHAR2:
        flight->group = GROUP_EXPLICIT_CHAR2;
        read_char2_curve(r);
        read_explicit(r);
        break;
    default: hf_rd_refuse(r, HF_E_CURVE_TYPE, 1, "curve_type", "1, 2 or 3"); break;
    }
    hf_flight_share(flight, hf_rd_vec8(r, 1, 255, "public"));
}

static void read_dh(hf_flight *flight, hf_reader *r)
{
    hf_span p = hf_rd_vec16(r, 1, UINT16_MAX, "dh_p");
    hf_span g = hf_rd_vec16(r, 1, UINT16_MAX, "dh_g");
    hf_span ys = hf_rd_vec16(r, 1, UINT16_MAX, "dh_Ys");

    if (!hf_rd_ok(r))
        return;
    flight->dh_p = p;
    flight->dh_g = g;
    flight->dh_bits = bits_of(p);
    hf_flight_share(flight, ys);
}

static void read_rsa(hf_flight *flight, hf_reader *r)
{
    hf_span modulus = hf_rd_vec16(r, 1, UINT16_MAX, "rsa_modulus");

    hf_rd_vec16(r, 1, UINT16_MAX, "rsa_exponent");
    flight->rsa_export_bits = bits_of(modulus);
}

/* RFC 5054 2.8.3. */
static void read_srp(hf_reader *r)
{
    hf_rd_vec16(r, 1, UINT16_MAX, "srp_N");
    hf_rd_vec16(r, 1, UINT16_MAX, "srp_g");
    hf_rd_vec8(r, 1, 255, "srp_s");
    hf_rd_vec16(r, 1, UINT16_MAX, "srp_B");
}

static void read_params(hf_flight *flight, hf_reader *r, params_kind kind)
{
    switch (kind) {
    case PARAMS_ECDH: read_ecdh(flight, r); break;
    case PARAMS_DH: read_dh(flight, r); break;
    case PARAMS_RSA: read_rsa(flight, r); break;
    case PARAMS_SRP: read_srp(r); break;
    case PARAMS_NONE:
    case PARAMS_UNKNOWN: break;
    }
}

static void read_signature(hf_flight *flight, hf_reader *r)
{
    if (flight->version >= HF_TLS12)
        flight->scheme = hf_rd_u16(r, "algorithm");
    hf_rd_vec16(r, 0, UINT16_MAX, "signature");
}

bool hf_flight_key_exchange(hf_flight *flight, hf_span body)
{
    exchange_form form = form_of(flight->suite);
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(body, "ServerKeyExchange", HF_HANDSHAKE_HEADER, &fault, NULL);

    flight->key_exchange = true;
    if (form.params == PARAMS_UNKNOWN)
        return true;
    if (form.hint)
        hf_rd_vec16(&r, 0, UINT16_MAX, "psk_identity_hint");
    read_params(flight, &r, form.params);
    if (form.is_signed)
        read_signature(flight, &r);
    hf_rd_end(&r);
    return fault.code == HF_OK || hf_flight_fault(flight, &fault);
}
