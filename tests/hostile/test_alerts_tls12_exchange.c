/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows ske-*, shd-*, cke-*, kex12-* and sig-* of alerts.tsv: the key exchange of TLS 1.2, bad at either end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "crypto/rsa_premaster.h"
#include "support/hostile_rows.h"

static const hf_msg SKE = HF_MSG_ServerKeyExchange, CKE = HF_MSG_ClientKeyExchange;

/* curve_type, named_curve, point<1..255>, algorithm, signature<0..2^16-1> */
enum { CURVE_AT = 1, POINT_AT = 3, SIGNED_POINT_AT = 2 * 32 + POINT_AT };

static size_t algorithm_at(const hostile_bytes *b)
{
    return POINT_AT + 1 + (size_t)b->data[POINT_AT];
}

static void set16(hostile_bytes *b, size_t at, unsigned value)
{
    b->data[at] = (uint8_t)(value >> 8);
    b->data[at + 1] = (uint8_t)value;
}

static void all_of_it(hostile *h, int v)
{
    (void)v;
    hostile_rest(h);
}

/* ---- options ---- */

static void on_p256(pair_options *o, int v)
{
    (void)v;
    o->policy[HF_SERVER] = hostile_retry_policy();
}

/* ---- ServerKeyExchange ---- */

/* Left out; CertificateRequest in its place. */
static void ske_missing(hostile *h, int v)
{
    hostile_until(h, SKE, 0);
    hostile_skip(h);
    if (v)
        hostile_send(h, HF_MSG_CertificateRequest, S("\1\100\0\2\4\3\0\0"));
    else
        hostile_next(h);
}

static void ske_unasked(hostile *h, int v)
{
    (void)v;
    hostile_until(h, HF_MSG_ServerHelloDone, 0);
    hostile_send(h, SKE, S("\3\0\x1d\4abcd\4\3\0\4sign"));
}

static void ske_in_resumed(hostile *h, int v)
{
    hostile_until(h, HF_MSG_ChangeCipherSpec, 0);
    hostile_send(h, v ? HF_MSG_Certificate : SKE, S("\3\0\x1d\4abcd\4\3\0\4sign"));
}

static void ske_malformed(hostile_bytes *b, int v)
{
    size_t at = algorithm_at(b);

    switch (v) {
    case 0: b->len = 0; break;
    case 1: b->len = 2; break;
    case 2: b->len = POINT_AT + 10; break;
    case 3: hb_replace(b, POINT_AT, at - POINT_AT, S("\0")); break; /* a point of length 0 */
    case 4: b->data[POINT_AT] = 0xff; break;
    case 5: b->len = at; break;
    case 6: b->data[at + 3]--; break;
    case 7: b->data[at + 3]++; break;
    case 8: b->data[at + 2]++; break;
    case 9: b->len--; break;
    default: hb_add_uint(b, 0, 1); break;
    }
}

static void ske_curve_type(hostile_bytes *b, int v)
{
    static const uint8_t types[] = { 1, 2, 0, 4, 255 }; /* explicit_prime, explicit_char2 */

    b->data[0] = types[v];
}

/* P-384, GREASE, the hybrid, finite fields, nothing. */
static void ske_curve(hostile_bytes *b, int v)
{
    static const unsigned curves[] = { 0x18, 0xbaba, 0x11ec, 0x0100, 0x0000, 0xff01, 0x1e };

    set16(b, CURVE_AT, curves[v]);
}

/* For its TLS 1.3 a client offers the hybrid, too. */
static void hybrid_offered(pair_options *o, int v)
{
    static hf_policy policy;

    (void)v;
    policy = *hostile_policy();
    policy.groups[2] = hf_code(HF_GROUPS, "X25519MLKEM768");
    o->policy[HF_CLIENT] = &policy;
}

static void ske_hybrid(hostile_bytes *b, int v)
{
    (void)v;
    set16(b, CURVE_AT, 0x11ec);
}

