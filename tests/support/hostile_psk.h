/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Edits of a ClientHello that offers a pre_shared_key. A binder covers the whole hello before it, so
 * that each edit leaves all binders wrong: hostile_rebind makes those right that can be, hostile_bind
 * makes one wrong in a way of the test's choice. All are for rewrites: the bad peer's engine, with
 * its transcript and its keys, stands where that ClientHello is written.
 */
#ifndef TESTS_SUPPORT_HOSTILE_PSK_H
#define TESTS_SUPPORT_HOSTILE_PSK_H

#include "support/hostile.h"

/* The two length bytes of the list of binders; the length byte of its nth. */
size_t hostile_binders_at(const hostile_bytes *hello);
size_t hostile_binder_at(const hostile_bytes *hello, int n);
/* The nth identity, and behind it its four bytes of age. */
hf_span hostile_identity(const hostile_bytes *hello, int n);

/* What goes into a binder. */
typedef struct hostile_binding {
    hf_offered_psk psk; /* its key, its hash, its label */
    int moved;          /* the hello is cut so many bytes later */
    bool forgetful;     /* what was said before a HelloRetryRequest is left out */
} hostile_binding;

/* The nth of the keys that the bad peer really offers. */
hostile_binding hostile_own_binding(const hostile *h, int n);
/* Writes the nth binder, whose length stands. */
void hostile_bind(hostile *h, hostile_bytes *hello, int n, const hostile_binding *how);
/* Writes the binders of all identities that the bad peer has the keys of. */
void hostile_rebind(hostile *h, hostile_bytes *hello);
/* Puts an identity that nobody knows, with a binder of nothing, before the others: in the hello and in what the engine knows to
   have offered. */
void hostile_foreign_first(hostile *h, hostile_bytes *hello);
/* Adds to the age of the nth ticket, in milliseconds. */
void hostile_age(hostile_bytes *hello, int n, uint32_t more);

#endif
