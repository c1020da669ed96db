/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The books by their names in C: each is the table of one book_NAME.c. */
#ifndef HF_AUDIT_BOOKS_H
#define HF_AUDIT_BOOKS_H

#include "audit/checks.h"

extern const hf_book hf_book_default, hf_book_modern, hf_book_pci, hf_book_nist, hf_book_bsi,
    hf_book_mozilla;
extern const hf_fix hf_fixes_modern[HF_FIX_COUNT], hf_fixes_pci[HF_FIX_COUNT],
    hf_fixes_nist[HF_FIX_COUNT], hf_fixes_bsi[HF_FIX_COUNT], hf_fixes_mozilla[HF_FIX_COUNT];

/* nginx takes these from the default server of a socket, whichever server a client then asks for. */
#define FIX_AT "http, or the socket's default server: "

#define FIX_NAME_SUITES                                                                            \
    "Name the suites that may be used; all others go. Those of TLS 1.2 and of TLS 1.3 are set "    \
    "apart from each other."

/* Rows of fixes.def that books choose from; their last field, handfast's, is the book's policy. */
#define FIX_ORDER_SERVERS                                                                          \
    "Let the server's order of suites count.", "ssl_prefer_server_ciphers on;",                    \
        "global: ssl-default-bind-options without prefer-client-ciphers", "SSLHonorCipherOrder on"
#define FIX_ORDER_CLIENTS                                                                          \
    "Let the client's order of suites count: it knows whether AES is fast for it.",                \
        "ssl_prefer_server_ciphers off;",                                                          \
        "global: ssl-default-bind-options prefer-client-ciphers", "SSLHonorCipherOrder off"

#endif