/* GREASE of the client's own list. */
static void ske_own_grease(hostile *h, int v)
{
    hostile_bytes body = { 0 };

    (void)v;
    hostile_until(h, SKE, 0);
    hb_set(&body, hostile_due_body(h));
    hf_span groups = hostile_conn(h)->engine.hs->hello.ext.supported_groups;
    assert_int_equal(groups.data[0] & 0x0f, 0x0a);
    memcpy(body.data + CURVE_AT, groups.data, 2);
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
}

/* Not offered: a hash that nobody knows, GREASE, Ed448, DSA. */
static void ske_algorithm(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0603, 0xbaba, 0x0808, 0x0402, 0x0000, 0xffff };

    set16(b, algorithm_at(b), schemes[v]);
}

/* Offered, and not for this key. */
static void ske_other_key(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0804, 0x0401, 0x0807, 0x0809 };

    set16(b, algorithm_at(b), schemes[v]);
}

static void ske_other_key_rsa(hostile_bytes *b, int v)
{
    static const unsigned schemes[] = { 0x0403, 0x0807, 0x0809, 0x080b };

    set16(b, algorithm_at(b), schemes[v]);
}

/* MD5 and SHA-1, with RSA, DSA and ECDSA. */
static void weak(hostile_bytes *b, size_t at, int v)
{
    static const unsigned schemes[] = { 0x0101, 0x0102, 0x0103, 0x0201, 0x0202, 0x0203 };

    set16(b, at, schemes[v]);
}

static void ske_weak(hostile_bytes *b, int v)
{
    weak(b, algorithm_at(b), v);
}

static void cv_weak(hostile_bytes *b, int v)
{
    weak(b, 0, v);
}

/* A bit of the signature; nothing; zeroes; a bit of the point that was signed; another hash than the one named. */
static void ske_signature(hostile *h, int v)
{
    hostile_bytes b = { 0 };

    hostile_until(h, SKE, 0);
    hb_set(&b, hostile_due_body(h));
    size_t at = algorithm_at(&b), signature = at + 4;
    switch (v) {
    case 0: b.data[b.len - 1] ^= 1; break;
    case 1: b.data[signature] ^= 0x80; break;
    case 2: b.len = signature; break;
    case 3: memset(b.data + signature, 0, b.len - signature); break;
    case 4: b.data[POINT_AT + 1] ^= 1; break;
    case 5: set16(&b, at, b.data[at] == 8 ? 0x0805 : 0x0503); break;
    default: hb_add_uint(&b, 0, 1); break;
    }
    set16(&b, at + 2, (unsigned)(b.len - signature));
    hostile_instead(h, hb_span(&b));
    hb_free(&b);
    hostile_rest(h);
}

/* The signature of something else: another client_random, another server_random, the parameters alone, a curve more. */
static void other_content(hostile_bytes *content)
{
    switch (hostile_variant() % 4) {
    case 0: content->data[0] ^= 1; break;
    case 1: content->data[32] ^= 1; break;
    case 2: hb_replace(content, 0, 64, S("")); break;
    default: content->data[64 + 2] ^= 1; break;
    }
}

static void sign_other(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        hostile_sign_other(config, other_content);
}

static void other_signature(pair_options *o, int v)
{
    static const hf_key_type types[] = { HF_KEY_P256, HF_KEY_RSA, HF_KEY_ED25519 };

    o->pki = shared_pki(types[v / 4]);
    o->configure = sign_other;
}

/* ---- points that give no secret: signed by the server as they are ---- */

static void put_point(hostile_bytes *b, size_t at, hf_span point)
{
    uint8_t len = (uint8_t)point.len;

    hb_replace(b, at, 1 + (size_t)b->data[at], hf_span_of(&len, 1));
    hb_replace(b, at + 1, 0, point);
}

static const uint8_t filler[200];

