/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificate messages for a client, as long or as tangled as may be. */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/x509_make.h"
#include "x509/issue_crl.h"

enum { CAS = 9, CHAIN_BYTES = 130000 };

#define CA_EXTENSIONS                                                                              \
    { MAKE_EXT_BASIC_CONSTRAINTS, true, make_hex("30030101ff") },                                  \
    {                                                                                              \
        "2.5.29.15", true, make_hex("03020106")                                                    \
    }

/* ---- the message ---- */

static void begin(flood_scene *s)
{
    hostile_until(&s->h, HF_MSG_Certificate, 0);
    s->epoch = HF_HANDSHAKE;
    hb_add_uint(&s->message, 0, 1);
    hb_add_uint(&s->message, 0, 3);
}

static void entry(flood_scene *s, hf_span der, hf_span extensions)
{
    hb_add_uint(&s->message, der.len, 3);
    hb_add(&s->message, der);
    hb_add_uint(&s->message, extensions.len, 2);
    hb_add(&s->message, extensions);
}

/* What proves the possession of the leaf's key, and does not: only then the chain is looked at. */
static void end(flood_scene *s)
{
    static const uint8_t finished[36] = { 20, 0, 0, 32 };
    size_t len = s->message.len - 4;

    for (int i = 0; i < 3; i++)
        s->message.data[1 + i] = (uint8_t)(len >> (16 - 8 * i));
    flood_header(s, HF_MSG_Certificate);
    hb_add(&s->message, S("\x0f\0\0\x0c\4\3\0\x08\x30\6\2\1\1\2\1\1"));
    hb_add(&s->message, hf_span_of(finished, sizeof finished));
    make_free();
}

static const test_pki *pki(void)
{
    return shared_pki(HF_KEY_P256);
}

static void good(flood_scene *s, hf_span staple)
{
    begin(s);
    entry(s, test_cert_der(pki()->leaf), staple);
    entry(s, test_cert_der(pki()->intermediate), S(""));
}

/* ---- chains ---- */

static void ordinary(flood_scene *s)
{
    good(s, S(""));
    end(s);
}

/* An extension of ours that means nothing fills it. */
static hf_span large(size_t len)
{
    make_ext exts[] = {
        CA_EXTENSIONS, { "1.2.3.4", .value = make_tlv(HF_DER_OCTET_STRING, make_bytes(NULL, 0)) }
    };
    uint8_t *zeroes = calloc(1, len);

    exts[2].value = make_tlv(HF_DER_OCTET_STRING, make_bytes(zeroes, len));
    hf_span der =
        make_cert(&(make_cert_options){ .subject = "CN=large", .exts = exts, .n_exts = 3 });
    free(zeroes);
    return der;
}

static void full_chain(flood_scene *s)
{
    good(s, S(""));
    hf_span filler = large(CHAIN_BYTES / 8 / s->share - 400);
    for (int i = 0; i < 8; i++)
        entry(s, filler, S(""));
    end(s);
}

static void in_bytes(flood_scene *s)
{
    good(s, S(""));
    entry(s, large((HF_FRAGMENTS_MAX - 2000) / s->share), S(""));
    s->piece = 1;
    end(s);
}

/* Nine CAs of one name with keys of their own, the last of them under the trusted root: any might have signed any other. */
static void tangle(flood_scene *s, hf_key_type type)
{
    make_ext exts[] = { CA_EXTENSIONS };
    make_ext names[] = { { MAKE_EXT_SAN, .value = make_san("dns:localhost") } };

    begin(s);
    entry(s,
          make_cert(&(make_cert_options){ .subject = "CN=leaf",
                                          .issuer = "CN=M",
                                          .issuer_key = test_key(type, TEST_KEY_OTHER + CAS),
                                          .exts = names,
                                          .n_exts = 1 }),
          S(""));
    for (unsigned i = 0; i < CAS; i++) {
        make_cert_options o = { .subject = "CN=M",
                                .issuer = "CN=M",
                                .key = test_key(type, TEST_KEY_OTHER + i),
                                .issuer_key = test_key(type, TEST_KEY_OTHER + CAS),
                                .exts = exts,
                                .n_exts = 2 };
        if (i == CAS - 1)
            o.issuer_der = pki()->root->cert.subject;
        entry(s, make_cert(&o), S(""));
    }
    end(s);
}

