/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Code points of the registries, by name or number: what they are, and what handfast does with them. */
#include <stdio.h>
#include <string.h>

#include <handfast/error.h>
#include <handfast/policy.h>
#include "explain/tree.h"
#include "registry/registry.h"
#include "tool/explain.h"

/* In the order in which a number is looked for: an alert's comes first. */
static const struct {
    hf_names names;
    const char *kind;
} registries[] = {
    { HF_NAMES_ALERTS, "an alert" },
    { HF_NAMES_MESSAGES, "a handshake message" },
    { HF_NAMES_EXTENSIONS, "an extension" },
    { HF_NAMES_SUITES, "a cipher suite" },
    { HF_NAMES_GROUPS, "a key exchange group" },
    { HF_NAMES_SCHEMES, "a signature scheme" },
    { HF_NAMES_VERSIONS, "a version" },
    { HF_NAMES_CONTENT_TYPES, "a content type of records" },
    { HF_NAMES_PSK_MODES, "a pre-shared key mode" },
    { HF_NAMES_CERTIFICATE_TYPES, "a type of client certificates (TLS 1.2)" },
};
enum { N = sizeof registries / sizeof *registries };

static uint32_t end_of(hf_names names)
{
    return names == HF_NAMES_NONE ? 0 : hf_names_width(names) == 1 ? 0x100 : 0x10000;
}

/* ---- what handfast does with them ---- */

static bool is_listed(const uint16_t *list, uint16_t code)
{
    for (size_t i = 0; i < HF_POLICY_LIST && list[i]; i++)
        if (list[i] == code)
            return true;
    return false;
}

static const uint16_t *list_of(const hf_policy *policy, hf_names names)
{
    return names == HF_NAMES_SUITES   ? policy->suites
           : names == HF_NAMES_GROUPS ? policy->groups
                                      : policy->schemes;
}

/* The newest of each kind, without their dates. */
static void policies(hf_names names, uint16_t code, char out[HF_ENTRY_TEXT])
{
    const hf_policy *policy;
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; (policy = hf_policy_row(i)) != NULL; i++) {
        const char *date = strstr(policy->name, "-20");
        char bare[64];
        snprintf(bare, sizeof bare, "%.*s", date ? (int)(date - policy->name) : 63, policy->name);
        if (hf_policy_named(bare) != policy || !is_listed(list_of(policy, names), code))
            continue;
        int added = snprintf(out + n, HF_ENTRY_TEXT - n, "%s%s", n > 0 ? ", " : "", bare);
        n += added > 0 ? (size_t)added : 0;
    }
}

static void add_policies(hf_entry *entry, hf_names names, uint16_t code)
{
    char text[HF_ENTRY_TEXT];

    policies(names, code, text);
    if (*text)
        hf_entry_line(entry, "policies", "%s", text);
    else
        hf_entry_line(entry, "policies", "none of the named ones offers it");
}

static const char *exchange_words(hf_kx kx)
{
    switch (kx) {
    case HF_KX_TLS13: return "TLS 1.3: how keys are exchanged and who signs is settled apart";
    case HF_KX_ECDHE_ECDSA: return "ECDHE, signed with ECDSA or Ed25519; forward secrecy";
    case HF_KX_ECDHE_RSA: return "ECDHE, signed with RSA; forward secrecy";
    case HF_KX_ECDHE_PSK: return "ECDHE with a pre-shared key; forward secrecy";
    case HF_KX_PSK: return "a pre-shared key alone: NO forward secrecy";
    default:
        return "RSA: the client sends the secret, encrypted with the certificate's key; NO forward "
               "secrecy";
    }
}

static const char *aead_words(hf_aead_id aead)
{
    switch (aead) {
    case HF_AES_128_GCM: return "AES-128-GCM";
    case HF_AES_256_GCM: return "AES-256-GCM";
    case HF_CHACHA20_POLY1305: return "ChaCha20-Poly1305";
    case HF_AES_128_CCM: return "AES-128-CCM";
    default: return "AES-128-CCM with a tag of 8 bytes";
    }
}

