/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server that was never there, seen and judged. */
#include "support/audit_scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/testpki.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- two books ---- */

static const hf_fix versions_fix = { "Take TLS 1.0 and TLS 1.1 out of the versions.",
                                     { .lines = "ssl_protocols TLSv1.2 TLSv1.3;" },
                                     { "global", "ssl-default-bind-options ssl-min-ver TLSv1.2",
                                       "and no ssl-max-ver" },
                                     { .lines = "SSLProtocol -all +TLSv1.2 +TLSv1.3" },
                                     { .lines = "--policy default" } };
static const hf_fix suites_fix = { "Leave suites without forward secrecy out.",
                                   { "http",
                                     "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;\n"
                                     "ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;",
                                     NULL },
                                   { .words = NULL },
                                   { .lines = "SSLCipherSuite ECDHE+AESGCM" },
                                   { .words = "none has them" } };
static const hf_fix patch_fix = { .what = "Update the TLS library." };
static const hf_check checks[] = {
    { .id = "versions-refused", .title = "Versions that must not be spoken", .fix = &versions_fix },
    { .id = "suites-refused", .title = "Cipher suites that must not be taken", .fix = &suites_fix },
    { .id = "heartbleed", .title = "Heartbleed", .fix = &patch_fix },
    { .id = "staple", .title = "An OCSP staple", .fix = NULL },
    { .id = "robot", .title = "ROBOT", .fix = &patch_fix },
    { .id = "order", .title = "Order of suites", .fix = NULL },
};
static const hf_rule strict_rules[] = {
    { .check = &checks[0],
      .fix = &versions_fix,
      .severity = HF_SEVERITY_HIGH,
      .id = "strict/versions-refused",
      .section = "3.1",
      .demands = "Servers shall not speak TLS 1.1 or older" },
    { .check = &checks[1],
      .fix = &suites_fix,
      .severity = HF_SEVERITY_MEDIUM,
      .id = "strict/suites-refused",
      .section = "3.3.1",
      .demands = "Suites shall give forward secrecy" },
    { .check = &checks[2],
      .fix = &patch_fix,
      .severity = HF_SEVERITY_CRITICAL,
      .id = "strict/heartbleed",
      .section = "E.2",
      .demands = "Memory of the server shall not be given away" },
    { .check = &checks[3],
      .severity = HF_SEVERITY_NOTE,
      .id = "strict/staple",
      .section = "4",
      .demands = "Certificates should come with a staple" },
    { .check = &checks[4],
      .fix = &patch_fix,
      .severity = HF_SEVERITY_HIGH,
      .id = "strict/robot",
      .section = "E.3",
      .demands = "RSA padding shall not be told apart" },
    { .check = &checks[5],
      .severity = HF_SEVERITY_LOW,
      .id = "strict/order",
      .section = "3.4",
      .demands = "The server should choose" },
};
static const hf_rule loose_rules[] = {
    { .check = &checks[0],
      .fix = &versions_fix,
      .severity = HF_SEVERITY_LOW,
      .id = "loose/versions-refused",
      .section = "7",
      .demands = "Servers should not speak TLS 1.0" },
    { .check = &checks[5],
      .severity = HF_SEVERITY_LOW,
      .id = "loose/order",
      .section = "8",
      .demands = "The server chooses" },
};
static const hf_book strict = { .name = "strict",
                                .title = "A strict guideline",
                                .edition = "2",
                                .dated = "2026-01-15",
                                .source = "https://example.org/strict",
                                .about = "It binds those who want to be strict.",
                                .gdpr = "It stands for the state of the art of Article 32.",
                                .rules = strict_rules,
                                .n_rules = COUNT(strict_rules) };
static const hf_book loose = { .name = "loose",
                               .title = "A loose guideline",
                               .edition = "1",
                               .dated = "2019-05-01",
                               .source = "https://example.org/loose",
                               .about = "It binds nobody.",
                               .rules = loose_rules,
                               .n_rules = COUNT(loose_rules) };

/* ---- judging, as the scene has it ---- */

