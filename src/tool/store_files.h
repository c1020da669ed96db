/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The files of a CA's folder: names, reading a CA back, writing a pair whole or not at all. */
#ifndef HF_TOOL_STORE_FILES_H
#define HF_TOOL_STORE_FILES_H

#include "tool/ca_store.h"
#include "x509/x509.h"

/* A CA as it is used to sign. cert points into der. */
typedef struct hf_stored_ca {
    uint8_t *der;
    size_t len;
    hf_cert cert;
    hf_private_key *key;
} hf_stored_ca;

/* All return an exit code after they said what failed. */
int hf_store_load(const char *dir, hf_stored_ca *ca);
/* The same with the file that holds the password of an encrypted key; NULL: it is asked for on a terminal. */
int hf_store_load_with(const char *dir, const char *password_file, hf_stored_ca *ca);
void hf_store_unload(hf_stored_ca *ca);

/* DIR/STEM.pem and DIR/STEM.key. */
int hf_store_paths(const char *dir, const char *stem, char cert[HF_STORE_PATH_MAX],
                   char key[HF_STORE_PATH_MAX]);
/* Makes the folder, mode 0700, if it is not there; one that is there is left as it is. *fresh: it
   was made now, and hf_store_give_up is to remove it again if what follows fails. */
int hf_store_folder(const char *dir, bool *fresh);
/* Returns `status`. */
int hf_store_give_up(int status, const char *dir, bool fresh);
/* Files that belong together. key NULL: the certificate alone. */
typedef struct hf_file_pair {
    const char *cert, *key; /* paths */
    hf_span cert_pem, key_pem;
} hf_file_pair;
/* Refuses now what hf_store_pair would refuse later, before a key is made for nothing. */
int hf_store_may_write(const char *dir, const hf_file_pair *pair, bool replace);
/* Whole or not at all: what was there stays usable until new files take its place. */
int hf_store_pair(const hf_file_pair *pair, bool replace);

/* A key's file. password NULL: if one is needed, it is asked for on a terminal. HF_E_CONFIG_FILE with errno. */
hf_error hf_store_key(const char *path, const char *password, hf_private_key **key);
/* One at a time in that folder, until the descriptor is closed. -1: the file system has no locks, or somebody holds it
   for ever; then the files' own refusal to be overwritten has to do. */
int hf_store_lock(const char *dir);

#endif
