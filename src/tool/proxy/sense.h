/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A search for contradictions: every check looks everywhere, and the first faults in reading order are kept, as many as there is room for. */
#ifndef HF_TOOL_PROXY_SENSE_H
#define HF_TOOL_PROXY_SENSE_H

#include "tool/proxy/fault.h"
#include "tool/proxy/own.h"

typedef struct hf_sense {
    const hf_proxy_config *config;
    hf_config_faults *faults;
    hf_config_fault *fault; /* the one that is to be written down */
} hf_sense;

/* A fault at that place is among the first so far: then it is to be written down. */
bool hf_sense_room(hf_sense *sense, hf_place at);
/* The three parts at once, without anything of the file. */
void hf_sense_say(hf_sense *sense, hf_place at, const char *what, const char *why,
                  const char *next);

void hf_sense_addresses(hf_sense *sense);
void hf_sense_site(hf_sense *sense, const hf_config_site *site);
void hf_sense_backend(hf_sense *sense, const hf_config_backend *backend);

#endif