static hf_judgement *judgement_new(const hf_book *book)
{
    hf_judgement *j = calloc(1, sizeof *j);

    j->book = book;
    j->n_rules = book->n_rules;
    j->rules = calloc(j->n_rules, sizeof *j->rules);
    j->findings = calloc(HF_FINDINGS_MAX, sizeof *j->findings);
    for (size_t i = 0; i < j->n_rules; i++)
        j->rules[i].rule = &book->rules[i];
    return j;
}

static void add_finding(hf_judgement *j, size_t rule, const char *key, size_t evidence,
                        const char *what)
{
    hf_finding *f = &j->findings[j->n_findings];
    hf_judged_rule *judged = &j->rules[rule];

    f->rule = judged->rule;
    f->severity = judged->rule->severity;
    f->evidence = evidence;
    snprintf(f->key, sizeof f->key, "%s", key);
    snprintf(f->what, sizeof f->what, "%s", what);
    if (judged->n++ == 0)
        judged->first = j->n_findings;
    if (f->severity > HF_SEVERITY_NOTE)
        judged->verdict = HF_RULE_BROKEN;
    j->broken |= f->severity > HF_SEVERITY_NOTE;
    j->n_findings++;
}

static void set_open(hf_judgement *j, size_t rule, hf_verdict verdict, const char *why)
{
    j->rules[rule].verdict = verdict;
    snprintf(j->rules[rule].why, sizeof j->rules[rule].why, "%s", why);
}

/* ---- what was seen ---- */

/* What the peer says if it says the same everywhere. */
static const char *said(const char *foreign, const char *usual)
{
    return foreign ? foreign : usual;
}
#define SAY(field, foreign, usual) snprintf(field, sizeof(field), "%s", said(foreign, usual))

static void see_who(hf_seen *seen, const char *foreign)
{
    SAY(seen->host, foreign, "www.example.test");
    SAY(seen->name, foreign, "example.test");
    SAY(seen->address, foreign, "192.0.2.7");
    SAY(seen->starttls, foreign, "");
    SAY(seen->trouble, foreign, "");
    SAY(seen->alpn, foreign, "h2, http/1.1");
    seen->port = 443;
    seen->started = TEST_NOW;
    seen->seconds = 2.25;
    seen->connections = 187;
    seen->unreachable = foreign ? 3 : 0;
    seen->reached = true;
    seen->n_authorities = 2;
}

static void see_versions(hf_seen *seen, const char *foreign)
{
    static const uint16_t suites13[] = { 0x1302, 0x1301, 0x1303 };
    static const uint16_t suites12[] = { 0xc02f, 0xc030, 0xc013, 0x009c, 0x002f, 0x000a, 0x0005 };
    static const uint16_t suites10[] = { 0xc013, 0x002f, 0x000a };

    for (unsigned v = 0; v < HF_V_COUNT; v++) {
        seen->v[v].spoken = v >= HF_V_TLS12 || v == HF_V_TLS10 ? HF_PRESENT : HF_ABSENT;
        seen->v[v].suites_whole = seen->v[v].groups_whole = seen->v[v].schemes_whole = true;
        seen->v[v].order = v == HF_V_TLS10 ? HF_ORDER_CLIENT : HF_ORDER_SERVER;
    }
    seen->v[HF_V_SSL2].spoken = HF_UNKNOWN;
    SAY(seen->v[HF_V_SSL2].why, foreign, "it closed the connection without a word");
    for (size_t i = 0; i < COUNT(suites13); i++)
        hf_codes_add(&seen->v[HF_V_TLS13].suites, suites13[i]);
    for (size_t i = 0; i < COUNT(suites12); i++)
        hf_codes_add(&seen->v[HF_V_TLS12].suites, suites12[i]);
    for (size_t i = 0; i < COUNT(suites10); i++)
        hf_codes_add(&seen->v[HF_V_TLS10].suites, suites10[i]);
    seen->v[HF_V_TLS12].suite_evidence[2] = 1;
    hf_codes_add(&seen->v[HF_V_TLS13].groups, 0x11ec);
    hf_codes_add(&seen->v[HF_V_TLS13].groups, 29);
    hf_codes_add(&seen->v[HF_V_TLS12].groups, 29);
    hf_codes_add(&seen->v[HF_V_TLS12].groups, 23);
    hf_codes_add(&seen->v[HF_V_TLS13].schemes, 0x0804);
    hf_codes_add(&seen->v[HF_V_TLS12].schemes, 0x0401);
    seen->v[HF_V_TLS12].schemes_whole = false;
}

