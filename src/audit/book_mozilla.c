/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `mozilla-intermediate`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "mozilla-intermediate"
#define BOOK_FILE         "audit/books/mozilla-intermediate.def"
#define BOOK_ROW          hf_book_mozilla
#define BOOK_FIXES        hf_fixes_mozilla
#define FIX_OLDEST        "TLSv1.2"
#define FIX_PROTOCOLS     "TLSv1.2 TLSv1.3"
#define FIX_PLUS          "+TLSv1.2 +TLSv1.3"
#define FIX_CIPHERS       "ECDHE+AESGCM:ECDHE+CHACHA20"
#define FIX_OLDER_NGINX   "ssl_ciphers " FIX_CIPHERS ";"
#define FIX_OLDER_HAPROXY "ssl-default-bind-ciphers " FIX_CIPHERS
#define FIX_OLDER_APACHE  "SSLCipherSuite " FIX_CIPHERS
#define FIX_SUITES_WORDS  FIX_NAME_SUITES
#define FIX_SUITES13      "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define FIX_GROUPS        "X25519:P-256:P-384"
#define FIX_SCHEMES       "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256"
#define FIX_ORDER         FIX_ORDER_CLIENTS
#define FIX_POLICY        "mozilla-intermediate"
#define BY_NONE           "beside the standard: "
#define BY_VERSIONS       "Mozilla 6.0 intermediate, tls_versions; "
#define BY_SUITES         "Mozilla 6.0 intermediate, ciphers; "
#define BY_DH             "Mozilla 6.0 intermediate, dh_param_size; "
#define BY_GROUPS         "Mozilla 6.0 intermediate, tls_curves; "
#define BY_NAMES          "beside the standard: "
#define BY_CERTIFICATES   "beside the standard: "
#include "audit/book_table.def"
