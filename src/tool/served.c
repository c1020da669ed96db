/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Looking at the certificates of a server with a client's eyes. Nothing here refuses to serve. */
#include "tool/served.h"

#include <stdio.h>
#include <string.h>

#include <handfast/config.h>
#include <handfast/os.h>
#include "base/bytes.h"
#include "base/clock.h"
#include "registry/registry.h"
#include "tool/cert_text.h"
#include "tool/say.h"
#include "x509/summary.h"

enum { FILE_LIMIT = 1024 * 1024 };

/* A chain in memory, and its leaf. */
typedef struct chain {
    size_t n;
    uint8_t *der[HF_CHAIN_MAX];
    hf_span at[HF_CHAIN_MAX];
    hf_cert leaf;
} chain;

static void chain_free(chain *c)
{
    for (size_t i = 0; i < c->n; i++)
        hf_free(c->der[i]);
}

static bool chain_read(chain *c, const char *file)
{
    hf_fault fault = { .code = HF_OK };
    uint8_t *bytes;
    size_t len, n;

    memset(c, 0, sizeof *c);
    if (hf_os_read_file(file, FILE_LIMIT, &bytes, &len) != HF_OK)
        return false;
    hf_span pem = hf_span_of(bytes, len);
    while (c->n < HF_CHAIN_MAX && hf_pem_next(&pem, "CERTIFICATE", &c->der[c->n], &n) == HF_OK) {
        c->at[c->n] = hf_span_of(c->der[c->n], n);
        c->n++;
    }
    hf_os_free(bytes, len);
    if (c->n > 0 && hf_cert_parse(&c->leaf, c->at[0], &fault) == HF_OK)
        return true;
    chain_free(c);
    return false;
}

/* ---- whom it names ---- */

/* What a client would type for that entry; a wildcard stands for www. */
static bool usable_name(hf_san_kind kind, hf_span entry, char out[HF_CERT_TEXT_MAX])
{
    char text[HF_CERT_TEXT_MAX];

    hf_san_text(kind, entry, text, sizeof text);
    const char *name = strchr(text, ':') ? strchr(text, ':') + 1 : text;
    bool wild = strncmp(name, "*.", 2) == 0;
    snprintf(out, HF_CERT_TEXT_MAX, "%s%.200s", wild ? "www." : "", wild ? name + 2 : name);
    uint8_t ip[16];
    return hf_is_host_name(hf_span_str(out)) || hf_parse_ip(out, ip) > 0;
}

/* A DNS name rather than an address. */
static void first_name(const hf_cert *leaf, char out[HF_CERT_TEXT_MAX])
{
    static const hf_san_kind wanted[] = { HF_SAN_DNS, HF_SAN_IP };
    hf_san_kind kind;
    hf_span entry;

    for (size_t i = 0; i < 2; i++)
        for (hf_span rest = leaf->san; hf_san_next(&rest, &kind, &entry);)
            if (kind == wanted[i] && usable_name(kind, entry, out))
                return;
    *out = '\0';
}

/* ---- who issued it ---- */

static bool verifies(const chain *c, const hf_trust *trust)
{
    static const uint16_t schemes[] = { HF_SCHEME_ecdsa_secp256r1_sha256,
                                        HF_SCHEME_ecdsa_secp384r1_sha384,
                                        HF_SCHEME_ecdsa_secp521r1_sha512,
                                        HF_SCHEME_rsa_pkcs1_sha256,
                                        HF_SCHEME_rsa_pkcs1_sha384,
                                        HF_SCHEME_rsa_pkcs1_sha512,
                                        HF_SCHEME_rsa_pss_rsae_sha256,
                                        HF_SCHEME_ed25519,
                                        0 };
    hf_path_query query = { .chain = c->at,
                            .n_chain = c->n,
                            .trust = trust,
                            .now = hf_clock_wall(),
                            .purpose = HF_EKU_SERVER_AUTH,
                            .max_intermediates = -1,
                            .rsa_min_bits = 1024,
                            .rsa_max_bits = 16384,
                            .schemes = schemes };
    hf_path_result result;

    return hf_path_verify(&query, &result) == HF_OK;
}

