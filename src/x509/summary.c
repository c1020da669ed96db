/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A parsed certificate in words. It judges nothing: an expired or hostile certificate is described
 * like any other, and bytes that a name should not hold are escaped.
 */
#include "x509/summary.h"

#include <stdio.h>

#include <handfast/cert.h>
#include "crypto/hash.h"
#include "x509/ip.h"
#include "x509/label.h"
#include "x509/parts.h"

enum { SAN_ROOM = 600, FINGERPRINT_LEN = 32 };

/* ---- key and signature ---- */

static void key_text(const hf_public_key *key, char *out, size_t room)
{
    switch (key->type) {
    case HF_KEY_RSA: snprintf(out, room, "RSA %u", hf_rsa_bits(key)); return;
    case HF_KEY_RSA_PSS: snprintf(out, room, "RSA-PSS %u", hf_rsa_bits(key)); return;
    case HF_KEY_P256: snprintf(out, room, "ECDSA P-256"); return;
    case HF_KEY_P384: snprintf(out, room, "ECDSA P-384"); return;
    case HF_KEY_P521: snprintf(out, room, "ECDSA P-521"); return;
    case HF_KEY_ED25519: snprintf(out, room, "Ed25519"); return;
    case HF_KEY_NONE: break;
    }
    snprintf(out, room, "unknown");
}

static const char *hash_text(hf_hash_id hash)
{
    static const char *const names[] = { "no hash", "SHA-256", "SHA-384", "SHA-512" };

    return names[hash <= HF_SHA512 ? hash : HF_NO_HASH];
}

/* What is not verified by us has a name all the same, and whoever reads it ought to see that it is SHA-1. */
static const struct {
    const char *oid, *name; /* content octets */
} others[] = {
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "RSA with MD2" },
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "RSA with MD5" },
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "RSA with SHA-1" },
    { "\x2b\x0e\x03\x02\x1d", "RSA with SHA-1" }, /* of OIW */
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "RSA with SHA-224" },
    { "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSA-PSS, other parameters" },
    { "\x2a\x86\x48\xce\x3d\x04\x01", "ECDSA with SHA-1" },
    { "\x2a\x86\x48\xce\x3d\x04\x03\x01", "ECDSA with SHA-224" },
    { "\x2a\x86\x48\xce\x38\x04\x03", "DSA with SHA-1" },
    { "\x60\x86\x48\x01\x65\x03\x04\x03\x02", "DSA with SHA-256" },
    { "\x2b\x65\x71", "Ed448" },
};

static const char *other_signature(hf_span der)
{
    hf_span oid = hf_cert_signed_by(der, NULL);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (hf_span_equal(oid, hf_span_str(others[i].oid)))
            return others[i].name;
    return "unknown";
}

static void signature_text(hf_span der, const hf_sig_algorithm *algorithm, char *out, size_t room)
{
    static const char *const kinds[] = { "", "RSA", "RSA-PSS", "ECDSA", "Ed25519" };

    if (algorithm->kind == HF_SIG_NONE)
        snprintf(out, room, "%s", other_signature(der));
    else if (algorithm->kind == HF_SIG_ED25519)
        snprintf(out, room, "%s", kinds[algorithm->kind]);
    else
        snprintf(out, room, "%s with %s", kinds[algorithm->kind], hash_text(algorithm->hash));
}

/* ---- bytes ---- */

static void hex_text(hf_span bytes, const char *between, char *out, size_t room)
{
    hf_label t = hf_label_start(out, room);
    char pair[8];

    for (size_t i = 0; i < bytes.len; i++) {
        int n = snprintf(pair, sizeof pair, "%s%02x", i > 0 ? between : "", bytes.data[i]);
        hf_label_put(&t, pair, (size_t)n);
    }
}

static hf_error fingerprint_text(hf_span der, char *out, size_t room)
{
    uint8_t digest[HF_HASH_MAX];

    TRY(hf_hash_once(HF_SHA256, der, digest));
    hex_text(hf_span_of(digest, FINGERPRINT_LEN), ":", out, room);
    return HF_OK;
}

/* ---- names ---- */

static bool is_plain(uint8_t c)
{
    return c > 0x20 && c < 0x7f && c != ',' && c != '\\';
}