/* Of P-256: wrong lengths, wrong forms, off the curve. */
static void bad_point(hostile_bytes *b, size_t at, int v)
{
    static const size_t lengths[] = { 64, 66, 97, 33, 1 };
    uint8_t point[65] = { 4 };

    if (v < 5)
        put_point(b, at, hf_span_of(filler, lengths[v]));
    else if (v < 9)
        b->data[at + 1] = (uint8_t[]){ 2, 3, 6, 7 }[v - 5];
    else if (v == 9)
        b->data[at + 65] ^= 1;
    else
        memset(point + 1, v == 10 ? 0 : 0xff, 64), put_point(b, at, hf_span_of(point, 65));
}

/* Of X25519: wrong lengths. */
static void bad_length(hostile_bytes *b, size_t at, int v)
{
    static const size_t lengths[] = { 31, 33, 1, 56, 65 };

    put_point(b, at, hf_span_of(filler, lengths[v]));
}

/* Small order: 0, 1, p-1, p, p+1, two of order 8. */
static void small_order(hostile_bytes *b, size_t at, int v)
{
    static const char order8[2][33] = {
        "\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a"
        "\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00",
        "\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b"
        "\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57",
    };
    uint8_t point[32];

    memset(point, v < 2 ? 0 : 0xff, sizeof point);
    point[0] = (uint8_t)(v < 2 ? v : 0xec + v - 2);
    if (v >= 2)
        point[31] = 0x7f;
    if (v >= 5)
        memcpy(point, order8[v - 5], 32);
    put_point(b, at, hf_span_of(point, 32));
}

/* RFC 7748 5: the top bit is masked. */
static void high_bit(hostile_bytes *b, size_t at, int v)
{
    (void)v;
    b->data[at + 32] |= 0x80;
}

typedef void change_point(hostile_bytes *b, size_t at, int v);

static change_point *signed_change;

static void change_content(hostile_bytes *content)
{
    signed_change(content, SIGNED_POINT_AT, hostile_variant());
}

static void sign_changed(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER && hostile_victim() == HF_CLIENT)
        hostile_sign_other(config, change_content);
}

static void change_message(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == SKE)
        signed_change(b, POINT_AT, hostile_variant());
    if (msg == CKE)
        signed_change(b, 0, hostile_variant());
}

static void with_change(pair_options *o, change_point *change)
{
    signed_change = change;
    o->configure = sign_changed;
}

static void with_bad_point(pair_options *o, int v)
{
    on_p256(o, v);
    with_change(o, bad_point);
}

static void with_bad_length(pair_options *o, int v)
{
    (void)v;
    with_change(o, bad_length);
}

static void with_small_order(pair_options *o, int v)
{
    (void)v;
    with_change(o, small_order);
}

static void with_high_bit(pair_options *o, int v)
{
    (void)v;
    with_change(o, high_bit);
}

/* ---- ServerHelloDone ---- */

static void done_full(hostile_bytes *b, int v)
{
    hb_set(b, v ? S("something") : S("\0"));
}

/* In its record, or in the next: whole messages and a part of one. */
static void after_done(hostile *h, int v)
{
    const hf_span more[] = { S("\16\0\0\0"), S("\24\0\0\14twelve bytes"), S("\14\0\0\0"),
                             S("\26") };
    hostile_bytes both = { 0 };

    hostile_until(h, HF_MSG_ServerHelloDone, 0);
    hb_set(&both, hb_span(&hostile_due(h)->bytes));
    if (v < 4)
        hb_add(&both, more[v]);
    hostile_skip(h);
    hostile_plain(h, HF_CT_HANDSHAKE, hb_span(&both));
    if (v >= 4)
        hostile_plain(h, HF_CT_HANDSHAKE, more[v - 4]);
    hb_free(&both);
    if (v == 7) { /* no header yet: the key change shows it */
        assert_null(hostile_failure(h));
        hostile_rest(h);
    }
}

