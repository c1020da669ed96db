/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The books by their names in C: each is the table of one book_NAME.c. */
#ifndef HF_AUDIT_BOOKS_H
#define HF_AUDIT_BOOKS_H

#include "audit/checks.h"

extern const hf_book hf_book_default, hf_book_modern, hf_book_pci, hf_book_nist, hf_book_bsi,
    hf_book_mozilla;
extern const hf_fix hf_fixes_modern[HF_FIX_COUNT], hf_fixes_pci[HF_FIX_COUNT],
    hf_fixes_nist[HF_FIX_COUNT], hf_fixes_bsi[HF_FIX_COUNT], hf_fixes_mozilla[HF_FIX_COUNT];

/* Settings, as fixes.def writes them. */
#define FIX_SAID(place, lines, words)                                                              \
    {                                                                                              \
        place, lines, words                                                                        \
    }
#define FIX_IN(place, lines) FIX_SAID(place, lines, NULL)
#define FIX_LINES(lines)     FIX_SAID(NULL, lines, NULL)
#define FIX_WORDS(words)     FIX_SAID(NULL, NULL, words)
#define FIX_NONE             FIX_SAID(NULL, NULL, NULL)
#define FIX_NEXT             "\n"

/* nginx takes these from the default server of a socket, whichever server a client then asks for. */
#define FIX_HTTP           "http, or the socket's default server"
#define FIX_NGINX_FILES    "ssl_certificate FILE;" FIX_NEXT "ssl_certificate_key FILE;"
#define FIX_APACHE_FILES   "SSLCertificateFile FILE" FIX_NEXT "SSLCertificateKeyFile FILE"
#define FIX_HANDFAST_FILES "certificates: [{chain: FILE, key: FILE}]"

#define FIX_NAME_SUITES                                                                            \
    "Name the suites that may be used; all others go. Those of TLS 1.2 and of TLS 1.3 are set "    \
    "apart from each other."

/* Rows of fixes.def that books choose from; their last field, handfast's, is the book's policy. */
#define FIX_ORDER_SERVERS                                                                          \
    "Let the server's order of suites count.", FIX_LINES("ssl_prefer_server_ciphers on;"),         \
        FIX_WORDS("leave prefer-client-ciphers out of ssl-default-bind-options"),                  \
        FIX_LINES("SSLHonorCipherOrder on")
#define FIX_ORDER_CLIENTS                                                                          \
    "Let the client's order of suites count: it knows whether AES is fast for it.",                \
        FIX_LINES("ssl_prefer_server_ciphers off;"),                                               \
        FIX_IN("global", "ssl-default-bind-options prefer-client-ciphers"),                        \
        FIX_LINES("SSLHonorCipherOrder off")

#endif
