/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Two ends of TLS 1.2 with keys shared beforehand, ready to be changed by a test: who knows which key
 * under which name, whether the server has a certificate as well, and what went over the wire.
 */
#ifndef TESTS_FLOWS_PSK12_SCENE_H
#define TESTS_FLOWS_PSK12_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "support/desk.h"
#include "support/pair.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const uint16_t psk_suites[] = { 0xd001, 0xccac, 0x00a8, 0xc0a4, 0xc0a8 };
enum { PSK_SUITES = COUNT(psk_suites) };
#define IDENTITY  "sensor 17"
#define KEY       "sixteen bytes or more of a secret"
#define OTHER_KEY "sixteen bytes of another secret.."

static inline bool psk_is_ephemeral(uint16_t suite)
{
    return suite == 0xd001 || suite == 0xccac;
}

/* ---- the wire ---- */

enum { RECORDS_MAX = 64, SAID_MAX = 16 };

typedef struct psk_wire {
    struct {
        hf_role from;
        uint8_t type;
        size_t len;
    } record[RECORDS_MAX];
    size_t n;
    char said[2][400]; /* the names of the messages in the clear, each after a space */
    bool sealed[2];    /* its ChangeCipherSpec was seen */
} psk_wire;

static inline void psk_hear_messages(psk_wire *w, hf_role from, const uint8_t *at, size_t left)
{
    char *text = w->said[from];

    while (left >= 4) {
        size_t len = 4 + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]), n = strlen(text);
        assert_true(len <= left);
        snprintf(text + n, sizeof w->said[from] - n, " %s", hf_msg_name(hf_msg_of_type(at[0])));
        at += len, left -= len;
    }
}

/* A pair's tamper, which changes nothing. It is carried in whole flights. */
static inline void psk_listen(pair *p, hf_role from, uint8_t *bytes, size_t *len)
{
    psk_wire *w = p->user;

    for (size_t at = 0; at < *len;) {
        size_t n = 5 + ((size_t)bytes[at + 3] << 8 | bytes[at + 4]);
        assert_true(at + n <= *len && w->n < RECORDS_MAX);
        w->record[w->n].from = from;
        w->record[w->n].type = bytes[at];
        w->record[w->n++].len = n;
        if (bytes[at] == 22 && !w->sealed[from])
            psk_hear_messages(w, from, bytes + at + 5, n - 5);
        w->sealed[from] |= bytes[at] == 20;
        at += n;
    }
}

/* ---- the ends ---- */

typedef struct psk_scene {
    pair_options o;
    hf_policy policy[2];
    hf_psks *psks[2];
} psk_scene;

static inline hf_psks *psk_set(const char *identity, const char *key)
{
    hf_psks *set = hf_psks_new();

    assert_non_null(set);
    assert_int_equal(hf_psks_add(set, hf_span_str(identity), hf_span_str(key)), HF_OK);
    return set;
}

/* One suite at both ends, 0: all of `iot`. The server knows KEY as IDENTITY and has no certificate. */
static inline void psk_open(psk_scene *s, uint16_t suite, const char *identity, const char *key)
{
    memset(s, 0, sizeof *s);
    s->psks[HF_CLIENT] = psk_set(identity, key);
    s->psks[HF_SERVER] = psk_set(IDENTITY, KEY);
    for (int role = 0; role < 2; role++) {
        s->policy[role] = policy_of_version("iot", HF_TLS12);
        if (suite) {
            memset(s->policy[role].suites, 0, sizeof s->policy[role].suites);
            s->policy[role].suites[0] = suite;
        }
        s->o.policy[role] = &s->policy[role];
        s->o.psks[role] = s->psks[role];
    }
    s->o.no_identity = s->o.no_trust = true;
}

static inline void psk_with_certificates(psk_scene *s)
{
    s->o.no_identity = s->o.no_trust = false;
}

static inline void psk_close(psk_scene *s)
{
    hf_psks_free(s->psks[0]);
    hf_psks_free(s->psks[1]);
}

static inline const hf_conn_info *psk_info(const pair *p, hf_role role)
{
    return hf_conn_info_of(p->end[role].conn);
}

static inline const hf_failure *psk_failure(const pair *p, hf_role role)
{
    const hf_failure *f = hf_conn_failure(p->end[role].conn);

    assert_non_null(f);
    return f;
}

/* Nobody is connected; that end failed with the code, and the other one was told by its alert. */
static inline void psk_assert_refused(const pair *p, hf_role by, hf_error code, int alert)
{
    const hf_failure *f = psk_failure(p, by), *told = psk_failure(p, (hf_role)!by);

    assert_false(p->end[0].connected || p->end[1].connected);
    assert_string_equal(hf_error_row_of(f->code)->name, hf_error_row_of(code)->name);
    assert_int_equal(f->alert, alert);
    assert_int_equal(f->alert_direction, HF_ALERT_SENT);
    assert_int_equal(told->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(told->alert, alert);
}

#endif
