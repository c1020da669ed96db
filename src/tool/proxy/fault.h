/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How a complaint about the configuration is put together. All of these return false, to be returned. */
#ifndef HF_TOOL_PROXY_FAULT_H
#define HF_TOOL_PROXY_FAULT_H

#include "base/compiler.h"
#include "tool/proxy/config.h"

enum { HF_SHOWN_MAX = 64, HF_WARNING_PLACE = 800 /* of a file, a place and a label */ };

/* Starts it anew; why and next are empty then. The file's name stays. */
bool hf_fault_what(hf_config_fault *fault, hf_place at, const char *format, ...) HF_PRINTF(3, 4);
bool hf_fault_why(hf_config_fault *fault, const char *format, ...) HF_PRINTF(2, 3);
bool hf_fault_next(hf_config_fault *fault, const char *format, ...) HF_PRINTF(2, 3);
void hf_fault_file(hf_config_fault *fault, const char *file);
/* Text of the file, short enough for a complaint. Returns out. */
const char *hf_fault_shown(const char *text, char out[HF_SHOWN_MAX]);
/* Behind what is there. False: it does not fit, and there are more. */
bool hf_faults_keep(hf_config_faults *faults, const hf_config_fault *fault);
/* "proxy.yaml:12:5: a.test: ", for what is no fault; label NULL: of no site. */
void hf_warning_place(const hf_proxy_config *config, hf_place at, const char *label,
                      char out[HF_WARNING_PLACE]);
/* In reading order. */
bool hf_place_before(hf_place a, hf_place b);

#endif
