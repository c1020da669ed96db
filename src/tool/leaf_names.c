/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which names may stand in a leaf, and where they come from. */
#include "tool/leaf_names.h"

#include <string.h>
#include <strings.h>

#include "tool/exit.h"
#include "tool/order.h"
#include "tool/say.h"
#include "x509/ip.h"

/* ---- what is a name ---- */

/* hf_is_host_name takes what is out there; what we make also keeps to RFC 1123: no label begins or
   ends with a hyphen. */
static bool has_edge_hyphen(const char *host)
{
    return *host == '-' || strstr(host, ".-") || strstr(host, "-.") ||
           host[strlen(host) - 1] == '-';
}

/* A host name, or one whose whole left-most label is a star (RFC 9525 6.3), or an address; a client may
   be a person. */
static bool is_name(const char *name, bool client)
{
    uint8_t ip[16];
    const char *host = strncmp(name, "*.", 2) == 0 ? name + 2 : name;

    if (hf_parse_ip(name, ip) > 0 || (client && hf_is_email(name)))
        return true;
    return hf_is_host_name(hf_span_str(host)) && !has_edge_hyphen(host) &&
           (host == name || strchr(host, '.') != NULL);
}

static int refuse_email(const char *name)
{
    hf_error_what("not a name for a server: \"%.200s\"", name);
    hf_error_why("a mail address names a person or a device, and these are clients");
    hf_error_next("for a client's certificate: --client");
    return HF_EXIT_USAGE;
}

int hf_leaf_names_check(const char *const *names, size_t n, bool client)
{
    for (size_t i = 0; i < n; i++) {
        if (is_name(names[i], client))
            continue;
        if (hf_is_email(names[i]))
            return refuse_email(names[i]);
        hf_error_what("not a name for a certificate: \"%.200s\"", names[i]);
        hf_error_why("a name is a DNS host name (a wildcard is written *.example.org) or an IP "
                     "address without port; "
                     "international names go in as their xn-- form");
        hf_error_next(
            "for example: handfast cert leaf --ca ca --out leaf www.example.org 192.0.2.1");
        return HF_EXIT_USAGE;
    }
    return HF_EXIT_OK;
}

size_t hf_leaf_names_once(const char *const *names, size_t n, const char *out[HF_LEAF_NAMES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < n && count < HF_LEAF_NAMES_MAX; i++) {
        size_t j = 0;
        while (j < count && strcasecmp(out[j], names[i]) != 0)
            j++;
        if (j == count)
            out[count++] = names[i];
    }
    return count;
}

/* A common name has at most 64 bytes. Where a certificate has no DNS name, some take an address there for one that the
   CA's limits forbid. */
const char *hf_leaf_subject(const char *const *names, size_t n)
{
    uint8_t ip[16];

    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) <= HF_COMMON_NAME_MAX && hf_parse_ip(names[i], ip) == 0)
            return names[i];
    return NULL;
}

/* ---- from a certificate or request ---- */

static char *text_of(hf_san_kind kind, hf_span name)
{
    char ip[HF_IP_TEXT_MAX];

    if (kind == HF_SAN_IP) {
        hf_ip_text(name, ip);
        name = hf_span_str(ip);
    }
    char *text = hf_alloc(name.len + 1);
    if (!text)
        return NULL;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    return text;
}

static int refuse_names(const char *what, const char *why, const char *next)
{
    hf_error_what("the names of the %s cannot be signed", what);
    hf_error_why("%s", why);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}

static int add(hf_leaf_names *names, hf_san_kind kind, hf_span name, const char *what)
{
    if (kind == HF_SAN_URI || kind == HF_SAN_OTHER)
        return refuse_names(what, "it holds a URI or another kind that is not signed here",
                            "ask for DNS names, IP addresses and mail addresses only");
    if (names->n == HF_LEAF_NAMES_MAX)
        return refuse_names(what, "it holds more than 128 names",
                            "divide them over several certificates");
    names->at[names->n] = text_of(kind, name);
    if (!names->at[names->n])
        return hf_complain_row(HF_E_NO_MEMORY, "the names cannot be read", what);
    names->n++;
    return HF_EXIT_OK;
}

int hf_leaf_names_read(hf_span san, const char *what, hf_leaf_names *names)
{
    hf_san_kind kind;
    hf_span name;
    int status = HF_EXIT_OK;

    memset(names, 0, sizeof *names);
    while (status == HF_EXIT_OK && hf_san_next(&san, &kind, &name))
        status = add(names, kind, name, what);
    if (status == HF_EXIT_OK && names->n == 0)
        status =
            refuse_names(what, "it has no subjectAltName; a common name alone is read by nobody",
                         "with openssl: req -addext subjectAltName=DNS:localhost; or: "
                         "handfast cert csr --out leaf localhost");
    if (status != HF_EXIT_OK)
        hf_leaf_names_free(names);
    return status;
}

void hf_leaf_names_free(hf_leaf_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        hf_free((char *)(uintptr_t)names->at[i]);
    names->n = 0;
}
