/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A table of addresses by their hashes: open addressing within a short reach, where a count of 0 makes a place free again. */
#include "tool/proxy/addresses.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "tool/proxy/mapped.h"

enum { COUNT_BITS = 21, COUNT_MAX = (1 << COUNT_BITS) - 1 };

void hf_address_network(const uint8_t address[16], uint8_t network[16])
{
    size_t n = hf_is_mapped(address) ? 16 : 8;

    memset(network, 0, 16);
    memcpy(network, address, n);
}

/* ---- SipHash-2-4 of 16 bytes ---- */

static uint64_t rotated(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotated(v[1], 13) ^ v[0];
    v[3] = rotated(v[3], 16) ^ v[2];
    v[0] = rotated(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotated(v[1], 17) ^ v[2];
    v[3] = rotated(v[3], 21) ^ v[0];
    v[2] = rotated(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

uint64_t hf_address_hash(const uint64_t key[2], const uint8_t address[16])
{
    uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                      key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 };
    uint64_t words[2];

    memcpy(words, address, sizeof words);
    sip_word(v, words[0]);
    sip_word(v, words[1]);
    sip_word(v, (uint64_t)16 << 56);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- entries ---- */

/* The low bits say where, the high ones who. */
static size_t place_of(uint64_t hash, size_t i)
{
    return (size_t)(hash + i) & (HF_ADDRESS_ENTRIES - 1);
}

static bool is_of(uint64_t entry, uint64_t hash)
{
    return (entry & COUNT_MAX) > 0 && entry >> COUNT_BITS == hash >> COUNT_BITS;
}

static uint64_t look(const hf_address_table *table, uint64_t hash, size_t i)
{
    return atomic_load(&table->entries[place_of(hash, i)]);
}

/* Where it is; HF_ADDRESS_NEAR: nowhere. What was never used, nobody has gone past. */
static size_t find(const hf_address_table *table, uint64_t hash)
{
    for (size_t i = 0; i < HF_ADDRESS_NEAR; i++) {
        uint64_t entry = look(table, hash, i);

        if (is_of(entry, hash))
            return i;
        if (entry == 0)
            break;
    }
    return HF_ADDRESS_NEAR;
}

bool hf_address_table_add(hf_address_table *table, uint64_t hash)
{
    size_t i = find(table, hash);
    uint64_t entry = i < HF_ADDRESS_NEAR ? look(table, hash, i) : hash & ~(uint64_t)COUNT_MAX;

    if (i == HF_ADDRESS_NEAR)
        for (i = 0; i < HF_ADDRESS_NEAR && (look(table, hash, i) & COUNT_MAX) > 0;)
            i++;
    if (i == HF_ADDRESS_NEAR || (entry & COUNT_MAX) == COUNT_MAX)
        return false;
    atomic_store(&table->entries[place_of(hash, i)], entry + 1);
    return true;
}

void hf_address_table_take(hf_address_table *table, uint64_t hash)
{
    size_t i = find(table, hash);

    if (i < HF_ADDRESS_NEAR)
        atomic_store(&table->entries[place_of(hash, i)], look(table, hash, i) - 1);
}

uint64_t hf_address_table_count(const hf_address_table *table, uint64_t hash)
{
    size_t i = find(table, hash);

    return i < HF_ADDRESS_NEAR ? look(table, hash, i) & COUNT_MAX : 0;
}

void hf_address_table_clear(hf_address_table *table)
{
    if (madvise(table, sizeof *table, MADV_REMOVE) == 0)
        return;
    for (size_t i = 0; i < HF_ADDRESS_ENTRIES; i++)
        atomic_store(&table->entries[i], 0);
}
