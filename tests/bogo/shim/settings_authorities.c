/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The CAs that a server names. The library names the CAs that it trusts, and the tests have only names: each becomes the
 * certificate of a CA, of which nothing else is ever looked at.
 */
#include "inside.h"
#include "settings.h"
#include "x509/der_write.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 512, CERT_ROOM = 2 * NAME_MAX_BYTES + 256, YEAR = 31556952 };

/* The base point of P-256, so that the key is one. */
static const uint8_t point[] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
    0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
    0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
    0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

static void write_algorithm(hf_builder *b)
{
    size_t algorithm = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_oid(b, HF_OID_ecdsa_with_sha256);
    hf_dw_close(b, algorithm);
}

static void write_key(hf_builder *b)
{
    size_t spki = hf_dw_open(b, HF_DER_SEQUENCE);
    size_t algorithm = hf_dw_open(b, HF_DER_SEQUENCE);

    hf_dw_oid(b, HF_OID_ec_public_key);
    hf_dw_oid(b, HF_OID_secp256r1);
    hf_dw_close(b, algorithm);
    hf_dw_bits(b, hf_span_of(point, sizeof point));
    hf_dw_close(b, spki);
}

static void write_content(hf_builder *b, hf_span name)
{
    enum { VERSION = 0xa0, V3 = 2 };
    size_t content = hf_dw_open(b, HF_DER_SEQUENCE);
    size_t version = hf_dw_open(b, VERSION);

    hf_dw_small(b, V3);
    hf_dw_close(b, version);
    hf_dw_small(b, 1);
    write_algorithm(b);
    hf_wr_bytes(b, name);
    size_t validity = hf_dw_open(b, HF_DER_SEQUENCE);
    hf_dw_time(b, 0);
    hf_dw_time(b, (int64_t)YEAR * 70);
    hf_dw_close(b, validity);
    hf_wr_bytes(b, name);
    write_key(b);
    hf_dw_close(b, content);
}

static hf_error trust_name(hf_trust *trust, hf_span name)
{
    uint8_t room[CERT_ROOM];
    hf_builder b = hf_wr_start(room, sizeof room);
    size_t certificate = hf_dw_open(&b, HF_DER_SEQUENCE);
    hf_span der;

    write_content(&b, name);
    write_algorithm(&b);
    hf_dw_bits(&b, hf_span_of(point, sizeof point)); /* a signature that nobody checks */
    hf_dw_close(&b, certificate);
    TRY(hf_wr_finish(&b, &der));
    return hf_trust_add_der(trust, der);
}

/* "3000,3001": hexadecimal, with commas between. */
static hf_error trust_names(hf_trust *trust, const char *hex)
{
    uint8_t name[NAME_MAX_BYTES];
    size_t len = 0;
    unsigned byte;

    for (; *hex; hex += *hex == ',') {
        for (len = 0; *hex && *hex != ','; hex += 2) {
            if (len == sizeof name || sscanf(hex, "%2x", &byte) != 1)
                return HF_E_LIMIT;
            name[len++] = (uint8_t)byte;
        }
        TRY(trust_name(trust, hf_span_of(name, len)));
    }
    return HF_OK;
}

int settings_authorities(visit *v)
{
    const char *list = v->options->use_client_ca_list;
    hf_trust *trust = list && *list != '<' ? hf_trust_new() : NULL; /* <NULL>, <EMPTY> */
    hf_error e = trust ? trust_names(trust, list) : HF_OK;

    if (trust && e == HF_OK)
        e = hf_config_set_trust(v->config, trust);
    hf_trust_free(trust);
    return e == HF_OK ? SHIM_OK : SHIM_FAILED;
}
