/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Policies: the shapes of the four extensions, and the walk from the anchor to the leaf.
 *
 * RFC 9618 keeps a graph whose node P at one depth is the child of every node above that expects P. The user accepts any
 * policy here, so of the whole graph only one thing is asked: is there a node at the last depth? Whether there is depends on the
 * depth above alone. So one level is kept: the policies that it expects, each once, and whether anyPolicy is among its nodes.
 */
#include "x509/cert_policies.h"

#include <stdio.h>

#include "x509/der.h"

enum {
    POLICIES_MAX = 128,              /* of one certificate, and of one level of the graph */
    MAPPINGS_MAX = 128,              /* of one certificate */
    SKIP_CERTS_MAX = HF_PATH_MAX + 1 /* more is as good as never */
};

static bool is_any_policy(hf_span oid)
{
    return hf_span_equal(oid, hf_span_of("\x55\x1d\x20\x00", 4)); /* 2.5.29.32.0 */
}

/* ---- shapes ---- */

/* RFC 5280 4.2.1.4: qualifiers mean nothing to a validator, but they must be what they say. */
static void skip_qualifiers(hf_reader *information)
{
    uint8_t tag;
    hf_reader list = hf_der_open(information, HF_DER_SEQUENCE, "policyQualifiers");

    do {
        hf_reader qualifier = hf_der_open(&list, HF_DER_SEQUENCE, "PolicyQualifierInfo");
        hf_der_oid(&qualifier, "policyQualifierId");
        hf_der_any(&qualifier, &tag, "qualifier");
        hf_rd_end(&qualifier);
    } while (hf_rd_left(&list) > 0);
}

static hf_span read_information(hf_reader *list)
{
    hf_reader information = hf_der_open(list, HF_DER_SEQUENCE, "PolicyInformation");
    hf_span oid = hf_der_oid(&information, "policyIdentifier");

    if (hf_rd_left(&information) > 0)
        skip_qualifiers(&information);
    hf_rd_end(&information);
    return oid;
}

static bool is_among(const hf_span *oids, size_t n, hf_span oid)
{
    for (size_t i = 0; i < n; i++)
        if (hf_span_equal(oids[i], oid))
            return true;
    return false;
}

void hf_policies_read(hf_reader *value, hf_cert *cert)
{
    hf_span seen[POLICIES_MAX];
    size_t n = 0;
    hf_reader list = hf_der_open(value, HF_DER_SEQUENCE, "CertificatePolicies");

    cert->policies = hf_span_of(list.p, hf_rd_left(&list));
    do {
        hf_span oid = read_information(&list);
        if (!hf_rd_ok(&list))
            return;
        if (is_among(seen, n, oid)) /* RFC 5280 4.2.1.4 */
            hf_rd_refuse(&list, HF_E_CERT_DER, 0, "policyIdentifier", "this policy is there twice");
        if (n == POLICIES_MAX)
            hf_rd_refuse(&list, HF_E_CERT_DER, 0, NULL, "more than %d policies", POLICIES_MAX);
        else
            seen[n++] = oid;
    } while (hf_rd_left(&list) > 0);
}

static void read_mapping(hf_reader *list, hf_span *issuers, hf_span *subjects)
{
    hf_reader mapping = hf_der_open(list, HF_DER_SEQUENCE, "PolicyMapping");

    *issuers = hf_der_oid(&mapping, "issuerDomainPolicy");
    *subjects = hf_der_oid(&mapping, "subjectDomainPolicy");
    hf_rd_end(&mapping);
}

/* RFC 5280 4.2.1.5 and 6.1.4 (a) */
void hf_policy_mappings_read(hf_reader *value, hf_cert *cert)
{
    size_t n = 0;
    hf_reader list = hf_der_open(value, HF_DER_SEQUENCE, "PolicyMappings");

    cert->policy_mappings = hf_span_of(list.p, hf_rd_left(&list));
    do {
        hf_span issuers, subjects;
        read_mapping(&list, &issuers, &subjects);
        if (is_any_policy(issuers) || is_any_policy(subjects))
            hf_rd_refuse(&list, HF_E_CERT_DER, 0, "PolicyMapping", "anyPolicy may not be mapped");
        if (++n > MAPPINGS_MAX)
            hf_rd_refuse(&list, HF_E_CERT_DER, 0, NULL, "more than %d mappings", MAPPINGS_MAX);
    } while (hf_rd_left(&list) > 0);
}

