/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The smallest useful configuration, as the reference and the manual page show it; a test reads it. */
#ifndef HF_TOOL_PROXY_SMALLEST_H
#define HF_TOOL_PROXY_SMALLEST_H

#define HF_PROXY_SMALLEST                                                                          \
    "listen: [\"127.0.0.1:8443\"]\n"                                                               \
    "redirect: [\"127.0.0.1:8080\"]\n"                                                             \
    "admin: \"127.0.0.1:9443\"          # /metrics, /healthz\n"                                    \
    "sites:\n"                                                                                     \
    "  - names: [a.test, \"*.a.test\"]\n"                                                          \
    "    certificates: [{chain: a.pem, key: a.key}]\n"                                             \
    "    backend: \"127.0.0.1:9000\"\n"                                                            \
    "    hsts: {max_age: 31536000}\n"

#endif
