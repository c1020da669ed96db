/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The profile `webpki`, rule by rule: a chain of three that is good under both profiles, and the same with one thing
 * changed in one certificate, which `private` still accepts and `webpki` refuses for exactly that.
 */
#include "x509_support.h"

#include "handfast/os.h"
#include "tests/support/x509_make.h"
#include "x509/path_rules.h"

#define SKI        "2.5.29.14"
#define KU         "2.5.29.15"
#define SAN        MAKE_EXT_SAN
#define BC         MAKE_EXT_BASIC_CONSTRAINTS
#define NC         MAKE_EXT_NAME_CONSTRAINTS
#define AKI        "2.5.29.35"
#define POLICY_CON MAKE_EXT_POLICY_CONSTRAINTS
#define EKU        "2.5.29.37"
#define INHIBIT    MAKE_EXT_INHIBIT_ANY
#define AIA        "1.3.6.1.5.5.7.1.1"
#define SCTS       "1.3.6.1.4.1.11129.2.4.2"
#define CRL_POINTS "2.5.29.31"

#define SERVER_AUTH "06082b06010505070301"
#define CLIENT_AUTH "06082b06010505070302"
#define OCSP_URI    "301c301a06082b06010505073001860e687474703a2f2f612e6578616d70"

enum { LEAF, CA, ROOT, CERTS };

typedef struct ext {
    const char *oid;
    bool critical;
    const char *hex;
} ext;

enum { EXTS_MAX = 8 };
static const ext base[CERTS][EXTS_MAX] = {
    [LEAF] = { { KU, true, "03020780" },
               { EKU, false, "300a" SERVER_AUTH },
               { SAN, false, "300d820b6578616d706c652e6f7267" },
               { AKI, false, "3006800405060708" } },
    [CA] = { { BC, true, "30030101ff" },
             { KU, true, "03020106" },
             { SKI, false, "040405060708" },
             { AKI, false, "3006800401020304" } },
    [ROOT] = { { BC, true, "30030101ff" },
               { KU, true, "03020106" },
               { SKI, false, "040401020304" } },
};

/* What is changed about one certificate of the chain. */
typedef struct change {
    int which;
    const char *drop;     /* an extension that is left out */
    ext put;              /* one that is added, or takes the place of that of its kind */
    const char *san;      /* for make_san, in place of the leaf's */
    const char *subject;  /* of the leaf [CN=example.org]; "" is the empty name */
    hf_key_type key_type; /* [P-256] */
    bool odd_rsa;         /* RSA of 2052 bits */
} change;

static hf_path_result result;

/* ---- the chain ---- */

static bool is_replaced(const change *c, const char *oid)
{
    return (c->drop && strcmp(c->drop, oid) == 0) || (c->put.oid && strcmp(c->put.oid, oid) == 0) ||
           (c->san && strcmp(SAN, oid) == 0);
}

static size_t choose_exts(const change *c, int which, make_ext out[EXTS_MAX])
{
    static const change none = { 0 };
    const change *mine = c->which == which ? c : &none;
    size_t n = 0;

    for (size_t i = 0; i < EXTS_MAX && base[which][i].oid; i++)
        if (!is_replaced(mine, base[which][i].oid))
            out[n++] = (make_ext){ base[which][i].oid, base[which][i].critical,
                                   make_hex(base[which][i].hex) };
    if (mine->san)
        out[n++] = (make_ext){ SAN, mine->put.critical && !mine->put.oid, make_san(mine->san) };
    if (mine->put.oid)
        out[n++] = (make_ext){ mine->put.oid, mine->put.critical, make_hex(mine->put.hex) };
    return n;
}

/* RSA of a length that is no multiple of 8. Not every libcrypto makes such a key. */
static const hf_private_key *odd_key(void)
{
    static hf_private_key *made;
    uint8_t *pem;
    size_t len;

    if (made)
        return made;
    assert_error(
        hf_os_read_file(HF_SOURCE_DIR "/tests/vectors/data/rsa2052.pem", 1 << 16, &pem, &len),
        HF_OK);
    assert_error(hf_private_key_from_pem(&made, hf_span_of(pem, len), NULL), HF_OK);
    hf_free(pem);
    return made;
}

