/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The extension and the walk: every name of a certificate meets every subtree. Excluded beats
 * permitted; of permitted subtrees only those of the name's own kind count, and one must hold it.
 */
#include "x509/constraints.h"

#include <stdio.h>

#include "x509/constraints_kinds.h"
#include "x509/label.h"
#include "x509/oid.h"

enum {
    PERMITTED = HF_DER_CONTEXT_CONS(0),
    EXCLUDED = HF_DER_CONTEXT_CONS(1),
    EMPTY_NAME_LEN = 2,
    STEP = 64,          /* bytes that are looked at for one unit of the budget */
    DIRECTORY_STEP = 4, /* the same of a Name: its sets are compared each with each */
    WORDS_MAX = 56
};

/* ---- shape ---- */

/* The choices of GeneralName, RFC 5280 4.2.1.6. */
static bool is_general_name(uint8_t tag)
{
    bool primitive = tag == HF_GN_EMAIL || tag == HF_GN_DNS || tag == HF_GN_URI ||
                     tag == HF_GN_IP || tag == HF_DER_CONTEXT(8);

    return primitive || tag == HF_DER_CONTEXT_CONS(0) || tag == HF_DER_CONTEXT_CONS(3) ||
           tag == HF_DER_CONTEXT_CONS(4) || tag == HF_DER_CONTEXT_CONS(5);
}

static void read_subtree(hf_reader *list)
{
    uint8_t tag = 0;
    hf_reader subtree = hf_der_open(list, HF_DER_SEQUENCE, "GeneralSubtree");
    hf_span base = hf_der_any(&subtree, &tag, "base");

    if (hf_rd_ok(list) && !is_general_name(tag))
        hf_rd_refuse(&subtree, HF_E_CERT_DER, base.len, "base",
                     "tag %02x is not a choice of GeneralName", tag);
    if (hf_der_peek(&subtree) == HF_DER_CONTEXT(0))
        hf_der_read(&subtree, HF_DER_CONTEXT(0), "minimum");
    if (hf_der_peek(&subtree) == HF_DER_CONTEXT(1))
        hf_der_read(&subtree, HF_DER_CONTEXT(1), "maximum");
    hf_rd_end(&subtree);
}

/* GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) */
static void read_subtrees(hf_reader *content, uint8_t tag, const char *field)
{
    if (hf_der_peek(content) != tag)
        return;
    hf_reader list = hf_der_open(content, tag, field);
    do
        read_subtree(&list);
    while (hf_rd_left(&list) > 0);
}

void hf_constraints_read(hf_reader *value, hf_span *out)
{
    hf_reader content = hf_der_open(value, HF_DER_SEQUENCE, "NameConstraints");

    *out = hf_span_of(content.p, hf_rd_left(&content));
    if (hf_rd_ok(value) && out->len == 0) /* RFC 5280 4.2.1.10 */
        hf_rd_refuse(&content, HF_E_CERT_DER, 0, NULL, "neither permitted nor excluded subtrees");
    read_subtrees(&content, PERMITTED, "permittedSubtrees");
    read_subtrees(&content, EXCLUDED, "excludedSubtrees");
    hf_rd_end(&content);
}

/* ---- the state of one check ---- */

typedef struct constraints {
    hf_span permitted, excluded; /* contents of GeneralSubtrees */
    uint32_t kinds;              /* a bit for each kind of which there is a subtree */
    bool strict;
    unsigned *budget;
    char *detail;
} constraints;

typedef struct subtree {
    uint8_t tag;
    hf_span base;
    bool ranged; /* minimum or maximum is there */
} subtree;

static bool next_subtree(hf_reader *list, subtree *out)
{
    if (hf_rd_left(list) == 0)
        return false;
    hf_reader one = hf_der_open(list, HF_DER_SEQUENCE, "GeneralSubtree");
    out->base = hf_der_any(&one, &out->tag, "base");
    out->ranged = hf_rd_left(&one) > 0;
    return hf_rd_ok(list);
}

