/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `bsi-tr-02102-2`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "bsi-tr-02102-2"
#define BOOK_FILE         "audit/books/bsi-tr-02102-2.def"
#define BOOK_ROW          hf_book_bsi
#define BOOK_FIXES        hf_fixes_bsi
#define FIX_OLDEST        "TLSv1.2"
#define FIX_PROTOCOLS     "TLSv1.2 TLSv1.3"
#define FIX_PLUS          "+TLSv1.2 +TLSv1.3"
#define FIX_CIPHERS       "ECDHE+AESGCM"
#define FIX_OLDER_NGINX   "ssl_ciphers " FIX_CIPHERS ";"
#define FIX_OLDER_HAPROXY "ssl-default-bind-ciphers " FIX_CIPHERS
#define FIX_OLDER_APACHE  "SSLCipherSuite " FIX_CIPHERS
#define FIX_SUITES_WORDS  FIX_NAME_SUITES
#define FIX_SUITES13      "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
#define FIX_GROUPS        "P-256:P-384:P-521"
#define FIX_SCHEMES       "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384"
#define FIX_ORDER         FIX_ORDER_SERVERS
#define FIX_POLICY        "bsi-tr-02102-2"
#define BY_NONE           "beside the standard: "
#define BY_VERSIONS       "TR-02102-2 3.2; "
#define BY_SUITES         "TR-02102-2 3.3.1; "
#define BY_DH             "TR-02102-2 3.6.1 (table 13); "
#define BY_GROUPS         "TR-02102-2 3.3.2 (table 5); "
#define BY_NAMES          "beside the standard: "
#define BY_CERTIFICATES   "beside the standard: "
#include "audit/book_table.def"