static void put_escaped(hf_label *t, hf_span name)
{
    char one[4];

    for (size_t i = 0; i < name.len; i++) {
        int n = snprintf(one, sizeof one, is_plain(name.data[i]) ? "%c" : "\\%02x", name.data[i]);
        hf_label_put(t, one, (size_t)n);
    }
}

void hf_san_text(hf_san_kind kind, hf_span name, char *out, size_t room)
{
    static const char *const kinds[] = { "DNS:", "IP:", "email:", "URI:", "other" };
    hf_label t = hf_label_start(out, room);
    char ip[HF_IP_TEXT_MAX];

    hf_label_add(&t, kinds[kind <= HF_SAN_OTHER ? kind : HF_SAN_OTHER]);
    if (kind == HF_SAN_IP) {
        hf_ip_text(name, ip);
        hf_label_add(&t, ip);
    } else if (kind != HF_SAN_OTHER) {
        put_escaped(&t, name);
    }
}

/* Names that do not fit are counted rather than dropped in silence. */
static void sans_text(const hf_cert *cert, char *out, size_t room)
{
    hf_label t = hf_label_start(out, room - 32);
    hf_span rest = cert->san, name;
    hf_san_kind kind;
    char one[SAN_ROOM];
    unsigned left_out = 0;

    while (hf_san_next(&rest, &kind, &name)) {
        hf_san_text(kind, name, one, sizeof one);
        if (t.cut || t.len + strlen(one) + 3 > t.room) {
            t.cut = true;
            left_out++;
            continue;
        }
        hf_label_add(&t, t.len > 0 ? ", " : "");
        hf_label_add(&t, one);
    }
    if (left_out > 0)
        snprintf(out + t.len, room - t.len, "%s%u more", t.len > 0 ? ", " : "", left_out);
}

/* ---- usage ---- */

static void add_bits(hf_label *t, unsigned bits, const char *const *names, size_t n)
{
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        if (!(bits & 1u << i))
            continue;
        hf_label_add(t, first ? "" : ", ");
        hf_label_add(t, names[i]);
        first = false;
    }
}

static void usage_text(const hf_cert *cert, char *out, size_t room)
{
    static const char *const key_usage[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
        "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
    };
    static const char *const extended[] = { "serverAuth", "clientAuth", "any", "other" };
    hf_label t = hf_label_start(out, room);

    if (cert->has_key_usage)
        add_bits(&t, cert->key_usage, key_usage, sizeof key_usage / sizeof key_usage[0]);
    if (cert->has_key_usage && cert->has_eku)
        hf_label_add(&t, "; ");
    if (cert->has_eku)
        add_bits(&t, cert->eku, extended, sizeof extended / sizeof extended[0]);
}

/* ---- the whole ---- */

static hf_error summarize(const hf_cert *cert, hf_cert_summary *summary)
{
    hf_name_text(cert->subject, summary->subject, sizeof summary->subject);
    hf_name_text(cert->issuer, summary->issuer, sizeof summary->issuer);
    hex_text(cert->serial, "", summary->serial, sizeof summary->serial);
    key_text(&cert->key, summary->key, sizeof summary->key);
    signature_text(cert->der, &cert->signed_with, summary->signature, sizeof summary->signature);
    summary->not_before = cert->not_before;
    summary->not_after = cert->not_after;
    summary->is_ca = cert->is_ca;
    sans_text(cert, summary->sans, sizeof summary->sans);
    usage_text(cert, summary->usage, sizeof summary->usage);
    return fingerprint_text(cert->der, summary->fingerprint, sizeof summary->fingerprint);
}

hf_error hf_cert_summarize(hf_span der, hf_cert_summary *summary)
{
    hf_cert cert;

    memset(summary, 0, sizeof *summary);
    TRY(hf_cert_parse(&cert, der, NULL));
    return summarize(&cert, summary);
}

hf_error hf_cert_summarize_any(hf_span der, hf_cert_summary *summary)
{
    hf_cert cert;

    memset(summary, 0, sizeof *summary);
    TRY(hf_cert_look_at(&cert, der));
    return summarize(&cert, summary);
}
