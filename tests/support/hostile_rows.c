/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Running the rows of alerts.tsv. What every case must show is asserted here, so that none can forget
 * it: the alert, whose fault it is, that no data was delivered, that the connection is dead, that all
 * its memory was given back and that no block of it held a secret then.
 */
#include "support/hostile_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hostile_memory.h"
#include "support/hostile_sockets.h"

enum { ROWS_MAX = 400, COLUMNS = 9, LINE_MAX_LEN = 2048 };

/* ---- the table ---- */

typedef struct row {
    char *id, *version, *receiver, *alert, *outcome;
    char line[LINE_MAX_LEN];
} row;

static row table[ROWS_MAX];
static size_t n_rows;

static void split(row *r)
{
    char *columns[COLUMNS], *at = r->line;

    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = at;
        at += strcspn(at, "\t\n");
        if (*at)
            *at++ = '\0';
    }
    r->id = columns[0];
    r->version = columns[1];
    r->receiver = columns[2];
    r->alert = columns[5];
    r->outcome = columns[8];
}

static void load(void)
{
    FILE *f = fopen(HF_SOURCE_DIR "/tests/hostile/alerts.tsv", "r");

    if (!f) {
        fprintf(stderr, "tests/hostile/alerts.tsv cannot be read\n");
        abort();
    }
    n_rows = 0;
    while (n_rows < ROWS_MAX && fgets(table[n_rows].line, LINE_MAX_LEN, f))
        split(&table[n_rows++]);
    fclose(f);
}

static const row *find(const char *id)
{
    for (size_t i = 1; i < n_rows; i++)
        if (strcmp(table[i].id, id) == 0)
            return &table[i];
    fail_msg("alerts.tsv has no row %s", id);
    return NULL;
}

/* "illegal_parameter(47) | decode_error(50)" holds the alert. */
static bool allows(const row *r, int alert)
{
    char number[16];

    snprintf(number, sizeof number, "(%d)", alert);
    return strstr(r->alert, number) != NULL;
}

/* ---- judging ---- */

static hf_blame blamed(const hostile_case *c)
{
    if (c->aborts)
        return HF_BLAME_US;
    return c->policy ? HF_BLAME_POLICY : HF_BLAME_PEER;
}

static void judge_fatal(hostile *h, const hostile_case *c, const row *r)
{
    const hf_failure *f = hostile_failure(h);
    int alert = hostile_alert(h);

    if (!f)
        fail_msg("accepted; %s expected", r->alert);
    if (c->alert ? alert != c->alert : !allows(r, alert))
        fail_msg("%s, alert %s (in %s); %s expected", hf_error_row_of(f->code)->name,
                 hf_alert_name(alert), f->field, c->alert ? hf_alert_name(c->alert) : r->alert);
    if (f->blame != blamed(c))
        fail_msg("%s blames %s", hf_error_row_of(f->code)->name, hf_blame_name(f->blame));
    if (c->code != HF_OK)
        assert_string_equal(hf_error_row_of(f->code)->name, hf_error_row_of(c->code)->name);
    assert_int_equal(f->side, h->victim);
    assert_int_equal(hostile_end(h)->connected, h->was_connected);
    hostile_assert_alert(h, alert);
    hostile_assert_dead(h, 0);
}

/* The peer's end of it: in order, or as a failure of which nothing is said. */
static void judge_close(hostile *h)
{
    assert_int_equal(hostile_end(h)->n_data, 0);
    assert_int_equal(hostile_end(h)->connected, h->was_connected);
    if (!hostile_failure(h)) {
        assert_true(hostile_end(h)->closed);
        return;
    }
    assert_int_equal(hostile_alert(h), HF_ALERT_none);
    assert_int_not_equal(hostile_failure(h)->blame, HF_BLAME_US);
    assert_false(hostile_end(h)->closed);
    hostile_assert_dead(h, 0);
}

static void judge(hostile *h, const hostile_case *c, const row *r, int variant)
{
    bool fatal = strcmp(r->outcome, "fatal") == 0 && !c->lawful;
    bool closed = strcmp(r->outcome, "close") == 0;

    if (fatal)
        judge_fatal(h, c, r);
    else if (closed)
        judge_close(h);
    else
        assert_null(hostile_failure(h));
    if (c->check)
        c->check(h, variant);
    else if (!fatal && !closed)
        hostile_assert_works(h);
}

static void misbehave(hostile *h, const hostile_case *c, int variant)
{
    if (c->run) {
        c->run(h, variant);
        return;
    }
    if (!c->edit) { /* the rewrite is all */
        hostile_rest(h);
        return;
    }
    hostile_bytes body = { 0 };
    hostile_until(h, c->at, c->nth);
    hb_set(&body, hostile_due_body(h));
    c->edit(&body, variant);
    hostile_instead(h, hb_span(&body));
    hb_free(&body);
}

