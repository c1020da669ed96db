/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What became of a bad peer's victim. */
#include "support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

const hf_failure *hostile_failure(const hostile *h)
{
    return hf_conn_failure(hostile_conn(h));
}

int hostile_alert(const hostile *h)
{
    const hf_failure *f = hostile_failure(h);

    return f && f->alert_direction == HF_ALERT_SENT ? f->alert : HF_ALERT_none;
}

static void assert_zero(const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(((const uint8_t *)bytes)[i], 0);
}

/* RFC 9846 6.2: "MUST forget the secret values and keys". The handshake's are in memory that is given back. */
static void assert_forgotten(const hf_conn *c)
{
    assert_null(c->engine.hs);
    assert_zero(&c->engine.secrets, sizeof c->engine.secrets);
    assert_zero(&c->in.keys, sizeof c->in.keys);
    assert_zero(&c->out.keys, sizeof c->out.keys);
    assert_zero(c->engine.session.data, c->engine.session.len);
}

void hostile_assert_dead(hostile *h, size_t data)
{
    pair_end *end = hostile_end(h);
    uint8_t more[5] = { HF_CT_HANDSHAKE, 3, 3, 0, 0 };
    hf_iovec iov = { "x", 1 };

    assert_true(end->failed);
    assert_non_null(hostile_failure(h));
    assert_int_equal(end->n_data, data);
    assert_int_equal(hf_conn_wants(end->conn, NULL), 0);
    assert_int_equal(hf_conn_data_in(end->conn, &iov, 1), 0);
    assert_int_equal(hf_conn_wire_in(end->conn, more, sizeof more), sizeof more);
    assert_int_equal(hf_conn_data_out(end->conn).len, 0);
    assert_int_equal(hf_conn_wire_out(end->conn).len, 0);
    assert_int_equal(hf_conn_next(end->conn), HF_EVENT_NONE);
    assert_int_not_equal(hf_conn_key_update(end->conn, false), HF_OK);
    assert_forgotten(end->conn);
}

/* RFC 9846 6.2#3 */
void hostile_assert_alert(hostile *h, int alert)
{
    const hf_conn *self = h->p.end[h->self].conn;
    const hf_failure *theirs = hf_conn_failure(self);

    assert_int_equal(hostile_alert(h), alert);
    if ((theirs && theirs->code != HF_E_ALERT_RECEIVED) || self->skip_early)
        return; /* it had failed before, lacks the keys, or skips early data that it did not take */
    assert_true(h->n_alerts > 0);
    assert_int_equal(h->last_alert[0], 2); /* fatal */
    assert_int_equal(h->last_alert[1], alert);
}

void hostile_assert_works(hostile *h)
{
    static const char question[] = "question", answer[] = "answer";
    pair_end *end = hostile_end(h);
    size_t before = end->n_data, heard = h->p.end[h->self].n_data;

    hostile_rest(h);
    if (hostile_failure(h))
        print_error("%s at %s\n", hf_error_row_of(hostile_failure(h)->code)->name,
                    hostile_failure(h)->field);
    assert_true(end->connected);
    assert_false(end->failed);
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_of(question, sizeof question));
    assert_int_equal(end->n_data, before + sizeof question);
    assert_memory_equal(end->data + before, question, sizeof question);
    assert_int_equal(hostile_say(h, hf_span_of(answer, sizeof answer)), sizeof answer);
    if (!h->p.end[h->self].failed)
        assert_int_equal(h->p.end[h->self].n_data, heard + sizeof answer);
}