static void see_traits(hf_seen *seen, const char *foreign)
{
    for (unsigned i = 0; i < HF_TRAIT_COUNT; i++) {
        hf_trait *t = &seen->traits[i];
        t->state = i % 3 == 0 ? HF_PRESENT : i % 3 == 1 ? HF_ABSENT : HF_UNKNOWN;
        t->number = i % 3 == 0 ? 100 + i : 0;
        t->evidence = 1;
        SAY(t->words, foreign, i % 6 == 2 ? "the time was over" : "");
    }
    seen->dh[0] = (hf_seen_dh){
        .bits = 1024, .name = "Oakley group 2, 1024 bits", .version = 0x0303, .evidence = 2
    };
    seen->n_dh = 1;
}

/* A name that a certificate may hold. */
static bool is_name(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz<>()/'\"= 0123456789");

    return n > 1 && n < 60 && text[n] == '\0';
}

static void see_chain(hf_seen *seen, const char *foreign)
{
    test_cert_options named = { .common_name = foreign };
    test_pki *pki = test_pki_new(HF_KEY_P256);
    test_cert *odd = foreign && is_name(foreign) ? test_cert_new(&named, NULL) : NULL;
    hf_span strange = odd ? test_cert_der(odd) : hf_span_str("no certificate");
    hf_seen_chain *c = hf_seen_chain_of(seen, pki->chain, 2, false, HF_V_TLS13, 2);

    c->versions |= 1u << HF_V_TLS12;
    c->judged = true;
    c->verdict = HF_E_CERT_EXPIRED;
    c->missing_intermediate = true;
    c->sha1_signature = true;
    c->staple_good = HF_ABSENT;
    c->staple = strange;
    c->n_scts_certificate = 2;
    c->staple_next_update = TEST_NOW - 3 * TEST_DAY;
    SAY(c->detail, foreign, "it ended yesterday");
    SAY(c->why, foreign, "leaf, then intermediate: its issuer is not known\nleaf alone: no issuer");
    SAY(c->staple_words, foreign, "it is three days old");
    if (foreign)
        SAY(c->sans, foreign, "");
    hf_seen_chain_of(seen, &strange, 1, true, HF_V_TLS12, 0);
    c->staple = hf_arena_copy(&seen->arena, strange);
    test_cert_free(odd);
    test_pki_free(pki);
}

static void see_http(hf_seen *seen, const char *foreign)
{
    hf_seen_http *http = &seen->http;

    http->status = 301;
    http->plain_status = 200;
    http->plain_port = 80;
    SAY(http->server, foreign, "nginx/1.22.1");
    SAY(http->location, foreign, "https://www.example.test/home");
    SAY(http->hsts, foreign, "max-age=31536000; includeSubDomains");
    SAY(http->plain_location, foreign, "");
    SAY(http->headers, foreign, "x-frame-options: DENY\nreferrer-policy: no-referrer");
    SAY(http->cookies, foreign, "session");
}

static void see_evidence(hf_seen *seen, const char *foreign)
{
    static const uint8_t hello[] = { 0x16, 3, 1, 0, 40, 1, 0, 0, 36, 3, 1 };
    static const uint8_t answer[] = { 0x16, 3, 1, 0, 50, 2, 0, 0, 46, 3, 1, 0xde, 0xad };

    hf_seen_evidence(
        seen, "versions", hf_span_of(hello, sizeof hello), hf_span_of(answer, sizeof answer), "%s",
        "a hello with TLS 1.0 alone: ServerHello, TLS 1.0, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA");
    hf_seen_evidence(seen, "chains", hf_span_of(hello, 0), hf_span_of(hello, 0),
                     "a handshake of the engine");
    for (size_t i = 1; foreign && i <= seen->n_evidence; i++)
        SAY(seen->evidence[i - 1]->words, foreign, "");
}

