/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Private to tree_der.c and tree_shapes.c: shapes of DER. */
#ifndef HF_EXPLAIN_TREE_SHAPES_H
#define HF_EXPLAIN_TREE_SHAPES_H

#include "x509/oid.h"

typedef enum hf_shape_how {
    HF_DER_PLAIN,
    HF_DER_CLOSED,    /* one leaf, though it has parts */
    HF_DER_OPENED,    /* a string whose content is DER */
    HF_DER_EXTENSION, /* named by its identifier, which says what is inside; there may be several */
    HF_DER_MANY,      /* there may be several */
    HF_DER_SCTS       /* a string whose content is an sct_list (RFC 6962 3.3) */
} hf_shape_how;

typedef struct hf_shape {
    const char *name; /* NULL: the end */
    uint8_t tag;      /* 0: any */
    hf_shape_how how;
    const struct hf_shape *inside; /* NULL: what is inside has the names of its types */
} hf_shape;

extern const hf_shape hf_shape_certificate[], hf_shape_ocsp[];
/* The name of an extension's group, and the shape of its value. */
const char *hf_shape_of_extension(hf_oid id, const hf_shape **value);

#endif