static const hf_private_key *choose_key(const change *c, int which)
{
    bool changed = c->which == which;

    if (changed && c->odd_rsa)
        return odd_key();
    return test_key(changed && c->key_type ? c->key_type : HF_KEY_P256, (unsigned)which);
}

static hf_span certificate(const change *c, int which)
{
    static const char *const names[CERTS] = { "CN=example.org", "CN=CA", "CN=Root" };
    int issuer = which == ROOT ? ROOT : which + 1;
    make_ext exts[EXTS_MAX];
    make_cert_options o = {
        .subject = c->which == which && c->subject ? c->subject : names[which],
        .issuer = names[issuer],
        .key = choose_key(c, which),
        .issuer_key = choose_key(c, issuer),
        .exts = exts,
        .n_exts = choose_exts(c, which, exts),
    };

    return make_cert(&o);
}

static hf_path_query question(uint8_t profile)
{
    return (hf_path_query){
        .now = TEST_NOW,
        .purpose = HF_EKU_SERVER_AUTH,
        .profile = profile,
        .max_intermediates = -1,
        .rsa_min_bits = 1024,
        .rsa_max_bits = 8192,
        .schemes = test_schemes(),
    };
}

static hf_error ask(const change *c, hf_path_query query)
{
    hf_span chain[2] = { certificate(c, LEAF), certificate(c, CA) };

    query.chain = chain;
    query.n_chain = 2;
    query.trust = hf_trust_new();
    assert_error(hf_trust_add_der((hf_trust *)query.trust, certificate(c, ROOT)), HF_OK);
    hf_error e = hf_path_verify(&query, &result);
    hf_trust_free((hf_trust *)query.trust);
    make_free();
    return e;
}

/* ---- one rule each ---- */

typedef struct row {
    const char *rule;
    change c;
    hf_error code; /* under webpki */
    const char *detail;
} row;

static void run(const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const row *r = &rows[i];
        hf_error e = ask(&r->c, question(HF_PROFILE_PRIVATE));
        if (e != HF_OK)
            fail_msg("%s: private: %s (%s)", r->rule, hf_error_row_of(e)->name, result.detail);
        e = ask(&r->c, question(HF_PROFILE_WEBPKI));
        if (e != r->code || (e != HF_OK && result.at != (size_t)r->c.which))
            fail_msg("%s: webpki: %s at %zu (%s)", r->rule, hf_error_row_of(e)->name, result.at,
                     result.detail);
        if (r->detail && strncmp(result.detail, r->detail, strlen(r->detail)) != 0)
            fail_msg("%s: \"%s\", expected \"%s\"", r->rule, result.detail, r->detail);
    }
}

