/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Where a request in plain HTTP is sent on to, if anywhere. No I/O. */
#ifndef HF_TOOL_PROXY_REDIRECT_H
#define HF_TOOL_PROXY_REDIRECT_H

#include "tool/proxy/answers.h"
#include "tool/proxy/http_head.h"
#include "tool/proxy/worker.h"

enum { HF_LOCATION_ROOM = HF_HEAD_START_MAX + 512 };

/*
 * Sets the answer's status, and location if it is a redirect (301 for GET and HEAD, which every client knows; 308 for the others, so that a POST stays one).
 * Only to hosts that a site answers to. why: for the log, NULL for a redirect.
 */
void hf_redirect_judge(hf_generation *generation, const hf_head *head, uint16_t own_port,
                       hf_answer *answer, char location[HF_LOCATION_ROOM], const char **why);
/* The port of https:// for somebody who came to own_port and asked for host_port (0: none given); 443: the usual one. */
uint16_t hf_redirect_port(const hf_proxy_config *config, uint16_t own_port, uint16_t host_port);
/* What to do for who spoke plain HTTP to a TLS port. head NULL: nothing is known. */
void hf_redirect_hint(const hf_head *head, char words[HF_ANSWER_WORDS]);

#endif
