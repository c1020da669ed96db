/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a plan comes to: handshakes with its sites, in memory. Who is shown what, which protocols are agreed on, whom client
 * authentication lets in, and that a session of one site is worth nothing at another with other rules.
 */
#include "proxy_load_support.h"

#include "support/pair.h"
#include "tool/proxy/worker.h"

static char yaml[4096];
static hf_sessions *sessions;
static hf_identity *client_identity;

/* ---- a generation ---- */

static void put_all(void)
{
    put_pair("a.pem", "a.key", "a.test", SLOT_A);
    put_pair("b.pem", "b.key", "b.test", SLOT_B);
    put_pair("w.pem", "w.key", "*.w.test", SLOT_A2);
    char *ca = test_cert_pem(load_ca);
    put("ca.pem", ca);
    hf_free(ca);
}

static const char *with_sites(const char *sites)
{
    snprintf(yaml, sizeof yaml, "listen: [\"127.0.0.1:8443\"]\nsites:\n%s", sites);
    return yaml;
}

static hf_generation *build(const char *sites)
{
    hf_loaded *loaded = load_with(with_sites(sites), NULL);
    char why[256] = "";
    uint8_t *bytes;
    size_t len;
    hf_plan plan;

    assert_true(hf_plan_pack(&loaded->plan, &bytes, &len));
    assert_true(hf_plan_unpack(hf_span_of(bytes, len), &plan));
    hf_plan_bytes_free(bytes, len);
    hf_loaded_free(loaded);
    hf_generation *g = hf_generation_build(&plan, sessions, why, sizeof why);
    if (!g)
        fail_msg("%s", why);
    return g;
}

/* ---- a handshake ---- */

typedef struct visit {
    const char *name; /* SNI; NULL: none */
    const char *alpn[3];
    bool tls12, certificate, trusting;
    hf_span session;
    /* what came of it */
    hf_site *site;
    bool connected, resumed, verified, known;
    char agreed[32];
    hf_error error; /* the server's */
    hf_alert alert;
    uint8_t kept[4096];
    size_t kept_len;
} visit;

static int64_t wall(void *user)
{
    (void)user;
    return LOAD_NOW;
}

/* The same in every visit: a client's sessions are bound to who it is. */
static hf_identity *make_client(void)
{
    char *pem = cert_text((test_cert_options){
        .common_name = "client", .eku = HF_EKU_CLIENT_AUTH, .key_slot = SLOT_STRANGER });
    hf_identity *identity = NULL;
    uint8_t *key;
    size_t len;

    assert_int_equal(hf_private_key_to_pem(test_key(HF_KEY_P256, SLOT_STRANGER), &key, &len),
                     HF_OK);
    assert_int_equal(hf_identity_from_pem(&identity, hf_span_str(pem), hf_span_of(key, len), NULL),
                     HF_OK);
    hf_free_secret(key, len);
    hf_free(pem);
    return identity;
}

static hf_config *client_of(const visit *v)
{
    static const hf_hooks hooks = { .wall_time = wall };
    hf_policy policy = *hf_policy_named("default");
    hf_trust *trust = hf_trust_new();

    if (v->tls12)
        policy.max_version = HF_TLS12;
    hf_config *config = hf_config_new(HF_CLIENT, &policy);
    assert_int_equal(hf_trust_add_der(trust, test_cert_der(load_ca)), HF_OK);
    assert_int_equal(hf_config_set_trust(config, trust), HF_OK);
    hf_trust_free(trust);
    assert_int_equal(hf_config_set_hooks(config, &hooks), HF_OK);
    if (!v->trusting)
        assert_int_equal(hf_config_set(config, HF_SET_INSECURE, 1), HF_OK);
    if (v->certificate)
        assert_int_equal(hf_config_add_identity(config, client_identity), HF_OK);
    assert_int_equal(hf_config_seal(config), HF_OK);
    return config;
}

static bool carry(hf_conn *from, hf_conn *to)
{
    hf_span out = hf_conn_wire_out(from);
    uint8_t copy[32768];
    size_t n = out.len < sizeof copy ? out.len : sizeof copy;

    if (n == 0)
        return false;
    memcpy(copy, out.data, n);
    size_t taken = hf_conn_wire_in(to, copy, n);
    hf_conn_wire_sent(from, taken);
    return taken > 0;
}

static bool serve(visit *v, hf_generation *g, hf_conn *server)
{
    hf_event event = hf_conn_next(server);

    if (event == HF_EVENT_CLIENT_HELLO) {
        v->site = hf_generation_site(g, hf_conn_hello(server));
        if (v->site)
            assert_int_equal(hf_conn_switch_config(server, v->site->tls), HF_OK);
        else
            hf_conn_abort(server, HF_ALERT_unrecognized_name);
    }
    return event != HF_EVENT_NONE;
}

