/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Running the rows of alerts.tsv. */
#include "support/hostile_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static int running_variant;

static hf_role running_victim;
static hf_sessions *running_sessions;
static bool running_prior;

int hostile_variant(void)
{
    return running_variant;
}

hf_role hostile_victim(void)
{
    return running_victim;
}

bool hostile_is_prior(void)
{
    return running_prior;
}

hf_sessions *hostile_sessions(void)
{
    return running_sessions;
}

static void judge_fatal(hostile *h, const hostile_case *c, const row *r)
{
    const hf_failure *f = hostile_failure(h);
    int alert = hostile_alert(h);

    if (!f)
        fail_msg("accepted; %s expected", r->alert);
    if (!allows(r, alert))
        fail_msg("%s, alert %s (in %s); %s expected", hf_error_row_of(f->code)->name,
                 hf_alert_name(alert), f->field, r->alert);
    if (f->blame != (c->policy ? HF_BLAME_POLICY : HF_BLAME_PEER))
        fail_msg("%s blames %s", hf_error_row_of(f->code)->name, hf_blame_name(f->blame));
    if (c->code != HF_OK)
        assert_string_equal(hf_error_row_of(f->code)->name, hf_error_row_of(c->code)->name);
    assert_int_equal(f->side, h->victim);
    assert_int_equal(hostile_end(h)->connected, h->was_connected);
    hostile_assert_alert(h, alert);
    hostile_assert_dead(h, 0);
}

static void judge(hostile *h, const hostile_case *c, const row *r, int variant)
{
    if (c->check)
        c->check(h, variant);
    else if (strcmp(r->outcome, "fatal") == 0)
        judge_fatal(h, c, r);
    else
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

static uint16_t version_under_test = HF_TLS13;

uint16_t hostile_version(void)
{
    return version_under_test;
}

static void with_sessions(const hostile_case *c, pair_options *o, hf_role victim)
{
    enum { ENTRIES = 4, LIFETIME = 3600 };

    running_sessions = hf_sessions_new(&(hf_sessions_options){ .tickets = !c->cache,
                                                               .entries = c->cache ? ENTRIES : 0,
                                                               .lifetime = LIFETIME,
                                                               .ops = c->ops });
    assert_non_null(running_sessions);
    o->sessions = running_sessions;
    o->want_session = true;
    o->endpoint = "localhost:443";
    running_prior = true;
    if (c->resumes)
        hostile_remember(o, victim, c->prior);
    running_prior = false;
}

static void forget_keys(pair_options *o)
{
    for (int role = 0; role < 2; role++) /* configs that are sealed with them have them still */
        hf_psks_free(o->psks[role]);
}

static void run_one(const hostile_case *c, hf_role victim, int variant, bool speaks_both)
{
    pair_options o = { 0 };
    hostile h;

    running_variant = variant;
    running_victim = victim;
    hostile_speak(version_under_test, speaks_both);
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
    hostile_free(&h);
    hf_sessions_free(running_sessions);
    running_sessions = NULL;
}

/* ---- completeness ---- */

/* Which program has which rows, by prefixes of their ids: the first that fits. */
typedef struct share {
    const char *program, *prefixes[20];
} share;

static const share owners13[] = {
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
        "ch-key-share-nist", "ch-key-share-x", "ch-key-share-ffdhe", "ch-mlkem", "ch2-" } },
    { "alerts_tls13_server", { "hrr-", "sh-", "srv-", "ee-" } },
    { "alerts_tls13_messages", { "hs-", "cr-", "fin-", "eoed-" } },
    { "alerts_tls13_auth", { "cert-", "cv-" } },
    { NULL, { NULL } },
};

static const share owners12[] = {
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
    const share *o = version_under_test == HF_TLS12 ? owners12 : owners13;

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
    for (size_t i = 0; i < rows->n_later; i++)
        victims |= strcmp(rows->later[i].id, id) == 0 ? rows->later[i].victims : 0;
    return victims;
}

static bool is_about(const row *r)
{
    return strcmp(r->version, version_under_test == HF_TLS12 ? "1.3" : "1.2") != 0;
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
            print_error("%s is neither tested nor listed for later, for every receiver\n", r->id);
            missing++;
        }
    }
    for (size_t i = 0; i < rows->n_later; i++)
        (void)find(rows->later[i].id);
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
        run_one(c, victim, v, speaks_both);
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
        print_error("%s: variant %d, at a %s\n", c->id, running_variant, who);
    under_way = false;
    return 0;
}

static void test_every_row_is_tested_or_listed(void **state)
{
    (void)state;
    unsigned n = assert_complete(all, program_name);
    printf("%u rows, %u cases, %zu left for later\n", n, n_cases, all->n_later);
    assert_true(n_cases >= least_cases);
}

int hostile_rows_main(const char *name, const hostile_rows *rows, unsigned least)
{
    static struct CMUnitTest tests[ROWS_MAX];
    size_t n = 0;

    load();
    all = rows;
    version_under_test = rows->version;
    program_name = name;
    least_cases = least;
    for (; n < rows->n_cases; n++)
        tests[n] = (struct CMUnitTest){ rows->cases[n].id, test_case, NULL, name_variant,
                                        (void *)(uintptr_t)&rows->cases[n] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_every_row_is_tested_or_listed);
    cmocka_set_test_filter(getenv("HOSTILE_ROW"));
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}

