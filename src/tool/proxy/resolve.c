/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A few threads take names off a common list that belongs to all of them; the last one frees it. Who asked goes on at the deadline
 * with what is there by then, and the threads end by themselves when their resolver lets them go.
 */
#include "tool/proxy/resolve.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/bytes.h"

typedef struct job {
    pthread_mutex_t lock;
    pthread_cond_t done;
    hf_look_up *look_up;
    hf_wanted *wanted; /* copies */
    size_t n, next, finished;
    unsigned refs;
    bool abandoned;
} job;

static atomic_uint threads; /* all that are alive, of every call */

/* ---- one name ---- */

static void keep(hf_wanted *w, const struct addrinfo *found)
{
    for (; found && w->n < HF_PLAN_ADDRESSES_MAX; found = found->ai_next) {
        hf_plan_address *at = &w->at[w->n];
        if ((found->ai_family != AF_INET && found->ai_family != AF_INET6) ||
            found->ai_addrlen > sizeof at->at)
            continue;
        memset(at, 0, sizeof *at);
        memcpy(&at->at, found->ai_addr, found->ai_addrlen);
        at->len = found->ai_addrlen;
        w->n++;
    }
}

static const char *words_of(int error)
{
    switch (error) {
    case EAI_NONAME: return "the name does not exist, or has no address";
    case EAI_AGAIN: return "no name server answers";
    case EAI_FAIL: return "the name server fails";
    default: return "the name cannot be looked up";
    }
}

static void look_up(hf_wanted *w, hf_look_up *function, int flags)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICSERV | flags };
    struct addrinfo *found = NULL;
    char port[8];

    snprintf(port, sizeof port, "%u", (unsigned)w->port);
    int error = function(w->host, port, &hints, &found);
    w->why = NULL;
    if (error == 0) {
        keep(w, found);
        freeaddrinfo(found);
    }
    if (w->n == 0)
        w->why = words_of(error == 0 ? EAI_NONAME : error);
}

/* ---- threads ---- */

/* With the lock, which it gives back. */
static void leave(job *j)
{
    bool last = --j->refs == 0;

    pthread_mutex_unlock(&j->lock);
    if (!last)
        return;
    pthread_cond_destroy(&j->done);
    pthread_mutex_destroy(&j->lock);
    hf_free(j->wanted);
    hf_free(j);
}

static void *work(void *user)
{
    job *j = user;

    pthread_mutex_lock(&j->lock);
    while (!j->abandoned && j->next < j->n) {
        size_t i = j->next++;
        hf_wanted mine = j->wanted[i];
        pthread_mutex_unlock(&j->lock);
        look_up(&mine, j->look_up, 0);
        pthread_mutex_lock(&j->lock);
        j->wanted[i] = mine;
        j->finished++;
        pthread_cond_signal(&j->done);
    }
    leave(j);
    atomic_fetch_sub(&threads, 1);
    return NULL;
}

static bool start_thread(job *j)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (atomic_fetch_add(&threads, 1) >= HF_RESOLVE_THREADS_ALL ||
        pthread_attr_init(&attributes) != 0) {
        atomic_fetch_sub(&threads, 1);
        return false;
    }
    j->refs++;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool good = pthread_create(&thread, &attributes, work, j) == 0;
    pthread_attr_destroy(&attributes);
    if (!good) {
        j->refs--;
        atomic_fetch_sub(&threads, 1);
    }
    return good;
}

static job *make_job(const hf_wanted *wanted, size_t n, hf_look_up *function)
{
    job *j = hf_alloc(sizeof *j);
    pthread_condattr_t attributes;

    if (j)
        j->wanted = hf_alloc(n * sizeof *j->wanted);
    if (!j || !j->wanted) {
        hf_free(j);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        if (wanted[i].n == 0 && wanted[i].why)
            j->wanted[j->n++] = wanted[i];
    j->look_up = function;
    j->refs = 1;
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&j->done, &attributes);
    pthread_condattr_destroy(&attributes);
    return j;
}

static struct timespec deadline_in(unsigned ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* With the lock. The answers stand in the order of the questions. */
static void collect(const job *j, hf_wanted *wanted, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (wanted[i].n == 0 && wanted[i].why)
            wanted[i] = j->wanted[k++];
}

static void ask(hf_wanted *wanted, size_t n, unsigned deadline_ms, hf_look_up *function)
{
    job *j = make_job(wanted, n, function);
    struct timespec until = deadline_in(deadline_ms);
    size_t running = 0;

    if (!j)
        return;
    pthread_mutex_lock(&j->lock);
    while (running < HF_RESOLVE_THREADS && running < j->n && start_thread(j))
        running++;
    while (running > 0 && j->finished < j->n &&
           pthread_cond_timedwait(&j->done, &j->lock, &until) == 0)
        ;
    j->abandoned = true;
    collect(j, wanted, n);
    leave(j);
}

void hf_resolve(hf_wanted *wanted, size_t n, unsigned deadline_ms, hf_look_up *function)
{
    bool names = false;

    for (size_t i = 0; i < n; i++) {
        wanted[i].n = 0;
        look_up(&wanted[i], getaddrinfo, AI_NUMERICHOST);
        if (wanted[i].n == 0)
            wanted[i].why = "no name server has answered in time";
        names |= wanted[i].n == 0;
    }
    if (names)
        ask(wanted, n, deadline_ms, function ? function : getaddrinfo);
}

bool hf_same_addresses(hf_span a, hf_span b)
{
    const size_t one = sizeof(hf_plan_address);

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i + one <= a.len; i += one) {
        size_t k = 0;
        while (k + one <= b.len && memcmp(a.data + i, b.data + k, one) != 0)
            k += one;
        if (k + one > b.len)
            return false;
    }
    return true;
}