static bool follow(visit *v, hf_conn *client)
{
    hf_event event = hf_conn_next(client);

    if (event == HF_EVENT_SESSION) {
        hf_span session = hf_conn_session(client);
        assert_true(session.len <= sizeof v->kept);
        memcpy(v->kept, session.data, session.len);
        v->kept_len = session.len;
    }
    return event != HF_EVENT_NONE;
}

static void note(visit *v, hf_conn *client, hf_conn *server)
{
    const hf_conn_info *info = hf_conn_info_of(server);
    const hf_failure *failure = hf_conn_failure(server);

    v->connected = info->connected && hf_conn_info_of(client)->connected && !failure;
    v->resumed = info->resumed;
    v->known = hf_conn_peer(server) != NULL;
    v->verified = hf_conn_info_of(client)->peer_verified;
    snprintf(v->agreed, sizeof v->agreed, "%s", info->alpn ? info->alpn : "");
    v->error = failure ? failure->code : HF_OK;
    v->alert = failure ? failure->alert : 0;
}

static void go(visit *v, hf_generation *g)
{
    hf_worker *worker = hf_worker_new();
    hf_config *config = client_of(v);
    const char *name = v->name ? v->name : "nobody.test";
    size_t n = 0;

    while (n < 3 && v->alpn[n])
        n++;
    hf_conn_options options = { .server_name = v->name,
                                .verify_name = name,
                                .alpn = v->alpn,
                                .n_alpn = n,
                                .session = v->session,
                                .want_session = true };
    hf_conn *client = hf_conn_new(config, worker, &options);
    hf_conn *server = hf_conn_new(g->hello, worker, &(hf_conn_options){ 0 });
    assert_non_null(client);
    assert_non_null(server);
    for (bool moved = true; moved;) {
        moved = follow(v, client);
        moved |= serve(v, g, server);
        moved |= carry(client, server);
        moved |= carry(server, client);
    }
    note(v, client, server);
    hf_conn_free(client);
    hf_conn_free(server);
    hf_config_free(config);
    hf_worker_free(worker);
}

static visit visit_of(const char *name)
{
    return (visit){ .name = name, .trusting = true };
}

/* ---- who answers ---- */

#define SITE(name, pair, more)                                                                     \
    "  - {names: [" name "], certificates: [{chain: " pair ".pem, key: " pair ".key}], backend: "  \
    "\"127.0.0.1:9000\"" more "}\n"

static void test_by_name(void **state)
{
    hf_generation *g =
        build(SITE("a.test", "a", "") SITE("b.test", "b", "") SITE("\"*.w.test\"", "w", ""));
    static const struct {
        const char *name;
        int site; /* below 0: none */
    } rows[] = { { "a.test", 0 },  { "A.Test", 0 },      { "b.test", 1 },  { "x.w.test", 2 },
                 { "w.test", -1 }, { "x.y.w.test", -1 }, { "c.test", -1 }, { NULL, -1 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        visit v = visit_of(rows[i].name);
        go(&v, g);
        assert_int_equal(v.connected, rows[i].site >= 0);
        assert_ptr_equal(v.site, rows[i].site >= 0 ? &g->sites[rows[i].site] : NULL);
        if (v.connected)
            assert_true(v.verified);
        else
            assert_int_equal(v.alert, HF_ALERT_unrecognized_name);
    }
    hf_generation_free(g);
}

static void test_host_on_the_redirect_listener(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", "") SITE("\"*.w.test\"", "w", ""));

    (void)state;
    assert_ptr_equal(hf_generation_site_named(g, hf_span_str("A.TEST")), &g->sites[0]);
    assert_ptr_equal(hf_generation_site_named(g, hf_span_str("a.test.")), &g->sites[0]);
    assert_ptr_equal(hf_generation_site_named(g, hf_span_of("a.testing", 6)), &g->sites[0]);
    assert_ptr_equal(hf_generation_site_named(g, hf_span_str("q.w.test")), &g->sites[1]);
    assert_null(hf_generation_site_named(g, hf_span_str("*.w.test")));
    assert_null(hf_generation_site_named(g, hf_span_of("a.test\0x", 8)));
    assert_null(hf_generation_site_named(g, hf_span_str("")));
    hf_generation_free(g);
}

/* ---- protocols (RFC 7301 3.2) ---- */