/* Work is bounded by what is looked at: what is long costs more than what is short. */
static hf_error spend(const constraints *c, uint8_t tag, size_t looked_at)
{
    size_t cost = 1 + looked_at / (tag == HF_GN_DIRECTORY ? DIRECTORY_STEP : STEP);

    if (cost <= *c->budget) {
        *c->budget -= (unsigned)cost;
        return HF_OK;
    }
    *c->budget = 0;
    snprintf(c->detail, HF_DETAIL_MAX, "too many names and name constraints");
    return HF_E_CERT_BUDGET_NAMES;
}

/* A name and a subtree of another kind are passed by. */
static hf_error spend_meeting(const constraints *c, const hf_bound_name *name, const subtree *s)
{
    return spend(c, name->tag, s->tag == name->tag ? name->value.len + s->base.len : 0);
}

static uint32_t kind_bit(uint8_t tag)
{
    return UINT32_C(1) << (tag & 0x1f);
}

/* "DNS name www.example.org is not under example.com" */
static hf_error refuse(const constraints *c, hf_error e, const char *words,
                       const hf_bound_name *name, const subtree *s)
{
    char of_name[WORDS_MAX], of_base[WORDS_MAX];
    hf_label all = hf_label_start(c->detail, HF_DETAIL_MAX);

    hf_general_name_text(name->tag, name->value, of_name, sizeof of_name);
    hf_general_name_text(s->tag, s->base, of_base, sizeof of_base);
    hf_label_add(&all, of_name);
    hf_label_add(&all, words);
    hf_label_add(&all, of_base);
    return e;
}

/* What was checked when the certificate was parsed cannot be malformed; if it is, nothing is known. */
static hf_error settle(const constraints *c, const hf_fault *fault)
{
    if (fault->code == HF_OK)
        return HF_OK;
    snprintf(c->detail, HF_DETAIL_MAX, "not well-formed DER");
    return HF_E_CERT_NAME_CONSTRAINT;
}

/* ---- subtrees ---- */

/* RFC 5280 4.2.1.10: minimum is 0 and so, in DER, not there; maximum is not there. */
static hf_error check_base(const constraints *c, const subtree *s)
{
    char words[WORDS_MAX];

    if (!s->ranged &&
        (!hf_constraint_understood(s->tag) || hf_constraint_base_good(s->tag, s->base, c->strict)))
        return HF_OK;
    hf_general_name_text(s->tag, s->base, words, sizeof words);
    snprintf(c->detail, HF_DETAIL_MAX, "constraint %s %s", words,
             s->ranged ? "has a minimum or maximum" : "is malformed");
    return HF_E_CERT_NAME_CONSTRAINT;
}

static hf_error check_bases(constraints *c, hf_span subtrees)
{
    subtree s;
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(subtrees, "GeneralSubtrees", 0, &fault, NULL);

    while (next_subtree(&list, &s)) {
        TRY(spend(c, s.tag, s.base.len));
        TRY(check_base(c, &s));
        c->kinds |= kind_bit(s.tag);
    }
    return settle(c, &fault);
}

/* ---- a name ---- */

/* A name that is limited must be understood (RFC 5280 4.2.1.10), critical extension or not. */
static hf_error check_form(const constraints *c, const hf_bound_name *name, const subtree *s)
{
    if (name->good)
        return HF_OK;
    return refuse(c, HF_E_CERT_NAME_CONSTRAINT,
                  hf_constraint_understood(name->tag) ? " is malformed, under the constraint "
                                                      : " is not understood, under the constraint ",
                  name, s);
}

static hf_error check_excluded(const constraints *c, const hf_bound_name *name)
{
    subtree s;
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(c->excluded, "excludedSubtrees", 0, &fault, NULL);

    while (next_subtree(&list, &s)) {
        TRY(spend_meeting(c, name, &s));
        if (s.tag != name->tag)
            continue;
        TRY(check_form(c, name, &s));
        if (hf_name_touches(name, s.base))
            return refuse(c, HF_E_CERT_NAME_EXCLUDED, " is excluded by ", name, &s);
    }
    return settle(c, &fault);
}

static hf_error check_permitted(const constraints *c, const hf_bound_name *name)
{
    subtree s, first = { .tag = 0 };
    hf_fault fault = { .code = HF_OK };
    hf_reader list = hf_rd_start(c->permitted, "permittedSubtrees", 0, &fault, NULL);

    while (next_subtree(&list, &s)) {
        TRY(spend_meeting(c, name, &s));
        if (s.tag != name->tag)
            continue;
        TRY(check_form(c, name, &s));
        if (hf_name_within(name, s.base))
            return HF_OK;
        first = first.tag == 0 ? s : first;
    }
    if (first.tag != 0)
        return refuse(c, HF_E_CERT_NAME_NOT_PERMITTED, " is not under ", name, &first);
    return settle(c, &fault);
}

