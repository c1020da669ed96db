/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The proxy's configuration: one YAML file as structs. keys.def is the schema: every key with its kind, bounds, default and words;
 * the reader, the reference page and the hints at typos are made from it. What is read is checked for form and for contradictions
 * here; whether files and addresses are good is asked by who uses them (proxy check, proxy run).
 *
 *     hf_proxy_config *config;
 *     hf_config_fault fault;
 *     if (!hf_proxy_config_read(bytes, "proxy.yaml", &config, &fault))
 *         complain with fault.file:line:column, what, why, next
 */
#ifndef HF_TOOL_PROXY_CONFIG_H
#define HF_TOOL_PROXY_CONFIG_H

#include <handfast/types.h>

enum {
    HF_PROXY_SHARED_MAX = 16, /* sites of one name, told apart by ALPN */
    HF_PROXY_LISTENERS_MAX = 64,
    HF_PROXY_SITES_MAX = 1024,
    HF_PROXY_NAMES_MAX = 256,      /* of a site */
    HF_PROXY_CERTIFICATES_MAX = 8, /* of a site */
    HF_PROXY_BACKENDS_MAX = 64,    /* of a site */
    HF_PROXY_PATHS_MAX = 64,
    HF_PROXY_CONNECTIONS = 50000,
    HF_PROXY_FILE_MAX = 1 << 20, /* bytes of the file */
    HF_PROXY_DEPTH_MAX = 16,
    HF_PROXY_NODES_MAX = 100000, /* aliases do not multiply: they are refused */
    HF_PROXY_FAULTS_MAX = 20     /* told at once: by then a person has enough to correct */
};

/* Where a value stood, for complaints that come later. 0: it is a default. */
typedef struct hf_place {
    unsigned line, column; /* from 1 */
} hf_place;

typedef struct hf_config_text {
    char *text; /* NULL: not given */
    hf_place at;
} hf_config_text;

typedef struct hf_config_list {
    hf_config_text *at;
    size_t n;
} hf_config_list;

typedef struct hf_config_pair { /* {chain: FILE, key: FILE, password_file: FILE, staple: FILE} */
    hf_config_text chain, key, password_file, staple;
    hf_place at;
} hf_config_pair;

typedef enum hf_backend_kind { HF_BACKEND_TCP, HF_BACKEND_UNIX } hf_backend_kind;

/* "127.0.0.1:9000", "host:port", "unix:/run/app.sock", or {address: …, tls: {…}, proxy_protocol: v2} */
typedef struct hf_config_backend {
    hf_backend_kind kind;
    hf_config_text address; /* as written */
    char host[256];         /* or the socket's path */
    uint16_t port;
    bool tls;
    hf_config_text tls_name,
        tls_ca;              /* verified for this name, against this CA (NULL: the system's) */
    hf_config_pair identity; /* shown if the backend asks; its place is that of tls */
    uint8_t proxy_protocol;  /* sent: 0 none, 1, 2 */
    hf_place at;
} hf_config_backend;

typedef enum hf_site_mode { HF_SITE_HTTP, HF_SITE_TCP } hf_site_mode;
typedef enum hf_site_auth { HF_AUTH_NONE, HF_AUTH_REQUEST, HF_AUTH_REQUIRE } hf_site_auth;

typedef struct hf_config_site {
    hf_config_list names; /* exact, "*.a.test", or "default" alone */
    hf_config_pair certificates[HF_PROXY_CERTIFICATES_MAX];
    size_t n_certificates;
    hf_config_pair fallback;
    hf_config_backend *backends;
    size_t n_backends;
    hf_site_mode mode;
    struct {
        bool on;
        uint64_t max_age; /* seconds */
        bool include_subdomains, preload;
        hf_place at;
    } hsts;
    struct {
        hf_site_auth mode;
        hf_config_text ca, crl;
        hf_config_list paths; /* enforced below these (403); empty: everywhere */
        hf_place at;
    } client_auth;
    hf_config_list alpn; /* tcp mode; http mode: http/1.1 alone */
    hf_config_text policy;
    bool unavailable_when_expired; /* on_expired: 503; else serve */
    hf_place at;
} hf_config_site;

