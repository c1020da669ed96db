/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Stapling with peers that do it badly, or not as we do (RFC 6066 8, RFC 9846 4.5.1.1). */
#include "support/hostile.h"
#include "support/staple_scene.h"

enum { STATUS_REQUEST = 5 };

/* ---- bad peers, and odd ones ---- */

static void no_request(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ClientHello)
        hb_extension_remove(body, msg, STATUS_REQUEST);
}

/* RFC 6066 8: another type of status than ocsp. */
static void other_request(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ClientHello)
        hb_extension_put(body, msg, STATUS_REQUEST, hf_span_of("\2\0\0\0\0", 5));
}

static void test_not_asked(void **state)
{
    static hostile_rewrite *const rewrites[] = { no_request, other_request };
    hostile h;

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < 2; i++) {
            scene s = { .version = versions[v], .staple = says(HF_STATUS_GOOD) };
            hostile_start_with(&h, HF_SERVER, options_of(&s), rewrites[i]);
            hostile_rest(&h);
            hostile_connected(&h);
            assert_false(client_info(&h.p)->stapled);
            hostile_free(&h);
        }
}

static void promise(hostile *h, hf_msg msg, hostile_bytes *body)
{
    (void)h;
    if (msg == HF_MSG_ServerHello)
        hb_extension_put(body, msg, STATUS_REQUEST, hf_span_of(NULL, 0));
}

static void run_promised(scene s, hf_error expected)
{
    hostile h;

    hostile_start_with(&h, HF_CLIENT, options_of(&s), promise);
    hostile_rest(&h);
    const hf_failure *f = hf_conn_failure(hostile_conn(&h));
    assert_string_equal(hf_error_row_of(f ? f->code : HF_OK)->name,
                        hf_error_row_of(expected)->name);
    if (!f)
        hostile_connected(&h);
    hostile_free(&h);
}

/* RFC 6066 8: a server that promised may still send none; the chain is verified all the same. */
static void test_promised_and_not_sent(void **state)
{
    const test_pki *before = pki;

    (void)state;
    for (int rsa = 0; rsa < 2; rsa++) {
        scene s = { .version = HF_TLS12, .policy = rsa ? "classroom" : NULL };
        pki = rsa ? shared_pki(HF_KEY_RSA) : before;
        run_promised(s, HF_OK);
        s.wish = HF_REVOCATION_HARD;
        run_promised(s, HF_E_CERT_STATUS_UNKNOWN);
        s.wish = HF_REVOCATION_SOFT;
        s.options.verify_name = "other.test";
        run_promised(s, HF_E_CERT_NAME);
    }
    pki = before;
    run_promised((scene){ .version = HF_TLS12, .leaf = &must_staple }, HF_E_CERT_STAPLE_MISSING);
}

static void test_sent_twice(void **state)
{
    scene s = { .version = HF_TLS12, .staple = says(HF_STATUS_GOOD) };
    hostile h;

    (void)state;
    hostile_start(&h, HF_CLIENT, options_of(&s));
    hostile_until(&h, HF_MSG_CertificateStatus, 0);
    hostile_bytes body = { 0 };
    hb_set(&body, hostile_due_body(&h));
    hostile_next(&h);
    hostile_send(&h, HF_MSG_CertificateStatus, hb_span(&body));
    assert_int_equal(hf_conn_failure(hostile_conn(&h))->code, HF_E_UNEXPECTED_MESSAGE);
    hb_free(&body);
    hostile_free(&h);
}

/* The staple's last bit, which is its signature's. */
static void damage(hostile *h, hf_msg msg, hostile_bytes *body)
{
    const scene *s = h->user;
    size_t at = 0, len = 0;

    if (msg == HF_MSG_CertificateStatus)
        body->data[body->len - 1] ^= 1;
    else if (msg == HF_MSG_Certificate && s->version == HF_TLS13 &&
             hb_extension(body, msg, STATUS_REQUEST, &at, &len))
        body->data[at + len - 1] ^= 1;
}

/* What is of no use counts as if it were not there, and is told. */
static void test_damaged(void **state)
{
    hostile h;

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int hard = 0; hard < 2; hard++) {
            scene s = { .version = versions[v],
                        .staple = says(HF_STATUS_GOOD),
                        .wish = hard ? HF_REVOCATION_HARD : HF_REVOCATION_SOFT };
            hostile_start_with(&h, HF_CLIENT, options_of(&s), damage);
            hostile_rest(&h);
            const hf_conn_info *info = client_info(&h.p);
            assert_true(info->stapled);
            assert_int_equal(info->staple, HF_KNOWN_NOTHING);
            if (hard)
                assert_int_equal(hf_conn_failure(hostile_conn(&h))->code, HF_E_CERT_STATUS_UNKNOWN);
            else
                assert_true(info->peer_verified && info->revocation_detail[0]);
            hostile_free(&h);
        }
}

/* RFC 9846 4.5.1.1: a staple of the last entry is no staple of the leaf. Its block was empty: the body's last two bytes. */
static void staple_the_issuer(hostile *h, hf_msg msg, hostile_bytes *body)
{
    hf_span staple = says(HF_STATUS_GOOD);
    hostile_bytes block = { 0 }, list = { 0 };

    (void)h;
    if (msg != HF_MSG_Certificate)
        return;
    hb_add_uint(&block, staple.len + 8, 2);
    hb_add_uint(&block, STATUS_REQUEST, 2);
    hb_add_uint(&block, staple.len + 4, 2);
    hb_add_uint(&block, 1, 1);
    hb_add_uint(&block, staple.len, 3);
    hb_add(&block, staple);
    hb_replace(body, body->len - 2, 2, hb_span(&block));
    hb_add_uint(&list, body->len - 4, 3);
    hb_replace(body, 1, 3, hb_span(&list));
    hb_free(&list);
    hb_free(&block);
}

static void test_staple_of_another_entry(void **state)
{
    scene s = { .version = HF_TLS13, .wish = HF_REVOCATION_HARD };
    hostile h;

    (void)state;
    hostile_start_with(&h, HF_CLIENT, options_of(&s), staple_the_issuer);
    hostile_rest(&h);
    assert_false(client_info(&h.p)->stapled);
    assert_int_equal(hf_conn_failure(hostile_conn(&h))->code, HF_E_CERT_STATUS_UNKNOWN);
    hostile_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_asked),
        cmocka_unit_test(test_promised_and_not_sent),
        cmocka_unit_test(test_sent_twice),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_staple_of_another_entry),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