/* What is weak about suites that are not spoken here, by their names. */
static const char *suite_warning(const char *name)
{
    static const struct {
        const char *part, *words;
    } rows[] = {
        { "_NULL_", "it encrypts nothing" },
        { "_anon_", "nobody proves who he is" },
        { "_EXPORT", "its keys were made short on purpose, and are broken in minutes" },
        { "_RC4_", "RC4 is broken (RFC 7465)" },
        { "_DES_CBC_", "DES is broken by trying all keys" },
        { "_3DES_", "64-bit blocks: much data under one key leaks (Sweet32)" },
        { "_CBC_", "MAC-then-encrypt in CBC mode has been attacked again and again (Lucky 13)" },
        { "TLS_RSA_", "no forward secrecy" },
        { "SCSV", "no suite at all, but a signal that stands among them" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(name, rows[i].part))
            return rows[i].words;
    return "";
}

static void about_suite(hf_entry *entry, uint16_t code)
{
    const hf_suite *suite = hf_suite_of(code);

    if (!suite) {
        hf_entry_line(entry, "", "%s", suite_warning(entry->name));
        hf_entry_line(entry, "handfast", "does not speak it");
        return;
    }
    if (strcmp(suite->openssl, suite->name) != 0)
        hf_entry_line(entry, "OpenSSL", "%s", suite->openssl);
    hf_entry_line(entry, "version", "%s", suite->version == HF_TLS13 ? "TLS 1.3" : "TLS 1.2");
    hf_entry_line(entry, "keys", "%s", exchange_words(suite->kx));
    hf_entry_line(entry, "encryption", "%s", aead_words(suite->aead));
    hf_entry_line(entry, "hash", "%s", suite->hash == HF_SHA384 ? "SHA-384" : "SHA-256");
    add_policies(entry, HF_NAMES_SUITES, code);
}

static void about_group(hf_entry *entry, uint16_t code)
{
    const hf_group *group = hf_group_of(code);

    if (!group) {
        hf_entry_line(entry, "handfast", "does not speak it");
        return;
    }
    if (strcmp(group->openssl, group->name) != 0)
        hf_entry_line(entry, "OpenSSL", "%s", group->openssl);
    hf_entry_line(
        entry, "kind", "%s",
        group->classical && group->post_quantum
            ? "hybrid: safe as long as one of its two parts is, against quantum computers too"
        : group->post_quantum ? "post-quantum"
                              : "elliptic curve: a quantum computer would break it");
    hf_entry_line(entry, "key shares", "client %u bytes, server %u bytes", group->client_share,
                  group->server_share);
    add_policies(entry, HF_NAMES_GROUPS, code);
}

static void about_scheme(hf_entry *entry, uint16_t code)
{
    const hf_scheme *scheme = hf_scheme_of(code);

    if (!scheme) {
        hf_entry_line(entry, "handfast", "does not speak it");
        return;
    }
    if (strcmp(scheme->openssl, scheme->name) != 0)
        hf_entry_line(entry, "OpenSSL", "%s", scheme->openssl);
    hf_entry_line(entry, "signs", "%s",
                  scheme->tls13 ? "handshakes and certificates"
                                : "certificates; handshakes of TLS 1.2 alone");
    add_policies(entry, HF_NAMES_SCHEMES, code);
}

/* What its field is for, if the engine reads it. */
static void about_extension(hf_entry *entry)
{
    const hf_meaning *row;

    for (size_t i = 0; (row = hf_meaning_row(i)) != NULL; i++) {
        if (strcmp(row->path, entry->name) != 0)
            continue;
        hf_entry_line(entry, "", "%s", row->meaning);
        if (strcmp(row->source, "-") != 0)
            hf_entry_line(entry, "rule", "%s", row->source);
        return;
    }
}

static void about(hf_entry *entry, hf_names names, uint16_t value, bool all)
{
    switch (names) {
    case HF_NAMES_ALERTS: hf_explain_alert(entry, value, all); break;
    case HF_NAMES_SUITES: about_suite(entry, value); break;
    case HF_NAMES_GROUPS: about_group(entry, value); break;
    case HF_NAMES_SCHEMES: about_scheme(entry, value); break;
    case HF_NAMES_EXTENSIONS: about_extension(entry); break;
    default: break;
    }
}

/* ---- looking them up ---- */

static void number_text(hf_names names, uint32_t value, char out[16])
{
    if (names == HF_NAMES_EXTENSIONS)
        snprintf(out, 16, "%u", (unsigned)value);
    else if (hf_names_width(names) == 2)
        snprintf(out, 16, "0x%04x", (unsigned)value & 0xffff);
    else
        snprintf(out, 16, "%u", (unsigned)value & 0xff);
}

static void put(size_t i, uint32_t value, hf_entries *entries)
{
    char number[16], name[HF_NAME_ROOM];
    hf_entry entry;

    number_text(registries[i].names, value, number);
    hf_entry_begin(&entry, registries[i].kind, hf_code_text(registries[i].names, value, name),
                   number);
    about(&entry, registries[i].names, (uint16_t)value, entries->all);
    hf_entries_put(entries, &entry);
}

/* Those that the engine speaks are explained by their purpose, elsewhere. */
static bool is_our_message(hf_names names, uint32_t value)
{
    return names == HF_NAMES_MESSAGES && hf_msg_of_type((uint8_t)value) != HF_MSG_UNKNOWN;
}

/* Ours have another spelling, too: P-256, ECDHE-RSA-AES128-GCM-SHA256. */
static bool is_alias(const hf_asked *asked, hf_names names, uint32_t value)
{
    const hf_suite *suite = names == HF_NAMES_SUITES ? hf_suite_named(asked->word) : NULL;
    const hf_group *group = names == HF_NAMES_GROUPS ? hf_group_named(asked->word) : NULL;
    const hf_scheme *scheme = names == HF_NAMES_SCHEMES ? hf_scheme_named(asked->word) : NULL;

    return (suite && suite->code == value) || (group && group->code == value) ||
           (scheme && scheme->code == value);
}

/* Small decimal numbers are what people know alerts, messages and extensions by; suites and the like they know in hexadecimal. */
static bool may_mean(const hf_asked *asked, hf_names names)
{
    if (asked->width)
        return asked->width == hf_names_width(names);
    return asked->hex || asked->number > 0xff || names == HF_NAMES_ALERTS ||
           names == HF_NAMES_MESSAGES || names == HF_NAMES_EXTENSIONS;
}

static bool is_meant(const hf_asked *asked, hf_names names, uint32_t value)
{
    const char *name = hf_name_of(names, value);

    if (asked->number >= 0)
        return name && asked->number == (long)value && may_mean(asked, names);
    return name && (hf_asked_is(asked, name) || is_alias(asked, names, value));
}

void hf_explain_names(const hf_asked *asked, hf_entries *entries)
{
    for (size_t i = 0; i < N; i++)
        for (uint32_t value = 0; value < end_of(registries[i].names); value++)
            if (is_meant(asked, registries[i].names, value) &&
                !is_our_message(registries[i].names, value))
                put(i, value, entries);
}

void hf_explain_each_name(void (*each)(void *user, const char *name), void *user)
{
    for (size_t i = 0; i < N; i++)
        for (uint32_t value = 0; value < end_of(registries[i].names); value++) {
            const char *name = hf_name_of(registries[i].names, value);
            if (name)
                each(user, name);
        }
}
