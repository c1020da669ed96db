/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The described server's flights, and inquiries run against it. */
#include "tests/support/audit_model.h"

#include <assert.h>
#include <stdlib.h>

#include "base/builder.h"
#include "explain/names.h"
#include "tests/support/audit_flights.h"

audit_model audit_model_usual(void)
{
    return (audit_model){
        .versions = { HF_TLS13, HF_TLS12 },
        .suites = { 0x1302, 0x1303, 0x1301, 0xc030, 0xcca8, 0xc02f, 0xc014, 0xc013 },
        .groups = { 0x001d, 0x0017, 0x0018 },
        .schemes = { 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601 },
        .server_order = true,
        .groups_server_order = true,
        .ems = true,
        .renegotiation_info = true,
        .encrypt_then_mac = true,
        .scsv = true,
        .sentinel = true,
    };
}

/* ---- its flights ---- */

static bool suite_has(uint16_t suite, const char *part)
{
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name && strstr(name, part);
}

static audit_flight flight;
static uint8_t room[2048];

static void put_extension(hf_builder *b, uint16_t type, hf_span data)
{
    hf_wr_u16(b, type);
    hf_wr_vec16(b, data);
}

/* 32 bytes that are those of no other connection, unless it uses them again. */
static hf_span share_of(const audit_model *m, unsigned n)
{
    static uint8_t share[32];

    memset(share, 0x11, sizeof share);
    if (!m->reuse)
        memcpy(share, &n, sizeof n);
    return hf_span_of(share, sizeof share);
}

static void put_key_share(hf_builder *b, const audit_choice *c, hf_span share)
{
    hf_wr_u16(b, 51);
    hf_wr_open16(b);
    hf_wr_u16(b, c->group);
    if (!c->retry)
        hf_wr_vec16(b, share);
    hf_wr_close(b);
}

static hf_span extensions(const audit_model *m, const audit_asked *a, const audit_choice *c,
                          unsigned n)
{
    static const hf_span nothing = { (const uint8_t *)"", 0 };
    bool cbc = suite_has(c->suite, "_CBC_");
    hf_builder b = hf_wr_start(room, sizeof room);

    if (c->version == HF_TLS13 && c->group == 0)
        return nothing;
    if (c->version == HF_TLS13) {
        put_key_share(&b, c, share_of(m, n));
        return hf_span_of(room, b.len);
    }
    if (m->ems && a->ems)
        put_extension(&b, 23, nothing);
    if (m->renegotiation_info && a->renegotiation_info)
        put_extension(&b, 0xff01, hf_span_of("\0", 1));
    if (m->encrypt_then_mac && a->encrypt_then_mac && cbc)
        put_extension(&b, 22, nothing);
    if (m->heartbeat && a->heartbeat)
        put_extension(&b, 15, hf_span_of("\1", 1));
    return hf_span_of(room, b.len);
}

static void put_hello(const audit_model *m, const audit_asked *a, const audit_choice *c, unsigned n)
{
    uint8_t random[32] = { 9 };

    if (m->sentinel && c->version < HF_TLS13 && m->versions[0] > c->version)
        memcpy(random + 24, c->version == HF_TLS12 ? "DOWNGRD\1" : "DOWNGRD\0", 8);
    audit_hello(&flight, &(audit_server_hello){ .suite = c->suite,
                                                .compression = m->deflate && a->deflate,
                                                .random = random,
                                                .retry = c->retry,
                                                .extensions = extensions(m, a, c, n) });
}

static void put_signature(hf_builder *b, const audit_choice *c)
{
    static const uint8_t signature[64] = { 7 };

    if (c->version == HF_TLS12)
        hf_wr_u16(b, c->scheme);
    hf_wr_vec16(b, hf_span_of(signature, sizeof signature));
}