static const row extension_rows[] = {
    { "nothing changed", { 0 }, HF_OK, NULL },
    /* RFC 5280 4.2.1.1; CA/Browser Forum BR 7.1.2.1.3 */
    { "a leaf has an AKI", { .drop = AKI }, HF_E_CERT_AKI, "authorityKeyIdentifier is not there" },
    { "with a keyIdentifier",
      { .put = { AKI, false, "3000" } },
      HF_E_CERT_AKI,
      "authorityKeyIdentifier has no keyIdentifier" },
    { "an intermediate has an AKI", { CA, .drop = AKI }, HF_E_CERT_AKI, NULL },
    { "an AKI is not critical",
      { .put = { AKI, true, "3006800405060708" } },
      HF_E_CERT_EXTENSION_FORM,
      "authorityKeyIdentifier is critical" },
    { "a root's AKI may be there",
      { ROOT, .put = { AKI, false, "3006800401020304" } },
      HF_OK,
      NULL },
    { "a root's AKI has a keyIdentifier",
      { ROOT, .put = { AKI, false, "3000" } },
      HF_E_CERT_AKI,
      "authorityKeyIdentifier has no keyIdentifier" },
    { "a root's AKI is its SKI",
      { ROOT, .put = { AKI, false, "3006800401020305" } },
      HF_E_CERT_AKI,
      "a root's authorityKeyIdentifier is not its subjectKeyIdentifier" },
    { "a root's AKI has no issuer",
      { ROOT, .put = { AKI, false, "300a 800401020304 a1028200" } },
      HF_E_CERT_AKI,
      "a root's authorityKeyIdentifier has more than keyIdentifier" },
    { "a root's AKI has no serial number",
      { ROOT, .put = { AKI, false, "3009 800401020304 820101" } },
      HF_E_CERT_AKI,
      "a root's authorityKeyIdentifier has more than keyIdentifier" },
    /* RFC 5280 4.2.1.2 */
    { "a root has an SKI", { ROOT, .drop = SKI }, HF_E_CERT_SKI, "subjectKeyIdentifier is not" },
    { "an intermediate has an SKI", { CA, .drop = SKI }, HF_E_CERT_SKI, NULL },
    { "an SKI is not critical",
      { CA, .put = { SKI, true, "040405060708" } },
      HF_E_CERT_EXTENSION_FORM,
      "subjectKeyIdentifier is critical" },
    /* RFC 5280 4.2.2.1 */
    { "AIA may be there", { .put = { AIA, false, OCSP_URI } }, HF_OK, NULL },
    { "AIA is not critical",
      { .put = { AIA, true, OCSP_URI } },
      HF_E_CERT_EXTENSION_FORM,
      "authorityInfoAccess is critical" },
    { "CRL distribution points may be critical",
      { .put = { CRL_POINTS, true, "300c300aa008a0068604613a2f2f" } },
      HF_OK,
      NULL },
    { "SCTs may be there", { .put = { SCTS, false, "04020000" } }, HF_OK, NULL },
    /* RFC 5280 4.2.1.11, 4.2.1.14 */
    { "policyConstraints is critical",
      { CA, .put = { POLICY_CON, false, "3003810105" } },
      HF_E_CERT_EXTENSION_FORM,
      "policyConstraints is not critical" },
    { "and then fine", { CA, .put = { POLICY_CON, true, "3003810105" } }, HF_OK, NULL },
    { "inhibitAnyPolicy is critical",
      { CA, .put = { INHIBIT, false, "020100" } },
      HF_E_CERT_EXTENSION_FORM,
      "inhibitAnyPolicy is not critical" },
    /* RFC 5280 4.2.1.9, 4.2.1.3 */
    { "a CA's basicConstraints are critical",
      { CA, .put = { BC, false, "30030101ff" } },
      HF_E_CERT_EXTENSION_FORM,
      "basicConstraints is not critical" },
    { "a root's, too",
      { ROOT, .put = { BC, false, "30030101ff" } },
      HF_E_CERT_EXTENSION_FORM,
      "basicConstraints is not critical" },
    { "a leaf's need not be", { .put = { BC, false, "3000" } }, HF_OK, NULL },
    { "keyCertSign without cA",
      { .put = { KU, true, "03020284" } },
      HF_E_CERT_EXTENSION_FORM,
      "keyUsage has keyCertSign, and basicConstraints does not say cA" },
    { "pathLenConstraint without cA",
      { .put = { BC, true, "3003020100" } },
      HF_E_CERT_EXTENSION_FORM,
      "pathLenConstraint is there without cA" },
    { "pathLenConstraint with it", { CA, .put = { BC, true, "30060101ff020100" } }, HF_OK, NULL },
    { "keyUsage of a root may be absent", { ROOT, .drop = KU }, HF_OK, NULL },
    /* CA/Browser Forum BR 7.1.2.7.8 */
    { "a CA as leaf",
      { .put = { BC, true, "30030101ff" } },
      HF_E_CERT_CA_AS_LEAF,
      "basicConstraints says cA" },
    /* CA/Browser Forum BR 7.1.2.7.6, 7.1.2.7.10, 7.1.2.1.2 */
    { "a leaf has an EKU", { .drop = EKU }, HF_E_CERT_PURPOSE_OPEN, "extKeyUsage is missing" },
    { "an EKU is not any",
      { .put = { EKU, false, "3006 0604551d2500" } },
      HF_E_CERT_PURPOSE_OPEN,
      "extKeyUsage has anyExtendedKeyUsage" },
    { "nor any beside another",
      { .put = { EKU, false, "3010" SERVER_AUTH "0604551d2500" } },
      HF_E_CERT_PURPOSE_OPEN,
      "extKeyUsage has anyExtendedKeyUsage" },
    { "an EKU is not critical",
      { .put = { EKU, true, "300a" SERVER_AUTH } },
      HF_E_CERT_EXTENSION_FORM,
      "extKeyUsage is critical" },
    { "two purposes are fine",
      { .put = { EKU, false, "3014" SERVER_AUTH CLIENT_AUTH } },
      HF_OK,
      NULL },
    { "an intermediate may have an EKU",
      { CA, .put = { EKU, false, "300a" SERVER_AUTH } },
      HF_OK,
      NULL },
    { "a root has no EKU",
      { ROOT, .put = { EKU, false, "300a" SERVER_AUTH } },
      HF_E_CERT_EXTENSION_FORM,
      "extKeyUsage is there, not allowed in a root" },
    /* RFC 5280 4.2.1.10 */
    { "name constraints in a leaf",
      { .put = { NC, false, "300fa00d300b8209 6c6f63616c686f7374" } },
      HF_E_CERT_EXTENSION_FORM,
      "nameConstraints is there" },
    { "critical ones, too",
      { .put = { NC, true, "300fa00d300b8209 6c6f63616c686f7374" } },
      HF_E_CERT_EXTENSION_FORM,
      "nameConstraints is there" },
};

