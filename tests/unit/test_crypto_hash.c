/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Hashes as values, HMAC and HKDF. test_crypto_hash_evp.c runs the same tests on the EVP back end. */
#include "crypto/hash.h"
#include "crypto_support.h"

typedef struct hash_case {
    hf_hash_id id;
    const char *message, *digest;
} hash_case;

/* FIPS 180-4's examples. */
static const hash_case known[] = {
    { HF_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { HF_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { HF_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { HF_SHA384, "",
      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898"
      "b95b" },
    { HF_SHA384, "abc",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c8"
      "25a7" },
    { HF_SHA512, "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void known_hashes(void **state)
{
    uint8_t out[HF_HASH_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_int_equal(hf_hash_once(known[i].id, hf_span_str(known[i].message), out), HF_OK);
        assert_hex(out, known[i].digest);
        assert_int_equal(strlen(known[i].digest), 2 * hf_hash_len(known[i].id));
    }
    assert_int_equal(hf_hash_len(HF_NO_HASH), 0);
    assert_int_equal(hf_hash_once(HF_NO_HASH, hf_span_str("abc"), out), HF_E_INTERNAL);
}

/* Whatever the pieces, and whatever happens to a copy in the meantime. */
static void pieces_and_copies(void **state)
{
    uint8_t text[300], whole[HF_HASH_MAX], out[HF_HASH_MAX];
    hf_hash hash, copy;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    for (hf_hash_id id = HF_SHA256; id <= HF_SHA512; id++)
        for (size_t cut = 0; cut <= sizeof text; cut++) {
            assert_int_equal(hf_hash_once(id, hf_span_of(text, sizeof text), whole), HF_OK);
            assert_int_equal(hf_hash_init(&hash, id), HF_OK);
            hf_hash_update(&hash, hf_span_of(text, cut));
            assert_int_equal(hf_hash_copy(&copy, &hash), HF_OK);
            hf_hash_update(&hash, hf_span_str("something else"));
            hf_hash_update(&hash, hf_span_of(NULL, 0));
            hf_hash_wipe(&hash);
            hf_hash_update(&copy, hf_span_of(text + cut, sizeof text - cut));
            hf_hash_final(&copy, out);
            assert_memory_equal(out, whole, hf_hash_len(id));
        }
}

static void final_wipes(void **state)
{
    static const hf_hash nothing;
    uint8_t out[HF_HASH_MAX];
    hf_hash hash;

    (void)state;
    assert_int_equal(hf_hash_init(&hash, HF_SHA384), HF_OK);
    hf_hash_update(&hash, hf_span_str("secret"));
    hf_hash_final(&hash, out);
    assert_memory_equal(&hash, &nothing, sizeof hash);
    hf_hash_wipe(&hash); /* once more does no harm */
}

typedef struct hmac_case {
    const char *key, *data, *sha256, *sha384, *sha512;
} hmac_case;

/* RFC 4231 4.2, 4.3 and 4.7 (a key longer than a block). */
static const hmac_case hmacs[] = {
    { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa"
      "9cb6",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
      "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
    { "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab2"
      "1649",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
      "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b"
      "657920"
      "4669727374",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f4"
      "4952",
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
};

static void known_hmacs(void **state)
{
    uint8_t out[HF_HASH_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(hmacs); i++) {
        bytes key = hex(hmacs[i].key), data = hex(hmacs[i].data);

        assert_int_equal(hf_hmac(HF_SHA256, span(&key), span(&data), out), HF_OK);
        assert_hex(out, hmacs[i].sha256);
        assert_int_equal(hf_hmac(HF_SHA384, span(&key), span(&data), out), HF_OK);
        assert_hex(out, hmacs[i].sha384);
        assert_int_equal(hf_hmac(HF_SHA512, span(&key), span(&data), out), HF_OK);
        assert_hex(out, hmacs[i].sha512);
    }
    assert_int_equal(hf_hmac(HF_NO_HASH, hf_span_str("k"), hf_span_str("d"), out), HF_E_INTERNAL);
}

/* RFC 5869 A.1 and A.3 (no salt, no info). */
static void known_hkdf(void **state)
{
    bytes ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
          salt = hex("000102030405060708090a0b0c");
    bytes info = hex("f0f1f2f3f4f5f6f7f8f9");
    uint8_t prk[HF_HASH_MAX], okm[42];

    (void)state;
    assert_int_equal(hf_hkdf_extract(HF_SHA256, span(&salt), span(&ikm), prk), HF_OK);
    assert_hex(prk, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    assert_int_equal(hf_hkdf_expand(HF_SHA256, hf_span_of(prk, 32), span(&info), okm, sizeof okm),
                     HF_OK);
    assert_hex(
        okm,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

    assert_int_equal(hf_hkdf_extract(HF_SHA256, hf_span_of(NULL, 0), span(&ikm), prk), HF_OK);
    assert_hex(prk, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    assert_int_equal(
        hf_hkdf_expand(HF_SHA256, hf_span_of(prk, 32), hf_span_of(NULL, 0), okm, sizeof okm),
        HF_OK);
    assert_hex(
        okm,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

/* A longer output starts with the shorter one, up to 255 blocks and not further. */
static void hkdf_lengths(void **state)
{
    static uint8_t all[255 * 64], some[255 * 64 + 1];
    const hf_span prk = hf_span_str("a pseudorandom key of this length"),
                  info = hf_span_str("info");

    (void)state;
    for (hf_hash_id id = HF_SHA256; id <= HF_SHA512; id++) {
        size_t step = hf_hash_len(id), most = 255 * step;

        assert_int_equal(hf_hkdf_expand(id, prk, info, all, most), HF_OK);
        for (size_t len = 0; len < 4 * step; len++) {
            memset(some, 0xee, sizeof some);
            assert_int_equal(hf_hkdf_expand(id, prk, info, some, len), HF_OK);
            assert_memory_equal(some, all, len);
            assert_int_equal(some[len], 0xee);
        }
        assert_int_equal(hf_hkdf_expand(id, prk, info, some, most + 1), HF_E_LIMIT);
    }
    assert_int_equal(hf_hkdf_expand(HF_NO_HASH, prk, info, some, 0), HF_E_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes), cmocka_unit_test(pieces_and_copies),
        cmocka_unit_test(final_wipes),  cmocka_unit_test(known_hmacs),
        cmocka_unit_test(known_hkdf),   cmocka_unit_test(hkdf_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
