/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What values of DER say: identifiers by name, times, names, numbers, strings. */
#include "explain/tree_parts.h"
#include "x509/der.h"
#include "x509/ip.h"
#include "x509/oid.h"
#include "x509/x509.h"

enum { HEX_MAX = 32, TEXT_MAX = 256, TIME_MAX = 24 };

/* The value of a leaf with its tag: that stands in the LENGTH node before it. */
static hf_span whole_of(const hf_tree *tree, size_t node)
{
    size_t at = tree->nodes[node - 1].offset;

    return hf_span_of(tree->bytes.data + at, tree->nodes[node].offset + tree->nodes[node].len - at);
}

static void say_hex(hf_words *words, hf_span bytes)
{
    hf_words_hex(words, bytes, HEX_MAX);
    if (bytes.len > HEX_MAX)
        hf_words_add(words, " (%zu bytes)", bytes.len);
}

static void say_oid(hf_words *words, hf_span bytes)
{
    char text[TEXT_MAX];

    hf_oid_text(bytes, text, sizeof text);
    hf_words_add(words, "%s", text);
}

static void say_integer(hf_words *words, hf_span bytes)
{
    unsigned long long v = 0;

    if (bytes.len > 4 || bytes.len == 0 || bytes.data[0] & 0x80) {
        say_hex(words, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++)
        v = v << 8 | bytes.data[i];
    hf_words_add(words, "%llu", v);
}

/* RFC 7633 4.1: a feature is the number of an extension. */
static void say_code(hf_words *words, hf_names names, hf_span bytes)
{
    char text[HF_NAME_ROOM];
    uint64_t value = 0;

    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.data[i];
    hf_words_add(words, "%s", hf_code_text(names, value, text));
}

static void say_boolean(hf_words *words, hf_span bytes)
{
    hf_words_add(words, bytes.len == 1 && bytes.data[0] != 0 ? "TRUE" : "FALSE");
}

/* With tag and length. */
static void say_time(hf_words *words, hf_span whole)
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(whole, "time", 0, &fault, NULL);
    int64_t t = hf_der_time(&r, "time");
    char text[TIME_MAX];

    if (fault.code == HF_OK) {
        hf_time_text(t, text);
        hf_words_add(words, "%s", text);
    } else {
        say_hex(words, whole);
    }
}

static void say_name(hf_words *words, hf_span name)
{
    char text[TEXT_MAX];

    hf_name_text(name, text, sizeof text);
    hf_words_add(words, "%s", text[0] ? text : "empty");
}

/* RFC 5280 4.2.1.3 */
static void say_key_usage(hf_words *words, hf_span bits)
{
    static const char *const names[] = {
        "digitalSignature", "contentCommitment", "keyEncipherment",
        "dataEncipherment", "keyAgreement",      "keyCertSign",
        "cRLSign",          "encipherOnly",      "decipherOnly",
    };
    bool first = true;

    for (size_t i = 0; i < sizeof names / sizeof *names && 1 + i / 8 < bits.len; i++)
        if (bits.data[1 + i / 8] & (0x80u >> (i % 8))) {
            hf_words_add(words, "%s%s", first ? "" : ", ", names[i]);
            first = false;
        }
    if (first)
        hf_words_add(words, "none");
}

static void say_bits(hf_words *words, hf_span bytes)
{
    if (bytes.len > 0)
        say_hex(words, hf_span_of(bytes.data + 1, bytes.len - 1));
}

static void say_address(hf_words *words, hf_span bytes)
{
    char text[HF_IP_TEXT_MAX];

    if (bytes.len != 4 && bytes.len != 16) {
        say_hex(words, bytes);
        return;
    }
    hf_ip_text(bytes, text);
    hf_words_add(words, "%s", text);
}

static void say_text(hf_words *words, hf_span bytes)
{
    if (hf_is_printable(bytes))
        hf_words_text(words, bytes);
    else
        say_hex(words, bytes);
}

static const char *name_in(const char *const names[], size_t n, hf_span bytes)
{
    return bytes.len == 1 && bytes.data[0] < n ? names[bytes.data[0]] : NULL;
}

/* RFC 5280 4.1.2.1, RFC 6960 4.2.1: small numbers with names. */
static const char *number_name(const char *field, hf_span bytes)
{
    static const char *const versions[] = { "v1", "v2", "v3" };
    static const char *const statuses[] = {
        "successful", "malformedRequest", "internalError", "tryLater",
        NULL,         "sigRequired",      "unauthorized"
    };

    if (strcmp(field, "Version") == 0)
        return name_in(versions, 3, bytes);
    return strcmp(field, "responseStatus") == 0 ? name_in(statuses, 7, bytes) : NULL;
}

