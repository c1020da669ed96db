/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* hf_os_handshake over a socket pair: two processes, real records, unwilling peers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <handfast/os.h>
#include "tool/ca_store.h"

#define GREETING "what follows the handshake at once must not be lost"

static char folder[] = "/tmp/handfast-test-XXXXXX";
static hf_local_store store, other;

static int enter(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    return hf_local_store_open("store", &store) || hf_local_store_open("other", &other) ? -1 : 0;
}

static int leave(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static hf_config *server_config(void)
{
    hf_config *config = hf_config_new(HF_SERVER, hf_policy_named("default"));
    hf_identity *identity;

    if (!config || hf_os_identity(&identity, store.cert, store.key, NULL) != HF_OK ||
        hf_config_add_identity(config, identity) != HF_OK || hf_config_seal(config) != HF_OK)
        return NULL;
    hf_identity_free(identity);
    return config;
}

static hf_config *client_config(const char *ca, uint32_t timeout_ms, bool external_jobs)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_trust *trust = hf_trust_new();

    assert_int_equal(hf_os_trust_path(trust, ca, NULL), HF_OK);
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_HANDSHAKE_TIMEOUT, timeout_ms), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, external_jobs), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    hf_trust_free(trust);
    return config;
}

/* ---- peers, each in a process of its own ---- */

static void send_all(hf_conn *conn, int fd)
{
    for (hf_span out = hf_conn_wire_out(conn); out.len > 0; out = hf_conn_wire_out(conn)) {
        ssize_t n = write(fd, out.data, out.len);
        if (n <= 0)
            return;
        hf_conn_wire_sent(conn, (size_t)n);
    }
}

/* Greets in the same breath as the handshake ends; its status says how that went. */
static int serve(int fd)
{
    hf_worker *worker = hf_worker_new();
    hf_config *config = server_config();
    hf_conn *conn = config ? hf_conn_new(config, worker, &(hf_conn_options){ 0 }) : NULL;
    const hf_iovec greeting = { GREETING, sizeof GREETING };
    hf_error e = conn ? hf_os_handshake(conn, fd) : HF_E_INTERNAL;

    if (e == HF_OK && hf_conn_data_in(conn, &greeting, 1) == sizeof GREETING)
        send_all(conn, fd);
    hf_conn_free(conn);
    hf_config_free(config);
    hf_worker_free(worker);
    return e == HF_OK ? 0 : 1;
}

static int hang_up(int fd)
{
    close(fd);
    return 0;
}

static int stall(int fd)
{
    char c;

    while (read(fd, &c, 1) > 0)
        ;
    return 0;
}

static int speak_http(int fd)
{
    static const char words[] = "HTTP/1.0 400 Bad Request\r\n\r\n";

    return write(fd, words, sizeof words - 1) > 0 ? stall(fd) : 1;
}

static int start(int (*peer)(int), int *fd)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    fflush(stdout);
    int child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pair[0]);
        _exit(peer(pair[1]));
    }
    close(pair[1]);
    *fd = pair[0];
    return child;
}

/* ---- the client ---- */

static void read_greeting(hf_conn *conn, int fd)
{
    uint8_t bytes[4096];
    char got[sizeof GREETING];
    size_t len = 0;

    while (len < sizeof got) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        assert_true(n > 0);
        assert_int_equal(hf_conn_wire_in(conn, bytes, (size_t)n), (size_t)n);
        while (hf_conn_next(conn) != HF_EVENT_NONE)
            ;
        hf_span data = hf_conn_data_out(conn);
        assert_true(data.len <= sizeof got - len);
        if (data.len > 0)
            memcpy(got + len, data.data, data.len);
        len += data.len;
        hf_conn_data_taken(conn, data.len);
    }
    assert_string_equal(got, GREETING);
}

static hf_error meet(int (*peer)(int), hf_config *config, int *peer_status)
{
    hf_worker *worker = hf_worker_new();
    hf_conn *conn = hf_conn_new(config, worker, &(hf_conn_options){ .server_name = "localhost" });
    int fd, child = start(peer, &fd);

    assert_non_null(conn);
    hf_error e = hf_os_handshake(conn, fd);
    if (e == HF_OK)
        read_greeting(conn, fd);
    assert_int_equal(e == HF_OK, hf_conn_info_of(conn)->connected);
    hf_conn_free(conn);
    hf_worker_free(worker);
    hf_config_free(config);
    close(fd);
    assert_int_equal(waitpid(child, peer_status, 0), child);
    return e;
}

static void test_connects_and_loses_nothing(void **state)
{
    int status;

    (void)state;
    for (int external = 0; external < 2; external++) {
        assert_int_equal(meet(serve, client_config(store.ca, 10000, external == 1), &status),
                         HF_OK);
        assert_int_equal(status, 0);
    }
}

static void test_an_unknown_ca_fails_both_ends(void **state)
{
    int status;

    (void)state;
    hf_error e = meet(serve, client_config(other.ca, 10000, false), &status);
    assert_true(e == HF_E_CERT_UNKNOWN_CA || e == HF_E_CERT_SIGNATURE); /* the CAs share a name */
    assert_int_equal(WEXITSTATUS(status), 1);
}

static void test_peers_that_do_not_play_along(void **state)
{
    int status;

    (void)state;
    assert_int_equal(meet(hang_up, client_config(store.ca, 10000, false), &status),
                     HF_E_CLOSED_IN_HANDSHAKE);
    assert_int_equal(meet(stall, client_config(store.ca, 300, false), &status), HF_E_TIMEOUT);
    assert_int_equal(meet(speak_http, client_config(store.ca, 10000, false), &status),
                     HF_E_NOT_TLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connects_and_loses_nothing),
        cmocka_unit_test(test_an_unknown_ca_fails_both_ends),
        cmocka_unit_test(test_peers_that_do_not_play_along),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
