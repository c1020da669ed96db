/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is wrong with the form of a configuration, in words, from the table of keys. All return false, to be returned. */
#ifndef HF_TOOL_PROXY_COMPLAINTS_H
#define HF_TOOL_PROXY_COMPLAINTS_H

#include "tool/proxy/fault.h"
#include "tool/proxy/value.h"
#include "tool/proxy/yaml_file.h"

/* "a list": what that node is. */
const char *hf_shape_words(const yaml_node_t *node);

bool hf_complain_shape(hf_config_fault *fault, const hf_key *key, const yaml_node_t *node,
                       const char *wanted);
bool hf_complain_empty(hf_config_fault *fault, const hf_key *key, hf_place at);
bool hf_complain_missing(hf_config_fault *fault, const hf_key *key, hf_place at);
bool hf_complain_count(hf_config_fault *fault, const hf_key *key, hf_place at, size_t n);
/* The word is no value for that key, and why says so. */
bool hf_complain_value(hf_config_fault *fault, const hf_key *key, hf_place at,
                       const hf_value *value);
bool hf_complain_control(hf_config_fault *fault, const hf_key *key, hf_place at);
/* above: where the key stands ("sites[]"). */
bool hf_complain_unknown(hf_config_fault *fault, hf_place at, const char *above, const char *name);
bool hf_complain_twice(hf_config_fault *fault, const hf_key *key, hf_place at, hf_place first);
/* The document as a whole. */
bool hf_complain_root(hf_config_fault *fault, hf_place at, const char *stands_here);
bool hf_complain_nothing(hf_config_fault *fault, hf_place at);

#endif
