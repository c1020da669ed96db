/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * hf_os_handshake with questions that only the application can answer (HF_WAIT): what is asked, that nothing is lost between two
 * calls however the peer's bytes come, and that no answer is no connection. The peer is a thread with a pump of its own.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <handfast/os.h>
#include "support/early_scene.h"

#define GREETING "said in the same breath as the last flight"
#define EARLY_1  "early bytes, "
#define EARLY_2  "and more of them"

/* ---- the peer ---- */

typedef struct peer {
    hf_conn *conn;
    hf_worker *worker;
    int fd;
    bool
        split; /* tiny records, byte by byte; else a flight with all that may follow it in one write */
    const char *early; /* a client's 0-RTT, in two records */
    bool greeted;
    size_t n_heard; /* of the same GREETING */
    hf_error failed;
} peer;

static void greet(peer *p)
{
    const hf_iovec parts[] = { { EARLY_1, strlen(EARLY_1) }, { EARLY_2, strlen(EARLY_2) } };
    const hf_iovec greeting = { GREETING, sizeof GREETING };
    bool offered = hf_conn_info_of(p->conn)->early == HF_EARLY_OFFERED;

    if (!(hf_conn_wants(p->conn, NULL) & HF_WANT_CAN_SEND))
        return;
    if (offered && p->early) {
        assert_int_equal(hf_conn_data_in(p->conn, &parts[0], 1), parts[0].len);
        assert_int_equal(hf_conn_data_in(p->conn, &parts[1], 1), parts[1].len);
        p->early = NULL;
    } else if (!offered && !p->greeted) {
        p->greeted = hf_conn_data_in(p->conn, &greeting, 1) == sizeof GREETING;
    }
}

static void say(peer *p)
{
    hf_span out;

    for (greet(p); (out = hf_conn_wire_out(p->conn)).len > 0; greet(p)) {
        ssize_t n = send(p->fd, out.data, p->split ? 1 : out.len, MSG_NOSIGNAL);
        hf_conn_wire_sent(p->conn, n > 0 ? (size_t)n : out.len);
    }
}

static bool hear(peer *p)
{
    uint8_t bytes[4096];
    ssize_t n = read(p->fd, bytes, sizeof bytes);

    if (n <= 0)
        hf_conn_wire_eof(p->conn);
    for (size_t at = 0; n > 0 && at < (size_t)n;) {
        at += hf_conn_wire_in(p->conn, bytes + at, (size_t)n - at);
        while (hf_conn_next(p->conn) != HF_EVENT_NONE)
            ;
        p->n_heard += hf_conn_data_out(p->conn).len;
        hf_conn_data_taken(p->conn, hf_conn_data_out(p->conn).len);
    }
    return n > 0;
}

static void *play(void *user)
{
    peer *p = user;
    bool more = true;

    if (p->split)
        (void)hf_conn_set_max_record(p->conn, 50);
    while (more && !(p->greeted && p->n_heard == sizeof GREETING)) {
        while (hf_conn_next(p->conn) != HF_EVENT_NONE)
            ;
        say(p);
        more = !hf_conn_failure(p->conn) && hear(p);
    }
    while (hf_conn_next(p->conn) != HF_EVENT_NONE)
        ;
    if (hf_conn_failure(p->conn))
        p->failed = hf_conn_failure(p->conn)->code;
    shutdown(p->fd, SHUT_WR);
    return NULL;
}

/* ---- meeting it ---- */

typedef struct scene {
    hf_role role; /* of the end that is tested */
    uint16_t version;
    bool split, jobs, pause, verify;
    hf_sessions *sessions; /* 0-RTT … */
    hf_span session;
    uint64_t (*clock_ms)(void *user);
    const char *const *alpn; /* one name, which a client that is the peer offers */
} scene;

typedef struct meeting {
    pair pair;
    hf_policy policy;
    hf_conn *conn; /* that is tested */
    int fd;
    peer peer;
    pthread_t thread;
} meeting;

static void configure(hf_config *config, hf_role role, void *user)
{
    const scene *s = user;

    if (role != s->role)
        return;
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_JOBS, s->jobs), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_EXTERNAL_VERIFY, s->verify), HF_OK);
    assert_int_equal(hf_config_set(config, HF_SET_PAUSE_AT_CLIENT_HELLO, s->pause), HF_OK);
}

static pair_options options_of(const scene *s, const hf_policy *policy)
{
    pair_options o = { .client_identity = true };

    if (s->sessions)
        o = s->version == HF_TLS12 ? usual_visit(s->sessions) : early_options(s->sessions);
    else
        o.policy[HF_CLIENT] = o.policy[HF_SERVER] = policy;
    if (s->clock_ms)
        o.hooks[s->role].clock_ms = s->clock_ms;
    if (s->role == HF_SERVER && s->verify)
        o.client_auth = HF_CLIENT_AUTH_REQUIRE;
    o.session = s->session;
    o.configure = configure;
    o.user = (void *)(uintptr_t)s;
    return o;
}

