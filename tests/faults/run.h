/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One run of a flow with what its plan has fail: both ends are made, shake hands, talk, renew their keys, export, and close, as
 * far as they come. What is wrong about it is one line of text; nothing is wrong if each fault was either survived, with all as
 * it is without it, or ended both ends with the error that fits.
 */
#ifndef TESTS_FAULTS_RUN_H
#define TESTS_FAULTS_RUN_H

#include "tests/faults/fault.h"
#include "tests/faults/scene.h"

/* What two ends came to. */
typedef struct outcome {
    bool connected[2], failed[2], closed[2], talked;
    uint16_t version, suite, group, scheme[2];
    bool retried, resumed, psk_used, verified[2], requested, sent, ems, stapled;
    uint8_t staple;
    hf_early early;
    size_t n_early;
    bool exported;
    uint64_t updates;
    char peer[2][80];
    unsigned sessions;
} outcome;

typedef enum ending { SURVIVED, REFUSED, NOT_STARTED } ending;

typedef struct verdict {
    bool wrong;
    char why[400];
    size_t hits; /* points of the plan that were reached */
    ending ended;
    bool alert_told; /* the other end heard of it */
} verdict;

/* Runs it without faults until it is the same twice, which is what other runs are compared with. */
void run_learn(scene *s, outcome *usual, unsigned counts[FAULT_KINDS]);
/* The first run of a process, in which things are made that stay; what is left in memory is not judged. */
verdict run_cold(scene *s, const fault_plan *plan);
verdict run_with(scene *s, const outcome *usual, const fault_plan *plan);

#endif
