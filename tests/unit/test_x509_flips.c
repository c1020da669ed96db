/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Every byte of 20 shapes of certificates, as a leaf and as an issuer, is changed in three ways, and every length is cut
 * off: none of it is accepted under a root that is trusted. All of a certificate is either signed, or the
 * signature, or lengths and an algorithm that have one form only (RFC 5280 4.1), so there is no byte that
 * may be changed. The same bytes give a figure: parses a second.
 */
#include <stdio.h>
#include <time.h>

#include <handfast/verify.h>

#include "tests/support/x509_make.h"
#include "x509_support.h"

#define KU       "2.5.29.15"
#define EKU      "2.5.29.37"
#define SKI      "2.5.29.14"
#define AIA      "1.3.6.1.5.5.7.1.1"
#define CRLS     "2.5.29.31"
#define UNKNOWN  "1.3.6.1.4.1.55555.1"
#define HOST     "www.example.org"
#define SIGN     "03020780"
#define CERT     "03020106"
#define SERVER   "300a06082b06010505070301"
#define ANY_ID   "0414000102030405060708090a0b0c0d0e0f10111213"
#define OCSP_URI "301c301a06082b06010505073001860e687474703a2f2f612e6578616d70"
#define POINT    "30153013a011a00f860d687474703a2f2f612e74657374"
#define IS_CA    "30030101ff"
#define BC       MAKE_EXT_BASIC_CONSTRAINTS
#define POLICY   "3008300606042a030405"
#define IS_CA_0  "30060101ff020100"

enum { EXTS_MAX = 8, MASKS = 3, SHAPES = 20 };

/* What is left out has the default in brackets. */
typedef struct shape {
    const char *what;
    const char *subject, *issuer; /* ["CN=leaf", "CN=root"] */
    const char *san;              /* [www.example.org; a CA: none] */
    hf_key_type key, issuer_key;  /* [P-256] */
    bool ca, bare;                /* bare: without the usual extensions */
    struct {
        const char *oid;
        bool critical;
        const char *hex;
    } exts[EXTS_MAX];                 /* beside the usual ones */
    const char *permitted, *excluded; /* name constraints */
} shape;

#define LONG "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghijklm"

static const char many_names[] =
    "dns:" HOST "; dns:example.org; dns:*.example.org; dns:a.example.org; dns:b.example.org; "
    "dns:c.example.org; dns:d.example.org; dns:e.example.org; dns:f.example.org; "
    "dns:g.example.org; dns:h.example.org; dns:i.example.org; dns:j.example.org; "
    "ip:192.0.2.1; ip:2001:db8::1; email:a@example.org; uri:https://example.org/";

static const shape shapes[SHAPES] = {
    { .what = "P-256" },
    { "P-384", .key = HF_KEY_P384, .issuer_key = HF_KEY_P384 },
    { "P-521", .key = HF_KEY_P521, .issuer_key = HF_KEY_P521 },
    { "Ed25519", .key = HF_KEY_ED25519, .issuer_key = HF_KEY_ED25519 },
    { "RSA", .key = HF_KEY_RSA, .issuer_key = HF_KEY_RSA },
    { "RSA under P-256", .key = HF_KEY_RSA },
    { "P-256 under RSA", .issuer_key = HF_KEY_RSA },
    { "no extension but the names", .bare = true },
    { "many names", .san = many_names },
    { "long names", .subject = "C=DE, O=" LONG ", OU=" LONG ", CN=leaf", .issuer = "O=" LONG },
    { "other string types", .subject = "C=DE, O=(t)a, OU=(b)ab, CN=(p)leaf, DC=(i)x",
      .issuer = "CN=(p)root" },
    { "without a subject", .subject = "" },
    { "key identifier and places",
      .exts = { { SKI, false, ANY_ID }, { AIA, false, OCSP_URI }, { CRLS, false, POINT } } },
    { "policies", .exts = { { MAKE_EXT_POLICIES, false, "300c300a06082b06010401823702" } } },
    { "an unknown extension", .exts = { { UNKNOWN, false, "0500" } } },
    { "other names", .san = "dns:" HOST "; dir:CN=x, O=y; rid:1.2.3; other:1.2.3=t" },
    { "a CA", .ca = true, .exts = { { SKI, false, ANY_ID } } },
    { "a CA with path length", .ca = true, .bare = true, .issuer_key = HF_KEY_RSA,
      .exts = { { BC, true, IS_CA_0 }, { KU, true, CERT } } },
    { "a CA with constraints", .ca = true, .issuer_key = HF_KEY_P384,
      .permitted = "dns:example.org; dir:CN=leaf; ip:192.0.2.0/24",
      .excluded = "dns:no.example.org; email:x.test" },
    { "a CA under another key, with policies", .ca = true, .issuer_key = HF_KEY_ED25519,
      .exts = { { MAKE_EXT_POLICIES, false, POLICY },
                { MAKE_EXT_POLICY_CONSTRAINTS, true, "3003800101" } } },
};

typedef struct bench {
    hf_span chain[2];
    size_t n, at; /* chain[at] is the one that is changed */
    hf_verify_options options;
    size_t parses;
    double seconds;
} bench;

static make_ext ext(const char *oid, bool critical, const char *hex)
{
    return (make_ext){ oid, critical, make_hex(hex) };
}

static size_t put_usual(make_ext *exts, const shape *s)
{
    if (s->bare)
        return 0;
    exts[0] = s->ca ? ext(BC, true, IS_CA) : ext(EKU, false, SERVER);
    exts[1] = ext(KU, true, s->ca ? CERT : SIGN);
    return 2;
}

