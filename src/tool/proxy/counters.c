/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Counters in shared memory. Each slot has a piece that its worker alone writes (the parent too, once that worker is dead), and all
 * others read: so nothing is ever locked, and a worker that is killed in the middle of a call leaves nothing behind that
 * zeroing its piece would not mend. The files are sparse: what nobody counts takes no memory.
 * A piece is a file of its own, of a size that is sealed, and no worker keeps a descriptor. It maps others' pieces by descriptors that
 * can only be read: of these no call makes writable memory. (Were all pieces one file, a worker could stretch its own over the next.)
 */
#define _GNU_SOURCE /* memfd_create, its seals */
#include "tool/proxy/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/proxy/addresses.h"
#include "tool/proxy/telling.h"

enum { MAGIC = 0x68664331, PAGE = 4096 };

/* What a worker counts of one site. */
typedef struct row {
    _Atomic uint64_t metrics[HF_METRIC_COUNT];
    _Atomic uint64_t failures[HF_FAIL_COUNT];
    _Atomic uint64_t durations[HF_DURATION_BUCKETS + 1];
    _Atomic uint64_t duration_us;
} row;

/* A slot's piece; the one behind the last is the parent's, whose key all use. */
typedef struct piece {
    _Alignas(PAGE) uint64_t magic, key[2]; /* of the addresses' hash */
    _Atomic uint64_t held;                 /* connections */
    _Atomic uint64_t events[HF_EVENT_OF_COUNT];
    _Alignas(PAGE) hf_address_table addresses;
    _Alignas(PAGE) row rows[HF_SITE_SLOTS_MAX];
} piece;

struct hf_counters {
    piece *pieces[HF_SLOTS_MAX + 1];
    int fds[HF_SLOTS_MAX + 1]; /* the parent's */
    unsigned slots;
};

const double hf_duration_bounds[HF_DURATION_BUCKETS] = { 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                         0.025,  0.05,  0.1,    0.25,  0.5,
                                                         1,      2.5,   5,      10 };

/* ---- the memory ---- */