static void put_key_exchange(const audit_model *m, const audit_choice *c, unsigned n)
{
    static uint8_t bytes[512];
    static const uint8_t prime[128] = { 0xff, [127] = 0x0b };
    hf_builder b = hf_wr_start(bytes, sizeof bytes);

    if (c->group) {
        hf_wr_u8(&b, 3);
        hf_wr_u16(&b, c->group);
        hf_wr_vec8(&b, share_of(m, n));
    } else if (suite_has(c->suite, "_DHE_")) {
        hf_wr_vec16(&b, hf_span_of(prime, sizeof prime));
        hf_wr_vec16(&b, hf_span_of("\2", 1));
        hf_wr_vec16(&b, share_of(m, n));
    } else {
        return;
    }
    put_signature(&b, c);
    assert(b.error == HF_OK);
    audit_message(&flight, 12, hf_span_of(bytes, b.len));
}

static hf_span write_ssl2(const audit_model *m)
{
    uint8_t kinds[3 * 8];
    size_t n = 0;

    for (; m->suites2[n]; n++) {
        kinds[3 * n] = (uint8_t)(m->suites2[n] >> 8);
        kinds[3 * n + 1] = (uint8_t)m->suites2[n];
        kinds[3 * n + 2] = 0x80;
    }
    audit_hello2(&flight, m->leaf, hf_span_of(kinds, 3 * n), 2);
    return audit_bytes(&flight);
}

static hf_span write_refusal(const audit_choice *c)
{
    if (c->how == AUDIT_ALERT)
        audit_alert(&flight, 2, (uint8_t)c->alert);
    else if (c->how == AUDIT_INTERNAL_ERROR)
        audit_alert(&flight, 2, HF_ALERT_internal_error);
    else if (c->how == AUDIT_GARBAGE)
        audit_raw(&flight, hf_span_str("220 mail.example ESMTP\r\n"));
    return audit_bytes(&flight);
}