static void say_by_tag(hf_words *words, uint8_t tag, hf_span bytes, hf_span whole)
{
    switch (tag) {
    case HF_DER_BOOLEAN: say_boolean(words, bytes); break;
    case HF_DER_INTEGER: say_integer(words, bytes); break;
    case HF_DER_OID: say_oid(words, bytes); break;
    case HF_DER_BIT_STRING: say_bits(words, bytes); break;
    case HF_DER_UTC_TIME:
    case HF_DER_GENERALIZED_TIME: say_time(words, whole); break;
    case HF_DER_OCTET_STRING: say_hex(words, bytes); break;
    default: say_text(words, bytes);
    }
}

static bool is_named(const hf_node *node, const char *name)
{
    return strcmp(node->name, name) == 0;
}

const char *hf_der_choice(const hf_tree *tree, size_t node)
{
    static const char *const words[][2] = { { "good", "good" },
                                            { "unknown", "unknown" },
                                            { "BasicConstraints", "no CA" } };
    const hf_node *at = &tree->nodes[node];

    if (at->kind != HF_FIELD_BYTES || at->len > 0 || !hf_node_in_der(tree, node))
        return NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_named(at, words[i][0]))
            return words[i][1];
    return NULL;
}

static void say_leaf(hf_words *words, const hf_tree *tree, size_t node)
{
    const hf_node *at = &tree->nodes[node];
    hf_span bytes = hf_node_bytes(tree, node), whole = whole_of(tree, node);
    const char *name = number_name(at->name, bytes);

    if (name)
        hf_words_add(words, "%s", name);
    else if (at->meaning && at->meaning->names != HF_NAMES_NONE && bytes.len <= 2)
        say_code(words, at->meaning->names, bytes);
    else if (hf_der_choice(tree, node))
        hf_words_add(words, "%s", hf_der_choice(tree, node));
    else if (is_named(at, "cA") && bytes.len == 1 && bytes.data[0] != 0)
        hf_words_add(words, "TRUE: a CA");
    else if (is_named(at, "issuer") || is_named(at, "subject"))
        say_name(words, whole);
    else if (is_named(at, "byName"))
        say_name(words, bytes);
    else if (is_named(at, "KeyUsage"))
        say_key_usage(words, bytes);
    else if (is_named(at, "iPAddress"))
        say_address(words, bytes);
    else if (bytes.len == 0)
        hf_words_add(words, "empty");
    else
        say_by_tag(words, whole.data[0], bytes, whole);
}

/* Who, by whom, until when: what people look for in a certificate. */
static bool say_certificate(hf_words *words, hf_span der)
{
    char from[TIME_MAX], until[TIME_MAX];
    hf_cert cert;

    if (hf_cert_parse(&cert, der, NULL) != HF_OK)
        return false;
    say_name(words, cert.subject);
    hf_words_add(words, ", issued by ");
    say_name(words, cert.issuer);
    hf_time_text(cert.not_before, from);
    hf_time_text(cert.not_after, until);
    hf_words_add(words, ", valid from %s to %s", from, until);
    return true;
}

/* The first node of that name inside a group; tree->n: none. */
static size_t find_in(const hf_tree *tree, size_t group, const char *name)
{
    for (size_t i = group + 1; i < tree->n && tree->nodes[i].depth > tree->nodes[group].depth; i++)
        if (is_named(&tree->nodes[i], name) && tree->nodes[i].kind != HF_FIELD_LENGTH)
            return i;
    return tree->n;
}

/* What is said of the first certificate, as of when, and how long it counts. */
static bool say_ocsp(hf_words *words, const hf_tree *tree, size_t node)
{
    static const char *const statuses[] = { "good", "revoked", "unknown" };
    size_t from = find_in(tree, node, "thisUpdate"), until = find_in(tree, node, "nextUpdate");
    char text[HF_VALUE_ROOM];

    if (hf_node_is_leaf(&tree->nodes[node]) || from == tree->n)
        return false;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (find_in(tree, node, statuses[i]) < tree->n)
            hf_words_add(words, "%s", statuses[i]);
    hf_words_add(words, ", as of %s", hf_node_value(tree, from, text));
    if (until < tree->n)
        hf_words_add(words, ", until %s", hf_node_value(tree, until, text));
    return true;
}

bool hf_der_say(hf_words *words, const hf_tree *tree, size_t node)
{
    const hf_node *at = &tree->nodes[node];

    if (is_named(at, "cert_data"))
        return say_certificate(words, hf_node_bytes(tree, node));
    if (is_named(at, "OCSPResponse"))
        return say_ocsp(words, tree, node);
    if (is_named(at, "DistinguishedName")) {
        say_name(words, hf_node_bytes(tree, node));
        return true;
    }
    if (is_named(at, "certificate_extension_oid")) {
        hf_fault fault = { 0 };
        hf_reader r = hf_rd_start(hf_node_bytes(tree, node), "oid", 0, &fault, NULL);
        hf_span oid = hf_der_oid(&r, "oid");
        if (fault.code == HF_OK)
            say_oid(words, oid);
        return fault.code == HF_OK;
    }
    if (!hf_node_is_leaf(at) || !hf_node_in_der(tree, node))
        return false;
    say_leaf(words, tree, node);
    return true;
}