/* ---- building blocks ---- */

void hostile_until_protected(hostile *h)
{
    bool certificate = h->victim == HF_CLIENT && version_under_test == HF_TLS13;

    hostile_until(h, certificate ? HF_MSG_Certificate : HF_MSG_Finished, 0);
}

void hostile_deliver_all(hostile *h, int variant)
{
    (void)variant;
    hostile_rest(h);
}

void hostile_give_alert(hostile *h, int level, int description)
{
    const uint8_t bytes[] = { (uint8_t)level, (uint8_t)description };

    hostile_record(h, HF_CT_ALERT, hf_span_of(bytes, 2));
}

void hostile_give_data(hostile *h, const char *text)
{
    hostile_record(h, HF_CT_APPLICATION_DATA, hf_span_str(text));
}

void hostile_give_early(hostile *h, hf_span data)
{
    hostile_record_under(h, HF_EARLY, HF_CT_APPLICATION_DATA, data);
}

void hostile_check_early(hostile *h, int variant)
{
    (void)variant;
    hostile_assert_works(h);
    assert_int_equal(hf_conn_info_of(hostile_conn(h))->early, HF_EARLY_ACCEPTED);
    assert_int_equal(hostile_end(h)->n_early, 100);
}

void hostile_retry(pair_options *o, int variant)
{
    (void)variant;
    o->policy[HF_SERVER] = hostile_retry_policy();
}

static void always_retry(hf_config *config, hf_role role, void *user)
{
    (void)user;
    if (role == HF_SERVER)
        assert_int_equal(hf_config_set(config, HF_SET_ALWAYS_RETRY, true), HF_OK);
}

void hostile_retry_cookie(pair_options *o, int variant)
{
    hostile_retry(o, variant);
    o->configure = always_retry;
}

void hostile_hybrid(pair_options *o, int variant)
{
    static hf_policy hybrid;

    (void)variant;
    hybrid = policy_of_version("default", HF_TLS13);
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &hybrid;
}

void hostile_alpn(pair_options *o, int variant)
{
    (void)variant;
    for (int role = 0; role < 2; role++) {
        o->alpn[role][0] = "h2";
        o->alpn[role][1] = "http/1.1";
    }
}

void hostile_mutual(pair_options *o, int variant)
{
    (void)variant;
    o->client_auth = HF_CLIENT_AUTH_REQUIRE;
    o->client_identity = true;
}

void hostile_rsa(pair_options *o, int variant)
{
    (void)variant;
    o->pki = shared_pki(HF_KEY_RSA);
}

void hostile_static_rsa(pair_options *o, int variant)
{
    static hf_policy policy;

    hostile_rsa(o, variant);
    policy = policy_of_version("classroom", HF_TLS12);
    memset(policy.suites, 0, sizeof policy.suites);
    policy.suites[0] = 0x009c;
    o->policy[HF_CLIENT] = o->policy[HF_SERVER] = &policy;
}

void hostile_share_key(pair_options *o, const char *clients, const char *servers)
{
    const char *const identities[] = { [HF_CLIENT] = clients, [HF_SERVER] = servers };

    for (int role = 0; role < 2; role++) {
        o->psks[role] = hf_psks_new();
        assert_non_null(o->psks[role]);
        assert_int_equal(hf_psks_add(o->psks[role], hf_span_str(identities[role]),
                                     hf_span_str("sixteen bytes or more")),
                         HF_OK);
    }
}

void hostile_psk(pair_options *o, int variant)
{
    (void)variant;
    hostile_share_key(o, "device1", "device1");
}

void hostile_psk_only(pair_options *o, int variant)
{
    hostile_psk(o, variant);
    o->no_identity = o->no_trust = true;
}

void hostile_early(pair_options *o, int variant)
{
    (void)variant;
    o->early_data[HF_CLIENT] = o->early_data[HF_SERVER] = HOSTILE_EARLY;
}

static void (*change_content)(hostile_bytes *content);

static hf_error sign_changed(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                             size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);
    hostile_bytes content = { 0 };

    hb_set(&content, message);
    change_content(&content);
    hf_error e = hf_sign(user, s->kind, s->hash, hb_span(&content), signature, len);
    hb_free(&content);
    return e;
}

void hostile_sign_other(hf_config *config, void (*change)(hostile_bytes *content))
{
    static const hf_signer_ops ops = { .sign = sign_changed };
    hf_signer *good = config->identities[0]->signer;

    change_content = change;
    config->identities[0]->signer = hf_signer_new(&ops, good->user, good->schemes);
    assert_non_null(config->identities[0]->signer);
    hf_signer_free(good);
}

void hostile_check_silent(hostile *h, int variant)
{
    const hf_failure *f = hostile_failure(h);

    (void)variant;
    assert_non_null(f);
    assert_int_equal(hostile_alert(h), HF_ALERT_none);
    assert_int_equal(hostile_end(h)->connected, h->was_connected);
    hostile_assert_dead(h, 0);
}

void hostile_check_alert_received(hostile *h, int variant)
{
    hostile_check_silent(h, variant);
    assert_int_equal(hostile_failure(h)->code, HF_E_ALERT_RECEIVED);
    assert_int_equal(hostile_failure(h)->alert_direction, HF_ALERT_RECEIVED);
}
