/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates of files (PEM with any number, or DER with one) in the order in which they were given. */
#ifndef HF_TOOL_CERT_BAG_H
#define HF_TOOL_CERT_BAG_H

#include <handfast/error.h>

enum { HF_BAG_MAX = 4096 };

typedef struct hf_cert_bag {
    size_t n, room;
    hf_span *der;      /* each in memory of its own */
    const char **from; /* the file, or another word for where it comes from */
    size_t *place;     /* its number in that file, from 1 */
} hf_cert_bag;

/* One that came from elsewhere is copied. */
hf_error hf_bag_add(hf_cert_bag *bag, hf_span der, const char *from, size_t place);
/* path "-": stdin. An exit code, after it said what is wrong; what came in stays in the bag. */
int hf_bag_read(hf_cert_bag *bag, const char *path);
/* All of them, or an exit code. */
int hf_bag_read_all(hf_cert_bag *bag, const char *const *paths, size_t n);
void hf_bag_free(hf_cert_bag *bag);

/* "certificate 2 of chain.pem", or the file's name alone if it holds one. */
enum { HF_BAG_WHERE_ROOM = 160 };
void hf_bag_where(const hf_cert_bag *bag, size_t i, char out[HF_BAG_WHERE_ROOM]);

#endif