static void test_extensions(void **state)
{
    (void)state;
    run(extension_rows, COUNT(extension_rows));
}

/* CA/Browser Forum BR 6.1.5, 7.1.3.1 */
static const row key_rows[] = {
    { "P-384", { .key_type = HF_KEY_P384 }, HF_OK, NULL },
    { "P-521", { .key_type = HF_KEY_P521 }, HF_OK, NULL },
    { "Ed25519", { .key_type = HF_KEY_ED25519 }, HF_OK, NULL },
    { "RSA", { .key_type = HF_KEY_RSA }, HF_OK, NULL },
    { "an RSA key that is for PSS alone",
      { .key_type = HF_KEY_RSA_PSS },
      HF_E_CERT_KEY_UNSUPPORTED,
      "key of another kind than RSA, P-256, P-384, P-521 and Ed25519" },
    { "RSA of 2052 bits",
      { .odd_rsa = true },
      HF_E_CERT_KEY_UNSUPPORTED,
      "RSA modulus of 2052 bits, must be a multiple of 8" },
    { "a CA with such a key",
      { CA, .odd_rsa = true },
      HF_E_CERT_KEY_UNSUPPORTED,
      "RSA modulus of 2052 bits" },
    { "a root, too", { ROOT, .odd_rsa = true }, HF_E_CERT_KEY_UNSUPPORTED, NULL },
};

static void test_keys(void **state)
{
    (void)state;
    run(key_rows, COUNT(key_rows));
}

/* CA/Browser Forum BR 6.1.5: whatever the policy's own limit is. */
static void test_short_rsa(void **state)
{
    const change c = { .key_type = HF_KEY_RSA };
    hf_cert leaf;
    char detail[HF_DETAIL_MAX];

    (void)state;
    assert_error(hf_cert_parse(&leaf, certificate(&c, LEAF), NULL), HF_OK);
    assert_error(hf_profile_leaf(&leaf, detail), HF_OK);
    leaf.key.n.len = 128;
    assert_error(hf_profile_leaf(&leaf, detail), HF_E_CERT_KEY_WEAK);
    assert_string_equal(detail, "RSA key of 1024 bits, at least 2048 allowed");
    make_free();
}