static void with_sessions(const hostile_case *c, pair_options *o, hf_role victim)
{
    enum { ENTRIES = 4, LIFETIME = 3600 };

    hostile_now.sessions =
        hf_sessions_new(&(hf_sessions_options){ .tickets = !c->cache,
                                                .entries = c->cache ? ENTRIES : 0,
                                                .lifetime = LIFETIME,
                                                .ops = c->ops });
    assert_non_null(hostile_now.sessions);
    o->sessions = hostile_now.sessions;
    o->want_session = true;
    o->endpoint = "localhost:443";
    hostile_now.prior = true;
    if (c->resumes)
        hostile_remember(o, victim, c->prior);
    hostile_now.prior = false;
}

static void forget_keys(pair_options *o)
{
    for (int role = 0; role < 2; role++) /* configs that are sealed with them have them still */
        hf_psks_free(o->psks[role]);
}

/* The bad peer's secrets are the victim's: once it is gone as well, nobody may have them, its own session cache excepted. */
static void assert_secrets_are_gone(hostile *h, const hostile_case *c)
{
    if (hostile_failure(h) && !(c->cache && h->self == HF_SERVER)) {
        hostile_leave(h);
        hostile_search_blocks();
    }
    assert_int_equal(hostile_secrets_found(), 0);
}

static void run_one(const hostile_case *c, hf_role victim, int variant, bool speaks_both)
{
    pair_options o = { 0 };
    hostile h;

    hostile_now.variant = variant;
    hostile_now.victim = victim;
    hostile_speak(hostile_now.version, speaks_both);
    hostile_forget_secrets();
    if (c->options)
        c->options(&o, variant);
    if (c->sessions || c->resumes)
        with_sessions(c, &o, victim);
    if (c->before)
        c->before(&o, variant);
    hostile_start_with(&h, victim, &o, c->rewrite);
    forget_keys(&o);
    misbehave(&h, c, variant);
    judge(&h, c, find(c->id), variant);
    assert_secrets_are_gone(&h, c);
    hostile_free(&h);
    hf_sessions_free(hostile_now.sessions);
    hostile_now.sessions = NULL;
    assert_int_equal(hostile_secrets_found(), 0);
}

/* What is made once and kept for other cases (a PKI, a policy) is no leak: a second time nothing may stay. */
static void run_balanced(const hostile_case *c, hf_role victim, int variant, bool speaks_both)
{
    size_t before = hostile_blocks();

    run_one(c, victim, variant, speaks_both);
    if (hostile_blocks() == before)
        return;
    before = hostile_blocks();
    run_one(c, victim, variant, speaks_both);
    assert_int_equal(hostile_blocks(), before);
}

/* ---- completeness ---- */

/* Which program has which rows, by prefixes of their ids: the first that fits. */
typedef struct share {
    const char *program, *prefixes[20];
} share;

static const share owners13[] = {
    { "alerts_tls13_absent",
      { "sh-max-fragment", "pha-context-reused", "ch-key-share-ffdhe", "ch-mlkem-p256" } },
    { "alerts_tls13_psk",
      { "ch-psk-binder-wrong", "ch-psk-required", "sh-psk-", "cert-with-psk", "cr-with-psk" } },
    { "alerts_tls13_early",
      { "rec-early-data-accepted", "rec-early-data-inner", "rec-early-data-then", "eoed-nonempty",
        "ee-early-" } },
    { "alerts_tls13_early_refused", { "ch-early-data-not" } },
    { "alerts_tls13_after", { "nst-", "ku-", "pha-", "hs-message-flood" } },
    { "alerts_tls13_record", { "rec-" } },
    { "alerts_tls13_alert", { "ccs13-", "alert-" } },
    { "alerts_tls13_hello",
      { "ch-not", "ch-s", "ch-leg", "ch-no-", "ch-comp", "ch-ext", "ch-dup", "ch-un", "ch-fal",
        "ch-al", "ch-psk", "ch-flag", "ch-early", "ch-cookie", "ch-record", "ch-other",
        "ch-key-share-missing", "ch-key-share-without-groups" } },
    { "alerts_tls13_shares",
      { "ch-key-share-malformed", "ch-key-share-empty", "ch-key-share-dup", "ch-key-share-group",
        "ch-key-share-nist", "ch-key-share-x", "ch-mlkem", "ch2-" } },
    { "alerts_tls13_server", { "hrr-", "sh-", "srv-", "ee-" } },
    { "alerts_tls13_messages", { "hs-", "cr-", "fin-", "eoed-" } },
    { "alerts_tls13_auth", { "cert-", "cv-" } },
    { NULL, { NULL } },
};

