/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* --cert, --key, --key-password-file and --ocsp of `serve` and `connect`: who this end is. */
#ifndef HF_TOOL_IDENTITIES_H
#define HF_TOOL_IDENTITIES_H

#include <handfast/config.h>

typedef struct hf_identity_files {
    const char *const *cert, *const
                                 *key; /* n pairs; a key may stand in the file of its certificate */
    size_t n_cert, n_key;
    const char *password_file; /* NULL: ask on a terminal */
    const char *const *ocsp;   /* staples, of the first n_ocsp certificates */
    size_t n_ocsp;
} hf_identity_files;

/* Loads and checks every pair. An exit code, after it said what is wrong. */
int hf_identities_load(hf_config *config, const hf_identity_files *files);

/* CA certificates of files and folders for hf_config_set_trust; option: "--ca", for messages. An exit code, after it said
   what is wrong. */
int hf_cas_load(hf_trust *trust, const char *const *paths, size_t n, const char *option);

/* CRLs of files, PEM or DER (--crl). An exit code, after it said what is wrong. */
int hf_crls_load(hf_trust *trust, const char *const *paths, size_t n);

#endif
