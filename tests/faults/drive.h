/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What two ends do with each other: they shake hands, talk, renew their keys, export, and part, as far as they come. */
#ifndef TESTS_FAULTS_DRIVE_H
#define TESTS_FAULTS_DRIVE_H

#include "tests/faults/judge.h"

void drive_live(ends *e);
void drive_apart(ends *e);
/* Of all that was said since: whether these bytes were, which then are no secret. */
void drive_forget_wire(void);
bool drive_sent(const uint8_t bytes[SCENE_DRAW]);

#endif
