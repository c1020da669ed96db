/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The flags that say what is spoken, as a policy. Where they say nothing it is BoringSSL's default, which the tests count on. */
#include "inside.h"
#include "settings.h"

#include <stdio.h>
#include <string.h>

/* ---- versions ---- */

static int set_versions(const options *o, hf_policy *p)
{
    p->min_version = o->min_version > HF_TLS12 ? (uint16_t)o->min_version : HF_TLS12;
    p->max_version = o->max_version > 0 ? (uint16_t)o->max_version : HF_TLS13;
    if (o->no_tls12)
        p->min_version = HF_TLS13;
    if (o->no_tls13 && p->max_version == HF_TLS13)
        p->max_version = HF_TLS12;
    if (p->max_version < HF_TLS12)
        return SHIM_UNIMPLEMENTED;
    if (p->min_version <= p->max_version)
        return SHIM_OK;
    fputs("no version is left: :NO_SUPPORTED_VERSIONS_ENABLED:\n", stderr);
    return SHIM_FAILED;
}

/* ---- suites ---- */

static const uint16_t all_suites[] = {
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0,
};

/* "ALL", or a list of names of TLS 1.2's suites. In "[A|B]" neither is better than the other, which has no counterpart here. */
static int set_suites(const options *o, hf_policy *p)
{
    size_t n = 3;
    char text[1024], *rest, *name;

    memcpy(p->suites, all_suites, sizeof all_suites);
    if (!o->cipher || strcmp(o->cipher, "ALL") == 0)
        return SHIM_OK;
    if (strlen(o->cipher) >= sizeof text)
        return SHIM_UNIMPLEMENTED;
    memset(p->suites + n, 0, sizeof p->suites - n * sizeof *p->suites);
    strcpy(text, o->cipher);
    for (name = strtok_r(text, ":[]|", &rest); name; name = strtok_r(NULL, ":[]|", &rest)) {
        uint16_t code = hf_code(HF_SUITES, name);
        if (code &&
            n < HF_POLICY_LIST - 1) /* the others are not spoken here: they are not chosen */
            p->suites[n++] = code;
    }
    return n > 3 ? SHIM_OK : SHIM_UNIMPLEMENTED;
}

/* ---- groups and shares ---- */

static int copy_list(const shim_list *from, hf_registry registry, uint16_t *to, size_t room)
{
    if (from->n >= room)
        return SHIM_UNIMPLEMENTED;
    for (size_t i = 0; i < from->n; i++) {
        if (!hf_code_name(registry, from->at[i]))
            return SHIM_UNIMPLEMENTED;
        to[i] = from->at[i];
    }
    return SHIM_OK;
}

static bool is_post_quantum(uint16_t group)
{
    return group == HF_GROUP_x25519mlkem768 || group == HF_GROUP_mlkem1024;
}

/* The first, and the first of the other kind: with and without ML-KEM. */
static void predict_shares(hf_policy *p)
{
    size_t n = 0;

    p->key_shares[n++] = p->groups[0];
    for (size_t i = 1; p->groups[i] && n < 2; i++)
        if (is_post_quantum(p->groups[i]) != is_post_quantum(p->groups[0]))
            p->key_shares[n++] = p->groups[i];
}

static bool hinted(const options *o, uint16_t group)
{
    const shim_list *hint = &o->server_supported_groups_hint;

    for (size_t i = 0; i < hint->n; i++)
        if (hint->at[i] == group)
            return true;
    return false;
}

static bool share_hinted(const options *o, hf_policy *p)
{
    for (size_t i = 0; p->groups[i]; i++)
        if (hinted(o, p->groups[i])) {
            p->key_shares[0] = p->groups[i];
            return true;
        }
    return false;
}

static int set_groups(const options *o, hf_policy *p)
{
    static const uint16_t usual[] = { HF_GROUP_x25519mlkem768, HF_GROUP_x25519, HF_GROUP_secp256r1,
                                      HF_GROUP_secp384r1 };
    size_t room = sizeof p->key_shares / sizeof *p->key_shares;

    memcpy(p->groups, usual, sizeof usual);
    if (o->curves.n > 0)
        memset(p->groups, 0, sizeof p->groups);
    if (o->curves_flags.n > 0 ||
        copy_list(&o->curves, HF_GROUPS, p->groups, HF_POLICY_LIST) != SHIM_OK)
        return SHIM_UNIMPLEMENTED;
    if (share_hinted(o, p) || o->no_key_shares)
        return SHIM_OK;
    if (o->key_shares.n > 0)
        return copy_list(&o->key_shares, HF_GROUPS, p->key_shares, room + 1);
    predict_shares(p);
    return SHIM_OK;
}

/* ---- signatures of the peer ---- */

/* A policy that speaks TLS 1.3 needs a scheme for it. */
static void add_scheme13(uint16_t *schemes)
{
    size_t n = 0;

    while (schemes[n] && !hf_scheme_of(schemes[n])->tls13)
        n++;
    if (!schemes[n] && n < HF_POLICY_LIST - 1)
        schemes[n] = HF_SCHEME_ecdsa_secp256r1_sha256;
}

static int set_schemes(const options *o, hf_policy *p)
{
    static const uint16_t usual[] = {
        0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601
    };

    memcpy(p->schemes, usual, sizeof usual);
    if (o->verify_prefs.n > 0)
        memset(p->schemes, 0, sizeof p->schemes);
    if (copy_list(&o->verify_prefs, HF_SCHEMES, p->schemes, HF_POLICY_LIST) != SHIM_OK)
        return SHIM_UNIMPLEMENTED;
    if (p->max_version == HF_TLS13)
        add_scheme13(p->schemes);
    memcpy(p->cert_schemes, p->schemes, sizeof p->schemes);
    return SHIM_OK;
}

/* ---- all of it ---- */

int settings_policy(const options *o, hf_policy *p)
{
    int code = SHIM_OK;

    *p = (hf_policy){ .name = "bogo",
                      .summary = "what a test of BoringSSL's asks for",
                      .rsa_min_bits = 1024,
                      .rsa_max_bits = 16384,
                      .record_size_limit = 16385,
                      .server_prefers = o->cipher || o->server_preference,
                      .middlebox_compat = true,
                      .require_renegotiation_info = o->no_legacy_server_connect,
                      .profile = HF_PROFILE_PRIVATE,
                      .tickets = 2,
                      .session_seconds = 604800 };
    if ((code = set_versions(o, p)) != SHIM_OK || (code = set_suites(o, p)) != SHIM_OK ||
        (code = set_groups(o, p)) != SHIM_OK)
        return code;
    return set_schemes(o, p);
}