static void tangle_p256(flood_scene *s)
{
    tangle(s, HF_KEY_P256);
}

static void tangle_p384(flood_scene *s)
{
    tangle(s, HF_KEY_P384);
}

static void tangle_rsa(flood_scene *s)
{
    tangle(s, HF_KEY_RSA);
}

/* The leaf has as many names as may be, its CA excludes thousands of others. */
static void names_and_constraints(flood_scene *s)
{
    enum { NAMES = HF_CERT_SANS_MAX, EXCLUDED = 3000, ROOM = 24 };
    static char words[EXCLUDED * ROOM];
    const hf_private_key *key = test_key(HF_KEY_P256, TEST_KEY_OTHER);
    size_t at = 0;

    for (unsigned i = 0; i < NAMES / s->share; i++)
        at += (size_t)snprintf(words + at, ROOM, "%sdns:n%u.localhost", i ? "; " : "", i);
    make_ext names[] = { { MAKE_EXT_SAN, .value = make_san(words) } };
    make_ext exts[] = { CA_EXTENSIONS, { MAKE_EXT_NAME_CONSTRAINTS, true, { NULL, 0 } } };
    at = 0;
    for (unsigned i = 0; i < EXCLUDED / s->share; i++)
        at += (size_t)snprintf(words + at, ROOM, "%sdns:x%u.test", i ? "; " : "", i);
    exts[2].value = make_name_constraints(NULL, words);
    begin(s);
    entry(s,
          make_cert(&(make_cert_options){ .subject = "CN=leaf",
                                          .issuer = "CN=K",
                                          .issuer_key = key,
                                          .exts = names,
                                          .n_exts = 1 }),
          S(""));
    entry(s,
          make_cert(&(make_cert_options){ .subject = "CN=K",
                                          .key = key,
                                          .issuer_der = pki()->root->cert.subject,
                                          .issuer_key = pki()->root->key,
                                          .exts = exts,
                                          .n_exts = 3 }),
          S(""));
    end(s);
}

/* ---- what is said about them ---- */

/* A response about a thousand other certificates. */
static void staple(flood_scene *s)
{
    hf_span zeroes =
        make_tlv(HF_DER_OCTET_STRING, make_hex("00000000000000000000 00000000000000000000"));
    hf_span time = make_tlv(0x18, S("20261121080000Z"));
    hf_span one = MAKE(HF_DER_SEQUENCE,
                       MAKE(HF_DER_SEQUENCE, MAKE(HF_DER_SEQUENCE, make_oid("1.3.14.3.2.26")),
                            zeroes, zeroes, make_int(HF_DER_INTEGER, 7)),
                       make_hex("8000"), time);
    hostile_bytes singles = { 0 }, extension = { 0 };

    for (size_t i = 0; i < 60000 / one.len / s->share; i++)
        hb_add(&singles, one);
    hf_span data =
        MAKE(HF_DER_SEQUENCE, make_tlv(HF_DER_CONTEXT_CONS(1), pki()->intermediate->cert.subject),
             time, make_tlv(HF_DER_SEQUENCE, hb_span(&singles)));
    hf_span basic =
        MAKE(HF_DER_SEQUENCE, data, MAKE(HF_DER_SEQUENCE, make_oid("1.2.840.10045.4.3.2")),
             make_tlv(HF_DER_BIT_STRING, make_hex("0030060201010201 01")));
    hf_span response = MAKE(
        HF_DER_SEQUENCE, make_hex("0a0100"),
        make_tlv(HF_DER_CONTEXT_CONS(0), MAKE(HF_DER_SEQUENCE, make_oid("1.3.6.1.5.5.7.48.1.1"),
                                              make_tlv(HF_DER_OCTET_STRING, basic))));
    hb_add_uint(&extension, 5, 2);
    hb_add_uint(&extension, response.len + 4, 2);
    hb_add_uint(&extension, 1, 1);
    hb_add_uint(&extension, response.len, 3);
    hb_add(&extension, response);
    good(s, hb_span(&extension));
    hb_free(&singles);
    hb_free(&extension);
    end(s);
}