/* On a worker of its own: it is another thread's. */
static void make_peer(meeting *m, const scene *s, int fd)
{
    hf_role role = (hf_role)!s->role;
    hf_conn_options o = { .server_name = role == HF_CLIENT ? "localhost" : NULL,
                          .session = s->session,
                          .alpn = s->alpn,
                          .n_alpn = s->alpn != NULL,
                          .endpoint = s->sessions ? "localhost:443" : NULL };

    m->peer.worker = hf_worker_new();
    m->peer.conn = hf_conn_new(m->pair.config[role], m->peer.worker, &o);
    assert_non_null(m->peer.conn);
    m->peer.fd = fd;
    m->peer.split = s->split;
    m->peer.early = role == HF_CLIENT && s->session.len > 0 ? EARLY_1 EARLY_2 : NULL;
}

static void meet(meeting *m, const scene *s)
{
    pair_options o;
    int fds[2];

    memset(m, 0, sizeof *m);
    m->policy = policy_of_version("default", s->version);
    o = options_of(s, &m->policy);
    pair_start(&m->pair, &o);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    m->conn = m->pair.end[s->role].conn;
    m->fd = fds[0];
    make_peer(m, s, fds[1]);
    assert_int_equal(pthread_create(&m->thread, NULL, play, &m->peer), 0);
}

static hf_error part(meeting *m)
{
    shutdown(m->fd, SHUT_RDWR);
    pthread_join(m->thread, NULL);
    hf_conn_free(m->peer.conn);
    hf_worker_free(m->peer.worker);
    pair_free(&m->pair);
    close(m->fd);
    close(m->peer.fd);
    return m->peer.failed;
}

static hf_error shake(meeting *m)
{
    return hf_os_handshake(m->conn, m->fd);
}

/* Which question it is, as os.h says. */
static char question(const meeting *m)
{
    const hf_span *chain;

    if (hf_conn_data_out(m->conn).len > 0)
        return 'd';
    return hf_conn_peer_chain(m->conn, &chain) > 0 ? 'v' : 'h';
}

static void answer(meeting *m, char asked)
{
    const test_pki *pki = shared_pki(HF_KEY_P256);
    const hf_span *chain;

    if (asked == 'h') {
        assert_non_null(hf_conn_hello(m->conn));
        assert_true(hf_span_equal(hf_conn_hello(m->conn)->server_name, hf_span_str("localhost")));
        assert_int_equal(hf_conn_switch_config(m->conn, NULL), HF_OK);
        return;
    }
    assert_int_equal(hf_conn_peer_chain(m->conn, &chain), 2);
    bool client = m->conn == m->pair.end[HF_CLIENT].conn;
    assert_true(hf_span_equal(chain[0], client ? pki->chain[0] : pki->client_chain[0]));
    assert_int_equal(hf_conn_verify_done(m->conn, HF_OK), HF_OK);
}

/* Every question is asked once, and stays open until it is answered. */
static void shake_with(meeting *m, const char *questions)
{
    for (; *questions; questions++) {
        assert_int_equal(shake(m), HF_WAIT);
        assert_int_equal(question(m), *questions);
        assert_int_equal(shake(m), HF_WAIT);
        assert_int_equal(question(m), *questions);
        assert_false(hf_conn_info_of(m->conn)->connected);
        answer(m, *questions);
    }
    assert_int_equal(shake(m), HF_OK);
    assert_true(hf_conn_info_of(m->conn)->connected);
    assert_int_equal(shake(m), HF_OK); /* it stays so */
}

static void exchange_greetings(meeting *m)
{
    char heard[sizeof GREETING];
    size_t len;

    for (size_t at = 0; at < sizeof heard; at += len) {
        assert_int_equal(hf_os_read(m->conn, m->fd, heard + at, sizeof heard - at, &len), HF_OK);
        assert_true(len > 0);
    }
    assert_string_equal(heard, GREETING);
    assert_int_equal(hf_os_write(m->conn, m->fd, GREETING, sizeof GREETING), HF_OK);
    pthread_join(m->thread, NULL);
    assert_int_equal(m->peer.n_heard, sizeof GREETING);
    assert_int_equal(pthread_create(&m->thread, NULL, play, &m->peer), 0); /* for part() */
}

/* ---- tests ---- */

static const uint16_t versions[] = { HF_TLS12, HF_TLS13 };

