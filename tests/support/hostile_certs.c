/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates that prove nothing, in the Certificate message of either version and of either role. */
#include "support/hostile_certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const hf_msg CERT = HF_MSG_Certificate;

/* A literal with zeroes in it. */
#define S(literal) hf_span_of(literal, sizeof literal - 1)

/* ---- the message: in TLS 1.3 a context before the list, extensions behind each certificate ---- */

static bool is_13(void)
{
    return hostile_version() == HF_TLS13;
}

size_t hostile_list_at(void)
{
    return is_13() ? 1 : 0;
}

size_t hostile_get24(const hostile_bytes *b, size_t at)
{
    return (size_t)b->data[at] << 16 | (size_t)b->data[at + 1] << 8 | b->data[at + 2];
}

void hostile_set24(hostile_bytes *b, size_t at, size_t value)
{
    b->data[at] = (uint8_t)(value >> 16);
    b->data[at + 1] = (uint8_t)(value >> 8);
    b->data[at + 2] = (uint8_t)value;
}

size_t hostile_entry_at(const hostile_bytes *b, int which)
{
    size_t first = hostile_list_at() + 6;

    return which == 0 ? first : first + hostile_get24(b, first - 3) + (is_13() ? 2 : 0) + 3;
}

void hostile_put_entry(hostile_bytes *b, int which, hf_span der)
{
    size_t at = hostile_entry_at(b, which), len = hostile_get24(b, at - 3);

    hb_replace(b, at, len, der);
    hostile_set24(b, at - 3, der.len);
    hostile_set24(b, hostile_list_at(), b->len - hostile_list_at() - 3);
}

static hf_span entry(const hostile_bytes *b, int which)
{
    size_t at = hostile_entry_at(b, which);

    return hf_span_of(b->data + at, hostile_get24(b, at - 3));
}

/* ---- DER: what the peer says about its certificate, transcript included ---- */

void hostile_bad_der(hostile *h, hf_msg msg, hostile_bytes *b)
{
    int v = hostile_variant(), which = v / 7;
    hostile_bytes der = { 0 };

    (void)h;
    if (msg != CERT)
        return;
    hb_set(&der, entry(b, which));
    switch (v % 7) {
    case 0: hb_set(&der, S("random bytes of no meaning at all, and then some more of them")); break;
    case 1:
        der.data[1] = 0x80;
        hb_add(&der, S("\0\0"));
        break;                              /* BER: indefinite length */
    case 2: hb_add_uint(&der, 0, 1); break; /* trailing byte */
    case 3: der.len--; break;
    case 4: hb_replace(&der, 1, 1, S("\x83\0")); break; /* an overlong length */
    case 5: der.data[0] = 0x31; break;                  /* a SET */
    default: hb_set(&der, S("\x30\0")); break;
    }
    hostile_put_entry(b, which, hb_span(&der));
    hb_free(&der);
}

/* Overwrites each of the byte strings that is there; fails if there are none. */
static void patch(hostile_bytes *b, int which, hf_span from, hf_span to)
{
    hostile_bytes der = { 0 };
    unsigned n = 0;

    hb_set(&der, entry(b, which));
    for (size_t i = 0; i + from.len <= der.len; i++)
        if (memcmp(der.data + i, from.data, from.len) == 0)
            memcpy(der.data + i, to.data, to.len), n++;
    assert_true(n > 0);
    hostile_put_entry(b, which, hb_span(&der));
    hb_free(&der);
}

/* X.509 version 1; a DSA key; an EC key on P-192. */
void hostile_unsupported_cert(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg != CERT)
        return;
    if (hostile_variant() == 0)
        patch(b, 0, S("\xa0\3\2\1\2"), S("\xa0\3\2\1\0"));
    else if (hostile_variant() == 1)
        patch(b, 0, S("\6\7\x2a\x86\x48\xce\x3d\2\1"), S("\6\7\x2a\x86\x48\xce\x38\4\1"));
    else
        patch(b, 0, S("\6\x08\x2a\x86\x48\xce\x3d\3\1\7"), S("\6\x08\x2a\x86\x48\xce\x3d\3\1\1"));
}

/* A bit of the signature, of what is signed, in the leaf or the intermediate. */
void hostile_bad_chain_signature(hostile *h, hf_msg msg, hostile_bytes *b)
{
    int v = hostile_variant();

    (void)h;
    if (msg != CERT)
        return;
    hf_span der = entry(b, v / 2);
    size_t at = hostile_entry_at(b, v / 2);
    if (v % 2 == 0)
        b->data[at + der.len - 1] ^= 1;
    else
        b->data[at + 20] ^= 1; /* in the serial number */
}

/* MD5 and SHA-1 with RSA in place of SHA-256. */
static void weak_hash(hf_msg msg, hostile_bytes *b, uint8_t last)
{
    uint8_t to[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last };

    if (msg == CERT)
        patch(b, 0, S("\x2a\x86\x48\x86\xf7\x0d\1\1\x0b"), hf_span_of(to, sizeof to));
}

void hostile_md5(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    weak_hash(msg, b, 4);
}

void hostile_sha1(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    weak_hash(msg, b, 5);
}

/* Eleven certificates. */
void hostile_too_many_certs(hostile *h, hf_msg msg, hostile_bytes *b)
{
    hostile_bytes second = { 0 };

    (void)h;
    if (msg != CERT)
        return;
    size_t at = hostile_entry_at(b, 1) - 3;
    hb_set(&second, hf_span_of(b->data + at, b->len - at));
    for (int i = 0; i < 9; i++)
        hb_add(b, hb_span(&second));
    hostile_set24(b, hostile_list_at(), b->len - hostile_list_at() - 3);
    hb_free(&second);
}

