/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Who may a certificate be for? A reference name and a list of SANs come from the input; the answer
 * of hf_cert_matches is compared with one written down here without regard to speed, and addresses
 * with inet_pton. The input is: length of the name, the name, then kind, length and bytes of each SAN.
 */
#include <arpa/inet.h>
#include <ctype.h>

#include "fuzz/fuzz.h"
#include "x509/ip.h"
#include "x509/x509.h"

enum { SANS_MAX = 8, NAME_ROOM = 256, SAN_ROOM = 128, DER_ROOM = SANS_MAX * (SAN_ROOM + 4) };

typedef struct san {
    uint8_t tag;
    char text[SAN_ROOM];
    size_t len;
} san;

/* ---- the other answer ---- */

static size_t address(const char *text, uint8_t out[16])
{
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

/* "127.1" may be an address. */
static bool last_label_is_a_number(const char *name)
{
    const char *dot = strrchr(name, '.'), *last = dot ? dot + 1 : name;

    return strspn(last, "0123456789") == strlen(last);
}

/* Labels of 1 to 63 letters, digits, hyphens and underscores, 253 characters together, the last no number. */
static bool host_name(const char *name)
{
    const size_t len = strlen(name);
    uint8_t ip[16];

    if (len == 0 || len > 253 || name[0] == '.' || name[len - 1] == '.' || strstr(name, "..") ||
        address(name, ip) || last_label_is_a_number(name))
        return false;
    for (const char *at = name; *at; at += strcspn(at, "."), at += *at == '.')
        if (strcspn(at, ".") > 63)
            return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static bool equal_any_case(const char *a, const char *b)
{
    for (; *a && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++, b++) {
    }
    return *a == *b;
}

static bool dns_fits(const char *presented, const char *reference)
{
    const char *parent = strchr(reference, '.');

    if (strncmp(presented, "*.", 2) != 0)
        return equal_any_case(presented, reference);
    const char *inner = strchr(presented + 2, '.');
    return inner && inner[1] && parent && equal_any_case(presented + 1, parent);
}

static bool expected(const san *sans, size_t n, const char *name)
{
    uint8_t ip[16];
    size_t ip_len = address(name, ip), len = strlen(name);
    char reference[NAME_ROOM];

    memcpy(reference, name, len + 1);
    if (len > 1 && reference[len - 1] == '.')
        reference[len - 1] = '\0';
    for (size_t i = 0; i < n; i++) {
        if (ip_len > 0 && sans[i].tag == 0x87 && sans[i].len == ip_len &&
            memcmp(sans[i].text, ip, ip_len) == 0)
            return true;
        if (ip_len == 0 && sans[i].tag == 0x82 && host_name(reference) &&
            dns_fits(sans[i].text, reference))
            return true;
    }
    return false;
}

/* ---- the input ---- */

/* Only what a parsed certificate may hold: ASCII names without NUL, addresses of 4 or 16 bytes. */
static bool read_san(input *in, san *s)
{
    static const uint8_t tags[] = { 0x82, 0x87, 0x81, 0x86 };
    hf_span bytes;

    s->tag = tags[input_u8(in) % sizeof tags];
    bytes = input_take(in, input_u8(in) % SAN_ROOM);
    if (s->tag == 0x87 && bytes.len != 4 && bytes.len != 16)
        return false;
    for (size_t i = 0; s->tag != 0x87 && i < bytes.len; i++)
        if (bytes.data[i] == 0 || bytes.data[i] >= 0x80)
            return false;
    s->len = bytes.len;
    memset(s->text, 0, sizeof s->text);
    memcpy(s->text, bytes.data, bytes.len);
    return bytes.len > 0;
}

static size_t encode(const san *sans, size_t n, uint8_t der[DER_ROOM])
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        der[at++] = sans[i].tag;
        der[at++] = (uint8_t)sans[i].len; /* below 128 */
        memcpy(der + at, sans[i].text, sans[i].len);
        at += sans[i].len;
    }
    return at;
}

static void check_address(const char *name)
{
    uint8_t ours[16], theirs[16], again[16];
    size_t n = hf_parse_ip(name, ours);
    char text[HF_IP_TEXT_MAX];

    CHECK(n == address(name, theirs) && memcmp(ours, theirs, n) == 0);
    if (n == 0)
        return;
    hf_ip_text(hf_span_of(ours, n), text);
    CHECK(hf_parse_ip(text, again) == n && memcmp(ours, again, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    hf_span given = input_take(&in, input_u8(&in));
    char *name = (char *)hf_copy(given);
    san sans[SANS_MAX];
    uint8_t der[DER_ROOM];
    size_t n = 0;

    CHECK(name);
    while (n < SANS_MAX && in.left > 0)
        n += read_san(&in, &sans[n]) ? 1 : 0;
    size_t len = encode(sans, n, der);
    uint8_t *tight = tight_copy(hf_span_of(der, len));
    hf_cert cert = { .san = hf_span_of(tight, len) };
    check_address(name);
    CHECK(hf_is_host_name(hf_span_str(name)) == host_name(name));
    CHECK(hf_cert_matches(&cert, name) == expected(sans, n, name));
    free(tight);
    hf_free(name);
    return 0;
}
