/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where a refusal says that the fault is: the field's whole path, its byte in the message, what was expected and what came. Each
 * edit notes itself where the fault stands that it makes. A reader, a check and a job name a field alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_psk.h"
#include "support/hostile_rows.h"

#define COUNT(array)   (sizeof(array) / sizeof *(array))
#define S(literal)     hf_span_of(literal, sizeof literal - 1)
#define SHARES         "ClientHello.extensions.key_share.client_shares"
#define PRE_SHARED_KEY "ClientHello.extensions.pre_shared_key"

static const hf_msg CH = HF_MSG_ClientHello, SH = HF_MSG_ServerHello,
                    EE = HF_MSG_EncryptedExtensions, CT = HF_MSG_Certificate,
                    CV = HF_MSG_CertificateVerify;

/* By their numbers in the registry of IANA. */
enum { SERVER_NAME = 0, GROUPS = 10, ALPN = 16, SCT = 18, PSK = 41, COOKIE = 44, KEY_SHARE = 51 };
enum { X25519 = 0x1d, P256 = 0x17, UNKNOWN = 0x1234, GREASE = 0xdada };

static size_t fault_at; /* in the body; an edit notes it */

/* Of the extension's content, `in` bytes further. */
static void fault_in(const hostile_bytes *b, hf_msg msg, uint16_t type, int in)
{
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, msg, type, &at, &len));
    fault_at = in < 0 ? at - (size_t)-in : at + (size_t)in;
}

static void put(hostile_bytes *b, hf_msg msg, uint16_t type, hf_span data, int in)
{
    hb_extension_put(b, msg, type, data);
    fault_in(b, msg, type, in);
}

/* ---- ClientHello ---- */

/* Entries of a list of shares, each of n zeroes. */
static void put_shares(hostile_bytes *b, const size_t (*entries)[2], size_t n, int in)
{
    static const uint8_t zeroes[128];
    hostile_bytes body = { 0 };
    size_t len = 0;

    for (size_t i = 0; i < n; i++)
        len += 4 + entries[i][1];
    hb_add_uint(&body, len, 2);
    for (size_t i = 0; i < n; i++) {
        hb_add_uint(&body, entries[i][0], 2);
        hb_add_uint(&body, entries[i][1], 2);
        hb_add(&body, hf_span_of(zeroes, entries[i][1]));
    }
    put(b, CH, KEY_SHARE, hb_span(&body), in);
    hb_free(&body);
}

static void share_twice(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { X25519, 32 }, { X25519, 32 } }, 2, 2 + 4 + 32);
}

static void share_not_listed(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { X25519, 32 }, { 0xfefe, 7 } }, 2, 2 + 4 + 32);
}

static void short_share(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { X25519, 31 }, { P256, 65 } }, 2, 2 + 4);
}

static void one_byte_share(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { X25519, 1 } }, 1, 2 + 4);
}

static void long_share_again(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { P256, 66 } }, 1, 2 + 4);
}

/* Its length is right: that it is no public value the job finds. */
static void zero_share(hostile_bytes *b)
{
    put_shares(b, (const size_t[][2]){ { X25519, 32 } }, 1, 2 + 4);
}

static void group_twice(hostile_bytes *b)
{
    put(b, CH, GROUPS, S("\0\6\0\x1d\0\x17\0\x1d"), 2 + 4);
}

static void odd_groups(hostile_bytes *b)
{
    put(b, CH, GROUPS, S("\0\3\0\x1d\0"), 0);
}

static void no_share(hostile_bytes *b)
{
    hb_extension_remove(b, CH, KEY_SHARE);
    fault_at = hb_extensions_at(b, CH) + 2;
}

static void some_cookie(hostile_bytes *b)
{
    put(b, CH, COOKIE, S("\0\1x"), 0);
}

static void new_extension(hostile_bytes *b)
{
    hb_extension_last(b, CH, UNKNOWN, S("x"));
    fault_in(b, CH, UNKNOWN, -4);
}

static void wrong_binder(hostile_bytes *b)
{
    fault_at = hostile_binder_at(b, 0) + 1;
    b->data[b->len - 1] ^= 1;
}

static void wrong_second_binder(hostile_bytes *b)
{
    fault_at = hostile_binder_at(b, 1) + 1;
}