static bool issued_by(const chain *c, const char *ca)
{
    hf_trust *trust = hf_trust_new();
    bool good = trust && hf_os_trust_path(trust, ca, NULL) == HF_OK && verifies(c, trust);

    hf_trust_free(trust);
    return good;
}

static bool known_to_the_system(const chain *c)
{
    hf_trust *trust = hf_trust_new();
    bool good = trust && hf_os_trust_system(trust, NULL, 0) == HF_OK && verifies(c, trust);

    hf_trust_free(trust);
    return good;
}

/* Itself, or where `cert ca` and `cert leaf` put the two. */
static bool find_ca(const chain *c, const char *file, char out[HF_STORE_PATH_MAX])
{
    static const char *const places[] = { "ca.pem", "../ca.pem", "../ca/ca.pem" };
    const char *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash - file) + 1 : 0;

    if (c->leaf.self_issued && issued_by(c, file)) {
        snprintf(out, HF_STORE_PATH_MAX, "%s", file);
        return true;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int n = snprintf(out, HF_STORE_PATH_MAX, "%.*s%s", folder, file, places[i]);
        if (n > 0 && n < HF_STORE_PATH_MAX && issued_by(c, out))
            return true;
    }
    *out = '\0';
    return false;
}

bool hf_served_read(hf_served *s, const char *file, const char *ca)
{
    chain c;

    memset(s, 0, sizeof *s);
    s->file = file;
    if (!chain_read(&c, file))
        return false;
    bool good = hf_cert_summarize(c.at[0], &s->leaf) == HF_OK;
    first_name(&c.leaf, s->name);
    if (ca)
        snprintf(s->ca, sizeof s->ca, "%s", ca);
    else if (good && !find_ca(&c, file, s->ca))
        s->trusted = known_to_the_system(&c);
    chain_free(&c);
    return good;
}

/* ---- faults ---- */

static void warn_dates(const char *file, const hf_cert *leaf)
{
    int64_t now = hf_clock_wall();
    char text[HF_WHEN_ROOM];

    hf_validity_text(leaf->not_before, leaf->not_after, now, text);
    if (now > leaf->not_after || now < leaf->not_before)
        hf_warn("%s: %s; clients will refuse it", file, text);
}

static unsigned rsa_bits(const hf_public_key *key)
{
    unsigned bits = (unsigned)key->n.len * 8;

    for (unsigned top = key->n.len > 0 ? key->n.data[0] : 0x80; bits > 0 && !(top & 0x80);
         top <<= 1)
        bits--;
    return bits;
}

void hf_served_warn(const char *file, unsigned rsa_min_bits)
{
    chain c;

    if (!chain_read(&c, file))
        return;
    const hf_cert *leaf = &c.leaf;
    bool rsa = leaf->key.type == HF_KEY_RSA || leaf->key.type == HF_KEY_RSA_PSS;
    warn_dates(file, leaf);
    if (rsa && rsa_bits(&leaf->key) < rsa_min_bits)
        hf_warn("%s: its RSA key has %u bits, the policy asks for %u or more", file,
                rsa_bits(&leaf->key), rsa_min_bits);
    if (leaf->has_eku && !(leaf->eku & (HF_EKU_SERVER_AUTH | HF_EKU_ANY)))
        hf_warn("%s: it is not for servers (extendedKeyUsage without serverAuth%s); clients will "
                "refuse it",
                file, leaf->eku & HF_EKU_CLIENT_AUTH ? ": it is for clients" : "");
    if (leaf->is_ca)
        hf_warn("%s: it is the certificate of a CA, not one of a server: give the one that the CA "
                "issued, leaf first",
                file);
    if (leaf->san.len == 0)
        hf_warn("%s: it holds no name (subjectAltName); clients accept it for none", file);
    chain_free(&c);
}

void hf_served_warn_client_ca(const char *file)
{
    hf_cert_summary cert;
    chain c;

    if (!chain_read(&c, file))
        return;
    for (size_t i = 0; i < c.n; i++)
        if (hf_cert_summarize(c.at[i], &cert) == HF_OK && !cert.is_ca)
            hf_warn("%s: %s is not the certificate of a CA: no client's certificate can lead to "
                    "it; give the CA's with "
                    "--client-ca",
                    file, cert.subject);
    chain_free(&c);
}