static size_t crl_entries = HF_CRL_ENTRIES_MAX;

/* The intermediate's list. */
static hf_trust *with_list(void)
{
    static uint8_t serial[HF_CRL_ENTRIES_MAX][8];
    static hf_crl_entry entries[HF_CRL_ENTRIES_MAX];
    hf_crl_request request = { .entries = entries,
                               .n = crl_entries,
                               .number = 1,
                               .this_update = TEST_NOW - 3600,
                               .next_update = TEST_NOW + 3600 };
    hf_trust *trust = test_trust(pki()->root);
    uint8_t *der = NULL;
    size_t len = 0;

    for (size_t i = 0; i < crl_entries; i++) {
        serial[i][0] = 0x70;
        memcpy(serial[i] + 1, &i, 7);
        entries[i] = (hf_crl_entry){ .serial = hf_span_of(serial[i], 8),
                                     .date = TEST_NOW - 7200,
                                     .reason = HF_REASON_NONE };
    }
    if (hf_crl_issue(&request, &pki()->intermediate->cert, pki()->intermediate->key, &der, &len) !=
            HF_OK ||
        hf_trust_add_crls(trust, hf_span_of(der, len)) != HF_OK)
        abort();
    hf_free(der);
    return trust;
}

static void set_trust(hf_config *config, hf_role role, void *user)
{
    static hf_trust *trust;

    (void)user;
    if (!trust)
        trust = with_list();
    if (role == HF_CLIENT && hf_config_set_trust(config, trust) != HF_OK)
        abort();
}

static void with_crl(pair_options *o)
{
    o->no_trust = true;
    o->configure = set_trust;
}

#define BUDGET "HF_SIGNATURE_BUDGET"

/* clang-format off */
const flood flood_chains[] = {
    { "an ordinary chain of two", HF_TLS13, HF_CLIENT, ordinary, NULL, "two signatures", false, NULL, NULL },
    { "a chain of ten, 128 KiB", HF_TLS13, HF_CLIENT, full_chain, NULL, "HF_CERTIFICATE_ENTRIES_MAX; Certificate 128 KiB", true, NULL, NULL },
    { "a chain a byte a record", HF_TLS13, HF_CLIENT, in_bytes, NULL, "HF_FRAGMENTS_MAX", true, NULL, NULL },
    { "nine CAs of one name, P-256", HF_TLS13, HF_CLIENT, tangle_p256, NULL, BUDGET, false, NULL, NULL },
    { "nine CAs of one name, P-384", HF_TLS13, HF_CLIENT, tangle_p384, NULL, BUDGET, false, NULL, NULL },
    { "nine CAs of one name, RSA-2048", HF_TLS13, HF_CLIENT, tangle_rsa, NULL, BUDGET, false, NULL, NULL },
    { "1,024 names under 3,000 constraints", HF_TLS13, HF_CLIENT, names_and_constraints, NULL, "HF_NAME_BUDGET", true, NULL, NULL },
    { "a staple about a thousand others", HF_TLS13, HF_CLIENT, staple, NULL, "its length; HF_STATUS_BUDGET", true, NULL, NULL },
    { "an ordinary chain, a CRL of 100,000 entries", HF_TLS13, HF_CLIENT, ordinary, NULL, "an index of the CRL; HF_STATUS_BUDGET", false, with_crl, NULL },
    { NULL, 0, 0, NULL, NULL, NULL, false, NULL, NULL },
};