static piece *mapped(int fd, bool writable)
{
    int rights = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = mmap(NULL, sizeof(piece), rights, MAP_SHARED, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

static bool make_piece(hf_counters *counters, unsigned i)
{
    int fd = memfd_create("handfast-counters", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    counters->fds[i] = fd;
    if (fd < 0 || ftruncate(fd, (off_t)sizeof(piece)) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return false;
    counters->pieces[i] = mapped(fd, true);
    if (counters->pieces[i])
        counters->pieces[i]->magic = MAGIC;
    return counters->pieces[i] != NULL;
}

static hf_counters *empty(unsigned slots)
{
    hf_counters *counters = slots > 0 && slots <= HF_SLOTS_MAX ? calloc(1, sizeof *counters) : NULL;

    if (!counters) {
        errno = slots > 0 && slots <= HF_SLOTS_MAX ? ENOMEM : EINVAL;
        return NULL;
    }
    memset(counters->fds, -1, sizeof counters->fds);
    counters->slots = slots;
    return counters;
}

hf_counters *hf_counters_new(unsigned slots)
{
    hf_counters *counters = empty(slots);
    bool good = counters != NULL;

    for (unsigned i = 0; good && i <= slots; i++)
        good = make_piece(counters, i);
    if (good && getrandom(counters->pieces[slots]->key, 16, 0) == 16)
        return counters;
    int why = errno;
    hf_counters_free(counters);
    errno = why;
    return NULL;
}

size_t hf_counters_fds(const hf_counters *counters, int fds[HF_SLOTS_MAX + 1])
{
    memcpy(fds, counters->fds, sizeof counters->fds);
    return counters->slots + 1u;
}

/* Another descriptor of the same file, without the right to write. */
static piece *mapped_to_read(int fd)
{
    char path[32];
    piece *at = NULL;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int reading = open(path, O_RDONLY | O_CLOEXEC);
    if (reading >= 0) {
        at = mapped(reading, false);
        close(reading);
    }
    return at;
}

static bool take_piece(hf_counters *counters, unsigned i, int fd, bool own)
{
    struct stat s;
    bool good = fstat(fd, &s) == 0 && s.st_size == (off_t)sizeof(piece);

    counters->pieces[i] = !good ? NULL : own ? mapped(fd, true) : mapped_to_read(fd);
    return counters->pieces[i] && counters->pieces[i]->magic == MAGIC;
}

hf_counters *hf_counters_open(int first, unsigned slots, unsigned worker)
{
    hf_counters *counters = worker < slots ? empty(slots) : NULL;
    bool good = counters != NULL;

    for (unsigned i = 0; good && i <= slots; i++) {
        good = take_piece(counters, i, first + (int)i, i == worker);
        close(first + (int)i);
    }
    if (good)
        return counters;
    hf_counters_free(counters);
    errno = EINVAL;
    return NULL;
}

void hf_counters_free(hf_counters *counters)
{
    if (!counters)
        return;
    for (unsigned i = 0; i <= counters->slots; i++) {
        if (counters->pieces[i])
            munmap(counters->pieces[i], sizeof(piece));
        if (counters->fds[i] >= 0)
            close(counters->fds[i]);
    }
    free(counters);
}

unsigned hf_counters_parent(const hf_counters *counters)
{
    return counters->slots;
}

static piece *piece_of(const hf_counters *counters, unsigned worker)
{
    return counters->pieces[worker <= counters->slots ? worker : counters->slots];
}

static row *row_of(const hf_counters *counters, unsigned worker, uint32_t site)
{
    return &piece_of(counters, worker)->rows[site < HF_SITE_SLOTS_MAX ? site : HF_SITE_NONE];
}

/* ---- counting ---- */

/* One writer, so no locked instruction is needed. */
static void add(_Atomic uint64_t *counter, uint64_t n)
{
    uint64_t was = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, was + n, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void hf_count(hf_counters *counters, unsigned worker, uint32_t site, hf_metric metric, uint64_t n)
{
    add(&row_of(counters, worker, site)->metrics[metric], n);
}

void hf_count_failure(hf_counters *counters, unsigned worker, uint32_t site,
                      const hf_failure *failure)
{
    add(&row_of(counters, worker, site)->failures[hf_fail_reason_of(failure)], 1);
}

void hf_count_duration(hf_counters *counters, unsigned worker, uint32_t site, double seconds)
{
    row *r = row_of(counters, worker, site);
    size_t i = 0;

    seconds = seconds >= 0 ? seconds : 0;
    while (i < HF_DURATION_BUCKETS && seconds > hf_duration_bounds[i])
        i++;
    add(&r->durations[i], 1);
    add(&r->duration_us, (uint64_t)(seconds * 1e6));
}

void hf_count_event(hf_counters *counters, unsigned worker, unsigned event)
{
    if (event < HF_EVENT_OF_COUNT)
        add(&piece_of(counters, worker)->events[event], 1);
}

/* ---- limits ---- */

static uint64_t hash_of(const hf_counters *counters, const uint8_t address[16])
{
    uint8_t network[16];

    hf_address_network(address, network);
    return hf_address_hash(counters->pieces[counters->slots]->key, network);
}

uint64_t hf_counter_held(const hf_counters *counters)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < counters->slots; i++)
        n += atomic_load(&counters->pieces[i]->held);
    return n;
}

static uint64_t held_by(const hf_counters *counters, uint64_t hash)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < counters->slots; i++)
        n += hf_address_table_count(&counters->pieces[i]->addresses, hash);
    return n;
}

/* First it is counted, then looked whether all workers together are within the limits: of two that come at once one sees the
   other in any case (both are sequentially consistent). */
hf_admission hf_counters_admit(hf_counters *counters, unsigned worker, const uint8_t address[16],
                               uint64_t connections, uint64_t per_address)
{
    piece *own = piece_of(counters, worker);
    uint64_t hash = hash_of(counters, address);
    hf_admission verdict = HF_ADMITTED;

    atomic_fetch_add(&own->held, 1);
    bool counted = hf_address_table_add(&own->addresses, hash);
    if (hf_counter_held(counters) > connections || (per_address > 0 && !counted))
        verdict = HF_FULL;
    else if (per_address > 0 && held_by(counters, hash) > per_address)
        verdict = HF_ADDRESS_FULL;
    if (verdict == HF_ADMITTED)
        return verdict;
    atomic_fetch_sub(&own->held, 1);
    if (counted)
        hf_address_table_take(&own->addresses, hash);
    hf_count(counters, worker, HF_SITE_NONE,
             verdict == HF_FULL ? HF_METRIC_refused_connections : HF_METRIC_refused_per_address, 1);
    return verdict;
}

void hf_counters_leave(hf_counters *counters, unsigned worker, const uint8_t address[16])
{
    piece *own = piece_of(counters, worker);

    if (atomic_load(&own->held) > 0)
        atomic_fetch_sub(&own->held, 1);
    hf_address_table_take(&own->addresses, hash_of(counters, address));
}

void hf_counters_reset_worker(hf_counters *counters, unsigned worker)
{
    piece *own = piece_of(counters, worker);

    atomic_store(&own->held, 0);
    hf_address_table_clear(&own->addresses);
}

/* ---- sums ---- */

uint64_t hf_counter_sum(const hf_counters *counters, uint32_t site, hf_metric metric)
{
    uint64_t n = 0;

    for (unsigned i = 0; i <= counters->slots; i++)
        n += get(&row_of(counters, i, site)->metrics[metric]);
    return n;
}

uint64_t hf_counter_failures(const hf_counters *counters, uint32_t site, hf_fail_reason reason)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < counters->slots; i++)
        n += get(&row_of(counters, i, site)->failures[reason]);
    return n;
}

uint64_t hf_counter_events(const hf_counters *counters, unsigned event)
{
    uint64_t n = 0;

    for (unsigned i = 0; i <= counters->slots && event < HF_EVENT_OF_COUNT; i++)
        n += get(&counters->pieces[i]->events[event]);
    return n;
}

hf_durations hf_counter_durations(const hf_counters *counters, uint32_t site)
{
    hf_durations sum;

    memset(&sum, 0, sizeof sum);
    for (unsigned i = 0; i < counters->slots; i++) {
        const row *r = row_of(counters, i, site);
        for (size_t b = 0; b <= HF_DURATION_BUCKETS; b++)
            sum.in[b] += get(&r->durations[b]);
        sum.seconds += (double)get(&r->duration_us) / 1e6;
    }
    return sum;
}
