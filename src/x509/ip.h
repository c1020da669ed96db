/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* IP addresses as text. Reading them is hf_parse_ip in x509.h. */
#ifndef HF_X509_IP_H
#define HF_X509_IP_H

#include "base/bytes.h"

enum { HF_IP_TEXT_MAX = 46 }; /* with its NUL */

/* 4 or 16 bytes as "192.0.2.1" or, by RFC 5952, "2001:db8::1"; "?" for another length. */
void hf_ip_text(hf_span ip, char out[HF_IP_TEXT_MAX]);

#endif
