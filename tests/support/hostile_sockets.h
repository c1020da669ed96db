/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The victim of a bad peer behind a TCP socket of the loopback interface, driven by the calls of
 * handfast/os.h in a thread of its own, as in a program without an event loop. The two ends take turns:
 * the victim runs until it has read all that was sent and would wait for more, then the test goes on.
 * So both see what they see in memory, nobody waits for a clock, and the test may look into the victim
 * while that waits. Programs are linked with --wrap for poll, recv and send (cmake/Tests.cmake).
 */
#ifndef TESTS_SUPPORT_HOSTILE_SOCKETS_H
#define TESTS_SUPPORT_HOSTILE_SOCKETS_H

#include "support/hostile.h"

extern const hostile_carrier hostile_sockets;

/* How many bytes the victim has read from its socket, and written to it. */
void hostile_socket_bytes(const hostile *h, size_t *received, size_t *said);

#endif