static void foreign_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    if (msg == CH)
        hostile_foreign_first(h, b);
}

/* ---- the server's messages ---- */

static void answer_short(hostile_bytes *b)
{
    hostile_bytes share = { 0 };

    hb_add_uint(&share, X25519, 2);
    hb_add_uint(&share, 31, 2);
    hb_add(&share, hf_span_of(b->data, 31));
    put(b, SH, KEY_SHARE, hb_span(&share), 4);
    hb_free(&share);
}

static void answer_zero(hostile_bytes *b)
{
    static const uint8_t zero[4 + 32] = { 0, X25519, 0, 32 };

    put(b, SH, KEY_SHARE, hf_span_of(zero, sizeof zero), 4);
}

static void answer_of_other_group(hostile_bytes *b)
{
    put(b, SH, KEY_SHARE, S("\0\x18\0\1x"), 0);
}

static void identity_of_nobody(hostile_bytes *b)
{
    put(b, SH, PSK, S("\0\1"), 0);
}

/* Behind one that was asked for. */
static void answer_to_nothing(hostile_bytes *b, uint16_t type, hf_span data)
{
    hb_extension_remove(b, EE, SERVER_NAME);
    hb_extension_front(b, EE, SERVER_NAME, S(""));
    hb_extension_last(b, EE, type, data);
    fault_in(b, EE, type, -4);
}

static void unknown_answer(hostile_bytes *b)
{
    answer_to_nothing(b, UNKNOWN, S("x"));
}

static void grease_answer(hostile_bytes *b)
{
    answer_to_nothing(b, GREASE, S(""));
}

static void alpn_answer(hostile_bytes *b)
{
    answer_to_nothing(b, ALPN, S("\0\3\2h2"));
}

static void entry_answer(hostile_bytes *b)
{
    put(b, CT, SCT, S("\0\3\0\1x"), -4);
}

static void other_signature(hostile_bytes *b)
{
    fault_at = 2 + 2;
    b->data[b->len - 1] ^= 1;
}

/* ---- the table ---- */

typedef struct place {
    void (*edit)(hostile_bytes *body);
    const hf_msg *msg;
    unsigned nth;
    void (*options)(pair_options *o, int variant);
    hostile_rewrite *rewrite;
    hf_error code;
    const char *field, *expected, *offered;
} place;