/* Every way in which the peer's bytes may come, for that end. */
static void in_all_ways(scene s, const char *questions)
{
    for (int way = 0; way < 8; way++) {
        meeting m;
        s.version = versions[way & 1];
        s.split = way & 2;
        s.jobs = way & 4;
        meet(&m, &s);
        shake_with(&m, questions);
        exchange_greetings(&m);
        assert_int_equal(part(&m), HF_OK);
    }
}

static void test_the_server_s_chain(void **state)
{
    (void)state;
    in_all_ways((scene){ .role = HF_CLIENT, .verify = true }, "v");
}

static void test_the_hello(void **state)
{
    (void)state;
    in_all_ways((scene){ .role = HF_SERVER, .pause = true }, "h");
}

static void test_the_hello_and_the_client_s_chain(void **state)
{
    (void)state;
    in_all_ways((scene){ .role = HF_SERVER, .pause = true, .verify = true }, "hv");
}

static void test_a_refusal_fails_both_ends(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        meeting m;
        scene s = { .role = way & 1 ? HF_SERVER : HF_CLIENT,
                    .verify = true,
                    .version = versions[way >> 1] };
        meet(&m, &s);
        assert_int_equal(shake(&m), HF_WAIT);
        assert_int_equal(hf_conn_verify_done(m.conn, HF_E_CERT_REFUSED), HF_OK);
        assert_int_equal(shake(&m), HF_E_CERT_REFUSED);
        assert_int_equal(shake(&m), HF_E_CERT_REFUSED); /* it stays so */
        assert_int_equal(part(&m), HF_E_ALERT_RECEIVED);
    }
}

/* The other config's protocol shows that it is in force. */
static void test_another_config(void **state)
{
    static const char *const names[] = { "other" };
    scene s = { .role = HF_SERVER, .pause = true, .version = HF_TLS13, .alpn = names };
    meeting m;
    hf_config *other;
    hf_identity *id = pki_identity(shared_pki(HF_KEY_P256));

    (void)state;
    meet(&m, &s);
    other = hf_config_new(HF_SERVER, &m.policy);
    assert_int_equal(hf_config_add_identity(other, id), HF_OK);
    assert_int_equal(hf_config_set_alpn(other, names, 1), HF_OK);
    assert_int_equal(hf_config_seal(other), HF_OK);
    assert_int_equal(shake(&m), HF_WAIT);
    assert_int_equal(hf_conn_switch_config(m.conn, other), HF_OK);
    hf_config_free(other);
    assert_int_equal(shake(&m), HF_OK);
    assert_string_equal(hf_conn_info_of(m.conn)->alpn, "other");
    exchange_greetings(&m);
    assert_int_equal(part(&m), HF_OK);
    hf_identity_free(id);
}

static uint64_t now_ms;

static uint64_t clock_of_test(void *user)
{
    (void)user;
    return now_ms;
}

/* The deadline does not wait for answers: a program that gives none is not asked for ever. */
static void test_no_answer_is_a_timeout(void **state)
{
    scene s = { .role = HF_CLIENT, .verify = true, .version = HF_TLS13, .clock_ms = clock_of_test };
    meeting m;

    (void)state;
    meet(&m, &s);
    assert_int_equal(shake(&m), HF_WAIT);
    now_ms += 9999;
    assert_int_equal(shake(&m), HF_WAIT);
    now_ms += 1;
    assert_int_equal(shake(&m), HF_E_TIMEOUT);
    assert_int_equal(hf_conn_verify_done(m.conn, HF_OK), HF_E_MISUSE);
    assert_int_not_equal(part(&m), HF_OK);
}

/* hf_os_read neither answers nor skips a question. */
static void test_a_handshake_is_not_read_through(void **state)
{
    scene s = { .role = HF_CLIENT, .verify = true, .version = HF_TLS13 };
    meeting m;
    uint8_t byte;
    size_t len = 9;

    (void)state;
    meet(&m, &s);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(hf_os_read(m.conn, m.fd, &byte, 1, &len), HF_E_MISUSE);
        assert_int_equal(len, 0);
        assert_int_equal(shake(&m), HF_WAIT);
    }
    answer(&m, 'v');
    assert_int_equal(shake(&m), HF_OK);
    exchange_greetings(&m);
    assert_int_equal(part(&m), HF_OK);
}

/* From CONNECTED on events are the application's: nothing that came with the last flight is skipped. */
static void test_what_comes_after_it_is_not_taken(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    scene s = { .role = HF_CLIENT, .version = HF_TLS12, .sessions = sessions };
    meeting m;

    (void)state;
    meet(&m, &s);
    assert_int_equal(shake(&m), HF_OK);
    assert_int_equal(hf_conn_next(m.conn), HF_EVENT_SESSION);
    exchange_greetings(&m);
    assert_int_equal(part(&m), HF_OK);
    hf_sessions_free(sessions);
}