/* ---- names ---- */

#define LABEL63 "a23456789012345678901234567890123456789012345678901234567890123"

/* RFC 5280 4.2.1.6 */
static const row san_rows[] = {
    { "there is one", { .drop = SAN, .subject = "O=x" }, HF_E_CERT_SAN, "subjectAltName is not" },
    { "not critical beside a subject",
      { .put = { SAN, true, "300d820b6578616d706c652e6f7267" } },
      HF_E_CERT_EXTENSION_FORM,
      "subjectAltName is critical, and the subject is not empty" },
    { "critical without one",
      { .put = { SAN, true, "300d820b6578616d706c652e6f7267" }, .subject = "" },
      HF_OK,
      NULL },
    { "not critical without one",
      { .subject = "" },
      HF_E_CERT_EXTENSION_FORM,
      "subjectAltName is not critical, and the subject is empty" },
    { "every kind of name",
      { .san = "dns:example.org; dns:*.example.org; ip:192.0.2.1; email:a.b@example.org; "
               "uri:https://a.b/; dir:O=x" },
      HF_OK,
      NULL },
    { "digits and hyphens", { .san = "dns:example.org; dns:1-a--b.3com.example" }, HF_OK, NULL },
    { "one label", { .san = "dns:example.org; dns:localhost" }, HF_OK, NULL },
    { "A-labels", { .san = "dns:example.org; dns:xn--bcher-kva.example" }, HF_OK, NULL },
    { "a label of 63", { .san = "dns:example.org; dns:" LABEL63 ".example" }, HF_OK, NULL },
    { "a label of 64",
      { .san = "dns:example.org; dns:a" LABEL63 ".example" },
      HF_E_CERT_SAN,
      "dNSName has a label of over 63 octets: aa23" },
    { "a name of 253",
      { .san = "dns:example.org; dns:" LABEL63 "." LABEL63 "." LABEL63
               ".a2345678901234567890123456789012345678901234567890123.example" },
      HF_OK,
      NULL },
    { "a name of 254",
      { .san = "dns:example.org; dns:" LABEL63 "." LABEL63 "." LABEL63
               ".a23456789012345678901234567890123456789012345678901234.example" },
      HF_E_CERT_SAN,
      "dNSName of over 253 octets" },
    { "an underscore",
      { .san = "dns:example.org; dns:a_b.example" },
      HF_E_CERT_SAN,
      "dNSName has another character than letters, digits, hyphens and dots: a_b.example" },
    { "a blank",
      { .san = "dns:example.org; raw:8203612062" },
      HF_E_CERT_SAN,
      "dNSName has another character than letters, digits, hyphens and dots: a b" },
    { "one that cannot be printed",
      { .san = "dns:example.org; raw:8204617f7e1f" },
      HF_E_CERT_SAN,
      "dNSName has another character than letters, digits, hyphens and dots: a?~?" },
    { "the ends of the alphabet", { .san = "dns:example.org; dns:azAZ09.example" }, HF_OK, NULL },
    { "a leading dot",
      { .san = "dns:example.org; dns:.example.org" },
      HF_E_CERT_SAN,
      "dNSName has an empty label: .example.org" },
    { "a trailing dot",
      { .san = "dns:example.org; dns:example.org." },
      HF_E_CERT_SAN,
      "dNSName ends with a dot: example.org." },
    { "two dots", { .san = "dns:example.org; dns:a..b" }, HF_E_CERT_SAN, NULL },
    { "a dot alone", { .san = "dns:example.org; dns:." }, HF_E_CERT_SAN, NULL },
    { "a hyphen first", { .san = "dns:example.org; dns:-a.example" }, HF_E_CERT_SAN, NULL },
    { "a hyphen last", { .san = "dns:example.org; dns:a-.example" }, HF_E_CERT_SAN, NULL },
    { "an IPv4 address",
      { .san = "dns:example.org; dns:192.0.2.1" },
      HF_E_CERT_SAN,
      "dNSName is an IP address, or looks like one: 192.0.2.1" },
    { "something like it", { .san = "dns:example.org; dns:127.1" }, HF_E_CERT_SAN, NULL },
    { "an IPv6 address", { .san = "dns:example.org; dns:::1" }, HF_E_CERT_SAN, NULL },
    { "a wildcard inside a label",
      { .san = "dns:example.org; dns:b*.a.example" },
      HF_E_CERT_SAN,
      NULL },
    { "two wildcards", { .san = "dns:example.org; dns:*.*.example" }, HF_E_CERT_SAN, NULL },
    { "a wildcard further right",
      { .san = "dns:example.org; dns:a.*.example" },
      HF_E_CERT_SAN,
      NULL },
    { "a wildcard in an A-label",
      { .san = "dns:example.org; dns:xn--*-1b.example.org" },
      HF_E_CERT_SAN,
      NULL },
    { "a wildcard and nothing", { .san = "dns:example.org; dns:*." }, HF_E_CERT_SAN, NULL },
    { "a wildcard alone",
      { .san = "dns:example.org; dns:*" },
      HF_E_CERT_WILDCARD,
      "a wildcard for a whole top-level domain: *" },
    { "a wildcard over a top-level domain",
      { .san = "dns:example.org; dns:*.org" },
      HF_E_CERT_WILDCARD,
      "a wildcard for a whole top-level domain: *.org" },
    { "a mail address without @",
      { .san = "dns:example.org; email:example.org" },
      HF_E_CERT_SAN,
      "rfc822Name is not a mail address: example.org" },
    { "a mail address with two",
      { .san = "dns:example.org; email:a@b@example.org" },
      HF_E_CERT_SAN,
      NULL },
    { "a mail address for nobody",
      { .san = "dns:example.org; email:@example.org" },
      HF_E_CERT_SAN,
      NULL },
};

