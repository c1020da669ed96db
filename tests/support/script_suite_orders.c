/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whole handshakes, and application data beside them. */
#include "support/script_suites.h"

const script_suite script_suites[SCRIPT_SUITES] = {
    { "orders", script_suite_orders }, { "exhaustive", script_suite_exhaustive },
    { "glue", script_suite_glue },     { "data", script_suite_data },
    { "rounds", script_suite_rounds }, { "after", script_suite_after },
    { "jobs", script_suite_jobs },     { "paths", script_suite_paths },
    { "duties", script_suite_duties },
};

/* ---- orders ---- */

/* An order as a number: as the client sees it, and as the server does. */
static uint64_t order_hash(const script_trace *client, const script_trace *server)
{
    uint64_t h = script_hash(0, client->step, client->n * sizeof *client->step);

    return script_hash(script_hash(h, "|", 1), server->step, server->n * sizeof *server->step);
}

static uint64_t drawn_hash(hf_facts wire)
{
    script_trace client = script_draw(wire, 1u << HF_CLIENT),
                 server = script_draw(wire, 1u << HF_SERVER);

    return order_hash(&client, &server);
}

static void one_handshake(script_report *r, script_set *seen, const script_mode *mode,
                          script_how how)
{
    static script_pair p;

    script_pair_start(&p, mode, how);
    script_pair_finish(&p);
    r->handshakes++;
    r->cases++;
    r->reordered += p.end[HF_CLIENT].most_live > 1 || p.end[HF_SERVER].most_live > 1;
    const char *fault = script_pair_fault(&p);
    if (fault)
        script_wrong(r, mode, fault,
                     &p.end[p.end[HF_CLIENT].script.connected ? HF_SERVER : HF_CLIENT].trace);
    if (!mode->unproved)
        script_set_add(seen, order_hash(&p.end[HF_CLIENT].trace, &p.end[HF_SERVER].trace));
}

void script_suite_orders(script_report *r)
{
    static script_set seen, drawn;

    seen = drawn = (script_set){ .n = 0 };
    for (size_t i = 0; i < script_mode_count(); i++) {
        const script_mode *mode = script_mode_at(i);
        if (!mode->unproved)
            script_set_add(&drawn, drawn_hash(mode->wire));
        for (unsigned cut = 0; cut < 3; cut++)
            for (unsigned order = 0; order < 4; order++)
                for (unsigned flights = 0; flights < 2; flights++) {
                    if (r->brief && !(order == cut && !flights))
                        continue;
                    one_handshake(r, &seen, mode,
                                  (script_how){ (script_cut)cut, (script_order)order, flights });
                }
    }
    r->orders_seen = (long)seen.n;
    r->orders_drawn = (long)drawn.n;
}

/* ---- data ---- */

static void one_with_data(script_report *r, const script_mode *mode)
{
    static script_pair p;
    script_end *client = &p.end[HF_CLIENT], *server = &p.end[HF_SERVER];
    bool early = mode->wire & HF_F_EARLY_OFFERED, half = false;

    script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
    script_pair_settle(&p);
    if (script_may_flow(client->writes_under) != early)
        script_wrong(r, mode, "0-RTT keys are not there, or without an offer", &client->trace);
    if (early)
        script_end_write_data(client);
    while (script_pair_deliver(&p)) {
        script_pair_settle(&p);
        if (script_may_flow(server->writes_under) && !half) {
            half = true; /* half-RTT: before the client's Finished came */
            if (server->script.connected)
                script_wrong(r, mode, "no half-RTT data", &server->trace);
            script_end_write_data(server);
        }
    }
    r->cases++;
    if (!half || client->data != 1 || server->data != !!(mode->wire & HF_F_EARLY_ACCEPTED))
        script_wrong(r, mode, "data was taken that may not be, or lost", &server->trace);
    if (!client->script.connected || server->script.connected == mode->unproved)
        script_wrong(r, mode, "not connected beside data", &server->trace);
    if (mode->unproved || !script_pair_connected(&p))
        return;
    script_end_write_data(client);
    script_end_write_data(server);
    script_pair_finish(&p);
    if (client->data != 2 || server->data != 1 + !!(mode->wire & HF_F_EARLY_ACCEPTED))
        script_wrong(r, mode, "data does not flow once connected", &server->trace);
}

void script_suite_data(script_report *r)
{
    for (size_t i = 0; i < script_mode_count(); i++)
        if (script_mode_at(i)->wire & HF_F_TLS13)
            one_with_data(r, script_mode_at(i));
}
