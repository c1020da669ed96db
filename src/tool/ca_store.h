/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A private CA in a folder: ca.pem and ca.key; and certificates that it signs: leaf.pem (the chain)
 * and leaf.key. Folders have mode 0700, keys 0600; a pair of files is written whole or not at all,
 * and none is replaced unless asked. All functions return an exit code after they said what failed.
 * Used by `cert`, by `serve` (below XDG_DATA_HOME) and by `demo` (a temporary folder).
 */
#ifndef HF_TOOL_CA_STORE_H
#define HF_TOOL_CA_STORE_H

#include <handfast/cert.h>
#include "base/bytes.h"

enum { HF_STORE_PATH_MAX = 1024 };

typedef struct hf_ca_request {
    const char *dir;      /* made if need be, one level; its parents too for the default store */
    const char *name;     /* NULL: "handfast private CA" */
    const char *key_type; /* "p256", "rsa2048" …; NULL: p256 */
    long days;            /* 0: 3650 */
    bool replace;
    const char *const *permitted; /* domains, addresses and networks that it may sign for; … */
    size_t n_permitted; /* … 0: this machine's and private networks' (hf_private_names) */
    bool any_name;      /* no limits */
} hf_ca_request;

typedef struct hf_leaf_request {
    const char *ca_dir, *dir;
    const char *stem; /* of both files' names; NULL: "leaf" */
    const char *const
        *names; /* DNS names, wildcards, IP literals; for a client mail addresses too */
    size_t n_names;
    const char *key_type;
    long days; /* 0: 90; cut to the CA's own end */
    bool client, replace;
    uint8_t eku;  /* HF_EKU_…; 0: by `client` */
    hf_span spki; /* of a key that is there: only the certificate is written; empty: a new key */
    const char *password_file; /* of the CA's key, or NULL */
} hf_leaf_request;

/* What was made. */
typedef struct hf_made {
    char cert[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX]; /* key "": none was written */
    hf_cert_summary summary;
    char permitted[1024]; /* a CA's limits: "localhost, test, 10.0.0.0/8"; "": none */
} hf_made;

int hf_ca_make(const hf_ca_request *request, hf_made *made);
int hf_leaf_make(const hf_leaf_request *request, hf_made *made);

/* What a CA is limited to if nothing else is said. */
enum { HF_PRIVATE_NAMES = 12 };
extern const char *const hf_private_names[HF_PRIVATE_NAMES];

/* A server for this machine: a CA and a leaf for localhost, 127.0.0.1 and ::1 in `dir`. */
typedef struct hf_local_store {
    char ca[HF_STORE_PATH_MAX];   /* ca.pem: what clients are to trust */
    char cert[HF_STORE_PATH_MAX]; /* leaf.pem */
    char key[HF_STORE_PATH_MAX];  /* leaf.key */
    bool new_ca, new_leaf;        /* made or renewed by this call */
    int64_t not_after;            /* of the leaf */
} hf_local_store;

/* Makes what is missing, expired, or (the leaf) past two thirds of its life. dir NULL: the default
   store. Safe when several processes start at once. */
int hf_local_store_open(const char *dir, hf_local_store *store);
/* The same with a leaf for another key type than "p256": it stands beside the usual one, as leaf-TYPE.pem. */
int hf_local_store_open_kind(const char *dir, const char *key_type, hf_local_store *store);
/* $XDG_DATA_HOME/handfast/ca, else ~/.local/share/handfast/ca. HF_EXIT_OK or HF_EXIT_USAGE. */
int hf_local_store_path(char *out, size_t room);

#endif
