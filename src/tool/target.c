/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading HOST, PORT and URLs. International names go through libidn2 (IDNA2008, non-transitional). */
#include "tool/target.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uv.h>

static bool is_ipv4(const char *text)
{
    unsigned char bytes[4];

    return uv_inet_pton(AF_INET, text, bytes) == 0;
}

static bool is_ipv6(const char *text)
{
    unsigned char bytes[16];

    return uv_inet_pton(AF_INET6, text, bytes) == 0;
}

static bool ascii_only(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool copy(char *out, size_t room, const char *text, size_t len)
{
    if (len >= room)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

/* Letters, digits, hyphen and underscore in labels of 1 to 63 bytes; 253 in all. */
static const char *check_name(const char *host)
{
    size_t label = 0, len = strlen(host);

    if (len > 253)
        return "the host name is longer than 253 bytes";
    for (const char *p = host; *p; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                      (*p >= '0' && *p <= '9') || *p == '-' || *p == '_';

        if (*p == '.' && label == 0)
            return "the host name has an empty label";
        if (*p != '.' && !letter)
            return "the host name holds a character that cannot stand in one";
        label = *p == '.' ? 0 : label + 1;
        if (label > 63)
            return "a label of the host name is longer than 63 bytes";
    }
    return label == 0 ? "the host name is empty" : NULL;
}

const char *hf_target_name(const char *text, char host[HF_HOST_MAX])
{
    char *ascii = NULL;
    size_t len = strlen(text);

    if (ascii_only(text)) {
        if (!copy(host, HF_HOST_MAX, text, len))
            return "the host name is longer than 253 bytes";
    } else {
        if (idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
            return "the host name is not a valid international name (IDNA2008, in UTF-8)";
        bool fits = copy(host, HF_HOST_MAX, ascii, strlen(ascii));
        idn2_free(ascii);
        if (!fits)
            return "the host name is longer than 253 bytes";
    }
    len = strlen(host);
    if (len > 1 && host[len - 1] == '.') /* the root's dot is for DNS, not for TLS (RFC 6066 3) */
        host[len - 1] = '\0';
    return is_ipv4(host) || is_ipv6(host) ? NULL : check_name(host);
}

/* The U-label form of an A-label name, for people. */
static void show(const char *host, char *shown)
{
    char *text = NULL;

    copy(shown, HF_HOST_MAX, host, strlen(host));
    if (strstr(host, "xn--") && idn2_to_unicode_8z8z(host, &text, 0) == IDN2_OK) {
        copy(shown, HF_HOST_MAX, text, strlen(text));
        idn2_free(text);
    }
}

static const char *read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;

    if (!*text)
        return "the port is missing after the colon";
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || value > 6553)
            return "the port is not a number from 1 to 65535";
        value = value * 10 + (unsigned)(*text - '0');
    }
    if (value < 1 || value > 65535)
        return "the port is not a number from 1 to 65535";
    *port = (uint16_t)value;
    return NULL;
}

/* Cuts https:// and the path off; text then holds HOST[:PORT]. */
static const char *cut_url(char *text, hf_target *target)
{
    char *rest = strstr(text, "://");

    if (!rest)
        return strchr(text, '/') ? "a path needs a URL: write https://HOST/PATH" : NULL;
    if (strncasecmp(text, "https://", 8) != 0)
        return "only https:// URLs can be connected to";
    memmove(text, rest + 3, strlen(rest + 3) + 1);
    size_t end = strcspn(text, "/?#");
    size_t hash = strcspn(text, "#"); /* the fragment is never sent */
    text[hash] = '\0';
    if (end < hash && !copy(target->path, sizeof target->path, text + end, hash - end))
        return "the URL's path is too long";
    text[end] = '\0';
    return strchr(text, '@') ? "user names and passwords in URLs are not supported" : NULL;
}

/* "::1:9104" is an address by the letter, and never what was meant: a last group of two or more decimal
   digits, without which an address is left, is taken for a port. In brackets it can be said either way. */
static bool has_bare_port(char *text, char *colon)
{
    size_t digits = strspn(colon + 1, "0123456789");

    if (digits < 2 || colon[1 + digits] != '\0')
        return false;
    *colon = '\0';
    bool address = is_ipv6(text);
    *colon = ':';
    return address;
}

/* Splits HOST[:PORT] in place: [::1]:443, ::1, host:443. */
static const char *split(char *text, char **host, const char **port)
{
    char *colon = strrchr(text, ':');

    *host = text;
    *port = NULL;
    if (*text == '[') {
        char *end = strchr(text, ']');

        if (!end || (end[1] && end[1] != ':'))
            return "an IPv6 address stands in brackets: [::1]:443";
        *end = '\0';
        *host = text + 1;
        *port = end[1] ? end + 2 : NULL;
        return is_ipv6(text + 1) ? NULL : "what stands in brackets is not an IPv6 address";
    }
    if (colon && strchr(text, ':') == colon) {
        *colon = '\0';
        *port = colon + 1;
    } else if (colon && has_bare_port(text, colon)) {
        return "an IPv6 address with a port stands in brackets";
    } else if (colon && !is_ipv6(text)) {
        return "more than one colon, but not an IPv6 address";
    }
    return NULL;
}

const char *hf_target_parse(const char *text, uint16_t default_port, hf_target *target)
{
    char work[HF_HOST_MAX + HF_URL_PATH_MAX + 16], *host;
    const char *port, *wrong;

    memset(target, 0, sizeof *target);
    target->port = default_port;
    if (!copy(work, sizeof work, text, strlen(text)))
        return "the address is too long";
    if ((wrong = cut_url(work, target)) || (wrong = split(work, &host, &port)))
        return wrong;
    if (!*host)
        return "the host is missing";
    if ((port && (wrong = read_port(port, &target->port))) ||
        (wrong = hf_target_name(host, target->host)))
        return wrong;
    for (const char *p = target->path; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return "the URL's path holds a blank or a control character";
    target->is_ipv6 = is_ipv6(target->host);
    target->is_address = target->is_ipv6 || is_ipv4(target->host);
    show(target->host, target->shown);
    return NULL;
}

const char *hf_target_resolve(const hf_target *target, const char *const *texts, size_t n,
                              const char **address)
{
    *address = NULL;
    for (size_t i = 0; i < n; i++) {
        const char *first = strchr(texts[i], ':');
        const char *second = first ? strchr(first + 1, ':') : NULL;
        char number[8], name[HF_HOST_MAX], host[HF_HOST_MAX];
        uint16_t port = 0;

        if (!second || !copy(number, sizeof number, first + 1, (size_t)(second - first - 1)) ||
            read_port(number, &port) ||
            !copy(name, sizeof name, texts[i], (size_t)(first - texts[i])) ||
            hf_target_name(name, host))
            return "--resolve takes HOST:PORT:ADDRESS";
        if (!is_ipv4(second + 1) && !is_ipv6(second + 1))
            return "--resolve takes an IP address after the port, IPv6 without brackets";
        if (!*address && port == target->port && strcasecmp(host, target->host) == 0)
            *address = second + 1;
    }
    return NULL;
}

void hf_target_text(const char *host, uint16_t port, char *out, size_t room)
{
    snprintf(out, room, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}
