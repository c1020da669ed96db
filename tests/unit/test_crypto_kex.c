/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Key exchange: both ends agree, random bytes are drawn as documented, and bad shares are refused. */
#include "crypto/kex.h"
#include "crypto/mlkem.h"
#include "crypto_support.h"

static const uint16_t groups[] = {
    HF_GROUP_x25519mlkem768, HF_GROUP_x25519,    HF_GROUP_secp256r1,
    HF_GROUP_secp384r1,      HF_GROUP_secp521r1, HF_GROUP_mlkem1024
};
enum { HYBRID = HF_GROUP_x25519mlkem768, PURE = HF_GROUP_mlkem1024 };

typedef struct exchange {
    hf_kex kex;
    uint8_t client[HF_KEY_SHARE_MAX], server[HF_KEY_SHARE_MAX];
    uint8_t ours[HF_SHARED_SECRET_MAX], theirs[HF_SHARED_SECRET_MAX];
    hf_span client_share, server_share;
} exchange;

static hf_error answer(uint16_t group, hf_span share)
{
    uint8_t reply[HF_KEY_SHARE_MAX], secret[HF_SHARED_SECRET_MAX];

    return hf_kex_encapsulate(group, NULL, share, reply, secret);
}

static hf_error finish(const hf_kex *kex, hf_span share)
{
    uint8_t secret[HF_SHARED_SECRET_MAX];

    return hf_kex_decapsulate(kex, share, secret);
}

static void run(exchange *x, uint16_t group, const hf_random *random)
{
    const hf_group *row = hf_group_of(group);

    assert_int_equal(hf_kex_generate(&x->kex, group, random, x->client), HF_OK);
    x->client_share = hf_span_of(x->client, row->client_share);
    assert_int_equal(hf_kex_encapsulate(group, random, x->client_share, x->server, x->theirs),
                     HF_OK);
    x->server_share = hf_span_of(x->server, row->server_share);
    assert_int_equal(hf_kex_decapsulate(&x->kex, x->server_share, x->ours), HF_OK);
    assert_memory_equal(x->ours, x->theirs, row->secret);
}

/* ---- agreement ---- */

static void both_ends_agree(void **state)
{
    exchange a, b;

    (void)state;
    for (size_t i = 0; i < COUNT(groups); i++) {
        run(&a, groups[i], NULL);
        run(&b, groups[i], NULL);
        assert_memory_not_equal(a.client, b.client, a.client_share.len);
        assert_memory_not_equal(a.ours, b.ours, hf_group_of(groups[i])->secret);
    }
}

static void wiped(void **state)
{
    static const hf_kex nothing;
    exchange x;

    (void)state;
    run(&x, HYBRID, NULL);
    hf_kex_wipe(&x.kex);
    assert_memory_equal(&x.kex, &nothing, sizeof nothing);
}

static void unknown_group(void **state)
{
    uint8_t share[HF_KEY_SHARE_MAX] = { 0 };
    hf_kex kex = { .group = 0x0a0a };

    (void)state;
    assert_int_equal(answer(0x0a0a, hf_span_of(share, 32)), HF_E_INTERNAL);
    assert_int_equal(finish(&kex, hf_span_of(share, 32)), HF_E_INTERNAL);
    assert_int_equal(hf_kex_generate(&kex, 0x0a0a, NULL, share), HF_E_INTERNAL);
}

