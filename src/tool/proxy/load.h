/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * From a configuration's file to a plan, in the parent: files are read with care (no FIFO, folder or endless file can hold it up),
 * certificates and keys judged, names resolved. What a site lacks makes that site unavailable and says why; a site that was served
 * well before keeps the certificates it had, all of them as a unit.
 *
 *     hf_loaded *loaded = hf_load("proxy.yaml", before, &fault);     before: NULL at the start (hf_load_first tells all faults)
 *     if (!loaded) hf_config_fault_say(&fault);                        the configuration itself is bad
 */
#ifndef HF_TOOL_PROXY_LOAD_H
#define HF_TOOL_PROXY_LOAD_H

#include "tool/proxy/config.h"
#include "tool/proxy/plan.h"

enum { HF_LOAD_WHY = 512, HF_WATCHED_MAX = 16384, HF_JUDGED_SECONDS = 3600 };

typedef enum hf_health {
    HF_HEALTH_GOOD,
    HF_HEALTH_EXPIRED, /* served all the same */
    HF_HEALTH_KEPT,    /* the new files are bad: served with those from before */
    HF_HEALTH_UNAVAILABLE
} hf_health;

/* Something with an end that people should be reminded of. */
typedef struct hf_expiry {
    enum { HF_EXPIRES_CERTIFICATE, HF_EXPIRES_CLIENT_CA, HF_EXPIRES_CRL, HF_EXPIRES_STAPLE } what;
    uint16_t site;
    char file[256], name[128]; /* name: subject or first name, for people */
    int64_t not_before, not_after;
    char fingerprint[65]; /* of what expires, so that its successor is told from it: SHA-256, hex */
} hf_expiry;

typedef struct hf_loaded_site {
    const hf_config_site *row;
    /* Its first name: what metrics and logs call it; "a.test/mqtt" if another site begins with the same. */
    const char *label;
    hf_health health;
    char why[HF_LOAD_WHY]; /* if not GOOD: which file and what is wrong, one sentence */
    char todo[256];        /* and what to do */
    char backless
        [HF_LOAD_WHY]; /* why none of its backends could be asked when it was loaded, whatever its health; "": one could */
    uint32_t slot;
    /* What its certificates were judged from, and when; a load with the same takes the judgement over (load_reuse.c). */
    uint8_t judged_from[32];
    int64_t judged_at;
    size_t first_warning, n_of_warnings, first_expiry, n_of_expiries; /* that came of it */
} hf_loaded_site;

typedef struct hf_loaded {
    hf_plan plan;
    hf_proxy_config *config;
    hf_loaded_site *sites; /* config->n_sites */
    hf_expiry *expiries;
    size_t n_expiries;
    /* One line each: a key that others may read, a name that no certificate covers, a name that did not resolve. */
    char **warnings;
    size_t n_warnings,
        n_of_config; /* the first: of the configuration's text, the others of files */
    /* Every file that was read or looked for, absolute, but for the configuration's. */
    char **watched;
    size_t n_watched;
    /* Whose slot that is (hf_loaded_site.slot), sites of former configurations included: a label has one slot for ever. */
    char **slots;
    size_t n_slots;
} hf_loaded;

/* ticket_keys: the proxy's own, used if the file names none; n 0: none. */
hf_loaded *hf_load(const char *file, const hf_loaded *before,
                   const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n, hf_config_fault *fault);
/* The same with nothing before it, for people who wait: with all faults that the configuration has. */
hf_loaded *hf_load_first(const char *file, const uint8_t (*ticket_keys)[HF_TICKET_KEY], size_t n,
                         hf_config_faults *faults);
/* The same with the configuration's text as before->plan.yaml has it, whatever the file says by now: after certificates changed, or
   for new ticket keys. So a configuration that somebody is editing neither counts early nor keeps a renewal away.
   The parent calls both from a thread of libuv's pool (one at a time), while `before` is only read. Names of backends are looked up
   each time, which takes HF_RESOLVE_MS at most; one that is not found keeps the addresses that it had. */
hf_loaded *hf_load_again(const hf_loaded *before, const uint8_t (*ticket_keys)[HF_TICKET_KEY],
                         size_t n, hf_config_fault *fault);
void hf_loaded_free(hf_loaded *loaded);
/* Why no backend of that site may be asked: what is wrong with the last; NULL: one may. */
const char *hf_loaded_unusable(const hf_loaded *loaded, size_t i);

#endif
