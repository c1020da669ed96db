/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Protected records under known keys of either version. A record sealed from the input opens as what
 * went in; changed in any byte of header or body, cut, lengthened, or read under another sequence
 * number, it never opens and uses up no sequence number. Headers are judged as RFC 9846 5.1 and 5.2
 * and RFC 5246 6.2.3 say.
 */
#include "fuzz/fuzz.h"
#include "record/record.h"

enum { CONTENT_MAX = 2048, PADDING_MAX = 256, EDITS_MAX = 8, LONGER_MAX = 32 };

typedef struct sealed {
    hf_traffic keys; /* as they were before it was sealed */
    uint8_t bytes[HF_RECORD_OVERHEAD + CONTENT_MAX + PADDING_MAX + LONGER_MAX];
    size_t len;
    uint8_t type;
    hf_span content;
} sealed;

static hf_aead *aead(void)
{
    static hf_aead *one;

    if (!one)
        one = hf_aead_new();
    CHECK(one);
    return one;
}

/* ---- headers ---- */

static size_t length_max(uint8_t type, uint16_t keys_version)
{
    if (keys_version == 0x0303)
        return 16384 + 2048;
    return keys_version == 0x0304 && type == 23 ? 16384 + 256 : 16384;
}

static void check_header(const uint8_t *bytes, uint16_t keys_version)
{
    size_t len = (size_t)(bytes[3] << 8 | bytes[4]), max = length_max(bytes[0], keys_version);
    bool good = bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3 && len <= max;
    hf_record_header h;

    CHECK((hf_record_header_read(&h, bytes, keys_version) == HF_OK) == good);
    CHECK(h.type == bytes[0] && h.length == len && h.version == (bytes[1] << 8 | bytes[2]));
}

/* ---- records ---- */

static void make_keys(hf_traffic *keys, uint8_t how)
{
    static const uint8_t secret[HF_HASH_MAX] = "known to the fuzz target alone";
    static const uint16_t suites12[] = { HF_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                         HF_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                                         HF_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                         HF_TLS_PSK_WITH_AES_128_CCM,
                                         HF_TLS_PSK_WITH_AES_128_CCM_8,
                                         HF_TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 };
    static const hf_secrets secrets12 = { .master_secret = "as well" };
    hf_role writer = how / 24 % 2 ? HF_SERVER : HF_CLIENT;
    const hf_suite *suite12 = hf_suite_of(suites12[how % 3 + how / 48 % 2 * 3]);

    if (how / 12 % 2)
        CHECK(hf_traffic_keys12(keys, suite12, &secrets12, writer) == HF_OK);
    else
        CHECK(hf_traffic_keys(keys, hf_suite_row(how % 3), secret) == HF_OK);
}

/* What a record has beside its content and padding. */
static size_t overhead(const hf_traffic *keys)
{
    if (keys->version == HF_TLS13)
        return 5 + 1 + 16;
    switch (keys->key.id) {
    case HF_CHACHA20_POLY1305: return 5 + 16;
    case HF_AES_128_CCM_8: return 5 + 8 + 8;
    default: return 5 + 8 + 16;
    }
}

static void seal(input *in, sealed *s)
{
    uint8_t how = input_u8(in);
    size_t padding = input_u8(in), cut;

    s->type = (uint8_t)(20 + how / 3 % 4);
    make_keys(&s->keys, how);
    padding = s->keys.version == HF_TLS13 ? padding : 0;
    s->keys.sequence = input_u16(in);
    s->content = input_take(in, input_u16(in) % CONTENT_MAX);
    cut = s->content.len / 2;
    const hf_span parts[2] = { { s->content.data, cut },
                               { s->content.data + cut, s->content.len - cut } };
    hf_traffic keys = s->keys;
    CHECK(hf_record_seal(aead(), &keys, s->type, parts, 2, padding, s->bytes, &s->len) == HF_OK);
    CHECK(keys.sequence == s->keys.sequence + 1u);
    CHECK(s->len == s->content.len + padding + overhead(&s->keys));
}

static hf_error open_copy(const sealed *s, hf_span bytes, uint64_t sequence, size_t limit,
                          bool *as_sealed)
{
    uint8_t *copy = tight_copy(bytes), type = 0;
    hf_span content = { NULL, 0 };
    hf_traffic keys = s->keys;

    keys.sequence = sequence;
    hf_error e = hf_record_open(aead(), &keys, copy, bytes.len, limit, &type, &content);
    CHECK(keys.sequence == sequence + (e == HF_OK || e == HF_E_RECORD_OVERFLOW));
    *as_sealed = e == HF_OK && type == s->type && hf_span_equal(content, s->content);
    CHECK(e != HF_OK || (content.data >= copy && content.data + content.len <= copy + bytes.len));
    free(copy);
    return e;
}

/* Changes, shortens or lengthens the record; true if it is another one then. */
static bool change(input *in, uint8_t *bytes, size_t *len)
{
    uint8_t before[sizeof((sealed *)NULL)->bytes];
    size_t n = input_u8(in) % EDITS_MAX, was = *len;

    memcpy(before, bytes, was);
    for (size_t i = 0; i < n; i++) {
        size_t at = input_u16(in) % *len;
        bytes[at] ^= input_u8(in);
    }
    uint8_t size = input_u8(in);
    if (size & 0x80)
        *len -= (size & 0x7f) % *len;
    else
        *len += size % LONGER_MAX;
    return *len != was || memcmp(bytes, before, was) != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    sealed s = { .len = 0 };
    bool same = false;

    seal(&in, &s);
    check_header(s.bytes, s.keys.version);
    hf_span whole = hf_span_of(s.bytes, s.len);
    size_t inner = s.len - overhead(&s.keys) + (s.keys.version == HF_TLS13);
    CHECK(open_copy(&s, whole, s.keys.sequence, inner, &same) == HF_OK && same);
    if (inner > 0)
        CHECK(open_copy(&s, whole, s.keys.sequence, inner - 1, &same) == HF_E_RECORD_OVERFLOW);
    CHECK(open_copy(&s, whole, s.keys.sequence + 1u, HF_PLAINTEXT_MAX + 1, &same) ==
          HF_E_RECORD_MAC);
    bool changed = change(&in, s.bytes, &s.len);
    if (s.len >= HF_RECORD_HEADER) {
        check_header(s.bytes, HF_TLS13);
        check_header(s.bytes, HF_TLS12);
        check_header(s.bytes, 0);
    }
    hf_error e =
        open_copy(&s, hf_span_of(s.bytes, s.len), s.keys.sequence, HF_PLAINTEXT_MAX + 1, &same);
    CHECK(changed ? e == HF_E_RECORD_MAC || e == HF_E_RECORD_TOO_SHORT : same);
    return 0;
}
