/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The allocator under src/base/bytes.c, and libcrypto's. */
#include "tests/faults/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "tests/faults/fault.h"

/* ---- secrets ---- */

enum { SECRETS_MAX = 128 };

typedef struct secret {
    const char *name;
    uint8_t bytes[MEMORY_SECRET];
    bool kept;
    size_t homes, holders;
} secret;

static secret secrets[SECRETS_MAX];
static size_t n_secrets;
static uint8_t begins[1 << 16]; /* by their first two bytes: whether any secret does, for speed */
typedef struct finds {
    unsigned n;
    char first[160];
} finds;

static finds ours, libcryptos;

static unsigned start_of(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

void memory_remember(const char *name, const uint8_t bytes[MEMORY_SECRET], bool kept, size_t homes)
{
    for (size_t i = 0; i < n_secrets; i++)
        if (memcmp(secrets[i].bytes, bytes, MEMORY_SECRET) == 0)
            return; /* both ends tell it */
    if (n_secrets == SECRETS_MAX)
        abort();
    secrets[n_secrets] = (secret){ .name = name, .kept = kept, .homes = homes };
    memcpy(secrets[n_secrets++].bytes, bytes, MEMORY_SECRET);
    begins[start_of(bytes)] = 1;
}

void memory_forget_all(void)
{
    for (size_t i = 0; i < n_secrets; i++)
        begins[start_of(secrets[i].bytes)] = 0;
    n_secrets = 0;
    ours.n = libcryptos.n = 0;
}

size_t memory_secrets(void)
{
    return n_secrets;
}

unsigned memory_found(const char **what)
{
    *what = ours.first;
    return ours.n;
}

unsigned memory_found_in_libcrypto(const char **what)
{
    *what = libcryptos.first;
    return libcryptos.n;
}

static void note(finds *f, const char *where, size_t size, const secret *s)
{
    if (f->n++ == 0)
        snprintf(f->first, sizeof f->first, "%s (%zu bytes) holds %s", where, size, s->name);
}

typedef void on_secret(const char *where, size_t size, secret *s);

static void search(const char *where, const uint8_t *bytes, size_t size, on_secret *f)
{
    for (size_t at = 0; at + MEMORY_SECRET <= size; at++) {
        if (!begins[start_of(bytes + at)])
            continue;
        for (size_t i = 0; i < n_secrets; i++)
            if (memcmp(bytes + at, secrets[i].bytes, MEMORY_SECRET) == 0)
                f(where, size, &secrets[i]);
    }
}

static void in_given_back(const char *where, size_t size, secret *s)
{
    note(&ours, where, size, s);
}

static void in_libcryptos(const char *where, size_t size, secret *s)
{
    note(&libcryptos, where, size, s);
}

static void in_use(const char *where, size_t size, secret *s)
{
    (void)where, (void)size;
    s->holders++;
}

/* ---- the library's blocks ---- */

enum { BUCKETS = 4096 };

typedef struct block {
    struct block *next;
    uint8_t *bytes;
    size_t size;
} block;

static block *buckets[BUCKETS];
static size_t live;

static block **bucket_of(const void *bytes)
{
    return &buckets[((uintptr_t)bytes >> 4) % BUCKETS];
}

void *fault_calloc(size_t n, size_t size)
{
    if (fault_here(FAULT_MEMORY, "hf_alloc"))
        return NULL;
    block *b = malloc(sizeof *b);
    *b = (block){ NULL, calloc(n, size), n * size };
    block **bucket = bucket_of(b->bytes);
    b->next = *bucket;
    *bucket = b;
    live++;
    return b->bytes;
}

void fault_free(void *bytes)
{
    if (!bytes)
        return;
    block **at = bucket_of(bytes);
    while (*at && (*at)->bytes != bytes)
        at = &(*at)->next;
    block *b = *at;
    if (!b)
        abort(); /* given back twice, or never taken */
    search("a block that was given back", b->bytes, b->size, in_given_back);
    *at = b->next;
    live--;
    free(b->bytes);
    free(b);
}

size_t memory_live(void)
{
    return live;
}

void memory_search(bool all)
{
    for (size_t i = 0; i < n_secrets; i++)
        secrets[i].holders = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        for (const block *b = buckets[i]; b; b = b->next)
            search("a block in use", b->bytes, b->size, in_use);
    for (size_t i = 0; i < n_secrets; i++)
        if (secrets[i].holders > secrets[i].homes && (all || !secrets[i].kept))
            note(&ours, all ? "after the end, a block in use" : "a block in use", 0, &secrets[i]);
}

/* ---- libcrypto's blocks ---- */

enum { HEAD = 16 }; /* in front of each: its size */

static size_t live_in_libcrypto;

static void *take(size_t size, const char *file, int line)
{
    uint8_t *head = fault_here(FAULT_INSIDE, file) ? NULL : malloc(HEAD + size);

    (void)line;
    if (!head)
        return NULL;
    memcpy(head, &size, sizeof size);
    live_in_libcrypto++;
    return head + HEAD;
}

static void give(void *bytes, const char *file, int line)
{
    size_t size;

    (void)file, (void)line;
    if (!bytes)
        return;
    uint8_t *head = (uint8_t *)bytes - HEAD;
    memcpy(&size, head, sizeof size);
    search("a block that libcrypto gave back", bytes, size, in_libcryptos);
    live_in_libcrypto--;
    free(head);
}

static void *change(void *bytes, size_t size, const char *file, int line)
{
    size_t before;

    if (!bytes)
        return take(size, file, line);
    if (size == 0) {
        give(bytes, file, line);
        return NULL;
    }
    memcpy(&before, (uint8_t *)bytes - HEAD, sizeof before);
    uint8_t *larger = take(size, file, line);
    if (larger) {
        memcpy(larger, bytes, before < size ? before : size);
        give(bytes, file, line);
    }
    return larger;
}

void memory_watch_libcrypto(void)
{
    if (CRYPTO_set_mem_functions(take, change, give) != 1)
        abort();
}

/* The places of its error queue keep the memory of the last error that stood there: each has one when they are counted. */
size_t memory_live_in_libcrypto(void)
{
    for (int i = 0; i < ERR_NUM_ERRORS; i++) {
        fault_say_no_memory();
        (void)ERR_get_error();
    }
    return live_in_libcrypto;
}