/* The certificate of a whole shape: what a default stands for is filled in. */
static hf_span certificate(const shape *s, const hf_private_key *key,
                           const hf_private_key *issuer_key)
{
    make_ext exts[EXTS_MAX + 4];
    size_t n = put_usual(exts, s);

    for (size_t i = 0; i < EXTS_MAX && s->exts[i].oid; i++)
        exts[n++] = ext(s->exts[i].oid, s->exts[i].critical, s->exts[i].hex);
    if (!s->ca)
        exts[n++] = (make_ext){ MAKE_EXT_SAN, s->subject[0] == '\0', make_san(s->san) };
    if (s->permitted)
        exts[n++] = (make_ext){ MAKE_EXT_NAME_CONSTRAINTS, true,
                                make_name_constraints(s->permitted, s->excluded) };
    return make_cert(&(make_cert_options){ .subject = s->subject,
                                           .issuer = s->issuer,
                                           .key = key,
                                           .issuer_key = issuer_key,
                                           .exts = exts,
                                           .n_exts = n });
}

static shape whole(shape s)
{
    s.subject = s.subject ? s.subject : "CN=leaf";
    s.issuer = s.issuer ? s.issuer : "CN=root";
    s.san = s.san ? s.san : "dns:" HOST;
    s.key = s.key ? s.key : HF_KEY_P256;
    s.issuer_key = s.issuer_key ? s.issuer_key : HF_KEY_P256;
    return s;
}

/* A leaf under a root, or a CA between the two. */
static void build(bench *b, shape s)
{
    s = whole(s);
    const shape root = { .subject = s.issuer, .issuer = s.issuer, .ca = true };
    const shape leaf =
        whole((shape){ .issuer = s.subject, .exts = { { MAKE_EXT_POLICIES, false, POLICY } } });
    const hf_private_key *root_key = test_key(s.issuer_key, TEST_KEY_ROOT),
                         *key = test_key(s.key, TEST_KEY_LEAF);

    b->options = (hf_verify_options){ .trust = hf_trust_new(), .name = HOST, .time = TEST_NOW };
    assert_error(hf_trust_add_der(b->options.trust, certificate(&root, root_key, root_key)), HF_OK);
    b->n = s.ca ? 2 : 1;
    b->at = b->n - 1;
    b->chain[b->at] = certificate(&s, key, root_key);
    if (s.ca)
        b->chain[0] = certificate(&leaf, test_key(HF_KEY_P256, TEST_KEY_OTHER), key);
}

static hf_error verify(bench *b, hf_span changed)
{
    hf_span chain[2] = { b->chain[0], b->chain[1] };
    hf_verify_result result;

    chain[b->at] = changed;
    return hf_verify_chain(chain, b->n, &b->options, &result);
}

static void count_parse(bench *b, hf_span der)
{
    enum { TIMES = 8 };
    hf_cert cert;
    clock_t start = clock();

    for (int i = 0; i < TIMES; i++)
        (void)!hf_cert_parse(&cert, der, NULL);
    b->seconds += (double)(clock() - start) / CLOCKS_PER_SEC;
    b->parses += TIMES;
}

static void refuse(bench *b, hf_span changed, const shape *s, const char *how, size_t at)
{
    if (verify(b, changed) == HF_OK)
        fail_msg("%s: accepted with byte %zu %s", s->what, at, how);
}

static void flip_all(bench *b, const shape *s)
{
    static const uint8_t masks[MASKS] = { 0x01, 0x80, 0xff };
    static const char *const how[MASKS] = { "xor 01", "xor 80", "xor ff" };
    size_t len = b->chain[b->at].len;
    uint8_t *copy = tight(b->chain[b->at]);

    for (size_t i = 0; i < len; i++)
        for (size_t m = 0; m < MASKS; m++) {
            copy[i] ^= masks[m];
            refuse(b, hf_span_of(copy, len), s, how[m], i);
            if (m == 0)
                count_parse(b, hf_span_of(copy, len));
            copy[i] ^= masks[m];
        }
    assert_error(verify(b, hf_span_of(copy, len)), HF_OK);
    free(copy);
}

static void cut_all(bench *b, const shape *s)
{
    for (size_t len = 0; len < b->chain[b->at].len; len++) {
        uint8_t *copy = tight(hf_span_of(b->chain[b->at].data, len));
        refuse(b, hf_span_of(copy, len), s, "and all after it cut off", len);
        free(copy);
    }
}

/* A byte more is one too many as well. */
static void extend(bench *b, const shape *s)
{
    hf_span more = make_join(b->chain[b->at], make_hex("00"));

    refuse(b, more, s, "appended", more.len - 1);
}

static void test_flips(void **state)
{
    size_t parses = 0, bytes = 0;
    double seconds = 0;

    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        bench b = { .parses = 0 };
        build(&b, shapes[i]);
        if (verify(&b, b.chain[b.at]) != HF_OK)
            fail_msg("%s: refused as it is: %s", shapes[i].what,
                     hf_error_row_of(verify(&b, b.chain[b.at]))->name);
        flip_all(&b, &shapes[i]);
        cut_all(&b, &shapes[i]);
        extend(&b, &shapes[i]);
        parses += b.parses;
        seconds += b.seconds;
        bytes += b.chain[b.at].len;
        hf_trust_free(b.options.trust);
        make_free();
    }
    printf("%zu bytes of %d certificates, %zu variants refused; %.0f parses a second\n", bytes,
           SHAPES, bytes * (MASKS + 1) + SHAPES, (double)parses / (seconds > 0 ? seconds : 1e-9));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_flips) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
