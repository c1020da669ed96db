/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Rows of alerts.tsv about what TLS 1.3 has and we do not: it is never offered, and cannot be negotiated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_hello.h"

enum { FFDHE2048 = 0x0100, P256_MLKEM = 0x11eb, X25519 = 0x1d, Y_LEN = 256, HYBRID_LEN = 1249 };
static const hf_msg CH = HF_MSG_ClientHello, EE = HF_MSG_EncryptedExtensions;

/* ---- groups that are not enabled: their shares are not looked at (RFC 9846 4.3.8) ---- */

/* Its front: the list's length, the group, the key. */
static void add_share(hostile_bytes *list, size_t group, const uint8_t *key, size_t len)
{
    hb_add_uint(list, group, 2);
    hb_add_uint(list, len, 2);
    hb_add(list, hf_span_of(key, len));
}

/* As an extension whose content is one vector: with more at its front, or with nothing else. */
static void put_in_front(hostile_bytes *b, int type, const hostile_bytes *more, bool alone)
{
    hostile_bytes body = { 0 };
    size_t at = 0, len = 0;

    assert_true(hb_extension(b, CH, (uint16_t)type, &at, &len));
    hb_add_uint(&body, more->len + (alone ? 0 : len - 2), 2);
    hb_add(&body, hb_span(more));
    if (!alone)
        hb_add(&body, hf_span_of(b->data + at + 2, len - 2));
    hb_extension_put(b, CH, (uint16_t)type, hb_span(&body));
    hb_free(&body);
}

static void offer(hostile_bytes *b, size_t group, const uint8_t *key, size_t len, bool alone)
{
    hostile_bytes groups = { 0 }, shares = { 0 };

    hb_add_uint(&groups, group, 2);
    add_share(&shares, group, key, len);
    put_in_front(b, GROUPS, &groups, alone);
    put_in_front(b, KEY_SHARE, &shares, alone);
    hb_free(&groups);
    hb_free(&shares);
}

/* Y is 0, 1, all ones (above p), shorter than p, longer. */
static void offer_ffdhe(hostile_bytes *b, int v, bool alone)
{
    uint8_t y[Y_LEN + 1];

    memset(y, v == 2 ? 0xff : 0, sizeof y);
    y[Y_LEN - 1] = v == 1 ? 1 : y[Y_LEN - 1];
    offer(b, FFDHE2048, y, v == 3 ? Y_LEN - 1 : v == 4 ? Y_LEN + 1 : Y_LEN, alone);
}

/* No point; a compressed one; one that is not on the curve; too short; too long. */
static void offer_p256_mlkem(hostile_bytes *b, int v, bool alone)
{
    static const uint8_t forms[] = { 0, 2, 4, 4, 4 };
    uint8_t share[HYBRID_LEN + 1] = { 0 };

    share[0] = forms[v];
    share[1] = 1;
    offer(b, P256_MLKEM, share,
          v == 3   ? HYBRID_LEN - 1
          : v == 4 ? HYBRID_LEN + 1
                   : HYBRID_LEN,
          alone);
}

static void only_ffdhe(hostile_bytes *b, int v)
{
    offer_ffdhe(b, v, true);
}

static void only_p256_mlkem(hostile_bytes *b, int v)
{
    offer_p256_mlkem(b, v, true);
}

static void ffdhe_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        offer_ffdhe(b, hostile_variant(), false);
}

static void p256_mlkem_first(hostile *h, hf_msg msg, hostile_bytes *b)
{
    (void)h;
    if (msg == CH)
        offer_p256_mlkem(b, hostile_variant(), false);
}

static void check_x25519(hostile *h, int v)
{
    (void)v;
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->group, X25519);
}

/* ---- max_fragment_length (RFC 6066 4): only record_size_limit is offered ---- */

static void both_limits(hostile_bytes *b, int v)
{
    const uint8_t length = (uint8_t)(v + 1);

    hb_extension_put(b, EE, MAX_FRAGMENT, hf_span_of(&length, 1));
    hb_extension_put(b, EE, RECORD_SIZE, S("\x40\1"));
}

/* ---- post_handshake_auth: our client does not offer it, so that the first request is one too many ---- */

static void request(hostile *h, int v)
{
    const hf_span requests[] = { S("\7context\0\10\0\15\0\4\0\2\4\3"),
                                 S("\0\0\10\0\15\0\4\0\2\4\3") };

    hostile_connected(h);
    hostile_send(h, HF_MSG_CertificateRequest, requests[v]);
    hostile_send(h, HF_MSG_CertificateRequest, requests[v]);
}

/* ---- the rows ---- */

#define ALONE(row, function)                                                                       \
    EDIT_WITH(row, AT_SERVER, 5, HF_MSG_ClientHello, 0, function,                                  \
              .alert = HF_ALERT_handshake_failure, .policy = true)
#define FIRST(row, function)                                                                       \
    REWRITE(row, AT_SERVER, 5, function, .lawful = true, .check = check_x25519)

static const hostile_case cases[] = {
    ALONE("ch-key-share-ffdhe-range", only_ffdhe),
    FIRST("ch-key-share-ffdhe-range", ffdhe_first),
    ALONE("ch-mlkem-p256-share", only_p256_mlkem),
    FIRST("ch-mlkem-p256-share", p256_mlkem_first),
    EDIT_WITH("sh-max-fragment-and-size-limit", AT_CLIENT, 4, HF_MSG_EncryptedExtensions, 0,
              both_limits, .alert = HF_ALERT_unsupported_extension,
              .code = HF_E_UNSOLICITED_EXTENSION),
    WITH("pha-context-reused", AT_CLIENT, 2, request, .alert = HF_ALERT_unexpected_message),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS13, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls13_absent", &rows, 50);
}
