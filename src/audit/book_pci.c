/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `pci-dss-4.0.1`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "pci-dss-4.0.1"
#define BOOK_FILE         "audit/books/pci-dss-4.0.1.def"
#define BOOK_ROW          hf_book_pci
#define BOOK_FIXES        hf_fixes_pci
#define FIX_OLDEST        "TLSv1.2"
#define FIX_PROTOCOLS     "TLSv1.2 TLSv1.3"
#define FIX_PLUS          "+TLSv1.2 +TLSv1.3"
#define FIX_CIPHERS       "ECDHE+AESGCM"
#define FIX_OLDER_NGINX   "ssl_ciphers " FIX_CIPHERS ";"
#define FIX_OLDER_HAPROXY "ssl-default-bind-ciphers " FIX_CIPHERS
#define FIX_OLDER_APACHE  "SSLCipherSuite " FIX_CIPHERS
#define FIX_SUITES_WORDS  FIX_NAME_SUITES
#define FIX_SUITES13      "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
#define FIX_GROUPS        "P-256:P-384:X25519"
#define FIX_SCHEMES       "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256"
#define FIX_ORDER         FIX_ORDER_SERVERS
#define FIX_POLICY        "pci-dss-4.0.1"
#define BY_NONE           "beside the standard: "
#define BY_VERSIONS       "PCI DSS 4.2.1, appendix A2; "
#define BY_SUITES         "PCI DSS 4.2.1, appendix G; "
#define BY_DH             "PCI DSS 4.2.1, appendix G; "
#define BY_GROUPS         "PCI DSS 4.2.1, appendix G; "
#define BY_NAMES          "beside the standard: "
#define BY_CERTIFICATES   "PCI DSS 4.2.1; "
#include "audit/book_table.def"