static const share owners12[] = {
    { "alerts_tls12_absent", { "rec-cbc-", "sh-max-fragment" } },
    { "alerts_tls13_early", { "sh-12-after-early-data" } }, /* its victim offers TLS 1.3 */
    { "alerts_tls12_record", { "rec-" } },
    { "alerts_tls12_alert", { "ccs12-", "alert-" } },
    { "alerts_tls12_sessions", { "ch-resume", "ch-ticket", "sh-resume", "nst-" } },
    { "alerts_tls12_exchange",
      { "ske-", "shd-", "cke-", "kex12-", "sig-", "ch-key-share-x25519" } },
    { "alerts_tls12_hello", { "ch-" } },
    { "alerts_tls12_server", { "sh-", "srv-" } },
    { "alerts_tls12_messages", { "hs-", "cr-", "fin-", "hreq-", "ku-" } },
    { "alerts_tls12_auth", { "cert-", "cv-", "certstatus-" } },
    { NULL, { NULL } },
};

static const char *owner_of(const char *id)
{
    const share *o = hostile_now.version == HF_TLS12 ? owners12 : owners13;

    for (; o->program; o++)
        for (const char *const *p = o->prefixes; *p; p++)
            if (strncmp(id, *p, strlen(*p)) == 0)
                return o->program;
    return NULL;
}

static unsigned receivers(const row *r)
{
    if (strcmp(r->receiver, "both") == 0)
        return AT_BOTH;
    return strcmp(r->receiver, "client") == 0 ? AT_CLIENT : AT_SERVER;
}

static unsigned covered(const hostile_rows *rows, const char *id)
{
    unsigned victims = 0;

    for (size_t i = 0; i < rows->n_cases; i++)
        victims |= strcmp(rows->cases[i].id, id) == 0 ? rows->cases[i].victims : 0;
    return victims;
}

static bool is_about(const row *r)
{
    return strcmp(r->version, hostile_now.version == HF_TLS12 ? "1.3" : "1.2") != 0;
}

static unsigned assert_complete(const hostile_rows *rows, const char *program)
{
    unsigned missing = 0, n = 0;

    assert_true(n_rows > 200 && n_rows < ROWS_MAX);
    for (size_t i = 1; i < n_rows; i++) {
        const row *r = &table[i];
        const char *owner = is_about(r) ? owner_of(r->id) : "";
        if (!owner)
            fail_msg("no program tests the row %s", r->id);
        if (strcmp(owner, program) != 0)
            continue;
        n++;
        if (receivers(r) & ~covered(rows, r->id)) {
            print_error("%s is not tested at every receiver\n", r->id);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
    return n;
}

/* ---- all of them: each case is a test of its own, named after its row ---- */

static const hostile_rows *all;
static const char *program_name;
static unsigned n_cases, least_cases;
static bool under_way;
static const char *who;

static void run_all(const hostile_case *c, hf_role victim, bool speaks_both)
{
    static const char *const words[2][2] = { { "client", "client of both versions" },
                                             { "server", "server of both versions" } };

    who = words[victim][speaks_both];
    for (int v = 0; v < (c->variants ? c->variants : 1); v++, n_cases++)
        run_balanced(c, victim, v, speaks_both);
}

static void test_case(void **state)
{
    const hostile_case *c = *state;

    under_way = true;
    for (int victim = 0; victim < 2; victim++)
        for (int both = c->wide; both < (c->alone ? 1 : 2); both++)
            if (c->victims >> victim & 1)
                run_all(c, (hf_role)victim, both);
    under_way = false;
}

/* An assertion that failed does not say in which variant. */
static int name_variant(void **state)
{
    const hostile_case *c = *state;

    if (under_way)
        print_error("%s: variant %d, at a %s\n", c->id, hostile_now.variant, who);
    under_way = false;
    return 0;
}

static void test_every_row_is_tested(void **state)
{
    (void)state;
    unsigned n = assert_complete(all, program_name);
    printf("%u rows, %u cases\n", n, n_cases);
    assert_true(n_cases >= least_cases);
}

/* HF_HOSTILE_OVER: sockets, or memory. */
static void choose_carrier(void)
{
    const char *over = getenv("HF_HOSTILE_OVER");

    hostile_on_keys(hostile_note_secrets);
    if (!over || strcmp(over, "memory") == 0)
        return;
    if (strcmp(over, "sockets") != 0) {
        fprintf(stderr, "HF_HOSTILE_OVER is neither memory nor sockets\n");
        abort();
    }
    hostile_carry_by(&hostile_sockets);
}

int hostile_rows_main(const char *name, const hostile_rows *rows, unsigned least)
{
    static struct CMUnitTest tests[ROWS_MAX];
    size_t n = 0;

    load();
    choose_carrier();
    all = rows;
    hostile_now.version = rows->version;
    program_name = name;
    least_cases = least;
    for (; n < rows->n_cases; n++)
        tests[n] = (struct CMUnitTest){ rows->cases[n].id, test_case, NULL, name_variant,
                                        (void *)(uintptr_t)&rows->cases[n] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_every_row_is_tested);
    cmocka_set_test_filter(getenv("HOSTILE_ROW"));
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}
