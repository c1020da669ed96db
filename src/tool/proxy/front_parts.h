/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A client's connection from inside: front.c is its life, front_first.c what comes before TLS, front_accept.c where it comes from. */
#ifndef HF_TOOL_PROXY_FRONT_PARTS_H
#define HF_TOOL_PROXY_FRONT_PARTS_H

#include "tool/proxy/front.h"
#include "tool/proxy/telling.h"

/* front.c. False: no memory or descriptors; fd is closed. */
bool hf_front_begin(hf_house *house, int fd, hf_door door, const hf_peer_at *client);
/* From here on it is spoken with in that mode. */
void hf_front_start_mode(hf_front *front, const hf_mode *mode);
void hf_front_start_tls(hf_front *front, hf_span first);
/* The rest of the time for a handshake, from accept on. */
void hf_front_limit_handshake(hf_front *front);
/* Turned away before TLS. */
void hf_front_refuse(hf_front *front, hf_event_kind kind, const char *why);

/* front_first.c: bytes before TLS or a mode. */
void hf_front_first(hf_front *front, hf_span bytes);
bool hf_front_may_speak_pp(const hf_house *house, const hf_peer_at *client);

/* front_accept.c */
void hf_peer_of(hf_peer_at *at, const struct sockaddr_storage *from);
/* False, and told: a limit is reached. */
bool hf_front_admit(hf_house *house, const hf_peer_at *client, uint64_t per_address);

#endif