static hf_audit *audit_new(const char *foreign)
{
    hf_audit *audit = calloc(1, sizeof *audit);

    audit->seen = hf_seen_new();
    see_who(audit->seen, foreign);
    see_evidence(audit->seen, foreign);
    see_versions(audit->seen, foreign);
    see_traits(audit->seen, foreign);
    see_chain(audit->seen, foreign);
    see_http(audit->seen, foreign);
    audit->n = 2;
    audit->judged[0] = judgement_new(&strict);
    audit->judged[1] = judgement_new(&loose);
    return audit;
}

/* ---- the scenes ---- */

hf_audit *audit_scene_new(const char *foreign)
{
    hf_audit *audit = audit_new(foreign);
    hf_judgement *s = audit->judged[0], *l = audit->judged[1];

    add_finding(s, 0, "tls10", 1, said(foreign, "TLS 1.0 is spoken"));
    add_finding(s, 1, "0x009c", 0,
                said(foreign, "TLS_RSA_WITH_AES_128_GCM_SHA256 is taken in TLS 1.2"));
    add_finding(s, 1, "0x002f", 0,
                said(foreign, "TLS_RSA_WITH_AES_128_CBC_SHA is taken in TLS 1.2 and TLS 1.0"));
    add_finding(s, 1, "0x000a", 0,
                said(foreign, "TLS_RSA_WITH_3DES_EDE_CBC_SHA is taken in TLS 1.2 and TLS 1.0"));
    add_finding(s, 2, said(foreign, ""), 2, said(foreign, "Memory of the server came back"));
    add_finding(s, 3, "", 0, said(foreign, "No OCSP staple comes with the certificate"));
    set_open(s, 4, HF_RULE_UNSEEN, said(foreign, "the server fell silent"));
    set_open(s, 5, HF_RULE_IDLE, said(foreign, "it has one suite"));
    add_finding(l, 0, "tls10", 1, said(foreign, "TLS 1.0 is spoken"));
    return audit;
}

hf_audit *audit_scene_mended(void)
{
    hf_audit *audit = audit_new(NULL);
    hf_judgement *s = audit->judged[0];

    audit->seen->v[HF_V_TLS10].spoken = HF_ABSENT;
    audit->seen->v[HF_V_TLS10].suites.n = 0;
    hf_codes_add(&audit->seen->v[HF_V_TLS12].suites, 0xcca8);
    add_finding(s, 1, "0x009c", 0, "TLS_RSA_WITH_AES_128_GCM_SHA256 is taken in TLS 1.2");
    add_finding(s, 1, "0x002f", 0, "TLS_RSA_WITH_AES_128_CBC_SHA is taken in TLS 1.2");
    add_finding(s, 1, "0x000a", 0, "TLS_RSA_WITH_3DES_EDE_CBC_SHA is taken in TLS 1.2");
    add_finding(s, 5, "", 0, "A weaker suite stands before a stronger one");
    set_open(s, 2, HF_RULE_UNSEEN, "the server fell silent");
    add_finding(s, 3, "", 0, "No OCSP staple comes with the certificate");
    return audit;
}

hf_audit *audit_scene_unreached(const char *trouble)
{
    hf_audit *audit = calloc(1, sizeof *audit);

    audit->seen = hf_seen_new();
    snprintf(audit->seen->host, sizeof audit->seen->host, "2001:db8::7");
    snprintf(audit->seen->name, sizeof audit->seen->name, "2001:db8::7");
    snprintf(audit->seen->trouble, sizeof audit->seen->trouble, "%s", trouble);
    audit->seen->port = 443;
    audit->seen->started = TEST_NOW;
    audit->n = 1;
    audit->judged[0] = judgement_new(&loose);
    set_open(audit->judged[0], 0, HF_RULE_UNSEEN, trouble);
    set_open(audit->judged[0], 1, HF_RULE_UNSEEN, trouble);
    return audit;
}

void audit_scene_free(hf_audit *audit)
{
    for (size_t i = 0; i < audit->n; i++) {
        free(audit->judged[i]->rules);
        free(audit->judged[i]->findings);
        free(audit->judged[i]);
    }
    hf_audit_change_free(audit->change);
    hf_seen_free(audit->seen);
    free(audit);
}
