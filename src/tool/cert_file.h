/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One certificate, or one block of PEM, from a file: what is to be renewed, revoked or signed. */
#ifndef HF_TOOL_CERT_FILE_H
#define HF_TOOL_CERT_FILE_H

#include "x509/x509.h"

typedef struct hf_cert_file {
    uint8_t *der;
    size_t len;
    hf_cert cert; /* points into der */
} hf_cert_file;

/* The first certificate of the file, PEM or DER. HF_EXIT_USAGE after a message. */
int hf_cert_file_open(const char *path, hf_cert_file *file);
void hf_cert_file_close(hf_cert_file *file);

/* The first block of one of two labels (the second may be NULL), or the whole file if it is DER, in fresh memory
   (hf_free). HF_E_CONFIG_FILE with errno. */
hf_error hf_der_file(const char *path, const char *label, const char *other, uint8_t **der,
                     size_t *len);

#endif