/* A name of a kind that nothing is said of is not even taken apart. */
static hf_error check_name(const constraints *c, uint8_t tag, hf_span value)
{
    bool limited = (c->kinds & kind_bit(tag)) != 0;

    TRY(spend(c, tag, limited ? value.len : 0));
    if (!limited)
        return HF_OK;
    hf_bound_name name = hf_bound_name_of(tag, value);
    TRY(check_excluded(c, &name));
    return check_permitted(c, &name);
}

/* ---- the names of a certificate ---- */

static hf_error check_sans(const constraints *c, hf_span san, bool *has_email)
{
    uint8_t tag = 0;
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(san, "GeneralNames", 0, &fault, NULL);

    while (hf_rd_left(&r) > 0) {
        hf_span name = hf_der_any(&r, &tag, "GeneralName");
        if (!hf_rd_ok(&r))
            break;
        TRY(check_name(c, tag, name));
        *has_email = *has_email || tag == HF_GN_EMAIL;
    }
    return settle(c, &fault);
}

static hf_error check_rdn_emails(const constraints *c, hf_reader *rdn)
{
    uint8_t tag;

    while (hf_rd_left(rdn) > 0) {
        hf_reader one = hf_der_open(rdn, HF_DER_SEQUENCE, "AttributeTypeAndValue");
        hf_span type = hf_der_oid(&one, "type"), value = hf_der_any(&one, &tag, "value");
        if (hf_rd_ok(rdn) && hf_span_equal(type, hf_oid_octets(HF_OID_email_address)))
            TRY(check_name(c, HF_GN_EMAIL, value));
    }
    return HF_OK;
}

/* RFC 5280 4.2.1.10: where rfc822Name is constrained, mail addresses may not hide in the subject. */
static hf_error check_subject_emails(const constraints *c, hf_span subject)
{
    hf_fault fault = { .code = HF_OK };

    if (!(c->kinds & kind_bit(HF_GN_EMAIL)))
        return HF_OK;
    TRY(spend(c, HF_GN_DIRECTORY, subject.len));
    hf_reader r = hf_rd_start(subject, "subject", 0, &fault, NULL);
    hf_reader name = hf_der_open(&r, HF_DER_SEQUENCE, "Name");

    while (hf_rd_left(&name) > 0) {
        hf_reader rdn = hf_der_open(&name, HF_DER_SET, "RelativeDistinguishedName");
        TRY(check_rdn_emails(c, &rdn));
    }
    return settle(c, &fault);
}

static hf_error check_names(const constraints *c, const hf_cert *cert)
{
    bool has_email = false;

    TRY(check_sans(c, cert->san, &has_email));
    if (cert->subject.len <= EMPTY_NAME_LEN)
        return HF_OK;
    TRY(check_name(c, HF_GN_DIRECTORY, cert->subject)); /* RFC 5280 4.2.1.10 */
    return has_email ? HF_OK : check_subject_emails(c, cert->subject);
}

static hf_error split(constraints *c, hf_span content)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(content, "NameConstraints", 0, &fault, NULL);

    if (hf_der_peek(&r) == PERMITTED)
        c->permitted = hf_der_read(&r, PERMITTED, "permittedSubtrees");
    if (hf_der_peek(&r) == EXCLUDED)
        c->excluded = hf_der_read(&r, EXCLUDED, "excludedSubtrees");
    hf_rd_end(&r);
    return settle(c, &fault);
}

hf_error hf_constraints_check(const hf_cert *issuer, const hf_cert *cert, bool strict,
                              unsigned *budget, char detail[HF_DETAIL_MAX])
{
    constraints c = { .strict = strict, .budget = budget, .detail = detail };

    if (issuer->name_constraints.len == 0)
        return HF_OK;
    TRY(split(&c, issuer->name_constraints));
    TRY(check_bases(&c, c.permitted));
    TRY(check_bases(&c, c.excluded));
    return check_names(&c, cert);
}
