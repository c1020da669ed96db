/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making a CA and its leaves in memory, and putting each pair of files in its folder. */
#include "tool/ca_store.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "tool/exit.h"
#include "tool/say.h"
#include "tool/store_files.h"
#include "x509/issue.h"

enum {
    DAY = 86400,
    CLOCK_SLACK = 3600,
    CA_DAYS = 3650,
    LEAF_DAYS = 90,
    COMMON_NAME_MAX = 64,
    HF_LEAF_NAMES_MAX = 128
};

#define CA_NAME "handfast private CA"

/* ---- keys ---- */

static const struct key_kind {
    const char *name;
    hf_key_type type;
    unsigned rsa_bits;
} key_kinds[] = {
    { "p256", HF_KEY_P256, 0 },      { "p384", HF_KEY_P384, 0 },
    { "rsa2048", HF_KEY_RSA, 2048 }, { "rsa3072", HF_KEY_RSA, 3072 },
    { "rsa4096", HF_KEY_RSA, 4096 }, { "ed25519", HF_KEY_ED25519, 0 },
};

static hf_error new_key(const char *name, hf_private_key **key)
{
    for (size_t i = 0; i < sizeof key_kinds / sizeof key_kinds[0]; i++)
        if (strcmp(key_kinds[i].name, name ? name : "p256") == 0)
            return hf_private_key_generate(key, key_kinds[i].type, key_kinds[i].rsa_bits);
    return HF_E_CONFIG_KEY_UNSUPPORTED;
}

/* ---- a pair in memory ---- */

/* A certificate (or chain) and its key as the files will hold them. */
typedef struct pair {
    uint8_t *cert_pem, *key_pem;
    size_t cert_len, key_len;
} pair;

static void pair_wipe(pair *p)
{
    hf_free(p->cert_pem);
    hf_free_secret(p->key_pem, p->key_len);
    memset(p, 0, sizeof *p);
}

/* The chain is the certificate alone: its issuer is the anchor, which clients have. */
static hf_error pair_fill(pair *p, hf_span der, const hf_private_key *key, hf_made *made)
{
    TRY(hf_cert_summarize(der, &made->summary));
    TRY(hf_pem_write("CERTIFICATE", der, &p->cert_pem, &p->cert_len));
    return hf_private_key_to_pem(key, &p->key_pem, &p->key_len);
}

/* What a certificate is to say, and who signs it (NULL: itself). */
static hf_error make_pair(const hf_cert_request *request, const char *key_type,
                          const hf_stored_ca *ca, pair *p, hf_made *made)
{
    const hf_random random = { NULL, NULL };
    hf_private_key *key = NULL;
    uint8_t *der = NULL;
    size_t len = 0;
    hf_error e = new_key(key_type, &key);

    if (e == HF_OK)
        e = hf_cert_issue(request, key, ca ? &ca->cert : NULL, ca ? ca->key : key, &random, &der,
                          &len);
    if (e == HF_OK)
        e = pair_fill(p, hf_span_of(der, len), key, made);
    hf_free(der);
    hf_private_key_free(key);
    return e;
}

static int save(const char *dir, const char *stem, bool replace, pair *p, hf_made *made)
{
    const hf_file_pair files = {
        .cert = made->cert,
        .cert_pem = hf_span_of(p->cert_pem, p->cert_len),
        .key = made->key,
        .key_pem = hf_span_of(p->key_pem, p->key_len),
    };
    int e = hf_store_paths(dir, stem, made->cert, made->key);

    return e != HF_EXIT_OK ? e : hf_store_pair(&files, replace);
}

/* ---- a pair in its folder ---- */

typedef struct order {
    hf_cert_request want;
    const char *dir, *stem, *key_type;
    bool replace;
} order;

static int make_and_save(const order *o, const hf_stored_ca *ca, hf_made *made)
{
    pair p = { 0 };
    int status = hf_store_may_write(o->dir, o->stem, o->replace);

    if (status != HF_EXIT_OK)
        return status;
    hf_error e = make_pair(&o->want, o->key_type, ca, &p, made);
    status = e == HF_OK ? save(o->dir, o->stem, o->replace, &p, made)
                        : hf_error_row(e, "no certificate could be made", o->want.common_name);
    pair_wipe(&p);
    return status;
}

static int fulfil(const order *o, const hf_stored_ca *ca, hf_made *made)
{
    bool fresh;
    int status = hf_store_folder(o->dir, &fresh);

    if (status == HF_EXIT_OK)
        status = make_and_save(o, ca, made);
    return hf_store_give_up(status, o->dir, fresh);
}

/* ---- CA ---- */

static bool has_control(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f))
            return true;
    return false;
}