/* ---- ClientKeyExchange ---- */

static void cke_missing(hostile *h, int v)
{
    hostile_until(h, v == 4 ? HF_MSG_ChangeCipherSpec : CKE, 0);
    switch (v) {
    case 0: hostile_plain(h, HF_CT_CHANGE_CIPHER_SPEC, S("\1")); break;
    case 1: hostile_send(h, HF_MSG_CertificateVerify, S("\4\3\0\4sign")); break;
    case 2: hostile_send(h, HF_MSG_Finished, S("twelve bytes")); break;
    case 3: hostile_send(h, HF_MSG_ServerKeyExchange, S("\3\0\x1d\4abcd\4\3\0\4sign")); break;
    default: hostile_send(h, CKE, S("\4abcd")); break; /* a second one */
    }
}

static void cke_malformed(hostile_bytes *b, int v)
{
    switch (v) {
    case 0: b->len = 0; break;
    case 1: hb_set(b, S("\0")); break;
    case 2: b->data[0]--; break;
    case 3: b->data[0]++; break;
    case 4: b->len--; break;
    default: hb_add_uint(b, 0, 1); break;
    }
}

static void cke_malformed_rsa(hostile_bytes *b, int v)
{
    switch (v) {
    case 0: b->len = 0; break;
    case 1: b->len = 1; break;
    case 2: b->data[1]--; break;
    case 3: b->data[1]++; break;
    case 4: b->len--; break;
    default: hb_add_uint(b, 0, 1); break;
    }
}

static void encrypt(hostile_bytes *b, hf_span premaster)
{
    uint8_t ciphertext[HF_SIGNATURE_MAX];
    size_t len = 0;

    assert_int_equal(
        hf_rsa_encrypt(&shared_pki(HF_KEY_RSA)->leaf->cert.key, premaster, ciphertext, &len),
        HF_OK);
    hb_replace(b, 2, b->len - 2, hf_span_of(ciphertext, len));
}

/* Nothing is noticed before the first protected record, whatever is wrong (RFC 5246 7.4.7.1). */
static void bad_premaster(hostile_bytes *b, int v)
{
    uint8_t premaster[64] = { 3, 3 };
    static const size_t lengths[] = { 47, 49, 0, 1, 64 };

    switch (v) {
    case 0: b->data[b->len - 1] ^= 1; break;
    case 1: memset(b->data + 2, 0, b->len - 2); break;
    case 2: memset(b->data + 2, 0xff, b->len - 2); break;
    case 3: b->len--; break;
    case 4: b->len = 2; break;
    case 5: hb_add_uint(b, 0, 1); break;
    case 6: hb_replace(b, 2, 0, S("\0")); break;
    case 7:
        premaster[1] = 2;
        encrypt(b, hf_span_of(premaster, 48));
        break;
    case 8:
        premaster[0] = 0;
        encrypt(b, hf_span_of(premaster, 48));
        break;
    case 9:
        encrypt(b, hf_span_of(premaster, 48));
        break; /* good, and not the one that keys were made of */
    default: encrypt(b, hf_span_of(premaster, lengths[v - 10])); break;
    }
    set16(b, 0, (unsigned)(b->len - 2));
}

static void rsa_bad(hostile *h, int v)
{
    hostile_bytes b = { 0 };

    hostile_until(h, CKE, 0);
    hb_set(&b, hostile_due_body(h));
    bad_premaster(&b, v);
    hostile_instead(h, hb_span(&b));
    hb_free(&b);
    assert_null(hostile_failure(h));
    hostile_next(h); /* ChangeCipherSpec */
    assert_null(hostile_failure(h));
    hostile_next(h);
}

