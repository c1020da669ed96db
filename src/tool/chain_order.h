/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which certificates of a bag are a chain, in which order, and why the others are not in it. */
#ifndef HF_TOOL_CHAIN_ORDER_H
#define HF_TOOL_CHAIN_ORDER_H

#include "tool/cert_bag.h"
#include "x509/x509.h"

enum { HF_ORDER_MAX = 16 };

typedef struct hf_chain_item {
    hf_cert cert;
    bool readable, root;  /* root: signed by itself */
    const char *left_out; /* why it is not in the chain; NULL: it is */
} hf_chain_item;

typedef struct hf_chain_order {
    hf_chain_item *items;          /* as many as the bag holds; hf_free */
    size_t chain[HF_ORDER_MAX], n; /* numbers in the bag, leaf first, without the root */
    bool complete; /* its last one is signed by a root of the bag or of `trust`, or is one */
} hf_chain_order;

hf_error hf_chain_order_find(hf_chain_order *order, const hf_cert_bag *bag, const hf_trust *trust);

/* Where the issuer's certificate may be had (RFC 5280 4.2.2.1, caIssuers). False: it does not say. */
bool hf_issuer_url(const hf_cert *cert, char *out, size_t room);

#endif
