/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The floor around the loop: opening records, the reassembly buffer, keys. A record is opened only in
   `peek`, that is, while the loop waits for the peer. */
#include "support/script_end.h"

#include <assert.h>
#include <string.h>

void (*script_end_row_used)(const script_end *e, const hf_row *row, bool keys, hf_msg dropped);

/* ---- reading ---- */

static hf_error open_record(script_end *e)
{
    script_record r;

    script_stream_take(&e->in, &r);
    bool compat =
        r.type == HF_CT_CHANGE_CIPHER_SPEC && (e->script.facts & HF_F_TLS13) && r.epoch == HF_PLAIN;
    if (r.epoch != e->reads_under && !compat)
        return e->skipping && r.epoch == HF_EARLY ? HF_OK : HF_E_RECORD_MAC;
    if (r.type != HF_CT_HANDSHAKE && e->buffered > 0)
        return HF_E_INTERLEAVED;
    if (r.type == HF_CT_APPLICATION_DATA) {
        if (e->skipping)
            return HF_OK;
        if (!script_may_flow(e->reads_under))
            return HF_E_UNEXPECTED_DATA;
        e->data++;
    } else if (r.type == HF_CT_CHANGE_CIPHER_SPEC) {
        e->ccs = true;
    } else {
        assert(e->buffered + r.len <= (int)sizeof e->buffer);
        memcpy(e->buffer + e->buffered, r.bytes, r.len);
        e->buffered = (uint8_t)(e->buffered + r.len);
    }
    e->buffer_epoch = r.epoch;
    return HF_OK;
}

static hf_error peek(void *ctx, hf_msg expected, hf_msg *msg, bool *whole)
{
    script_end *e = ctx;
    hf_facts facts;

    (void)expected; /* every message of the fake wire has the same length */
    while (!e->ccs && e->buffered < SCRIPT_MESSAGE) {
        if (e->in.len == 0)
            return HF_OK;
        TRY(open_record(e));
    }
    *whole = true;
    *msg = e->ccs ? HF_MSG_ChangeCipherSpec : script_message_decode(e->buffer, &facts);
    return HF_OK;
}

static void consume(void *ctx)
{
    script_end *e = ctx;
    hf_facts facts;
    hf_msg msg = HF_MSG_ChangeCipherSpec;

    if (!e->ccs) {
        msg = script_message_decode(e->buffer, &facts);
        e->buffered = (uint8_t)(e->buffered - SCRIPT_MESSAGE);
        memmove(e->buffer, e->buffer + SCRIPT_MESSAGE, e->buffered);
    }
    e->ccs = false;
    if (e->accepted) {
        e->trace.step[e->trace.n++] =
            (script_step){ !e->script.role, (uint8_t)msg, e->buffer_epoch };
        e->skipping = false;
    } else {
        e->dropped++;
        if (script_end_row_used)
            script_end_row_used(e, NULL, false, msg);
    }
    e->accepted = false;
}

static bool pending(void *ctx)
{
    const script_end *e = ctx;

    return e->buffered > 0 && !(script_the_world.strikes & SCRIPT_STRIKE_PENDING);
}

/* ---- keys and proofs ---- */

static hf_error install_keys(void *ctx, hf_role whose, bool ours, unsigned epoch)
{
    script_end *e = ctx;
    unsigned strikes = script_the_world.strikes;
    hf_facts takes = HF_F_EARLY_ACCEPTED | HF_F_PSK | HF_F_RETRY; /* the last: then it does not */

    assert(ours == (whose == e->script.role));
    if (script_end_row_used)
        script_end_row_used(e, e->script.walk[e->script.connected ? whose : 0].at, true,
                            HF_MSG_NONE);
    if (ours) {
        e->writes_under = (uint8_t)epoch;
        if (!(strikes & SCRIPT_STRIKE_OUR_KEYS))
            script_stream_close(&e->out);
    } else if (!(strikes & SCRIPT_STRIKE_THEIR_KEYS)) {
        e->reads_under = (uint8_t)epoch;
        if (epoch == HF_EARLY)
            e->skipping = (e->script.intent & takes) != (HF_F_EARLY_ACCEPTED | HF_F_PSK);
    }
    return HF_OK;
}

static void proved(void *ctx, uint8_t what)
{
    script_end *e = ctx;

    e->announced |= what;
    e->announcements++;
}

static const hf_script_ops ops = {
    .build = script_step_build,
    .accept = script_step_accept,
    .peek = peek,
    .consume = consume,
    .pending = pending,
    .keys = install_keys,
    .proved = proved,
};

/* ---- an end's life ---- */

void script_end_start(script_end *e, hf_role role, hf_facts intent, script_how how)
{
    memset(e, 0, sizeof *e);
    e->how = how;
    e->seed = 7;
    e->fail_job = -1;
    e->reads_under = e->writes_under = HF_PLAIN;
    hf_script_start(&e->script, script_the_world.tables, &ops, e, role,
                    intent | script_the_world.also_intends);
}

void script_end_copy(script_end *to, const script_end *from)
{
    *to = *from;
    to->script.ctx = to;
}

/* Evidence that our own account holds is cleared where the loop must clear its own. */
static void note_connected(script_end *e)
{
    if (!e->script.connected || e->after > 0)
        return;
    e->after = e->trace.n;
    e->before = e->evidence;
    e->evidence = 0;
    if (script_the_world.strikes & SCRIPT_STRIKE_FRESH_PROOFS)
        e->script.proved |= e->before;
}

static hf_run run(script_end *e)
{
    hf_run out = hf_script_run(&e->script);

    note_connected(e);
    bool waits = e->waits[0] == SCRIPT_JOB_RUNS || e->waits[1] == SCRIPT_JOB_RUNS;
    e->restless |= waits && out != HF_RUN_JOB && e->script.error == HF_OK;
    if (out != HF_RUN_JOB)
        script_stream_close(&e->out); /* a flight leaves when we wait for the peer, not at a job */
    e->last = out;
    return out;
}

hf_run script_end_settle(script_end *e)
{
    hf_run out = run(e);

    for (unsigned guard = 0; e->script.error == HF_OK && guard < 200 && script_end_do_job(e);
         guard++)
        out = run(e);
    size_t said = e->out.len, heard = e->in.len, rows = e->trace.n;
    hf_run again = run(e);
    if (again != out || said != e->out.len || heard != e->in.len || rows != e->trace.n)
        e->restless |= e->script.error == HF_OK;
    return again;
}

void script_end_write_data(script_end *e)
{
    script_record r = {
        .type = HF_CT_APPLICATION_DATA, .epoch = e->writes_under, .len = 1, .bytes = { 'd' }
    };

    script_stream_close(&e->out);
    script_stream_put(&e->out, &r);
}
