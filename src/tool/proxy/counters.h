/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What parent and workers count together: memory that is shared (memfds, mapped by all). Each worker slot has rows of its own
 * for what only grows, so that nothing is lost when a worker dies and nothing is contended; limits that hold for all workers
 * (connections, in all and of one address) are shared and atomic. metrics.def says what there is.
 */
#ifndef HF_TOOL_PROXY_COUNTERS_H
#define HF_TOOL_PROXY_COUNTERS_H

#include <handfast/error.h>

enum {
    HF_SLOTS_MAX = 256,       /* workers */
    HF_SITE_SLOTS_MAX = 2048, /* sites, those of former configurations included */
    HF_DURATION_BUCKETS = 14
};

/* Why handshakes fail, as few words as people can keep apart; each has its alert and its side (metrics.def). */
typedef enum hf_fail_reason {
#define HF_FAIL_REASON(name, reason, side, alert, help) HF_FAIL_##name,
#define HF_METRIC(name, kind, scope, family, labels, help)
#include "tool/proxy/metrics.def"
#undef HF_FAIL_REASON
#undef HF_METRIC
    HF_FAIL_COUNT
} hf_fail_reason;

typedef enum hf_metric {
#define HF_FAIL_REASON(name, reason, side, alert, help)
#define HF_METRIC(name, kind, scope, family, labels, help) HF_METRIC_##name,
#include "tool/proxy/metrics.def"
#undef HF_FAIL_REASON
#undef HF_METRIC
    HF_METRIC_COUNT
} hf_metric;

typedef struct hf_counters hf_counters;

/* The parent's, which may write all of it. NULL: errno. */
hf_counters *hf_counters_new(unsigned slots);
/* What workers are handed, a descriptor a slot and one more; how many. They stay the counters'. */
size_t hf_counters_fds(const hf_counters *counters, int fds[HF_SLOTS_MAX + 1]);
/* A worker's, of these descriptors from `first` on, which it closes: what that slot counts it may write, all else only read. */
hf_counters *hf_counters_open(int first, unsigned slots, unsigned worker);
void hf_counters_free(hf_counters *counters);
/* The row that is the parent's own, for `worker`. */
unsigned hf_counters_parent(const hf_counters *counters);

/* A worker's own rows; site: its slot (HF_PART_SLOT), or HF_SITE_NONE while it is not known. */
enum { HF_SITE_NONE = HF_SITE_SLOTS_MAX - 1 };
void hf_count(hf_counters *counters, unsigned worker, uint32_t site, hf_metric metric, uint64_t n);
void hf_count_failure(hf_counters *counters, unsigned worker, uint32_t site,
                      const hf_failure *failure);
void hf_count_duration(hf_counters *counters, unsigned worker, uint32_t site, double seconds);
void hf_count_event(hf_counters *counters, unsigned worker, unsigned event); /* telling.h */
/* Of a slot whose worker died: what it held of the shared limits is given back. What it counted stays. */
void hf_counters_reset_worker(hf_counters *counters, unsigned worker);

/* One more connection from that address (16 bytes, IPv4 mapped; of IPv6 the first 64 bits count, as a client has all addresses of its
   network); false: a limit is reached, nothing is counted but the refusal. per_address 0: no bound.
   Never more are let in than the limits say, by all workers together; at the very limit two that come at once may both be refused.
   A worker can tell some 500,000 addresses apart at a time: further ones are HF_FULL if per_address bounds them. The refusal
   is counted here, connections_total by who begins one. */
typedef enum hf_admission { HF_ADMITTED, HF_FULL, HF_ADDRESS_FULL } hf_admission;
hf_admission hf_counters_admit(hf_counters *counters, unsigned worker, const uint8_t address[16],
                               uint64_t connections, uint64_t per_address);
void hf_counters_leave(hf_counters *counters, unsigned worker, const uint8_t address[16]);

/* Sums over workers, for the parent. */
uint64_t hf_counter_sum(const hf_counters *counters, uint32_t site, hf_metric metric);
uint64_t hf_counter_failures(const hf_counters *counters, uint32_t site, hf_fail_reason reason);
uint64_t hf_counter_events(const hf_counters *counters, unsigned event);
uint64_t hf_counter_held(const hf_counters *counters); /* connections at the moment */
/* Not summed up: below each bound alone, the last is of those above all. */
typedef struct hf_durations {
    uint64_t in[HF_DURATION_BUCKETS + 1];
    double seconds; /* of all */
} hf_durations;
hf_durations hf_counter_durations(const hf_counters *counters, uint32_t site);
extern const double hf_duration_bounds[HF_DURATION_BUCKETS];

/* ---- what there is (metrics.def) ---- */

typedef struct hf_fail_row {
    const char *name, *reason, *side, *alert, *help;
} hf_fail_row;
const hf_fail_row *hf_fail_row_of(hf_fail_reason reason);
/* The row that a failure with a client counts in (fail_reason.c). */
hf_fail_reason hf_fail_reason_of(const hf_failure *failure);

typedef struct hf_metric_row {
    const char *name, *kind, *family, *labels, *help;
    bool of_site;
} hf_metric_row;
const hf_metric_row *hf_metric_row_of(hf_metric metric);

#endif