hf_span audit_model_write(const audit_model *m, const audit_asked *a, const audit_choice *c,
                          unsigned n)
{
    static const uint8_t der[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
    hf_span leaf = m->leaf.len > 0 ? m->leaf : hf_span_of(der, sizeof der);

    audit_start(&flight, c->version ? c->version : HF_TLS10);
    if (c->alert >= 0)
        return write_refusal(c);
    if (c->version == HF_SSL2)
        return write_ssl2(m);
    put_hello(m, a, c, n);
    if (c->version == HF_TLS13)
        return audit_bytes(&flight);
    if (!suite_has(c->suite, "_anon_"))
        audit_certificate(&flight, &leaf, 1);
    put_key_exchange(m, c, n);
    audit_done(&flight);
    return audit_bytes(&flight);
}

/* ---- inquiries against it ---- */

static hf_flight_end silence(const audit_choice *c)
{
    switch (c->alert < 0 ? AUDIT_CLOSE : c->how) {
    case AUDIT_RESET: return HF_FLIGHT_RESET;
    case AUDIT_STALL: return HF_FLIGHT_LATE;
    case AUDIT_UNREACHABLE: return HF_FLIGHT_UNREACHABLE;
    default: return HF_FLIGHT_CLOSED;
    }
}

static uint32_t draw(audit_model *m)
{
    m->chaos = m->chaos * 1664525u + 1013904223u;
    return m->chaos >> 8;
}

/* What no server should answer, and what no reader should make of it. */
static void scramble(audit_model *m, hf_flight *f)
{
    static const uint16_t versions[] = { HF_SSL2,  HF_SSL3,  HF_TLS10, HF_TLS11,
                                         HF_TLS12, HF_TLS13, 0x0305,   0 };

    if (draw(m) % 2 == 0)
        return;
    f->end = (hf_flight_end)(1 + draw(m) % HF_FLIGHT_UNREACHABLE);
    f->hello = draw(m) % 3 > 0;
    f->retry = draw(m) % 4 == 0;
    f->ssl2 = draw(m) % 8 == 0;
    f->version = versions[draw(m) % 8];
    f->suite = (uint16_t)(draw(m) % 2 ? draw(m) : m->suites[draw(m) % 8]);
    f->group = (uint16_t)(draw(m) % 2 ? draw(m) : m->groups[draw(m) % 3]);
    f->scheme = (uint16_t)(draw(m) % 2 ? draw(m) : m->schemes[draw(m) % 6]);
    f->share_len = draw(m) % 300;
    f->has_alert = draw(m) % 2;
    f->alert = (uint8_t)draw(m);
    f->key_exchange = draw(m) % 2;
}

static hf_flight *answer(audit_model *m, const hf_ask *ask)
{
    audit_asked asked;
    audit_choice choice;
    hf_flight *read = hf_flight_new();
    const audit_model *machine = m->twin && m->connections % 2 == 1 ? m->twin : m;

    assert(read);
    m->connections++;
    audit_model_read(hf_span_of(ask->bytes, ask->len), &asked);
    audit_model_choose(machine, &asked, &choice);
    hf_flight_feed(read, audit_model_write(machine, &asked, &choice, m->connections));
    hf_flight_ended(read, silence(&choice));
    if (m->chaos)
        scramble(m, read);
    return read;
}

/* No engine here: its handshakes do not come about. */
static hf_flight *no_engine(audit_model *m)
{
    hf_flight *read = hf_flight_new();

    assert(read);
    m->engine_asks++;
    hf_flight_ended(read, HF_FLIGHT_CLOSED);
    return read;
}

/* True: the answer is held back. */
static bool holds(audit_model *m, hf_doubt *doubt, const hf_reply *reply, bool control)
{
    if (control) {
        hf_doubt_controlled(m->doubts, doubt, reply);
        return true;
    }
    if (!m->doubts)
        return false;
    hf_doubts_learn(m->doubts, reply);
    return hf_doubt_keeps(m->doubts, doubt, reply);
}

/* One question, until there is no doubt about its answer. */
static void put(audit_model *m, hf_inquiry *q, const hf_ask *ask)
{
    hf_doubt doubt = { .end = HF_FLIGHT_OPEN };
    hf_doubt_step step = HF_DOUBT_AGAIN;
    bool held = true;

    while (held && (step == HF_DOUBT_AGAIN || step == HF_DOUBT_CONTROL)) {
        bool control = step == HF_DOUBT_CONTROL;
        const hf_ask *now = control ? &m->doubts->control : ask;
        hf_flight *read = now->kind == HF_ASK_BYTES ? answer(m, now) : no_engine(m);
        hf_reply reply = { .ask = now, .flight = read };
        held = holds(m, &doubt, &reply, control);
        if (!held)
            q->row->got(q, &reply);
        else
            step = hf_doubt_next(m->doubts, &doubt);
        hf_flight_free(read);
    }
    m->gave_up = step == HF_DOUBT_GIVE_UP;
    if (held && !m->gave_up && !hf_doubt_settle(&doubt, q, ask, step == HF_DOUBT_BELIEVE))
        abort();
}

void audit_model_run(audit_model *m, const hf_inquiry_row *row, hf_seen *seen)
{
    static hf_ask ask;
    hf_audit_setup setup = { .sni = "server.example", .name = "server.example" };
    hf_inquiry q = { row, seen, &setup, hf_alloc(row->state_size) };
    unsigned limit = m->connections + m->engine_asks + 700; /* nothing needs as many */

    assert(q.state);
    while (!m->gave_up) {
        memset(&ask, 0, sizeof ask);
        if (!row->next(&q, &ask))
            break;
        assert(m->connections + m->engine_asks < limit);
        put(m, &q, &ask);
    }
    if (row->finish)
        row->finish(&q);
    hf_free(q.state);
}

/* By name, since others are in the table, too. */
static bool is_of_lists(const char *name)
{
    static const char *const names[] = { "version_",    "suites_",          "groups_",
                                         "order_",      "schemes_",         "extras",
                                         "fallback",    "encrypt_then_mac", "tolerance",
                                         "alpn_strict", "sni_strict",       "alike",
                                         "own_answers" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

void audit_model_all(audit_model *m, hf_seen *seen)
{
    for (unsigned phase = 0; phase < HF_PHASE_COUNT; phase++)
        for (size_t i = 0; i < hf_n_inquiries; i++)
            if (!m->gave_up && hf_inquiries[i]->phase == phase &&
                is_of_lists(hf_inquiries[i]->name))
                audit_model_run(m, hf_inquiries[i], seen);
}
