/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From a host name to a connected socket: looks the name up, tries the addresses of both families in
 * turn without waiting for a dead one (RFC 8305), and hands over the first that answers.
 */
#ifndef HF_TOOL_DIAL_H
#define HF_TOOL_DIAL_H

#include <uv.h>

#include <handfast/types.h>

typedef enum hf_family { HF_FAMILY_ANY, HF_FAMILY_4, HF_FAMILY_6 } hf_family;

enum { HF_ADDRESS_MAX = 80 };

typedef struct hf_dial_result {
    int error;   /* 0, or a UV_E… of the first address tried, or of the look-up */
    bool lookup; /* the name could not be looked up */
    bool late;   /* the time was over */
    char address[HF_ADDRESS_MAX]; /* "127.0.0.1:443": connected to, or tried first; empty: none */
    unsigned tried;               /* addresses */
    double lookup_ms, connect_ms;
} hf_dial_result;

typedef struct hf_dial hf_dial;

/* Called once, unless cancelled. tcp is heap memory and now the callee's (uv_close, then free); NULL on failure. */
typedef void (*hf_dial_done)(void *user, uv_tcp_t *tcp, const hf_dial_result *result);

/* Frees itself after done. NULL: no memory. */
hf_dial *hf_dial_start(uv_loop_t *loop, const char *host, uint16_t port, hf_family family,
                       uint64_t timeout_ms, hf_dial_done done, void *user);
/* Stops without calling done. Not after done. */
void hf_dial_cancel(hf_dial *dial);

/* For uv_close: frees a handle that is heap memory. */
void hf_handle_free(uv_handle_t *handle);
/* Milliseconds of a clock that never goes back. */
double hf_now_ms(void);
/* "[::1]:443" */
void hf_address_text(const struct sockaddr *address, char out[HF_ADDRESS_MAX]);

#endif