static void test_san(void **state)
{
    (void)state;
    run(san_rows, COUNT(san_rows));
}

/* CA/Browser Forum BR 7.1.4.3 */
static const row common_name_rows[] = {
    { "none", { .subject = "O=example.net" }, HF_OK, NULL },
    { "the second name", { .san = "dns:a.example; dns:example.org" }, HF_OK, NULL },
    { "a wildcard", { .san = "dns:*.a.example", .subject = "CN=*.a.example" }, HF_OK, NULL },
    { "the domain above a name", { .san = "dns:www.example.org" }, HF_OK, NULL },
    { "the domain above a wildcard", { .san = "dns:*.example.org" }, HF_OK, NULL },
    { "another host",
      { .subject = "CN=www.example.net" },
      HF_E_CERT_COMMON_NAME,
      "common name that is not in subjectAltName: www.example.net" },
    { "a host below", { .subject = "CN=www.example.org" }, HF_E_CERT_COMMON_NAME, NULL },
    { "a top-level domain", { .subject = "CN=org" }, HF_E_CERT_COMMON_NAME, NULL },
    { "the end of a name", { .subject = "CN=ple.org" }, HF_E_CERT_COMMON_NAME, NULL },
    { "other letters", { .subject = "CN=Example.org" }, HF_E_CERT_COMMON_NAME, NULL },
    { "a name above in other letters",
      { .san = "dns:www.example.org", .subject = "CN=Example.org" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "words", { .subject = "CN=Example Company" }, HF_E_CERT_COMMON_NAME, NULL },
    { "a U-label",
      { .san = "dns:xn--bcher-kva.example",
        .subject = "CN=b\xc3\xbc"
                   "cher.example" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "one of two", { .subject = "CN=example.org, CN=example.net" }, HF_E_CERT_COMMON_NAME, NULL },
    { "in one RDN", { .subject = "CN=example.org+CN=a.example" }, HF_E_CERT_COMMON_NAME, NULL },
    { "an address", { .san = "ip:192.0.2.1", .subject = "CN=192.0.2.1" }, HF_OK, NULL },
    { "another address",
      { .san = "ip:192.0.2.1", .subject = "CN=192.0.2.2" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "leading zeroes",
      { .san = "ip:192.0.2.1", .subject = "CN=192.0.002.001" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "as one number",
      { .san = "ip:192.0.2.1", .subject = "CN=0xC0000201" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "RFC 5952", { .san = "ip:2001:db8::1", .subject = "CN=2001:db8::1" }, HF_OK, NULL },
    { "capitals",
      { .san = "ip:2001:db8::1", .subject = "CN=2001:DB8::1" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "zeroes that could be left out",
      { .san = "ip:2001:db8::1", .subject = "CN=2001:db8:0:0:0:0:0:1" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "hexadecimal",
      { .san = "ip:192.0.2.1", .subject = "CN=0xAFaf09.1" },
      HF_E_CERT_COMMON_NAME,
      NULL },
    { "nearly so", { .san = "ip:192.0.2.1", .subject = "CN=0xag" }, HF_OK, NULL },
    { "hexadecimal digits", { .san = "ip:192.0.2.1", .subject = "CN=beef" }, HF_OK, NULL },
    { "with another beginning", { .san = "ip:192.0.2.1", .subject = "CN=1xff" }, HF_OK, NULL },
    { "the beginning alone", { .san = "ip:192.0.2.1", .subject = "CN=0x" }, HF_OK, NULL },
    { "no x", { .san = "ip:192.0.2.1", .subject = "CN=0aff" }, HF_OK, NULL },
    { "words where there is no host name",
      { .san = "ip:192.0.2.1", .subject = "CN=example" },
      HF_OK,
      NULL },
};

static void test_common_name(void **state)
{
    (void)state;
    run(common_name_rows, COUNT(common_name_rows));
}

/* A client is not known by a host name: its common name says what it likes. */
static void test_client(void **state)
{
    const change c = { .put = { EKU, false, "300a" CLIENT_AUTH }, .subject = "CN=Alice" };
    hf_path_query query = question(HF_PROFILE_WEBPKI);

    (void)state;
    query.purpose = HF_EKU_CLIENT_AUTH;
    assert_error(ask(&c, query), HF_OK);
}

/* ---- what no chain can show ---- */

/* RFC 5280 4.1.2.6: below such a CA every issuer is empty, which does not parse. */
static void test_empty_subject(void **state)
{
    const change c = { .which = CA };
    hf_cert ca;
    char detail[HF_DETAIL_MAX];

    (void)state;
    assert_error(hf_cert_parse(&ca, certificate(&c, CA), NULL), HF_OK);
    ca.subject = make_hex("3000");
    assert_error(hf_profile_issuer(&ca, false, detail), HF_E_CERT_EXTENSION_FORM);
    assert_string_equal(detail, "the subject of a CA is empty");
    make_free();
}

/* RFC 5280 4.2.1.1: only a self-signed anchor may be without AKI. Whether it is, the key says. */
static void test_anchor_aki(void **state)
{
    static const ext *exts = base[ROOT];
    make_ext list[3];
    make_cert_options o = { .subject = "CN=Root", .exts = list, .n_exts = 3 };
    char detail[HF_DETAIL_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(list); i++)
        list[i] = (make_ext){ exts[i].oid, exts[i].critical, make_hex(exts[i].hex) };
    hf_cert root = make_parsed(&o);
    assert_error(hf_profile_issuer(&root, true, detail), HF_OK);
    assert_error(hf_profile_issuer(&root, false, detail), HF_E_CERT_AKI);
    o.issuer = "CN=Root, O=the same by another name";
    root = make_parsed(&o);
    assert_error(hf_profile_issuer(&root, true, detail), HF_OK);
    o.issuer_key = test_key(HF_KEY_P256, TEST_KEY_OTHER);
    root = make_parsed(&o);
    assert_error(hf_profile_issuer(&root, true, detail), HF_E_CERT_AKI);
    make_free();
}

/* RFC 5280 4.2.1.1: the exception holds for a leaf that signed itself. */
static void test_self_signed_leaf(void **state)
{
    const change c = { .drop = AKI };
    hf_cert leaf;
    char detail[HF_DETAIL_MAX];

    (void)state;
    assert_error(hf_cert_parse(&leaf, certificate(&c, LEAF), NULL), HF_OK);
    assert_error(hf_profile_leaf(&leaf, detail), HF_E_CERT_AKI);
    leaf.self_issued = true;
    assert_error(hf_profile_leaf(&leaf, detail), HF_OK);
    make_free();
}

/* ---- what both profiles ask of a leaf ---- */

static hf_error ask_both(const change *c, hf_path_query query)
{
    query.profile = HF_PROFILE_PRIVATE;
    hf_error e = ask(c, query);
    query.profile = HF_PROFILE_WEBPKI;
    assert_error(ask(c, query), e);
    return e;
}

/* RFC 5280 7.5 */
static void test_emails(void **state)
{
    static const char *const wanted[] = { "a@EXAMPLE.org", "b.c@example.org" };
    const change c = { .san = "dns:example.org; email:b.c@example.org; email:a@example.org" };
    hf_path_query query = question(HF_PROFILE_PRIVATE);

    (void)state;
    query.emails = wanted;
    query.n_emails = 2;
    assert_error(ask_both(&c, query), HF_OK);
    assert_error(ask_both(&(change){ .san = "dns:example.org; email:a@example.org" }, query),
                 HF_E_CERT_NAME);
    assert_string_equal(result.detail, "no rfc822Name is b.c@example.org");
    assert_error(ask_both(&(change){ 0 }, query), HF_E_CERT_NAME);
}

/* RFC 5280 4.2.1.3 */
static void test_key_usage(void **state)
{
    hf_path_query query = question(HF_PROFILE_PRIVATE);

    (void)state;
    query.key_usage = HF_KU_DIGITAL_SIGNATURE | HF_KU_KEY_ENCIPHERMENT;
    assert_error(ask_both(&(change){ 0 }, query), HF_E_CERT_USAGE);
    assert_string_equal(result.detail, "keyUsage is there without keyEncipherment");
    assert_error(ask_both(&(change){ .put = { KU, true, "030205a0" } }, query), HF_OK);
    assert_error(ask_both(&(change){ .drop = KU }, query), HF_OK);
    query.key_usage = 1u << 8;
    assert_error(ask_both(&(change){ 0 }, query), HF_E_CERT_USAGE);
    assert_string_equal(result.detail, "keyUsage is there without decipherOnly");
}

static bool is_suffix(void *user, const char *domain)
{
    (void)user;
    return strcmp(domain, "co.example") == 0;
}

/* CA/Browser Forum BR 3.2.2.6: no wildcard right under a public suffix, whatever the profile. */
static void test_public_suffix(void **state)
{
    const change c = { .san = "dns:*.CO.example; dns:co.example; dns:*.a.co.example",
                       .subject = "O=x" };
    hf_path_query query = question(HF_PROFILE_PRIVATE);

    (void)state;
    query.name = "www.co.example";
    assert_error(ask_both(&c, query), HF_OK);
    query.public_suffix = is_suffix;
    assert_error(ask_both(&c, query), HF_E_CERT_WILDCARD);
    assert_string_equal(result.detail,
                        "a wildcard under a public suffix does not stand for www.co.example");
    query.name = "co.example";
    assert_error(ask_both(&c, query), HF_OK);
    query.name = "www.a.co.example";
    assert_error(ask_both(&c, query), HF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_short_rsa),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_san),
        cmocka_unit_test(test_common_name),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_empty_subject),
        cmocka_unit_test(test_anchor_aki),
        cmocka_unit_test(test_self_signed_leaf),
        cmocka_unit_test(test_emails),
        cmocka_unit_test(test_key_usage),
        cmocka_unit_test(test_public_suffix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