/* SkipCerts ::= INTEGER (0..MAX); what is above SKIP_CERTS_MAX is never reached. */
static unsigned skip_certs_of(hf_span v)
{
    unsigned n = 0;

    for (size_t i = 0; i < v.len && n < SKIP_CERTS_MAX; i++)
        n = n << 8 | v.data[i];
    return n < SKIP_CERTS_MAX ? n : SKIP_CERTS_MAX;
}

static void check_skip_certs(hf_reader *r, hf_span v, const char *field)
{
    bool padded = v.len > 1 && v.data[0] == 0 && !(v.data[1] & 0x80);

    if (hf_rd_ok(r) && (v.len == 0 || (v.data[0] & 0x80) || padded))
        hf_rd_refuse(r, HF_E_CERT_DER, v.len, field, "not a number from 0 on, or not minimal");
}

static unsigned read_skip_certs(hf_reader *r, uint8_t tag, const char *field)
{
    if (hf_der_peek(r) != tag)
        return SKIP_CERTS_MAX;
    hf_span v = hf_der_read(r, tag, field);
    check_skip_certs(r, v, field);
    return skip_certs_of(v);
}

typedef struct policy_constraints {
    unsigned require_explicit_policy, inhibit_policy_mapping; /* SKIP_CERTS_MAX: not there */
} policy_constraints;

static policy_constraints read_constraints(hf_reader *content)
{
    policy_constraints out;

    out.require_explicit_policy =
        read_skip_certs(content, HF_DER_CONTEXT(0), "requireExplicitPolicy");
    out.inhibit_policy_mapping =
        read_skip_certs(content, HF_DER_CONTEXT(1), "inhibitPolicyMapping");
    hf_rd_end(content);
    return out;
}

void hf_policy_constraints_read(hf_reader *value, hf_cert *cert)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "PolicyConstraints");

    cert->policy_constraints = hf_span_of(content.p, hf_rd_left(&content));
    if (hf_rd_ok(value) && hf_rd_left(&content) == 0) /* RFC 5280 4.2.1.11 */
        hf_rd_refuse(&content, HF_E_CERT_DER, 0, NULL,
                     "neither requireExplicitPolicy nor inhibitPolicyMapping");
    read_constraints(&content);
}

/* RFC 5280 4.2.1.14 */
void hf_inhibit_any_policy_read(hf_reader *value, hf_cert *cert)
{
    cert->inhibit_any_policy = hf_der_integer(value, "InhibitAnyPolicy");
    check_skip_certs(value, cert->inhibit_any_policy, "InhibitAnyPolicy");
}

/* ---- one level of the graph ---- */

typedef struct level {
    bool any; /* a node anyPolicy, which expects anyPolicy */
    size_t n;
    hf_span oids[POLICIES_MAX];
} level;

/* The state variables of RFC 5280 6.1.2 with any policy as the user's wish. */
typedef struct state {
    unsigned explicit_policy, inhibit_any_policy, policy_mapping;
    level expected; /* of the certificate above; RFC 9618 5.1 */
} state;

static bool is_null(const level *l)
{
    return !l->any && l->n == 0;
}

static hf_error add(level *l, hf_span oid)
{
    if (is_among(l->oids, l->n, oid))
        return HF_OK;
    if (l->n == POLICIES_MAX)
        return HF_E_CERT_POLICY;
    l->oids[l->n++] = oid;
    return HF_OK;
}

static hf_error add_all(level *to, const level *from)
{
    to->any = to->any || from->any;
    for (size_t i = 0; i < from->n; i++)
        TRY(add(to, from->oids[i]));
    return HF_OK;
}

/* RFC 5280 6.1.3 (d) (1) and (2): a policy of the certificate becomes a node if it is expected, or if anything is; anyPolicy
   takes over all that was expected, unless it is inhibited. */
static hf_error children(const state *s, const hf_cert *cert, bool any_allowed, level *nodes)
{
    bool any = false;
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(cert->policies, "CertificatePolicies", 0, &fault, NULL);

    *nodes = (level){ .any = false };
    while (hf_rd_left(&list) > 0) {
        hf_span oid = read_information(&list);
        if (is_any_policy(oid))
            any = true;
        else if (s->expected.any || is_among(s->expected.oids, s->expected.n, oid))
            TRY(add(nodes, oid));
    }
    if (fault.code != HF_OK)
        return HF_E_CERT_POLICY;
    return any && any_allowed ? add_all(nodes, &s->expected) : HF_OK;
}

static void take_out(level *l, hf_span oid)
{
    for (size_t i = 0; i < l->n; i++)
        if (hf_span_equal(l->oids[i], oid)) {
            l->oids[i] = l->oids[--l->n];
            return;
        }
}