/* RFC 7748 6.1. */
static void known_x25519(void **state)
{
    bytes both = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
                     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    script s = { .source = span(&both) };
    hf_random random = random_of(&s);
    exchange x;

    (void)state;
    run(&x, HF_GROUP_x25519, &random);
    assert_hex(x.client, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    assert_hex(x.server, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_hex(x.ours, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

/* RFC 5903 8.1 to 8.3. */
static void known_nist(void **state)
{
    bytes p256 = hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
                     "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
    bytes p384 = hex("099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e64"
                     "9ee3faef896783ab194"
                     "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8"
                     "ed2960e4bd55a7448fc");
    bytes p521 = hex("fe37ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1"
                     "c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d4a52"
                     "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b34"
                     "3757a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb151685eb9");
    script s = { .source = span(&p256) }, t = { .source = span(&p384) };
    script u = { .source = span(&p521) }; /* of fe, only the lowest bit is the scalar's */
    hf_random random = random_of(&s);
    exchange x;

    (void)state;
    run(&x, HF_GROUP_secp256r1, &random);
    assert_hex(x.client, "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
                         "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3");
    assert_hex(x.ours, "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    random = random_of(&t);
    run(&x, HF_GROUP_secp384r1, &random);
    assert_hex(x.ours, "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b"
                       "9e9d09cf5d4a270f59746");
    random = random_of(&u);
    run(&x, HF_GROUP_secp521r1, &random);
    assert_hex(x.ours, "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4"
                       "baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3ddea");
}

/* ---- draws ---- */

typedef struct plan {
    uint16_t group;
    size_t draws, lengths[4];
} plan;

/* Of a generate and an encapsulate, in order. */
static const plan plans[] = {
    { HF_GROUP_x25519, 2, { 32, 32 } },
    { HF_GROUP_secp256r1, 2, { 32, 32 } },
    { HF_GROUP_secp384r1, 2, { 48, 48 } },
    { HF_GROUP_secp521r1, 2, { 66, 66 } },
    { HF_GROUP_x25519mlkem768, 4, { 64, 32, 32, 32 } },
    { HF_GROUP_mlkem1024, 2, { 64, 32 } },
};

/* The same random bytes give the same exchange, whatever libcrypto is. */
static void draws_are_as_documented(void **state)
{
    uint8_t source[512];
    exchange a, b;

    (void)state;
    for (size_t i = 0; i < sizeof source; i++)
        source[i] = (uint8_t)(3 * i + 1);
    for (size_t i = 0; i < COUNT(plans); i++) {
        script s = { .source = { source, sizeof source } }, again = s;
        hf_random random = random_of(&s), once_more = random_of(&again);

        run(&a, plans[i].group, &random);
        run(&b, plans[i].group, &once_more);
        assert_memory_equal(a.client, b.client, a.client_share.len);
        assert_memory_equal(a.server, b.server, a.server_share.len);
        assert_memory_equal(a.ours, b.ours, hf_group_of(plans[i].group)->secret);
        assert_int_equal(s.draws, plans[i].draws);
        for (size_t d = 0; d < s.draws; d++)
            assert_int_equal(s.taken[d], plans[i].lengths[d]);
    }
}

/* The hybrid is its two parts side by side, ML-KEM first. */
static void hybrid_is_both(void **state)
{
    uint8_t source[160], ek[HF_MLKEM768_EK], dk[HF_MLKEM768_DK], ct[HF_MLKEM768_CT],
        secret[HF_MLKEM_SECRET];
    script s = { .source = { source, sizeof source } }, t = { .source = { source + 64, 32 } };
    hf_random random = random_of(&s), x_random = random_of(&t);
    exchange x, plain;

    (void)state;
    for (size_t i = 0; i < sizeof source; i++)
        source[i] = (uint8_t)(i ^ 0x5a);
    run(&x, HYBRID, &random);
    hf_mlkem_keygen(&hf_mlkem_768, source, ek, dk);
    assert_memory_equal(x.client, ek, sizeof ek);
    assert_int_equal(hf_mlkem_encaps(&hf_mlkem_768, ek, source + 96, ct, secret), HF_OK);
    assert_memory_equal(x.server, ct, sizeof ct);
    assert_memory_equal(x.ours, secret, sizeof secret);

    assert_int_equal(hf_kex_generate(&plain.kex, HF_GROUP_x25519, &x_random, plain.client), HF_OK);
    assert_memory_equal(x.client + HF_MLKEM768_EK, plain.client, 32);
    assert_int_equal(
        hf_kex_decapsulate(&plain.kex, hf_span_of(x.server + HF_MLKEM768_CT, 32), plain.ours),
        HF_OK);
    assert_memory_equal(x.ours + HF_MLKEM_SECRET, plain.ours, 32);
}

/* draft-ietf-tls-mlkem 4.2 and 4.3: the key, the ciphertext and the secret as they are. */
static void pure_is_mlkem(void **state)
{
    uint8_t source[96], ek[HF_MLKEM1024_EK], dk[HF_MLKEM1024_DK], ct[HF_MLKEM1024_CT],
        secret[HF_MLKEM_SECRET];
    script s = { .source = { source, sizeof source } };
    hf_random random = random_of(&s);
    exchange x;

    (void)state;
    for (size_t i = 0; i < sizeof source; i++)
        source[i] = (uint8_t)(i ^ 0xa5);
    run(&x, PURE, &random);
    hf_mlkem_keygen(&hf_mlkem_1024, source, ek, dk);
    assert_int_equal(x.client_share.len, sizeof ek);
    assert_memory_equal(x.client, ek, sizeof ek);
    assert_int_equal(hf_mlkem_encaps(&hf_mlkem_1024, ek, source + 64, ct, secret), HF_OK);
    assert_int_equal(x.server_share.len, sizeof ct);
    assert_memory_equal(x.server, ct, sizeof ct);
    assert_memory_equal(x.ours, secret, sizeof secret);
}

/* 0, n, n + 1 and 2^256 - 1 are drawn anew; 1 and n - 1 are taken. */
static void scalars_out_of_range(void **state)
{
    static const char n_high[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325";
    bytes source = hex("0000000000000000000000000000000000000000000000000000000000000000"
                       "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    uint8_t share[HF_KEY_SHARE_MAX];
    const char *const last[] = { "51", "52", "50", "51" };
    script s;
    hf_kex kex;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        bytes high = hex(n_high), low = hex(last[i]);

        memcpy(source.data + source.len, high.data, high.len);
        source.data[source.len + high.len] = low.data[0];
        source.len += 32;
    }
    s = (script){ .source = span(&source) };
    hf_random random = random_of(&s);
    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_secp256r1, &random, share), HF_OK);
    assert_int_equal(s.draws, 5); /* n - 1, which is 04 || Gx || p - Gy */
    assert_hex(share, "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                      "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a");

    bytes one = hex("0000000000000000000000000000000000000000000000000000000000000001");
    s = (script){ .source = span(&one) };
    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_secp256r1, &random, share), HF_OK);
    assert_hex(share, "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
}

static bool draw_ones(void *user, uint8_t *out, size_t len)
{
    (void)user;
    memset(out, 0xff, len);
    return true;
}

/* A generator that never gives a scalar does not hang us. */
static void stuck_generator(void **state)
{
    hf_random random = { draw_ones, NULL };
    uint8_t share[HF_KEY_SHARE_MAX];
    hf_kex kex;

    (void)state;
    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_secp256r1, &random, share), HF_E_RANDOM);
    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_secp384r1, &random, share), HF_E_RANDOM);
    assert_int_equal(hf_kex_generate(&kex, HF_GROUP_secp521r1, &random, share), HF_E_RANDOM);
}

