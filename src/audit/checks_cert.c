/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What certificates are made of, how long they last, and how they are sent. */
#include "audit/checks.h"

#include <stdio.h>

#include "explain/names.h"

enum { HOUR = 3600, DAY = 24 * HOUR, LEFT_ROOM = 32 };

/* ---- time ---- */

/* "5 days", "36 hours": to the nearest, as `cert inspect` has it. */
static char *left_text(int64_t seconds, char text[LEFT_ROOM])
{
    bool days = seconds >= 2 * DAY;
    int64_t unit = days ? DAY : HOUR, n = (seconds + unit / 2) / unit;

    snprintf(text, LEFT_ROOM, "%d %s", (int)n, days ? "days" : n == 1 ? "hour" : "hours");
    return text;
}

static void look_at_days(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    int64_t left = chain->leaf.not_after - c->now;
    char text[LEFT_ROOM];

    if (left < 0)
        hf_case_idle(c, "the certificate (%s) has expired", key);
    else if (left < (int64_t)c->number * DAY)
        hf_case_found(c, key, chain->evidence, "the certificate (%s) expires in %s", key,
                      left_text(left, text));
}

void hf_check_cert_days_left(hf_case *c)
{
    hf_each_leaf(c, look_at_days);
}

static void look_at_share(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    int64_t whole = chain->leaf.not_after - chain->leaf.not_before;
    int64_t left = chain->leaf.not_after - c->now;

    if (left < 0)
        hf_case_idle(c, "the certificate (%s) has expired", key);
    else if (whole > 0 && left <= whole && left / 100 * 100 < whole / 100 * c->number)
        hf_case_found(c, key, chain->evidence,
                      "%d of %d days of the certificate (%s) are left: it should have been "
                      "renewed by now",
                      (int)((left + DAY / 2) / DAY), (int)((whole + DAY / 2) / DAY), key);
}

void hf_check_cert_share_left(hf_case *c)
{
    hf_each_leaf(c, look_at_share);
}

/* Both ends count, so that from midnight to midnight is a second more than a day: the Baseline Requirements (1.6.1, validity period)
   call that a day more, and many who ask for 90 days get it. */
static void look_at_lifetime(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    int64_t whole = chain->leaf.not_after - chain->leaf.not_before + 1;
    int64_t days = whole / DAY + (whole % DAY != 0);

    if (days <= (int64_t)c->number)
        return;
    if (whole % DAY == 1 && days < 99999)
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) is valid for %d days and a second, which count as %d; "
                      "at most %u are allowed",
                      key, (int)days - 1, (int)days, (unsigned)c->number);
    else
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) is valid for %d days; at most %u are allowed", key,
                      (int)(days < 99999 ? days : 99999), (unsigned)c->number);
}

void hf_check_cert_lifetime(hf_case *c)
{
    hf_each_leaf(c, look_at_lifetime);
}

/* ---- keys and signatures ---- */

static void look_at_rsa(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    bool own = chain->weakest_at == 0;

    if (chain->weakest_bits == 0 || chain->weakest_bits >= c->number)
        hf_all_sent(c, chain, key);
    else
        hf_case_found(c, key, chain->evidence,
                      "the key of %s%.100s (%s) is RSA with %u bits; at least %u are %s%s",
                      own ? "the server's certificate, " : "an issuer, ",
                      *chain->weakest_subject ? chain->weakest_subject : "(empty name)", key,
                      chain->weakest_bits, (unsigned)c->number,
                      c->rule->severity == HF_SEVERITY_NOTE ? "advised" : "asked for",
                      own ? "" : ": only the CA can change that, with another chain");
}

void hf_check_rsa_bits(hf_case *c)
{
    hf_each_leaf(c, look_at_rsa);
}

/* As named groups; Ed25519 as its signature scheme. 0: RSA, to which curves do not apply. */
static uint16_t curve_of(const hf_seen_chain *chain)
{
    switch (chain->leaf.key.type) {
    case HF_KEY_P256: return 0x0017;
    case HF_KEY_P384: return 0x0018;
    case HF_KEY_P521: return 0x0019;
    case HF_KEY_ED25519: return 0x0807;
    default: return 0;
    }
}