/* The answer is the same to all of them: bad_record_mac, in one place, without a word. */
static void check_one_answer(hostile *h, int v)
{
    const hf_failure *f = hostile_failure(h);

    (void)v;
    assert_non_null(f);
    assert_int_equal(f->code, HF_E_RECORD_MAC);
    assert_int_equal(f->blame, HF_BLAME_PEER);
    assert_int_equal(f->offset, -1);
    assert_string_equal(f->offered, "");
    hostile_assert_alert(h, HF_ALERT_bad_record_mac);
    hostile_assert_dead(h, 0);
}

#define AT_SKE(row, n, function) EDIT(row, AT_CLIENT, n, HF_MSG_ServerKeyExchange, 0, function)
#define AT_SKE_WITH(row, n, function, how)                                                         \
    EDIT_WITH(row, AT_CLIENT, n, HF_MSG_ServerKeyExchange, 0, function, .options = how)

static const hostile_case cases[] = {
    AT_SKE("sig-md5-sha1-12", 6, ske_weak),
    AT_SKE_WITH("sig-md5-sha1-12", 6, ske_weak, hostile_rsa),
    EDIT_WITH("sig-md5-sha1-12", AT_SERVER, 6, HF_MSG_CertificateVerify, 0, cv_weak,
              .options = hostile_mutual),
    RUN("ske-missing", AT_CLIENT, 2, ske_missing),
    RUN("ske-unsolicited", AT_CLIENT, 1, ske_unasked),
    WITH("ske-unsolicited", AT_CLIENT, 1, ske_unasked, .options = hostile_static_rsa),
    WITH("ske-unsolicited", AT_CLIENT, 2, ske_in_resumed, .resumes = true),
    AT_SKE("ske-malformed", 11, ske_malformed),
    AT_SKE("ske-curve-type", 5, ske_curve_type),
    AT_SKE("ske-curve-not-offered", 7, ske_curve),
    EDIT_WITH("ske-curve-not-offered", AT_CLIENT, 1, HF_MSG_ServerKeyExchange, 0, ske_hybrid,
              .options = hybrid_offered, .wide = true),
    RUN("ske-curve-not-offered", AT_CLIENT, 1, ske_own_grease),
    REWRITE("kex12-point-bad", AT_BOTH, 12, change_message, .options = with_bad_point),
    REWRITE("kex12-point-bad", AT_BOTH, 5, change_message, .options = with_bad_length),
    REWRITE("kex12-zero-secret", AT_BOTH, 7, change_message, .options = with_small_order),
    REWRITE("ch-key-share-x25519-high-bit", AT_BOTH, 1, change_message, .options = with_high_bit),
    AT_SKE("ske-sigalg-bad", 6, ske_algorithm),
    AT_SKE("ske-sigalg-bad", 4, ske_other_key),
    AT_SKE_WITH("ske-sigalg-bad", 4, ske_other_key_rsa, hostile_rsa),
    RUN("ske-bad-signature", AT_CLIENT, 7, ske_signature),
    WITH("ske-bad-signature", AT_CLIENT, 7, ske_signature, .options = hostile_rsa),
    WITH("ske-bad-signature", AT_CLIENT, 12, all_of_it, .options = other_signature),
    EDIT("shd-nonempty", AT_CLIENT, 2, HF_MSG_ServerHelloDone, 0, done_full),
    RUN("shd-trailing-messages", AT_CLIENT, 8, after_done),
    RUN("cke-missing", AT_SERVER, 5, cke_missing),
    WITH("cke-missing", AT_SERVER, 5, cke_missing, .options = hostile_static_rsa),
    EDIT("cke-malformed", AT_SERVER, 6, HF_MSG_ClientKeyExchange, 0, cke_malformed),
    EDIT_WITH("cke-malformed", AT_SERVER, 6, HF_MSG_ClientKeyExchange, 0, cke_malformed_rsa,
              .options = hostile_static_rsa),
    WITH("cke-rsa-bad", AT_SERVER, 15, rsa_bad, .options = hostile_static_rsa,
         .check = check_one_answer),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_exchange", &rows, 250);
}