/* Bytes that a client draws for a group, and a server. */
static size_t client_draws(uint16_t group)
{
    return group == HYBRID ? 96 : group == PURE ? 64 : hf_group_of(group)->secret;
}

static size_t server_draws(uint16_t group)
{
    return group == HYBRID ? 64 : group == PURE ? 32 : hf_group_of(group)->secret;
}

/* Each draw fails in turn; nothing of the private key stays. */
static void failing_generator(void **state)
{
    static const uint8_t zero[HF_KEX_PRIVATE_MAX];
    uint8_t source[160] = { 1 }, reply[HF_KEY_SHARE_MAX], secret[HF_SHARED_SECRET_MAX];
    exchange x;

    (void)state;
    memset(source, 0x11, sizeof source);
    for (size_t i = 0; i < COUNT(groups); i++) {
        run(&x, groups[i], NULL);
        for (size_t len = 0; len < client_draws(groups[i]); len += 16) {
            script s = { .source = { source, len } };
            hf_random random = random_of(&s);

            assert_int_equal(hf_kex_generate(&x.kex, groups[i], &random, reply), HF_E_RANDOM);
            assert_memory_equal(x.kex.private_key, zero, sizeof zero);
        }
        for (size_t len = 0; len < server_draws(groups[i]); len += 16) {
            script s = { .source = { source, len } };
            hf_random random = random_of(&s);

            assert_int_equal(hf_kex_encapsulate(groups[i], &random, x.client_share, reply, secret),
                             HF_E_RANDOM);
        }
    }
}

static void libcrypto_draws(void **state)
{
    static const uint8_t zero[64];
    static uint8_t out[70000];
    script nothing = { 0 };
    hf_random random = random_of(&nothing), none = { NULL, NULL };

    (void)state;
    assert_int_equal(hf_random_bytes(NULL, out, sizeof out), HF_OK);
    for (size_t i = 0; i + 64 <= sizeof out; i += 64)
        assert_memory_not_equal(out + i, zero, 64);
    assert_int_equal(hf_random_bytes(&none, out, 1), HF_OK);
    assert_int_equal(hf_random_bytes(&none, out, 0), HF_OK);
    assert_int_equal(hf_random_bytes(&random, out, 1), HF_E_RANDOM);
}