/* A critical extension of the leaf (keyUsage) that is not known. */
void hostile_unknown_critical(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CERT)
        patch(b, 0, S("\6\3\x55\x1d\x0f\1\1\xff"), S("\6\3\x55\x1d\x63\1\1\xff"));
}

/* ---- whole PKIs with a fault ---- */

void hostile_mutual_rsa(pair_options *o, int v)
{
    hostile_mutual(o, v);
    hostile_rsa(o, v);
}

/* The victim trusts another root. Servers name theirs, so that a client must have something of it beside its own leaf. */
static const test_cert *another_root(void)
{
    static test_cert *made;
    test_cert_options root = { .common_name = "Another Root",
                               .ca = true,
                               .key_slot = TEST_KEY_OTHER };

    if (!made)
        made = test_cert_new(&root, NULL);
    return made;
}

static void other_trust(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role != hostile_victim())
        return;
    hf_trust *trust = test_trust(another_root());
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    hf_trust_free(trust);
}

void hostile_unknown_ca(pair_options *o, int v)
{
    static test_pki pki;
    static test_cert *beside;
    test_cert_options middle = { .common_name = "Beside", .ca = true, .key_slot = TEST_KEY_OTHER };

    hostile_mutual(o, v);
    if (!beside)
        beside = test_cert_new(&middle, another_root());
    pki = *shared_pki(HF_KEY_P256);
    pki.client_chain[1] = test_cert_der(beside);
    o->pki = hostile_victim() == HF_SERVER ? &pki : NULL;
    o->configure = other_trust;
}

static int64_t at_another_time(void *user)
{
    (void)user;
    return TEST_NOW + (hostile_variant() ? -40 : 40) * TEST_DAY;
}

void hostile_expired(pair_options *o, int v)
{
    hostile_mutual(o, v);
    o->hooks[hostile_victim()].wall_time = at_another_time;
}

/* Wrong extendedKeyUsage, a leaf that issues, a path that is too long: both ends' certificates are like that; or a PKI that is
   good, and a CA's certificate for either key beside it. */
enum { WRONG_EKU, LEAF_ISSUES, PATH_TOO_LONG, CA_AS_LEAF, N_WRONG };

static test_cert *leaf_of(const test_pki *p, hf_role role, int kind, bool ca)
{
    bool server = role == HF_SERVER;
    uint8_t right = server ? HF_EKU_SERVER_AUTH : HF_EKU_CLIENT_AUTH,
            wrong = server ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH;
    test_cert_options leaf = { .common_name = server ? "L" : "C",
                               .names = { "localhost" },
                               .ca = ca,
                               .key_slot = server ? TEST_KEY_LEAF : TEST_KEY_CLIENT,
                               .eku = kind == WRONG_EKU ? wrong : right };

    return test_cert_new(&leaf, p->intermediate);
}

static void make_wrong(test_pki *p, int kind)
{
    test_cert_options root = {
        .common_name = "R", .ca = true, .path_len_given = kind == PATH_TOO_LONG, .path_len = 0
    };
    test_cert_options middle = { .common_name = "M",
                                 .ca = kind != LEAF_ISSUES,
                                 .no_names = true,
                                 .key_slot = TEST_KEY_INTERMEDIATE };

    p->root = test_cert_new(&root, NULL);
    p->intermediate = test_cert_new(&middle, p->root);
    p->leaf = leaf_of(p, HF_SERVER, kind, false);
    p->client = leaf_of(p, HF_CLIENT, kind, false);
    p->chain[0] = test_cert_der(p->leaf);
    p->client_chain[0] = test_cert_der(p->client);
    p->chain[1] = p->client_chain[1] = test_cert_der(p->intermediate);
    p->trust = test_trust(p->root);
}

static const test_pki *wrong_pki(int kind)
{
    static test_pki made[N_WRONG];

    if (!made[kind].root)
        make_wrong(&made[kind], kind);
    return &made[kind];
}

/* The bad peer does not mind what the victim shows: it must come as far as its own Certificate. */
static void trusting(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_CLIENT && role != hostile_victim())
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, true), HF_OK);
}

void hostile_wrong_usage(pair_options *o, int v)
{
    hostile_mutual(o, v);
    o->pki = wrong_pki(v);
    o->configure = trusting;
}

void hostile_ca_as_leaf(pair_options *o, int v)
{
    (void)v;
    hostile_wrong_usage(o, CA_AS_LEAF);
}

void hostile_show_ca(hostile *h, hf_msg msg, hostile_bytes *b)
{
    static test_cert *ca[2];
    hf_role self = h->self;

    if (!ca[self])
        ca[self] = leaf_of(wrong_pki(CA_AS_LEAF), self, CA_AS_LEAF, true);
    if (msg == CERT)
        hostile_put_entry(b, 0, test_cert_der(ca[self]));
}

/* The server's own key is of another kind, so that the policy may be strict about the client's alone. */
static void trust_rsa(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set_trust(config, shared_pki(HF_KEY_RSA)->trust), HF_OK);
}

void hostile_small_key(pair_options *o, int v)
{
    static hf_policy policy;
    static test_pki mixed;

    hostile_mutual(o, v);
    policy = *hostile_policy();
    policy.rsa_min_bits = 3072;
    o->policy[hostile_victim()] = &policy;
    mixed = *shared_pki(HF_KEY_P256);
    mixed.client = shared_pki(HF_KEY_RSA)->client;
    memcpy(mixed.client_chain, shared_pki(HF_KEY_RSA)->client_chain, sizeof mixed.client_chain);
    o->pki = hostile_victim() == HF_CLIENT ? shared_pki(HF_KEY_RSA) : &mixed;
    o->configure = hostile_victim() == HF_CLIENT ? NULL : trust_rsa;
}
