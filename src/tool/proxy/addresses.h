/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * How many connections of each address a worker holds: a table of fixed size in shared memory, written by that worker alone and read
 * by all. An entry is one word (a part of the address's hash, and a count), so that nobody ever sees half of one.
 */
#ifndef HF_TOOL_PROXY_ADDRESSES_H
#define HF_TOOL_PROXY_ADDRESSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    HF_ADDRESS_BITS = 19,
    HF_ADDRESS_ENTRIES = 1 << HF_ADDRESS_BITS,
    HF_ADDRESS_NEAR = 64 /* places after its own where an address may be */
};

typedef struct hf_address_table {
    _Atomic uint64_t entries[HF_ADDRESS_ENTRIES];
} hf_address_table;

/* Whom an address stands for: an IPv4 address for itself, one of IPv6 for its /64, which is one client's as a rule. */
void hf_address_network(const uint8_t address[16], uint8_t network[16]);
/* Keyed, so that nobody can choose addresses that fall together. */
uint64_t hf_address_hash(const uint64_t key[2], const uint8_t address[16]);
/* One more. False: there is no place for it. */
bool hf_address_table_add(hf_address_table *table, uint64_t hash);
/* One fewer. An address that is not there is left alone. */
void hf_address_table_take(hf_address_table *table, uint64_t hash);
uint64_t hf_address_table_count(const hf_address_table *table, uint64_t hash);
/* All of it, and its memory is given back. */
void hf_address_table_clear(hf_address_table *table);

#endif
