/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Parts of a certificate as text; the whole is hf_cert_summarize in <handfast/cert.h>. */
#ifndef HF_X509_SUMMARY_H
#define HF_X509_SUMMARY_H

#include <handfast/cert.h>

#include "x509/x509.h"

/* "DNS:localhost", "IP:::1". Bytes that could be mistaken for a separator are written as \2c. */
void hf_san_text(hf_san_kind kind, hf_span name, char *out, size_t room);

/* hf_cert_summarize of whatever version: hf_cert_look_at. */
hf_error hf_cert_summarize_any(hf_span der, hf_cert_summary *summary);

#endif
