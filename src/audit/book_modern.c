/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The book `modern`, and what servers are set to so that they keep it. */
#include "audit/books.h"

#define BOOK              "modern"
#define BOOK_FILE         "audit/books/modern.def"
#define BOOK_ROW          hf_book_modern
#define BOOK_FIXES        hf_fixes_modern
#define FIX_OLDEST        "TLSv1.3"
#define FIX_PROTOCOLS     "TLSv1.3"
#define FIX_PLUS          "+TLSv1.3"
#define FIX_OLDER_NGINX   "ssl_protocols " FIX_PROTOCOLS ";"
#define FIX_OLDER_HAPROXY "ssl-default-bind-options ssl-min-ver " FIX_OLDEST
#define FIX_OLDER_APACHE  "SSLProtocol -all " FIX_PLUS
#define FIX_SUITES_WORDS                                                                           \
    "Take the older versions out, whose suites go with them; those of TLS 1.3 are named apart."
#define FIX_SUITES13    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define FIX_GROUPS      "X25519"
#define FIX_SCHEMES     "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384"
#define FIX_ORDER       FIX_ORDER_SERVERS
#define FIX_POLICY      "modern"
#define BY_NONE         ""
#define BY_VERSIONS     ""
#define BY_SUITES       ""
#define BY_DH           ""
#define BY_GROUPS       ""
#define BY_NAMES        ""
#define BY_CERTIFICATES ""
#include "audit/book_table.def"
