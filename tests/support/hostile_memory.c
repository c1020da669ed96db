/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The library's allocator, watched. */
#include "support/hostile_memory.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "support/as_if_written.h"

void *__real_hf_alloc(size_t size);
void __real_hf_free(void *block);
void *__wrap_hf_alloc(size_t size);
void __wrap_hf_free(void *block);
void __wrap_hf_free_secret(void *block, size_t size);
uint8_t *__wrap_hf_copy(hf_span bytes);

/* ---- secrets ---- */

enum { SECRETS_MAX = 64, SECRET = 32, KEY = 16 };

/* Its first bytes: enough to know it by. */
typedef struct secret {
    uint8_t bytes[SECRET];
    size_t len;
} secret;

static secret secrets[SECRETS_MAX];
static size_t n_secrets;
static unsigned found;

static void note(const uint8_t *bytes, size_t len)
{
    static const uint8_t zeroes[SECRET];

    if (memcmp(bytes, zeroes, len) == 0)
        return;
    for (size_t i = 0; i < n_secrets; i++)
        if (secrets[i].len == len && memcmp(secrets[i].bytes, bytes, len) == 0)
            return;
    assert_true(n_secrets < SECRETS_MAX);
    secrets[n_secrets].len = len;
    memcpy(secrets[n_secrets++].bytes, bytes, len);
}

static void note_secret(const uint8_t *bytes)
{
    note(bytes, SECRET);
}

static void note_secrets_of(const hf_engine *e)
{
    const hf_handshake *hs = e->hs;

    for (int role = 0; hs && role < 2; role++)
        note_secret(hs->traffic[role]);
    if (hs) {
        note_secret(hs->early_traffic);
        note_secret(hs->schedule.secret);
    }
    if (!e->suite)
        return;
    if (e->suite->version == HF_TLS12) {
        note_secret(e->secrets.master_secret);
        return;
    }
    for (int role = 0; role < 2; role++)
        note_secret(e->secrets.traffic[role]);
    note_secret(e->secrets.exporter);
    note_secret(e->secrets.resumption);
}

/* A bad peer may go through thousands of keys: the first are enough then. */
void hostile_note_secrets(const hostile *h)
{
    for (int role = 0; role < 2 && n_secrets < SECRETS_MAX / 2; role++) {
        const hf_conn *c = h->p.end[role].conn;
        note_secrets_of(&c->engine);
        note(c->in.keys.key.key, KEY);
        note(c->out.keys.key.key, KEY);
    }
}

void hostile_forget_secrets(void)
{
    n_secrets = 0;
    found = 0;
}

unsigned hostile_secrets_found(void)
{
    return found;
}

static void search_for(const secret *s, const char *where, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes, *last = bytes + size - s->len;

    while (at <= last && (at = memchr(at, s->bytes[0], (size_t)(last - at) + 1)) != NULL) {
        if (memcmp(at, s->bytes, s->len) == 0) {
            print_error("%s (%zu bytes, at %td) holds a secret\n", where, size, at - bytes);
            found++;
        }
        at++;
    }
}

static void search(const char *where, const uint8_t *bytes)
{
    size_t size = malloc_usable_size((void *)(uintptr_t)bytes);

    as_if_written(bytes, size);
    for (size_t i = 0; i < n_secrets; i++)
        if (size >= secrets[i].len)
            search_for(&secrets[i], where, bytes, size);
}

/* ---- blocks ---- */

static void **blocks;
static size_t n_blocks, cap_blocks;

size_t hostile_blocks(void)
{
    return n_blocks;
}

void hostile_search_blocks(void)
{
    for (size_t i = 0; i < n_blocks; i++)
        search("a block in use", blocks[i]);
}

void *__wrap_hf_alloc(size_t size)
{
    if (n_blocks == cap_blocks) {
        cap_blocks = cap_blocks * 2 + 64;
        blocks = realloc(blocks, cap_blocks * sizeof *blocks);
        if (!blocks)
            abort();
    }
    void *block = __real_hf_alloc(size);
    if (block)
        blocks[n_blocks++] = block;
    return block;
}

/* What was taken last is given back first, mostly. */
void __wrap_hf_free(void *block)
{
    size_t i = n_blocks;

    if (!block)
        return;
    while (i > 0 && blocks[i - 1] != block)
        i--;
    if (i == 0)
        abort(); /* it was never taken, or given back before */
    search("a block that was given back", block);
    blocks[i - 1] = blocks[--n_blocks];
    __real_hf_free(block);
}

void __wrap_hf_free_secret(void *block, size_t size)
{
    if (block)
        hf_wipe(block, size);
    __wrap_hf_free(block);
}

uint8_t *__wrap_hf_copy(hf_span bytes)
{
    uint8_t *copy = __wrap_hf_alloc(bytes.len + 1);

    if (copy && bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}
