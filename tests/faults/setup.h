/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What comes before a handshake, with faults in it: trusted CAs, identities and keys from PEM, sessions, shared keys, configs
 * and their sealing, workers and connections of both roles.
 */
#ifndef TESTS_FAULTS_SETUP_H
#define TESTS_FAULTS_SETUP_H

#include "tests/faults/run.h"

/* How many ways there are, and the name of number i. */
size_t setup_count(void);
const char *setup_name(size_t i);
void setup_learn(size_t i, unsigned counts[FAULT_KINDS]);
verdict setup_with(size_t i, const fault_plan *plan);

#endif