/* ---- 0-RTT ---- */

static hf_span ticket_of(hf_sessions *sessions)
{
    pair_options o = early_options(sessions);

    remember(&o);
    return o.session;
}

/* Taken byte by byte: what is left is told again. */
static size_t take_early(meeting *m, char *to)
{
    hf_span data = hf_conn_data_out(m->conn);

    to[0] = (char)data.data[0];
    hf_conn_data_taken(m->conn, 1);
    return 1;
}

/* RFC 9846 2.3: it may be a copy, so it must be told from what comes after the handshake. */
static void test_early_data_is_a_question(void **state)
{
    (void)state;
    for (int way = 0; way < 8; way++) {
        hf_sessions *sessions = memory_of(true, 0);
        scene s = { .role = HF_SERVER,
                    .version = HF_TLS13,
                    .split = way & 1,
                    .jobs = way & 2,
                    .pause = way & 4,
                    .sessions = sessions,
                    .session = ticket_of(sessions) };
        char early[sizeof EARLY_1 EARLY_2] = { 0 };
        size_t n = 0;
        meeting m;
        hf_error e;
        meet(&m, &s);
        while ((e = shake(&m)) == HF_WAIT)
            if (question(&m) == 'd')
                n += take_early(&m, early + n);
            else
                answer(&m, 'h');
        assert_int_equal(e, HF_OK);
        assert_string_equal(early, EARLY_1 EARLY_2);
        assert_int_equal(hf_conn_info_of(m.conn)->early, HF_EARLY_ACCEPTED);
        exchange_greetings(&m);
        assert_int_equal(part(&m), HF_OK);
        hf_sessions_free(sessions);
    }
}

/* What came before a failure is still there, and the failure is told after it. */
static void test_early_data_before_a_failure(void **state)
{
    hf_sessions *sessions = memory_of(true, 0);
    scene s = {
        .role = HF_SERVER, .version = HF_TLS13, .sessions = sessions, .session = ticket_of(sessions)
    };
    meeting m;

    (void)state;
    meet(&m, &s);
    assert_int_equal(shake(&m), HF_WAIT);
    hf_conn_abort(m.conn, HF_ALERT_internal_error);
    assert_int_equal(shake(&m), HF_WAIT);
    assert_true(hf_span_equal(hf_conn_data_out(m.conn), hf_span_str(EARLY_1)));
    hf_conn_data_taken(m.conn, strlen(EARLY_1));
    assert_int_equal(shake(&m), HF_E_ABORTED);
    assert_int_equal(part(&m), HF_E_ALERT_RECEIVED);
    hf_sessions_free(sessions);
}

static uint64_t clock_that_runs(void *user)
{
    (void)user;
    return now_ms += 2000;
}

/* The deadline holds for writing, too: a peer that does not read would else hold a client with much 0-RTT for ever. */
static void test_a_peer_that_does_not_read(void **state)
{
    static const uint8_t much[60000];
    hf_sessions *sessions = memory_of(true, 0);
    pair_options o = early_options(sessions);
    hf_iovec part_of = { much, sizeof much };
    int fds[2], room = 1;
    pair p;

    (void)state;
    o.early_data[HF_CLIENT] = o.early_data[HF_SERVER] = sizeof much;
    remember(&o);
    o.hooks[HF_CLIENT].clock_ms = clock_that_runs;
    pair_start(&p, &o);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    assert_int_equal(hf_conn_next(p.end[HF_CLIENT].conn), HF_EVENT_NONE);
    assert_int_equal(hf_conn_data_in(p.end[HF_CLIENT].conn, &part_of, 1), sizeof much);
    assert_int_equal(hf_os_handshake(p.end[HF_CLIENT].conn, fds[0]), HF_E_TIMEOUT);
    pair_free(&p);
    close(fds[0]);
    close(fds[1]);
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_server_s_chain),
        cmocka_unit_test(test_the_hello),
        cmocka_unit_test(test_the_hello_and_the_client_s_chain),
        cmocka_unit_test(test_a_refusal_fails_both_ends),
        cmocka_unit_test(test_another_config),
        cmocka_unit_test(test_no_answer_is_a_timeout),
        cmocka_unit_test(test_a_handshake_is_not_read_through),
        cmocka_unit_test(test_what_comes_after_it_is_not_taken),
        cmocka_unit_test(test_early_data_is_a_question),
        cmocka_unit_test(test_early_data_before_a_failure),
        cmocka_unit_test(test_a_peer_that_does_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
