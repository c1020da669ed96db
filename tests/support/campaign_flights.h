/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * First flights with early data (RFC 9846 2.3), recorded as whoever sits on the
 * wire could, and played back to a server by many threads at once. Clocks,
 * ticket keys and the server itself may change meanwhile.
 */
#ifndef TESTS_SUPPORT_CAMPAIGN_FLIGHTS_H
#define TESTS_SUPPORT_CAMPAIGN_FLIGHTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "keys/session.h"
#include "support/pair.h"

enum { FLIGHT_THREADS = 8, FLIGHT_EVENTS = 32, FLIGHT_REGISTER = 65536 };

typedef struct flight {
    uint8_t *bytes;
    size_t len;
    atomic_uint arrived; /* times that a server took its early data */
    atomic_uint no_room; /* times that it was fresh, and the register full */
} flight;

typedef struct flights flights;

typedef struct flights_plan {
    const char *name;
    bool given;      /* ticket keys, which survive a restart */
    bool shared;     /* a register outside of the server's memory, which does too */
    size_t strikes;  /* of the register inside */
    unsigned spread; /* the flights left within that many seconds … */
    unsigned ahead;  /* … by a clock that was set forward by so many */
    /* happens FLIGHT_EVENTS times, the first when that part of all has been
   * played; NULL: nothing */
    void (*event)(flights *f, unsigned nth);
} flights_plan;

struct flights {
    const flights_plan *plan;
    flight *all;
    size_t n;
    _Atomic int64_t wall[2];
    _Atomic uint64_t mono_ms; /* of the server */
    hf_sessions *store, *memory;
    hf_config *client;
    pthread_mutex_t lock; /* of the server, which threads take references of */
    hf_config *server;
    pthread_mutex_t events;
    atomic_size_t played;
    atomic_uint wrong; /* arrived, but is no flight's */
    /* the shared register: ids and until when they stand, in the place that their
   * first bytes say or after it */
    pthread_mutex_t register_lock;
    struct {
        uint8_t id[HF_EARLY_ID];
        uint64_t until;
    } claims[FLIGHT_REGISTER];
};

/* Fresh, with n flights recorded. */
flights *flights_record(const flights_plan *plan, size_t n);
void flights_free(flights *f);
/* Each thread plays each flight, and some of them again. */
void flights_play(flights *f);
/* How many arrived once; and the most often that any did. */
size_t flights_once(const flights *f, unsigned *most);
/* How many arrived although they were sent away for want of room: those are sent again as other data. */
size_t flights_sent_away(const flights *f);

/* For events: the server starts again, with new keys or those that were given,
 * and a register of its own or the shared one. */
void flights_restart(flights *f, bool shared);
/* Somebody comes, and is given tickets. */
void flights_visitor(flights *f);

#endif
