/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the files about hellos tell each other. */
#ifndef HF_HANDSHAKE_HELLO_H
#define HF_HANDSHAKE_HELLO_H

#include "handshake/engine.h"

/* Judges the fields of hs->hello that no choice depends on (RFC 9846 4.2.2, 9.2). */
hf_error hf_check_client_hello(hf_engine *e);
/* The second ClientHello against the first (RFC 9846 4.2.2, 4.2.4). */
hf_error hf_check_second_hello(hf_engine *e);
/* The server's choices: suite, group, protocol, identity; whether a HelloRetryRequest is needed. */
hf_error hf_choose(hf_engine *e);
/* The client's key share for the chosen group, into hs->peer_share; false: there is none. */
bool hf_find_share(hf_engine *e, uint16_t group, hf_span *share);
hf_error hf_choose_share(hf_engine *e);

/* Checks that ServerHello and HelloRetryRequest have in common. */
hf_error hf_check_server_fields(hf_engine *e, const hf_server_hello *hello);
/* Extensions of an answer: all must have been offered. `also` are bits that need no offer (cookie). (RFC 9846 4.3) */
hf_error hf_check_solicited(hf_engine *e, const hf_extensions *ext, uint32_t also);
hf_error hf_set_suite(hf_engine *e, uint16_t code);

#endif
