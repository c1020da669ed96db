/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* GeneralNames (RFC 5280 4.2.1.6) in words, also those that stand for a whole subtree. */
#ifndef HF_TOOL_NAME_WORDS_H
#define HF_TOOL_NAME_WORDS_H

#include "x509/label.h"
#include "base/reader.h"

/* The next one of the reader. */
void hf_general_name_add(hf_label *t, hf_reader *r);
/* All up to the reader's end, divided by commas. */
void hf_general_names_add(hf_label *t, hf_reader *r);

#endif