static void test_http_agrees_on_http_1_1_alone(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", ""));
    visit none = visit_of("a.test"), both = none, h2 = none;

    (void)state;
    both.alpn[0] = h2.alpn[0] = "h2";
    both.alpn[1] = "http/1.1";
    go(&none, g);
    assert_true(none.connected);
    assert_string_equal(none.agreed, "");
    go(&both, g);
    assert_true(both.connected);
    assert_string_equal(both.agreed, "http/1.1");
    go(&h2, g);
    assert_false(h2.connected);
    assert_int_equal(h2.alert, HF_ALERT_no_application_protocol);
    hf_generation_free(g);
}

static void test_shared_names(void **state)
{
    hf_generation *g =
        build(SITE("a.test", "a", "") SITE("a.test", "a", ", mode: tcp, alpn: [mqtt, xmpp]"));
    visit plain = visit_of("a.test"), mqtt = plain;

    (void)state;
    assert_string_equal(g->sites[0].label, "a.test");
    assert_string_equal(g->sites[1].label, "a.test/mqtt");
    assert_true(g->sites[0].slot != g->sites[1].slot);
    mqtt.alpn[0] = "mqtt";
    go(&plain, g);
    assert_true(plain.connected && plain.site == &g->sites[0]);
    go(&mqtt, g);
    assert_true(mqtt.connected && mqtt.site == &g->sites[1]);
    assert_string_equal(mqtt.agreed, "mqtt");
    hf_generation_free(g);
}

static void test_tcp_without_a_list_takes_any(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", ", mode: tcp"));
    visit v = visit_of("a.test");

    (void)state;
    v.alpn[0] = "h2";
    go(&v, g);
    assert_true(v.connected);
    assert_string_equal(v.agreed, "");
    hf_generation_free(g);
}

/* ---- policies ---- */

static void test_each_site_keeps_its_policy(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", ", policy: modern") SITE("b.test", "b", ""));
    visit strict = visit_of("a.test"), usual = visit_of("b.test");

    (void)state;
    strict.tls12 = usual.tls12 = true;
    go(&strict, g);
    assert_false(strict.connected);
    assert_ptr_equal(strict.site, &g->sites[0]);
    assert_int_equal(strict.alert, HF_ALERT_protocol_version);
    go(&usual, g);
    assert_true(usual.connected);
    hf_generation_free(g);
}

/* ---- unavailable ---- */

static void test_unavailable(void **state)
{
    hf_generation *g = build(SITE("a.test", "missing", ", client_auth: {mode: require, ca: ca.pem}")
                                 SITE("b.test", "b", ""));
    visit careless = visit_of("a.test"), careful = careless, other = visit_of("b.test");

    (void)state;
    assert_non_null(g->sites[0].unavailable);
    assert_null(g->sites[1].unavailable);
    careless.trusting = false;
    go(&careless, g); /* nothing is asked of him: all he gets is a 503 */
    assert_true(careless.connected && !careless.verified);
    assert_ptr_equal(careless.site, &g->sites[0]);
    go(&careful, g);
    assert_false(careful.connected); /* and nobody's certificate is shown as the site's */
    go(&other, g);
    assert_true(other.connected && other.verified);
    hf_generation_free(g);
}

/* ---- client authentication, and sessions ---- */

static void test_required(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", ", client_auth: {ca: ca.pem}"));
    visit without = visit_of("a.test"), with = without;

    (void)state;
    go(&without, g);
    assert_false(without.connected);
    with.certificate = true;
    go(&with, g);
    assert_true(with.connected && with.known);
    hf_generation_free(g);
}

static void test_paths_only_ask(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", ", client_auth: {ca: ca.pem, paths: [/admin]}"));
    visit without = visit_of("a.test"), with = without;

    (void)state;
    go(&without, g);
    assert_true(without.connected && !without.known);
    with.certificate = true;
    go(&with, g);
    assert_true(with.connected && with.known);
    hf_generation_free(g);
}

/* A visit to one site, and a second one with its session to another. */
static visit again(hf_generation *first, hf_generation *second, visit v, const char *name)
{
    go(&v, first);
    assert_true(v.connected && v.kept_len > 0);
    visit back = { .name = name,
                   .tls12 = v.tls12,
                   .certificate = v.certificate,
                   .session = hf_span_of(v.kept, v.kept_len) };
    go(&back, second);
    return back;
}

static void test_sessions_come_back_to_their_site(void **state)
{
    hf_generation *g = build(SITE("a.test", "a", "") SITE("b.test", "b", ""));
    hf_generation *next = build(SITE("b.test", "b", "") SITE("a.test", "a", ""));

    (void)state;
    for (int tls12 = 0; tls12 < 2; tls12++) {
        visit v = visit_of("a.test");
        v.tls12 = tls12;
        v.trusting = false;
        assert_true(again(g, g, v, "a.test").resumed);
        assert_true(again(g, next, v, "a.test").resumed); /* also after a reload */
    }
    hf_generation_free(g);
    hf_generation_free(next);
}