/* ---- bad shares ---- */

/* In a block of exactly their length. */
static void every_wrong_length(void **state)
{
    exchange x;

    (void)state;
    for (size_t i = 0; i < COUNT(groups); i++) {
        run(&x, groups[i], NULL);
        for (size_t len = 0; len <= HF_KEY_SHARE_MAX + 1; len += len < 150 || len > 1080 ? 1 : 50) {
            uint8_t *share = calloc(1, len + 1);

            assert_non_null(share);
            memcpy(share, x.client, len < HF_KEY_SHARE_MAX ? len : HF_KEY_SHARE_MAX);
            if (len != x.client_share.len)
                assert_int_equal(answer(groups[i], hf_span_of(share, len)), HF_E_KEY_SHARE_INVALID);
            if (len != x.server_share.len)
                assert_int_equal(finish(&x.kex, hf_span_of(share, len)), HF_E_KEY_SHARE_INVALID);
            free(share);
        }
    }
}

static void refused_point(const exchange *x, uint16_t group, const uint8_t *share)
{
    assert_int_equal(answer(group, hf_span_of(share, x->client_share.len)), HF_E_KEY_SHARE_INVALID);
    assert_int_equal(finish(&x->kex, hf_span_of(share, x->client_share.len)),
                     HF_E_KEY_SHARE_INVALID);
}

/* Every other first byte: infinity, compressed, hybrid (whose y would even be right). */
static void wrong_form(void **state)
{
    uint8_t share[133];
    exchange x;

    (void)state;
    for (uint16_t g = HF_GROUP_secp256r1; g <= HF_GROUP_secp521r1; g++) {
        run(&x, g, NULL);
        memcpy(share, x.server, x.server_share.len);
        for (int form = 0; form < 256; form++) {
            share[0] = (uint8_t)form;
            if (form != 4)
                refused_point(&x, g, share);
        }
    }
}

/* Each byte of a good point changed: off the curve. */
static void off_curve(void **state)
{
    uint8_t share[133];
    exchange x;

    (void)state;
    for (uint16_t g = HF_GROUP_secp256r1; g <= HF_GROUP_secp521r1; g++) {
        run(&x, g, NULL);
        memcpy(share, x.server, x.server_share.len);
        for (size_t i = 1; i < x.server_share.len; i++) {
            share[i] ^= 0x40;
            refused_point(&x, g, share);
            share[i] ^= 0x40;
        }
        memset(share + 1, 0, x.server_share.len - 1);
        refused_point(&x, g, share);
        memset(share + 1, 0xff, x.server_share.len - 1);
        refused_point(&x, g, share);
    }
}

/* x = 5 is on P-256 (y^2 = x^3 - 3x + b has a root); x = p + 5 names the same point and is not
   canonical. */
static void coordinate_not_below_p(void **state)
{
    bytes good = hex("04"
                     "0000000000000000000000000000000000000000000000000000000000000005"
                     "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
    bytes bad = hex("04"
                    "ffffffff00000001000000000000000000000001000000000000000000000004"
                    "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");

    (void)state;
    assert_int_equal(answer(HF_GROUP_secp256r1, span(&good)), HF_OK);
    assert_int_equal(answer(HF_GROUP_secp256r1, span(&bad)), HF_E_KEY_SHARE_INVALID);
}

/* The points of small order (RFC 7748 6.1), also with the bit that is masked and not reduced. */
static const char *const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
};

static void small_order_x25519(void **state)
{
    exchange x, h;

    (void)state;
    run(&x, HF_GROUP_x25519, NULL);
    run(&h, HYBRID, NULL);
    for (size_t i = 0; i < COUNT(small_order); i++) {
        bytes point = hex(small_order[i]);

        assert_int_equal(answer(HF_GROUP_x25519, span(&point)), HF_E_KEY_SHARE_ZERO);
        assert_int_equal(finish(&x.kex, span(&point)), HF_E_KEY_SHARE_ZERO);
        memcpy(h.client + HF_MLKEM768_EK, point.data, 32);
        memcpy(h.server + HF_MLKEM768_CT, point.data, 32);
        assert_int_equal(answer(HYBRID, h.client_share), HF_E_KEY_SHARE_ZERO);
        assert_int_equal(finish(&h.kex, h.server_share), HF_E_KEY_SHARE_ZERO);
    }
}