static void look_at_curve(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    uint16_t curve = curve_of(chain);
    char name[HF_NAME_ROOM];

    if (curve != 0 && !hf_case_lists(c, curve))
        hf_case_found(
            c, key, chain->evidence, "the certificate's key is one of %s",
            hf_code_text(curve == 0x0807 ? HF_NAMES_SCHEMES : HF_NAMES_GROUPS, curve, name));
}

void hf_check_cert_curves(hf_case *c)
{
    hf_each_leaf(c, look_at_curve);
}

static unsigned hash_bits(hf_hash_id hash)
{
    return hash == HF_SHA512 ? 512 : hash == HF_SHA384 ? 384 : hash == HF_SHA256 ? 256 : 0;
}

static void look_at_hash(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    unsigned bits = hash_bits(chain->weakest_hash);

    if (chain->md5_signature || chain->sha1_signature)
        hf_case_found(c, key, chain->evidence,
                      "the chain (%s) holds a signature with %s, for which collisions are made",
                      key, chain->md5_signature ? "MD5" : "SHA-1");
    else if (bits > 0 && bits < c->number)
        hf_case_found(c, key, chain->evidence,
                      "the chain (%s) holds a signature with a hash of %u bits; at least %u are "
                      "asked for",
                      key, bits, (unsigned)c->number);
    else
        hf_all_sent(c, chain, key);
}

void hf_check_cert_hash(hf_case *c)
{
    hf_each_leaf(c, look_at_hash);
}

/* As the signature scheme of that kind and hash; 0: another one. */
static uint16_t scheme_of(hf_sig_algorithm algorithm)
{
    static const uint16_t pkcs1[] = { 0, 0x0401, 0x0501, 0x0601 };
    static const uint16_t pss[] = { 0, 0x0804, 0x0805, 0x0806 };
    static const uint16_t ecdsa[] = { 0, 0x0403, 0x0503, 0x0603 };

    if (algorithm.kind == HF_SIG_ED25519)
        return 0x0807;
    if (algorithm.hash > HF_SHA512)
        return 0;
    return algorithm.kind == HF_SIG_RSA_PKCS1 ? pkcs1[algorithm.hash]
           : algorithm.kind == HF_SIG_RSA_PSS ? pss[algorithm.hash]
           : algorithm.kind == HF_SIG_ECDSA   ? ecdsa[algorithm.hash]
                                              : 0;
}

static void look_at_signature(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    uint16_t scheme = scheme_of(chain->leaf.signed_with);
    char name[HF_NAME_ROOM];

    if (scheme == 0)
        hf_case_found(c, key, chain->evidence,
                      "the certificate (%s) is signed in a way that is not in the list", key);
    else if (!hf_case_lists(c, scheme))
        hf_case_found(c, key, chain->evidence, "the certificate (%s) is signed with %s", key,
                      hf_code_text(HF_NAMES_SCHEMES, scheme, name));
}

void hf_check_cert_signature(hf_case *c)
{
    hf_each_leaf(c, look_at_signature);
}

/* ---- what it is for ---- */

static void look_at_usage(hf_case *c, const hf_seen_chain *chain, const char *key)
{
    const hf_cert *leaf = &chain->leaf;

    if (leaf->has_key_usage && !(leaf->key_usage & HF_KU_DIGITAL_SIGNATURE))
        hf_case_found(c, key, chain->evidence,
                      "keyUsage of the certificate (%s) does not allow digitalSignature", key);
    else if (!leaf->has_eku || !(leaf->eku & HF_EKU_SERVER_AUTH))
        hf_case_found(c, key, chain->evidence,
                      "extendedKeyUsage of the certificate (%s) does not say serverAuth", key);
    else if (leaf->san.len == 0)
        hf_case_found(c, key, chain->evidence, "the certificate (%s) has no subjectAltName", key);
}

void hf_check_cert_usage(hf_case *c)
{
    hf_each_leaf(c, look_at_usage);
}
