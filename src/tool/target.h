/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Whom the user means: HOST, HOST:PORT, [::1]:443 or an https:// URL, with international names turned
 * into what DNS and TLS carry. Looking the name up and connecting is dial.h.
 */
#ifndef HF_TOOL_TARGET_H
#define HF_TOOL_TARGET_H

#include <handfast/types.h>

enum { HF_HOST_MAX = 256, HF_URL_PATH_MAX = 2048 };

typedef struct hf_target {
    char host
        [HF_HOST_MAX]; /* A-labels, or an address without brackets: for DNS, SNI and the certificate */
    char shown[HF_HOST_MAX];    /* as people write it; equal to host if nothing is international */
    char path[HF_URL_PATH_MAX]; /* of a URL, else "" */
    uint16_t port;
    bool is_address;
    bool is_ipv6;
} hf_target;

/* NULL, or the sentence that says what is wrong with the text. */
const char *hf_target_parse(const char *text, uint16_t default_port, hf_target *target);
/* The name alone, without a port (--servername). NULL, or what is wrong with it. */
const char *hf_target_name(const char *text, char host[HF_HOST_MAX]);
/* --resolve HOST:PORT:ADDRESS, as curl has it. Each text is checked; *address gets the first that fits the
   target, or NULL. Returns NULL, or what is wrong with a text. */
const char *hf_target_resolve(const hf_target *target, const char *const *texts, size_t n,
                              const char **address);
/* "localhost:8443", "[::1]:8443". */
void hf_target_text(const char *host, uint16_t port, char *out, size_t room);

#endif
