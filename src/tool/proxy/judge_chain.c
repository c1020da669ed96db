/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The chain's file: is it PEM, whole, of certificates, leaf first, and would clients take its leaf? */
#include <stdio.h>

#include "base/error.h"
#include "tool/proxy/judge.h"
#include "x509/oid.h"
#include "x509/parts.h"
#include "x509/path_rules.h"

static const char again[] = "write the chain again, whole; it is read again when it changes";

/* ---- what it holds ---- */

/* An editor's mark before the first line would hide it. */
static hf_span text_of(const hf_careful *file)
{
    bool mark = file->len > 3 && memcmp(file->bytes, "\xef\xbb\xbf", 3) == 0;

    return hf_span_of(file->bytes + (mark ? 3 : 0), file->len - (mark ? 3 : 0));
}

static bool holds(const hf_careful *file, const char *words)
{
    return strstr((const char *)file->bytes, words) != NULL; /* a NUL stands behind it */
}

static bool no_certificate(const hf_pair_case *c, hf_pair *pair)
{
    const hf_careful *f = c->chain.file;
    const char *path = c->chain.path;

    if (f->len > 2 && f->bytes[0] == 0x30 && f->bytes[1] > 0x7f)
        return hf_pair_bad(pair, path, "convert it: openssl x509 -inform DER -in OLD -out NEW",
                           "it is DER, and PEM is needed");
    if (holds(f, "-----BEGIN CERTIFICATE REQUEST") || holds(f, "-----BEGIN NEW CERTIFICATE REQ"))
        return hf_pair_bad(pair, path, "give the certificate that the CA issued for it",
                           "it holds a certificate request, not a certificate");
    if (holds(f, "-----BEGIN PKCS7"))
        return hf_pair_bad(pair, path, "convert it: openssl pkcs7 -print_certs -in OLD -out NEW",
                           "it holds PKCS #7, and plain PEM certificates are needed");
    if (holds(f, "PRIVATE KEY-----"))
        return hf_pair_bad(pair, path, "see whether chain and key are swapped",
                           "it holds a private key and no certificate");
    return hf_pair_bad(pair, path, "give a PEM file with the certificate and those above it",
                       "it holds no certificate");
}

static bool cannot_parse(const hf_pair_case *c, hf_pair *pair, const hf_fault *fault, hf_error e)
{
    return hf_pair_bad(pair, c->chain.path, hf_todo_of(e), "certificate %zu: %s (%s, byte %zu%s%s)",
                       pair->n, hf_error_row_of(e)->sentence, fault->path, fault->offset,
                       fault->rule[0] ? ": " : "", fault->rule);
}

static bool add(const hf_pair_case *c, hf_pair *pair, uint8_t *der, size_t len)
{
    hf_fault fault = { .code = HF_OK };

    if (pair->n == HF_CHAIN_MAX) {
        hf_free(der);
        return hf_pair_bad(pair, c->chain.path, "leave out what is not needed: handfast cert chain",
                           "it holds more than %d certificates", HF_CHAIN_MAX);
    }
    pair->der[pair->n] = der;
    hf_error e = hf_cert_parse(&pair->certs[pair->n], hf_span_of(der, len), &fault);
    pair->n++;
    return e == HF_OK || cannot_parse(c, pair, &fault, e);
}

static bool read_certificates(const hf_pair_case *c, hf_pair *pair)
{
    hf_span rest = text_of(c->chain.file);
    uint8_t *der;
    size_t len;
    hf_error e;

    while ((e = hf_pem_next(&rest, "CERTIFICATE", &der, &len)) == HF_OK)
        if (!add(c, pair, der, len))
            return false;
    if (e == HF_E_NO_MEMORY)
        return hf_pair_bad(pair, c->chain.path, "give the machine more memory",
                           "there is no memory");
    if (rest.len > 0)
        return hf_pair_bad(pair, c->chain.path, again,
                           "certificate %zu is damaged, or not whole yet", pair->n + 1);
    return pair->n > 0 || no_certificate(c, pair);
}

/* ---- its order ---- */

static bool check_order(const hf_pair_case *c, hf_pair *pair)
{
    char name[128];

    if (!pair->certs[0].is_ca)
        return true;
    for (size_t i = 1; i < pair->n; i++) {
        if (pair->certs[i].is_ca)
            continue;
        hf_leaf_name(&pair->certs[i], name, sizeof name);
        return hf_pair_bad(pair, c->chain.path,
                           "put them in order, leaf first: handfast cert chain FILE",
                           "it is out of order: it begins with a CA's certificate, and that of %s "
                           "is number %zu",
                           name, i + 1);
    }
    if (!pair->certs[0].self_issued)
        return hf_pair_bad(pair, c->chain.path, "give the certificate that this CA issued",
                           "it holds the certificate of a CA, not one of a server");
    hf_pair_warn(c, "%s: it is a CA's certificate and shown as a server's: some clients refuse it",
                 c->chain.path);
    return true;
}