/* RFC 7748 section 5: the highest bit of a value is not part of it. */
static void high_bit_is_masked(void **state)
{
    uint8_t secret[HF_SHARED_SECRET_MAX];
    exchange x;

    (void)state;
    run(&x, HF_GROUP_x25519, NULL);
    x.server[31] ^= 0x80;
    assert_int_equal(hf_kex_decapsulate(&x.kex, x.server_share, secret), HF_OK);
    assert_memory_equal(secret, x.ours, 32);
}

static void check_modulus(uint16_t group, size_t coefficients)
{
    exchange x;

    run(&x, group, NULL);
    for (size_t i = 0; i < coefficients; i++) {
        uint8_t *at = x.client + i / 2 * 3, kept[3];

        memcpy(kept, at, 3);
        if (i % 2 == 0) {
            at[0] = 3329 & 0xff;
            at[1] = (uint8_t)((at[1] & 0xf0) | 3329 >> 8);
        } else {
            at[1] = (uint8_t)((at[1] & 0x0f) | (3329 & 15) << 4);
            at[2] = 3329 >> 4;
        }
        assert_int_equal(answer(group, x.client_share), HF_E_KEY_SHARE_INVALID);
        at[i % 2] = (uint8_t)(at[i % 2] - (i % 2 ? 16 : 1)); /* 3328 is fine */
        assert_int_equal(answer(group, x.client_share), HF_OK);
        memcpy(at, kept, 3);
    }
}

/* FIPS 203 7.2: each of the coefficients in turn is q. */
static void modulus_at_each_place(void **state)
{
    (void)state;
    check_modulus(HYBRID, 768);
    check_modulus(PURE, 1024);
}

/* A changed ciphertext is no error: the two ends just disagree (implicit rejection). */
static void changed_ciphertext(void **state)
{
    uint8_t secret[HF_SHARED_SECRET_MAX];
    exchange x;

    (void)state;
    run(&x, HYBRID, NULL);
    for (size_t i = 0; i < HF_MLKEM768_CT; i += 101) {
        x.server[i] ^= 1;
        assert_int_equal(hf_kex_decapsulate(&x.kex, x.server_share, secret), HF_OK);
        assert_memory_not_equal(secret, x.ours, 32);
        assert_memory_equal(secret + 32, x.ours + 32, 32);
        x.server[i] ^= 1;
    }
    run(&x, PURE, NULL);
    for (size_t i = 0; i < HF_MLKEM1024_CT; i += 101) {
        x.server[i] ^= 1;
        assert_int_equal(hf_kex_decapsulate(&x.kex, x.server_share, secret), HF_OK);
        assert_memory_not_equal(secret, x.ours, 32);
        x.server[i] ^= 1;
    }
}

static void source_is_named(void **state)
{
    (void)state;
    printf("ML-KEM by %s\n", hf_mlkem_source());
    assert_true(strcmp(hf_mlkem_source(), "libcrypto") == 0 ||
                strcmp(hf_mlkem_source(), "handfast") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_agree),
        cmocka_unit_test(wiped),
        cmocka_unit_test(unknown_group),
        cmocka_unit_test(known_x25519),
        cmocka_unit_test(known_nist),
        cmocka_unit_test(draws_are_as_documented),
        cmocka_unit_test(hybrid_is_both),
        cmocka_unit_test(pure_is_mlkem),
        cmocka_unit_test(scalars_out_of_range),
        cmocka_unit_test(stuck_generator),
        cmocka_unit_test(failing_generator),
        cmocka_unit_test(libcrypto_draws),
        cmocka_unit_test(every_wrong_length),
        cmocka_unit_test(wrong_form),
        cmocka_unit_test(off_curve),
        cmocka_unit_test(coordinate_not_below_p),
        cmocka_unit_test(small_order_x25519),
        cmocka_unit_test(high_bit_is_masked),
        cmocka_unit_test(modulus_at_each_place),
        cmocka_unit_test(changed_ciphertext),
        cmocka_unit_test(source_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