typedef struct hf_proxy_config {
    char *file;
    hf_config_list listen, redirect;
    hf_config_text admin, control, user, challenges, ticket_keys, state;
    bool admin_public; /* admin may stand where others reach it */
    unsigned workers;  /* 0: as many as there are processors */
    bool log_json, log_requests;
    uint8_t proxy_protocol_in;          /* 0 none, 1: v1 or v2 must come first on `listen` */
    hf_config_list proxy_protocol_from; /* addresses that may send it */
    struct {
        uint64_t handshake_ms, header_ms, idle_ms, drain_ms, connect_ms, response_ms;
        uint64_t connections, per_address, head_bytes, memory_bytes; /* per_address 0: no bound */
        bool connections_given; /* else they are HF_PROXY_CONNECTIONS, or as many as fit */
        hf_place at;
    } limits;
    struct {
        unsigned percent[8]; /* of the lifetime that is over, ascending */
        size_t n;
        hf_config_text command;
        hf_place at;
    } reminders;
    hf_config_site *sites;
    size_t n_sites;
} hf_proxy_config;

/* Every complaint: "proxy.yaml:12:5: there is no key sitez here; did you mean sites?" */
typedef struct hf_config_fault {
    char file[256];
    hf_place at;
    char what[160], why[256], next[160];
} hf_config_fault;

/* Several of them. The caller gives the room: at least 1, and 1 is for who tells only the first. */
typedef struct hf_config_faults {
    hf_config_fault *at;
    size_t room, n;
    bool more; /* than fit */
} hf_config_faults;

/* False: fault says where and why; *config is NULL. It is the first in reading order, form before sense. Paths stay as written
   (hf_proxy_path makes them relative to the file's folder). */
bool hf_proxy_config_read(hf_span yaml, const char *file, hf_proxy_config **config,
                          hf_config_fault *fault);
/* The same with as many as there are room for: of YAML itself one; else all of form; and if there are none of these, all of sense.
   The first is that of hf_proxy_config_read, the others follow in the order of the file. */
bool hf_proxy_config_read_all(hf_span yaml, const char *file, hf_proxy_config **config,
                              hf_config_faults *faults);
void hf_proxy_config_free(hf_proxy_config *config);
/* A path of the file, seen from here. Returns out. */
char *hf_proxy_path(const hf_proxy_config *config, const char *path, char *out, size_t room);
/* Which site answers to that name (lower case, A-labels; NULL: no SNI): exact before wildcard before default; NULL: none. */
const hf_config_site *hf_proxy_site_of(const hf_proxy_config *config, const char *name);
/* The same where sites share the name, by what the client offers (ALPN, its order does not count): a site with a protocol of the
   client's, else one that takes any, else one of HTTP (clients without ALPN), else the first. */
const hf_config_site *hf_proxy_site_for(const hf_proxy_config *config, const char *name,
                                        const hf_span *protocols, size_t n);
/* What is allowed and still looks like a slip (HSTS too short, plain text to a public address …): the i-th, in reading order
   within a kind. False past the end. */
bool hf_proxy_config_warning(const hf_proxy_config *config, size_t i, hf_config_fault *warning);
/* The three parts of an error, to stderr. */
void hf_config_fault_say(const hf_config_fault *fault);
/* Of all, one after the other, and that there are more. */
void hf_config_faults_say(const hf_config_faults *faults);

/* ---- the schema, for docs and hints ---- */

typedef struct hf_key_row {
    const char *path; /* "sites[].hsts.max_age" */
    const char *kind; /* "duration", "list of names", … in words */
    bool list;
    const char *values;   /* bounds ("1s to 10m") or words ("http, tcp"); of a list: how many */
    const char *standard; /* without the key; "": nothing, NULL: it must be given */
    const char *help, *sample;
} hf_key_row;
const hf_key_row *hf_proxy_key_row(size_t i); /* NULL past the end */

#endif