/* The name of `open` is sent with the session to `closed`: one site's ticket under the other's rules. The engine's client would not
   offer it elsewhere, so the sites change places: the same name, other rules, the same keys. */
static void no_way_in(const char *open, const char *closed)
{
    hf_generation *before = build(open), *after = build(closed);

    for (int tls12 = 0; tls12 < 2; tls12++) {
        visit v = visit_of("a.test");
        v.tls12 = tls12;
        v.trusting = false;
        visit back = again(before, after, v, "a.test");
        assert_false(back.resumed);
        assert_false(back.connected);
    }
    hf_generation_free(before);
    hf_generation_free(after);
}

static void test_no_session_skips_client_auth(void **state)
{
    static const char closed[] = SITE("a.test", "a", ", client_auth: {ca: ca.pem}");

    (void)state;
    no_way_in(SITE("a.test", "a", ""), closed);
    no_way_in(SITE("a.test", "a", ", client_auth: {mode: request, ca: ca.pem}"), closed);
    no_way_in(SITE("a.test", "a", ", client_auth: {ca: ca.pem, paths: [/admin]}"), closed);
    no_way_in(SITE("a.test", "missing", ", fallback: {chain: a.pem, key: a.key}"), closed);
}

/* Who was verified against one CA is nobody to a site that trusts another. */
static void test_no_session_skips_another_ca(void **state)
{
    test_cert *other = test_cert_new(
        &(test_cert_options){ .common_name = "Other CA", .ca = true, .key_slot = SLOT_MIDDLE },
        NULL);
    char *pem = test_cert_pem(other);
    put("other.pem", pem);
    hf_generation *before =
        build(SITE("a.test", "a", ", client_auth: {mode: request, ca: ca.pem}"));
    hf_generation *after =
        build(SITE("a.test", "a", ", client_auth: {mode: request, ca: other.pem}"));

    (void)state;
    for (int tls12 = 0; tls12 < 2; tls12++) {
        visit v = visit_of("a.test");
        v.tls12 = tls12;
        v.certificate = true;
        v.trusting = false;
        visit same = again(before, before, v, "a.test"), back = again(before, after, v, "a.test");
        assert_true(same.resumed && same.known);
        assert_false(back.resumed);
    }
    hf_generation_free(before);
    hf_generation_free(after);
    hf_free(pem);
    test_cert_free(other);
}

/* ---- backends ---- */

static void test_backends(void **state)
{
    hf_generation *g = build("  - {names: [a.test], certificates: [{chain: a.pem, key: a.key}], "
                             "backend: [\"127.0.0.1:9000\", "
                             "{address: \"[::1]:9001\", tls: {ca: ca.pem, name: x.test}}, "
                             "{address: \"unix:/run/app.sock\", tls: {ca: missing.pem, name: "
                             "x.test}}, \"unix:/run/b\"]}\n");
    const hf_backend *b = g->sites[0].backends;

    (void)state;
    assert_int_equal(b[0].n_addresses, 1);
    assert_int_equal(b[0].addresses[0].at.ss_family, AF_INET);
    assert_true(!b[0].tls && !b[0].unusable);
    assert_int_equal(b[1].n_addresses, 1);
    assert_int_equal(b[1].addresses[0].at.ss_family, AF_INET6);
    assert_true(b[1].tls && !b[1].unusable);
    assert_true(!b[2].tls && b[2].unusable && strstr(b[2].unusable, "missing.pem"));
    assert_true(!b[3].tls && !b[3].unusable && b[3].n_addresses == 0);
    hf_generation_free(g);
}

/* ---- around ---- */

static int enter(void **state)
{
    static const hf_sessions_options options = { .tickets = true, .entries = 100 };

    sessions = hf_sessions_new(&options);
    if (!sessions || load_enter(state) != 0)
        return -1;
    put_all();
    client_identity = make_client();
    return 0;
}

static int leave(void **state)
{
    hf_sessions_free(sessions);
    hf_identity_free(client_identity);
    return load_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_name),
        cmocka_unit_test(test_host_on_the_redirect_listener),
        cmocka_unit_test(test_http_agrees_on_http_1_1_alone),
        cmocka_unit_test(test_shared_names),
        cmocka_unit_test(test_tcp_without_a_list_takes_any),
        cmocka_unit_test(test_each_site_keeps_its_policy),
        cmocka_unit_test(test_unavailable),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_paths_only_ask),
        cmocka_unit_test(test_sessions_come_back_to_their_site),
        cmocka_unit_test(test_no_session_skips_client_auth),
        cmocka_unit_test(test_no_session_skips_another_ca),
        cmocka_unit_test(test_backends),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
