/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One listening socket: its address, its options, and what to say when it cannot be had. */
#ifndef HF_TOOL_PROXY_LISTENING_H
#define HF_TOOL_PROXY_LISTENING_H

#include <sys/socket.h>

#include "tool/proxy/config.h"

/* "127.0.0.1:8443", ":443", "[::]:443" (IPv6 alone). */
bool hf_listening_address(const char *text, struct sockaddr_storage *at, socklen_t *len);
bool hf_listening_same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b);
unsigned hf_listening_port(const struct sockaddr_storage *at);
/* Options that connections inherit. */
void hf_listening_prepare(int fd);
/* Whether nobody listens there. SO_REUSEPORT would let a second proxy of the same user in, and share its connections. False: errno. */
bool hf_listening_is_free(const struct sockaddr_storage *at, socklen_t len);
/* Whether a socket can stand at that address, at some port: nothing listens for it. False: errno. */
bool hf_listening_is_possible(const struct sockaddr_storage *at, socklen_t len);
/* Non-blocking, close-on-exec. shared: SO_REUSEPORT. -1: errno. */
int hf_listening_open(const struct sockaddr_storage *at, socklen_t len, bool shared);
/* The three parts, at its place in the file. Returns false. */
bool hf_listening_complain(hf_config_fault *fault, const char *role, const hf_config_text *asked,
                           int error);

#endif
