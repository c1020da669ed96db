/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Diffie-Hellman parameters: well-known primes are known, each version that has DHE is asked once and once for export suites, and nobody else. */
#include "audit/primes.h"
#include "audit_weak_support.h"
#include "crypto/hash.h"

extern const hf_inquiry_row hf_inquiry_dh;

/* RFC 2409 6.2 */
static const uint8_t OAKLEY2[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34,
    0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c, 0xd1, 0x29, 0x02, 0x4e, 0x08, 0x8a, 0x67, 0xcc, 0x74,
    0x02, 0x0b, 0xbe, 0xa6, 0x3b, 0x13, 0x9b, 0x22, 0x51, 0x4a, 0x08, 0x79, 0x8e, 0x34, 0x04, 0xdd,
    0xef, 0x95, 0x19, 0xb3, 0xcd, 0x3a, 0x43, 0x1b, 0x30, 0x2b, 0x0a, 0x6d, 0xf2, 0x5f, 0x14, 0x37,
    0x4f, 0xe1, 0x35, 0x6d, 0x6d, 0x51, 0xc2, 0x45, 0xe4, 0x85, 0xb5, 0x76, 0x62, 0x5e, 0x7e, 0xc6,
    0xf4, 0x4c, 0x42, 0xe9, 0xa6, 0x37, 0xed, 0x6b, 0x0b, 0xff, 0x5c, 0xb6, 0xf4, 0x06, 0xb7, 0xed,
    0xee, 0x38, 0x6b, 0xfb, 0x5a, 0x89, 0x9f, 0xa5, 0xae, 0x9f, 0x24, 0x11, 0x7c, 0x4b, 0x1f, 0xe6,
    0x49, 0x28, 0x66, 0x51, 0xec, 0xe6, 0x53, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

static void a_prime_of_an_rfc_is_known(void **state)
{
    uint8_t padded[sizeof OAKLEY2 + 2] = { 0 };
    (void)state;

    memcpy(padded + 2, OAKLEY2, sizeof OAKLEY2);
    assert_string_equal(hf_prime_name(hf_span_of(OAKLEY2, sizeof OAKLEY2)),
                        "RFC 2409 Oakley group 2");
    assert_string_equal(hf_prime_name(hf_span_of(padded, sizeof padded)),
                        "RFC 2409 Oakley group 2");
    padded[40] ^= 1;
    assert_null(hf_prime_name(hf_span_of(padded, sizeof padded)));
    assert_null(hf_prime_name(hf_span_of(padded, 2)));
    assert_null(hf_prime_name(hf_span_of(padded, 0)));
}

/* The table: sorted by size, no hash twice. */
static void the_table_is_in_order(void **state)
{
    static const struct {
        unsigned bits;
        uint64_t hash;
    } rows[] = {
#define HF_PRIME(bits, hash, name) { bits, hash },
#include "audit/primes.def"
#undef HF_PRIME
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < i; k++) {
            assert_true(rows[k].bits <= rows[i].bits);
            assert_true(rows[k].hash != rows[i].hash);
        }
}

/* ---- the inquiry ---- */

typedef struct dh_scene {
    hf_seen *seen;
    hf_audit_setup setup;
    hf_span p;        /* what the server has … */
    size_t short_len; /* … and for export suites so many bytes of it */
    unsigned connections;
    bool refuses;
} dh_scene;

static bool is_export(uint16_t suite)
{
    return suite == 0x0014 || suite == 0x0019;
}

static void flight_of(const dh_scene *s, uint16_t version, uint16_t suite, audit_flight *f)
{
    hf_span p = hf_span_of(s->p.data, is_export(suite) ? s->short_len : s->p.len);

    audit_start(f, version);
    if (s->refuses) {
        audit_alert(f, 2, 40);
        return;
    }
    audit_hello(f, &(audit_server_hello){ .suite = suite });
    audit_dhe(f, p, hf_span_of("\2", 1), version == HF_TLS12 ? 0x0401 : 0);
    audit_done(f);
}

/* The hello's version and its first suite: it has no session id. */
static void answer(dh_scene *s, hf_inquiry *q, const hf_ask *ask)
{
    static audit_flight f;
    const uint8_t *hello = ask->bytes + 5 + 4;
    uint16_t version = (uint16_t)(hello[0] << 8 | hello[1]);
    uint16_t suite = (uint16_t)(hello[2 + 32 + 1 + 2] << 8 | hello[2 + 32 + 1 + 3]);

    assert_null(ask->more);
    flight_of(s, version, suite, &f);
    hf_flight *flight = audit_read(&f, 0);
    q->row->got(q, &(hf_reply){ .ask = ask, .flight = flight });
    hf_flight_free(flight);
    s->connections++;
}

static void begin(dh_scene *s)
{
    *s = (dh_scene){ .seen = hf_seen_new(),
                     .p = hf_span_of(OAKLEY2, sizeof OAKLEY2),
                     .short_len = 64 };
    assert_non_null(s->seen);
    s->setup.sni = "localhost";
}

static void run(dh_scene *s)
{
    static hf_ask ask;
    hf_inquiry q = { .row = &hf_inquiry_dh, .seen = s->seen, .setup = &s->setup };

    q.state = hf_alloc(hf_inquiry_dh.state_size);
    while (memset(&ask, 0, sizeof ask), q.row->next(&q, &ask))
        answer(s, &q, &ask);
    hf_free(q.state);
}

static void speaks(dh_scene *s, hf_seen_version_id id, uint16_t suite)
{
    s->seen->v[id].spoken = HF_PRESENT;
    hf_codes_add(&s->seen->v[id].suites, suite);
}

static void each_version_is_asked_once(void **state)
{
    dh_scene s;
    (void)state;

    begin(&s);
    speaks(&s, HF_V_TLS12, 0xc02f);
    speaks(&s, HF_V_TLS12, 0x009e);
    speaks(&s, HF_V_TLS12, 0x0033);
    speaks(&s, HF_V_TLS10, 0x0033);
    speaks(&s, HF_V_SSL3, 0x0018); /* anonymous */
    run(&s);
    assert_int_equal(s.connections, 3);
    assert_int_equal(s.seen->n_dh, 3);
    assert_int_equal(s.seen->dh[0].version, HF_TLS12);
    assert_int_equal(s.seen->dh[1].version, HF_TLS10);
    assert_int_equal(s.seen->dh[2].version, HF_SSL3);
    for (size_t i = 0; i < s.seen->n_dh; i++) {
        assert_int_equal(s.seen->dh[i].bits, 1024);
        assert_string_equal(s.seen->dh[i].name, "RFC 2409 Oakley group 2");
        assert_false(s.seen->dh[i].export_grade);
        assert_true(s.seen->dh[i].evidence > 0);
    }
    hf_seen_free(s.seen);
}

static void export_suites_are_asked_apart(void **state)
{
    dh_scene s;
    (void)state;

    begin(&s);
    speaks(&s, HF_V_TLS10, 0x0014);
    speaks(&s, HF_V_TLS10, 0x0033);
    run(&s);
    assert_int_equal(s.connections, 2);
    assert_int_equal(s.seen->dh[0].bits, 1024);
    assert_false(s.seen->dh[0].export_grade);
    assert_int_equal(s.seen->dh[1].bits, 512);
    assert_true(s.seen->dh[1].export_grade);
    assert_null(s.seen->dh[1].name);
    hf_seen_free(s.seen);
}

/* Suites that are called something else, but whose prime is as short. */
static void a_short_prime_is_of_export_grade(void **state)
{
    dh_scene s;
    (void)state;

    begin(&s);
    s.p.len = 64;
    speaks(&s, HF_V_TLS12, 0x009e);
    run(&s);
    assert_int_equal(s.seen->n_dh, 1);
    assert_true(s.seen->dh[0].export_grade);
    hf_seen_free(s.seen);
}

static void without_dhe_nobody_is_asked(void **state)
{
    dh_scene s;
    (void)state;

    begin(&s);
    speaks(&s, HF_V_TLS13, 0x1301);
    speaks(&s, HF_V_TLS12, 0xc02f);
    speaks(&s, HF_V_TLS12, 0x00aa); /* DHE_PSK: its parameters come with a key that we have not */
    run(&s);
    assert_int_equal(s.connections, 0);
    assert_int_equal(s.seen->n_dh, 0);
    hf_seen_free(s.seen);
}

static void a_refusal_is_no_parameter(void **state)
{
    dh_scene s;
    (void)state;

    begin(&s);
    s.refuses = true;
    speaks(&s, HF_V_TLS12, 0x009e);
    run(&s);
    assert_int_equal(s.connections, 1);
    assert_int_equal(s.seen->n_dh, 0);
    hf_seen_free(s.seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prime_of_an_rfc_is_known),
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(each_version_is_asked_once),
        cmocka_unit_test(export_suites_are_asked_apart),
        cmocka_unit_test(a_short_prime_is_of_export_grade),
        cmocka_unit_test(without_dhe_nobody_is_asked),
        cmocka_unit_test(a_refusal_is_no_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
