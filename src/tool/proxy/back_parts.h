/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A connection to a backend from inside: back.c is the pool and its use, back_reach.c how one is reached. */
#ifndef HF_TOOL_PROXY_BACK_PARTS_H
#define HF_TOOL_PROXY_BACK_PARTS_H

#include "tool/proxy/back.h"

enum { HF_BACK_WHY = 512 };

extern const hf_stream_ops hf_back_stream_ops;

/* It could not be reached a moment ago, or never can: the others come first. */
bool hf_back_failed_lately(const hf_house *house, const hf_backend *backend);
/* On its way to the first backend in turn. NULL: why. */
hf_back *hf_back_new(hf_front *front, const char **why);
/* On its way to the next. False: none is left. */
bool hf_back_try_next(hf_back *back, int error);
/* The socket is there: a PROXY protocol header, and TLS. False: no. */
bool hf_back_greet(hf_back *back);
/* Of its TLS. */
void hf_back_note_failure(hf_back *back);
/* "127.0.0.1:9000: connection refused" */
void hf_back_why(const hf_back *back, int error, char why[HF_BACK_WHY]);

#endif