/* ---- the leaf ---- */

static hf_path_query query_of(const hf_pair_case *c, const hf_cert *leaf, bool *expired)
{
    int64_t now = c->was_served && c->now < leaf->not_before ? leaf->not_before : c->now;

    *expired = now > leaf->not_after;
    return (hf_path_query){ .now = *expired ? leaf->not_after : now,
                            .purpose =
                                c->use == HF_PAIR_BACKEND ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH,
                            .profile = HF_PROFILE_PRIVATE,
                            .rsa_min_bits = c->policy->rsa_min_bits,
                            .rsa_max_bits = c->policy->rsa_max_bits,
                            .schemes = c->policy->cert_schemes,
                            .max_intermediates = -1 };
}

/* What clients look at in the leaf by itself. Only its end may be over. */
static bool check_leaf(const hf_pair_case *c, hf_pair *pair)
{
    const hf_cert *leaf = &pair->certs[0];
    char detail[HF_DETAIL_MAX] = "";
    hf_path_query query = query_of(c, leaf, &pair->expired);
    hf_error e = hf_rule_leaf(&query, leaf, detail);

    if (e == HF_E_CERT_NOT_YET_VALID) {
        char from[24];
        hf_time_text(leaf->not_before, from);
        return hf_pair_bad(pair, c->chain.path,
                           "use it from then on; or correct this machine's clock, if it is wrong",
                           "the certificate is not valid before %s", from);
    }
    if (e != HF_OK)
        return hf_pair_bad(pair, c->chain.path, hf_todo_of(e), "%s%s%s%s",
                           hf_error_row_of(e)->sentence, *detail ? " (" : "", detail,
                           *detail ? ")" : "");
    if (!leaf->self_issued && hf_rule_is_broken(leaf))
        return hf_pair_bad(pair, c->chain.path, hf_todo_of(HF_E_CERT_SIGALG_BROKEN),
                           "the certificate is signed with SHA-1 or MD5, which are broken");
    return true;
}

/* ---- those above ---- */

static void warn_above(const hf_pair_case *c, const hf_pair *pair, size_t i)
{
    const hf_cert *cert = &pair->certs[i], *below = &pair->certs[i - 1];
    char until[24];

    if (!hf_span_equal(below->issuer, cert->subject) ||
        (below->signed_with.kind != HF_SIG_NONE &&
         hf_verify(&cert->key, below->signed_with.kind, below->signed_with.hash, below->tbs,
                   below->signature) != HF_OK))
        hf_pair_warn(c,
                     "%s: certificate %zu did not sign certificate %zu: clients may find no way "
                     "to their CA; handfast cert chain puts a chain in order",
                     c->chain.path, i + 1, i);
    if (!cert->self_issued && hf_rule_is_broken(cert))
        hf_pair_warn(c, "%s: certificate %zu is signed with SHA-1 or MD5: clients refuse the chain",
                     c->chain.path, i + 1);
    if (hf_rsa_bits(&cert->key) > 0 && hf_rsa_bits(&cert->key) < c->policy->rsa_min_bits)
        hf_pair_warn(c,
                     "%s: certificate %zu, of a CA, has an RSA key of %u bits: clients refuse the "
                     "chain",
                     c->chain.path, i + 1, hf_rsa_bits(&cert->key));
    hf_time_text(cert->not_after, until);
    if (c->now > cert->not_after)
        hf_pair_warn(c, "%s: certificate %zu, of a CA, has expired (%s): clients refuse the chain",
                     c->chain.path, i + 1, until);
}

/* ---- names ---- */

static bool check_names(const hf_pair_case *c, hf_pair *pair)
{
    char name[128];

    for (size_t i = 0; c->names && i < c->names->n; i++)
        if (strcmp(c->names->at[i].text, "default") == 0 ||
            hf_leaf_touches(&pair->certs[0], c->names->at[i].text))
            return true;
    if (!c->names)
        return true;
    if (pair->certs[0].san.len == 0)
        return hf_pair_bad(pair, c->chain.path,
                           "have it issued with the site's names as subjectAltName",
                           "the certificate holds no names (subjectAltName), and a common name "
                           "alone is read by nobody");
    hf_leaf_name(&pair->certs[0], name, sizeof name);
    return hf_pair_bad(pair, c->chain.path, "give a certificate that holds the site's names",
                       "the certificate is for %s, which is none of the names of this site", name);
}

bool hf_judge_chain(const hf_pair_case *c, hf_pair *pair)
{
    if (!c->chain.file->bytes)
        return hf_pair_bad(pair, c->chain.path, c->chain.file->todo, "%s", c->chain.file->why);
    if (!read_certificates(c, pair) || !check_order(c, pair) || !check_leaf(c, pair) ||
        !check_names(c, pair))
        return false;
    for (size_t i = 1; i < pair->n; i++)
        warn_above(c, pair, i);
    return true;
}
