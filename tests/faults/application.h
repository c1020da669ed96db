/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the application gives to both ends of a flow. */
#ifndef TESTS_FAULTS_APPLICATION_H
#define TESTS_FAULTS_APPLICATION_H

#include "tests/faults/scene.h"

enum { APP_LIFETIME = 3600 };
#define app_psk_name "a device"
#define app_psk_key  FLOW13_KEY

hf_hooks app_hooks(hf_role role, bool finds_psk);
/* An identity whose signer may fail. */
hf_identity *app_identity(const test_cert *leaf, const hf_span *chain);
/* A server's memory; elsewhere: tickets and the register of 0-RTT are the application's code. */
hf_sessions *app_sessions(bool cache, bool elsewhere);

#endif