/* RFC 5280 6.1.4 (b): a node that is mapped expects what it is mapped to instead of itself; where mapping is inhibited, it is
   taken out. What anyPolicy stands for need not be mapped: it expects everything, and so the image as well. */
static hf_error map(const state *s, const hf_cert *cert, const level *nodes, level *expected)
{
    hf_span from, to;
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(cert->policy_mappings, "PolicyMappings", 0, &fault, NULL),
              r = list;

    *expected = *nodes;
    while (hf_rd_left(&list) > 0) {
        read_mapping(&list, &from, &to);
        take_out(expected, from);
    }
    while (s->policy_mapping > 0 && hf_rd_left(&r) > 0) {
        read_mapping(&r, &from, &to);
        if (is_among(nodes->oids, nodes->n, from))
            TRY(add(expected, to));
    }
    return fault.code == HF_OK ? HF_OK : HF_E_CERT_POLICY;
}

/* ---- the counters ---- */

static policy_constraints constraints_of(const hf_cert *cert)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(cert->policy_constraints, "PolicyConstraints", 0, &fault, NULL);

    return read_constraints(&r);
}

static void lower_to(unsigned *counter, unsigned limit)
{
    if (limit < *counter)
        *counter = limit;
}

static void step(unsigned *counter)
{
    if (*counter > 0)
        (*counter)--;
}

/* RFC 5280 6.1.4 (h), (i) and (j) */
static void count_down(state *s, const hf_cert *cert)
{
    policy_constraints limits = constraints_of(cert);

    if (!cert->self_issued) {
        step(&s->explicit_policy);
        step(&s->policy_mapping);
        step(&s->inhibit_any_policy);
    }
    lower_to(&s->explicit_policy, limits.require_explicit_policy);
    lower_to(&s->policy_mapping, limits.inhibit_policy_mapping);
    if (cert->inhibit_any_policy.len > 0)
        lower_to(&s->inhibit_any_policy, skip_certs_of(cert->inhibit_any_policy));
}

/* RFC 5280 6.1.5 (a) and (b): the leaf counts, self-issued or not, and of its own demand only 0. */
static void count_leaf(state *s, const hf_cert *leaf)
{
    step(&s->explicit_policy);
    if (constraints_of(leaf).require_explicit_policy == 0)
        s->explicit_policy = 0;
}

/* ---- the path ---- */

/* RFC 5280 6.1.3 (f) and 6.1.5 (g) */
static hf_error judge(const state *s, const level *nodes, char detail[HF_DETAIL_MAX])
{
    if (s->explicit_policy > 0 || !is_null(nodes))
        return HF_OK;
    snprintf(detail, HF_DETAIL_MAX,
             "a policy is required, and none is valid from the anchor down to this certificate");
    return HF_E_CERT_POLICY;
}

static hf_error too_many(hf_error e, char detail[HF_DETAIL_MAX])
{
    if (e != HF_OK)
        snprintf(detail, HF_DETAIL_MAX, "more than %d policies at one level", POLICIES_MAX);
    return e;
}

static hf_error judge_one(state *s, const hf_cert *cert, bool leaf, char detail[HF_DETAIL_MAX])
{
    level nodes;
    bool any_allowed = s->inhibit_any_policy > 0 || (!leaf && cert->self_issued);

    TRY(too_many(children(s, cert, any_allowed, &nodes), detail));
    TRY(judge(s, &nodes, detail));
    if (leaf) {
        count_leaf(s, cert);
        return judge(s, &nodes, detail);
    }
    TRY(too_many(map(s, cert, &nodes, &s->expected), detail));
    count_down(s, cert);
    return HF_OK;
}

/* Without requireExplicitPolicy the count of certificates never reaches 0, and nothing can fail. */
static bool is_demanded(const hf_cert *const *path, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (constraints_of(path[i]).require_explicit_policy < SKIP_CERTS_MAX)
            return true;
    return false;
}

hf_error hf_policies_check(const hf_cert *const *path, size_t n, size_t *at,
                           char detail[HF_DETAIL_MAX])
{
    state s = { .expected = { .any = true } };

    if (!is_demanded(path, n))
        return HF_OK;
    s.explicit_policy = s.inhibit_any_policy = s.policy_mapping = (unsigned)n; /* RFC 5280 6.1.2 */
    for (size_t i = n - 1; i-- > 0;) {
        *at = i;
        TRY(judge_one(&s, path[i], i == 0, detail));
    }
    return HF_OK;
}
