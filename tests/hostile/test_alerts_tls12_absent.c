/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Rows of alerts.tsv about what TLS 1.2 has and we do not: it is never offered, and cannot be negotiated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts_words.h"
#include "support/hostile_hello.h"

enum { SESSION_ID_AT = 34 };
static const hf_msg SH = HF_MSG_ServerHello;

/* ---- CBC (RFC 5246 6.2.3.2, RFC 8422 6): without it there is no padding to be wrong ---- */

static const uint16_t cbc[] = { 0x000a, 0x002f, 0x0035, 0x003c, 0x003d, 0x0067, 0xc009,
                                0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028 };
enum { N_CBC = sizeof cbc / sizeof *cbc };

/* The client has not offered that suite, nor any other of them. */
static void choose_cbc(hostile_bytes *b, int v)
{
    size_t at = SESSION_ID_AT + 1 + b->data[SESSION_ID_AT];

    b->data[at] = (uint8_t)(cbc[v] >> 8);
    b->data[at + 1] = (uint8_t)cbc[v];
}

static void offer_cbc(hostile_bytes *b, int v)
{
    hostile_bytes suites = { 0 };

    (void)v;
    hb_add_uint(&suites, 2 * (N_CBC + 1), 2);
    for (int i = 0; i < N_CBC; i++)
        hb_add_uint(&suites, cbc[i], 2);
    hb_add_uint(&suites, 0x00ff, 2);
    hostile_hello_set_suites(b, hb_span(&suites));
    hb_free(&suites);
}

/* Nor does any policy know one. */
static void in_no_policy(hostile *h, int v)
{
    const hf_policy *policy;

    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++)
        for (size_t j = 0; j < HF_POLICY_LIST && policy->suites[j]; j++)
            assert_int_not_equal(policy->suites[j], cbc[v]);
    assert_null(hf_suite_of(cbc[v]));
    hostile_rest(h);
}

/* ---- max_fragment_length (RFC 6066 4): only record_size_limit is offered ---- */

static void both_limits(hostile_bytes *b, int v)
{
    const uint8_t length = (uint8_t)(v + 1);

    hb_extension_put(b, SH, MAX_FRAGMENT, hf_span_of(&length, 1));
    hb_extension_put(b, SH, RECORD_SIZE, S("\x40\0"));
}

/* ---- the rows ---- */

static const hostile_case cases[] = {
    EDIT_WITH("rec-cbc-padding-or-mac-12", AT_CLIENT, N_CBC, HF_MSG_ServerHello, 0, choose_cbc,
              .alert = HF_ALERT_illegal_parameter),
    EDIT_WITH("rec-cbc-padding-or-mac-12", AT_SERVER, 1, HF_MSG_ClientHello, 0, offer_cbc,
              .alert = HF_ALERT_handshake_failure, .policy = true),
    WITH("rec-cbc-padding-or-mac-12", AT_BOTH, N_CBC, in_no_policy, .lawful = true),
    EDIT_WITH("sh-max-fragment-and-size-limit", AT_CLIENT, 4, HF_MSG_ServerHello, 0, both_limits,
              .alert = HF_ALERT_unsupported_extension, .code = HF_E_UNSOLICITED_EXTENSION),
};

int main(void)
{
    static const hostile_rows rows = { HF_TLS12, cases, sizeof cases / sizeof *cases };

    return hostile_rows_main("alerts_tls12_absent", &rows, 90);
}