int hf_ca_make(const hf_ca_request *request, hf_made *made)
{
    int64_t now = (int64_t)time(NULL);
    const order o = {
        .want = {
            .common_name = request->name ? request->name : CA_NAME,
            .ca = true,
            .path_len = 0,
            .not_before = now - CLOCK_SLACK,
            .not_after = now + (request->days > 0 ? request->days : CA_DAYS) * (int64_t)DAY,
        },
        .dir = request->dir,
        .stem = "ca",
        .key_type = request->key_type,
        .replace = request->replace,
    };

    memset(made, 0, sizeof *made);
    if (has_control(o.want.common_name)) {
        hf_error_what("the name of the CA holds a control character");
        hf_error_why("it would be shown wherever the CA is looked at, and could steer a terminal");
        hf_error_next("give printable text: --name TEXT");
        return HF_EXIT_USAGE;
    }
    if (strlen(o.want.common_name) <= COMMON_NAME_MAX)
        return fulfil(&o, NULL, made);
    hf_error_what("the name of the CA is too long");
    hf_error_why("a common name has at most 64 bytes (RFC 5280, appendix A.1)");
    hf_error_next("give a shorter one: --name TEXT");
    return HF_EXIT_USAGE;
}

/* ---- leaf ---- */

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

static int check_names(const hf_leaf_request *request)
{
    for (size_t i = 0; i < request->n_names; i++) {
        if (is_name(request->names[i], request->client))
            continue;
        if (hf_is_email(request->names[i]))
            return refuse_email(request->names[i]);
        hf_error_what("not a name for a certificate: \"%.200s\"", request->names[i]);
        hf_error_why("a name is a DNS host name (a wildcard is written *.example.org) or an IP "
                     "address without port; "
                     "international names go in as their xn-- form");
        hf_error_next(
            "for example: handfast cert leaf --ca ca --out leaf www.example.org 192.0.2.1");
        return HF_EXIT_USAGE;
    }
    return HF_EXIT_OK;
}

/* The names, each once: DNS does not know capitals. Returns how many. */
static size_t each_once(const hf_leaf_request *request, const char *names[HF_LEAF_NAMES_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < request->n_names && n < HF_LEAF_NAMES_MAX; i++) {
        size_t j = 0;
        while (j < n && strcasecmp(names[j], request->names[i]) != 0)
            j++;
        if (j == n)
            names[n++] = request->names[i];
    }
    return n;
}

static int check_ca(const hf_stored_ca *ca, const char *dir, int64_t now)
{
    if (now <= ca->cert.not_after)
        return HF_EXIT_OK;
    hf_error_what("the CA has expired");
    hf_error_why("%s/ca.pem: certificates that it signs would be refused", dir);
    hf_error_next("make a new one: handfast cert ca --out %s --force", dir);
    return HF_EXIT_USAGE;
}

/* A subject's common name has at most 64 bytes; the names that count are the SANs. */
static const char *subject_of(const hf_leaf_request *request)
{
    for (size_t i = 0; i < request->n_names; i++)
        if (strlen(request->names[i]) <= COMMON_NAME_MAX)
            return request->names[i];
    return "handfast leaf";
}

static int make_leaf(const hf_leaf_request *request, const hf_stored_ca *ca, hf_made *made)
{
    int64_t now = (int64_t)time(NULL), start = now - CLOCK_SLACK;
    const char *names[HF_LEAF_NAMES_MAX];
    size_t n_names = each_once(request, names);
    int64_t end = now + (request->days > 0 ? request->days : LEAF_DAYS) * (int64_t)DAY;
    const order o = {
        .want = {
            .common_name = subject_of(request),
            .names = names,
            .n_names = n_names,
            .path_len = -1,
            .eku = request->client ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH,
            .not_before = start > ca->cert.not_before ? start : ca->cert.not_before,
            .not_after = end < ca->cert.not_after ? end : ca->cert.not_after,
        },
        .dir = request->dir,
        .stem = request->stem ? request->stem : "leaf",
        .key_type = request->key_type,
        .replace = request->replace,
    };
    int status = check_ca(ca, request->ca_dir, now);

    return status != HF_EXIT_OK ? status : fulfil(&o, ca, made);
}

int hf_leaf_make(const hf_leaf_request *request, hf_made *made)
{
    hf_stored_ca ca;
    int status = check_names(request);

    memset(made, 0, sizeof *made);
    if (status == HF_EXIT_OK)
        status = hf_store_load(request->ca_dir, &ca);
    if (status != HF_EXIT_OK)
        return status;
    status = make_leaf(request, &ca, made);
    hf_store_unload(&ca);
    return status;
}
