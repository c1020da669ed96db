/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `default`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "default"
#define BOOK_FILE         "audit/books/default.def"
#define BOOK_ROW          hf_book_default
#define BOOK_FIXES        hf_fixes_default
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
#define FIX_ORDER         FIX_ORDER_SERVERS
#define FIX_POLICY        "default"
#define BY_NONE           ""
#define BY_VERSIONS       ""
#define BY_SUITES         ""
#define BY_DH             ""
#define BY_GROUPS         ""
#define BY_NAMES          ""
#define BY_CERTIFICATES   ""
#include "audit/book_table.def"