static const place places[] = {
    { share_twice, &CH, 0, NULL, NULL, HF_E_KEY_SHARE_TWICE, SHARES ".group", "",
      "0x001d (x25519)" },
    { share_not_listed, &CH, 0, NULL, NULL, HF_E_KEY_SHARE_NOT_LISTED, SHARES ".group", "",
      "0xfefe" },
    { short_share, &CH, 0, NULL, NULL, HF_E_KEY_SHARE_INVALID, SHARES ".key_exchange",
      "x25519: 32 bytes", "31 bytes" },
    { one_byte_share, &CH, 0, NULL, NULL, HF_E_KEY_SHARE_INVALID, SHARES ".key_exchange",
      "x25519: 32 bytes", "1 byte" },
    { long_share_again, &CH, 1, hostile_retry, NULL, HF_E_KEY_SHARE_INVALID, SHARES ".key_exchange",
      "secp256r1: 65 bytes", "66 bytes" },
    { zero_share, &CH, 0, NULL, NULL, HF_E_KEY_SHARE_ZERO, SHARES ".key_exchange", "", "" },
    { group_twice, &CH, 0, NULL, NULL, HF_E_GROUP_LISTED_TWICE,
      "ClientHello.extensions.supported_groups.named_group_list", "", "0x001d (x25519)" },
    { odd_groups, &CH, 0, NULL, NULL, HF_E_ODD_LIST,
      "ClientHello.extensions.supported_groups.named_group_list", "", "" },
    { no_share, &CH, 0, NULL, NULL, HF_E_MISSING_EXTENSION, "ClientHello.extensions", "key_share",
      "" },
    { some_cookie, &CH, 0, NULL, NULL, HF_E_COOKIE_UNSOLICITED, "ClientHello.extensions.cookie", "",
      "" },
    { some_cookie, &CH, 1, hostile_retry_cookie, NULL, HF_E_COOKIE_WRONG,
      "ClientHello.extensions.cookie", "", "" },
    { new_extension, &CH, 1, hostile_retry, NULL, HF_E_RETRY_CHANGED,
      "ClientHello.extensions.extension_type", "the extensions of the first ClientHello", "" },
    { wrong_binder, &CH, 0, hostile_psk, NULL, HF_E_PSK_BINDER_WRONG,
      PRE_SHARED_KEY ".binders.PskBinderEntry", "", "" },
    { wrong_second_binder, &CH, 0, hostile_psk, foreign_first, HF_E_PSK_BINDER_WRONG,
      PRE_SHARED_KEY ".binders.PskBinderEntry", "", "" },
    { answer_short, &SH, 0, NULL, NULL, HF_E_KEY_SHARE_INVALID,
      "ServerHello.extensions.key_share.key_exchange", "x25519: 32 bytes", "31 bytes" },
    { answer_zero, &SH, 0, NULL, NULL, HF_E_KEY_SHARE_ZERO,
      "ServerHello.extensions.key_share.key_exchange", "", "" },
    { answer_of_other_group, &SH, 0, NULL, NULL, HF_E_GROUP_NOT_OFFERED,
      "ServerHello.extensions.key_share.group", "", "0x0018 (secp384r1)" },
    { identity_of_nobody, &SH, 0, hostile_psk, NULL, HF_E_PSK_INDEX,
      "ServerHello.extensions.pre_shared_key.selected_identity", "", "0x0001" },
    { unknown_answer, &EE, 0, NULL, NULL, HF_E_UNSOLICITED_EXTENSION,
      "EncryptedExtensions.extensions.extension_type", "", "0x1234" },
    { grease_answer, &EE, 0, NULL, NULL, HF_E_UNSOLICITED_EXTENSION,
      "EncryptedExtensions.extensions.extension_type", "", "GREASE" },
    { alpn_answer, &EE, 0, NULL, NULL, HF_E_UNSOLICITED_EXTENSION,
      "EncryptedExtensions.extensions.extension_type", "",
      "application_layer_protocol_negotiation" },
    { entry_answer, &CT, 0, NULL, NULL, HF_E_UNSOLICITED_EXTENSION,
      "Certificate.certificate_list.extensions.extension_type", "",
      "signed_certificate_timestamp" },
    { other_signature, &CV, 0, NULL, NULL, HF_E_SIGNATURE_WRONG, "CertificateVerify.signature", "",
      "" },
};

static void judge(const hf_failure *f, const place *p, size_t row)
{
    if (!f || f->code != p->code)
        fail_msg("row %zu: %s instead of %s", row, hf_error_row_of(f ? f->code : HF_OK)->name,
                 hf_error_row_of(p->code)->name);
    if (strcmp(f->field, p->field) != 0 || f->offset != (int64_t)(fault_at + HF_HANDSHAKE_HEADER))
        fail_msg("row %zu: %s, byte %d instead of %s, byte %zu", row, f->field, (int)f->offset,
                 p->field, fault_at + HF_HANDSHAKE_HEADER);
    if (strcmp(f->expected, p->expected) != 0 || strcmp(f->offered, p->offered) != 0)
        fail_msg("row %zu: \"%s\", \"%s\" instead of \"%s\", \"%s\"", row, f->expected, f->offered,
                 p->expected, p->offered);
    assert_string_equal(f->message, f->step);
    assert_memory_equal(f->field, f->message, strlen(f->message));
}

static void check_place(const place *p, size_t row)
{
    pair_options o = { .policy = { NULL } };
    hostile_bytes body = { 0 };
    hostile h;

    if (p->options)
        p->options(&o, 0);
    hostile_start_with(&h, *p->msg == CH ? HF_SERVER : HF_CLIENT, &o, p->rewrite);
    hostile_until(&h, *p->msg, p->nth);
    hb_set(&body, hostile_due_body(&h));
    p->edit(&body);
    hostile_instead(&h, hb_span(&body));
    hostile_pump(&h);
    judge(hostile_failure(&h), p, row);
    hb_free(&body);
    hostile_free(&h);
    for (int role = HF_CLIENT; role <= HF_SERVER; role++)
        hf_psks_free(o.psks[role]);
}

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(places); i++)
        check_place(&places[i], i);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_places) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
