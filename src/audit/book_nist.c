/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `nist-800-52r2`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "nist-800-52r2"
#define BOOK_FILE         "audit/books/nist-800-52r2.def"
#define BOOK_ROW          hf_book_nist
#define BOOK_FIXES        hf_fixes_nist
#define FIX_OLDEST        "TLSv1.2"
#define FIX_PROTOCOLS     "TLSv1.2 TLSv1.3"
#define FIX_PLUS          "+TLSv1.2 +TLSv1.3"
#define FIX_CIPHERS       "ECDHE+AESGCM"
#define FIX_OLDER_NGINX   "ssl_ciphers " FIX_CIPHERS ";"
#define FIX_OLDER_HAPROXY "ssl-default-bind-ciphers " FIX_CIPHERS
#define FIX_OLDER_APACHE  "SSLCipherSuite " FIX_CIPHERS
#define FIX_SUITES_WORDS  FIX_NAME_SUITES
#define FIX_SUITES13      "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
#define FIX_GROUPS        "P-256:P-384"
#define FIX_SCHEMES       "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256"
#define FIX_ORDER         FIX_ORDER_SERVERS
#define FIX_POLICY        "nist-800-52r2"
#define BY_NONE           "beside the standard: "
#define BY_VERSIONS       "SP 800-52r2 3.1; "
#define BY_SUITES         "SP 800-52r2 3.3.1; "
#define BY_DH             "SP 800-52r2 3.3; "
#define BY_GROUPS         "SP 800-52r2 3.4.2 (Supported Groups); "
#define BY_NAMES          "SP 800-52r2 3.2.1; "
#define BY_CERTIFICATES   "beside the standard: "
#include "audit/book_table.def"
