/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the proxy's configuration comes to: its keys, their standards, and which site answers to a name. What is refused is
 * test_proxy_refused.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy_config_support.h"
#include "tool/proxy/smallest.h"
#include "tool/proxy/value.h"

#define LISTEN  "listen: [\"127.0.0.1:8443\"]\n"
#define CERTS   "    certificates: [{chain: a.pem, key: a.key}]\n"
#define ANOTHER "  - names: [a.test]\n" CERTS "    backend: \"127.0.0.1:9000\"\n"
#define SITES   "sites:\n" ANOTHER
/* A whole file with these names, or this backend. */
#define NAMES(names)                                                                               \
    LISTEN "sites:\n  - names: " names "\n" CERTS "    backend: \"127.0.0.1:9000\"\n"
#define BACKEND(backend) LISTEN "sites:\n  - names: [a.test]\n" CERTS "    backend: " backend "\n"

/* ---- what is read ---- */

static void is_text(hf_config_text is, const char *should, unsigned line, unsigned column)
{
    assert_non_null(is.text);
    assert_string_equal(is.text, should);
    assert_int_equal(is.at.line, line);
    assert_int_equal(is.at.column, column);
}

static void test_minimal(void **state)
{
    (void)state;
    must_read(HF_PROXY_SMALLEST);
    assert_string_equal(config->file, "/etc/handfast/proxy.yaml");
    assert_int_equal(config->listen.n, 1);
    is_text(config->listen.at[0], "127.0.0.1:8443", 1, 10);
    is_text(config->redirect.at[0], "127.0.0.1:8080", 2, 12);
    is_text(config->admin, "127.0.0.1:9443", 3, 8);
    assert_int_equal(config->n_sites, 1);
    const hf_config_site *site = &config->sites[0];
    assert_int_equal(site->at.line, 5);
    assert_int_equal(site->names.n, 2);
    is_text(site->names.at[1], "*.a.test", 5, 21);
    assert_int_equal(site->n_certificates, 1);
    is_text(site->certificates[0].chain, "a.pem", 6, 28);
    is_text(site->certificates[0].key, "a.key", 6, 40);
    assert_int_equal(site->n_backends, 1);
    assert_int_equal(site->backends[0].kind, HF_BACKEND_TCP);
    assert_string_equal(site->backends[0].host, "127.0.0.1");
    assert_int_equal(site->backends[0].port, 9000);
    assert_true(site->hsts.on && site->hsts.max_age == 31536000);
    assert_false(hf_proxy_config_warning(config, 0, &fault));
}

static void test_defaults(void **state)
{
    (void)state;
    must_read(LISTEN SITES);
    assert_true(config->limits.handshake_ms == 10000 && config->limits.header_ms == 10000);
    assert_true(config->limits.idle_ms == 300000 && config->limits.drain_ms == 30000);
    assert_true(!config->limits.connections_given && config->limits.connections == 50000 &&
                config->limits.per_address == 0);
    assert_true(config->limits.connect_ms == 5000 && config->limits.response_ms == 60000);
    assert_true(config->limits.head_bytes == 16384 && config->limits.memory_bytes == 131072);
    assert_true(config->workers == 0 && !config->log_json && config->log_requests);
    assert_true(config->reminders.n == 4 && config->reminders.percent[0] == 67 &&
                config->reminders.percent[3] == 97);
    assert_true(config->redirect.n == 0 && !config->admin.text && !config->admin_public &&
                !config->proxy_protocol_in);
    const hf_config_site *site = &config->sites[0];
    is_text(site->policy, "default", 0, 0);
    assert_true(site->mode == HF_SITE_HTTP && !site->hsts.on &&
                site->client_auth.mode == HF_AUTH_NONE);
    assert_true(!site->unavailable_when_expired && site->alpn.n == 0 && !site->fallback.chain.text);
    assert_true(!site->backends[0].tls && site->backends[0].proxy_protocol == 0);
}

static const char *const full[] = {
    "listen: [\":443\", \"[::]:443\"]\nredirect: [\":80\"]\nadmin: \":9443\"\nadmin_public: "
    "true\ncontrol: run/proxy.sock\n"
    "user: www-data\nworkers: 4\nchallenges: acme\nticket_keys: /keys\nstate: /state\nlog: "
    "json\nlog_requests: false\nproxy_protocol: true\n"
    "proxy_protocol_from: [10.0.0.0/8, \"fd00::/8\", 192.0.2.1]\n",
    "limits:\n  handshake: 5\n  header: 1500ms\n  idle: 1h\n  connect: 300ms\n  "
    "response: 2m\n  drain: 0\n  connections: 1000\n  per_address: 10\n  memory: 64KiB\n"
    "  head_bytes: 8KiB\nreminders:\n  percent: [50, 100]\n  command: \"tell ops\"\n",
    "sites:\n- names: [A.test, b\xc3\xbc"
    "cher.example]\n  certificates:\n  - {chain: e.pem, key: e.key, password_file: pw, "
    "staple: e.ocsp}\n  - {chain: r.pem, key: r.key}\n",
    "  backend:\n  - \"unix:/run/app.sock\"\n  - \"[2001:db8::1]:80\"\n  - address: "
    "app.internal:443\n    tls:\n      name: App.Internal.\n"
    "      ca: ca.pem\n      chain: me.pem\n      key: me.key\n      password_file: me.pw\n    "
    "proxy_protocol: v2\n",
    "  mode: http\n  hsts: {max_age: 730d, include_subdomains: true, preload: true}\n  "
    "client_auth: {mode: require, ca: c.pem, "
    "crl: c.crl, paths: [/, /admin/]}\n  alpn: [http/1.1]\n  policy: modern\n",
    "  fallback: {chain: f.pem, key: f.key, password_file: f.pw, staple: f.ocsp}\n  on_expired: "
    "503\n",
    "- {names: [default], mode: tcp, alpn: [h2, mqtt], certificates: [{chain: d, key: d}], "
    "backend: {address: \"localhost:6379\"}}\n",
};

static void read_full(char text[4096])
{
    text[0] = '\0';
    for (size_t i = 0; i < sizeof full / sizeof full[0]; i++)
        strcat(text, full[i]);
    must_read(text);
}

static void check_full_top(void)
{
    assert_true(config->listen.n == 2 && config->admin_public && config->workers == 4 &&
                config->log_json && !config->log_requests);
    assert_string_equal(config->control.text, "run/proxy.sock");
    assert_string_equal(config->user.text, "www-data");
    assert_string_equal(config->challenges.text, "acme");
    assert_string_equal(config->ticket_keys.text, "/keys");
    assert_string_equal(config->state.text, "/state");
    assert_int_equal(config->proxy_protocol_in, 1);
    assert_int_equal(config->proxy_protocol_from.n, 3);
    assert_string_equal(config->proxy_protocol_from.at[1].text, "fd00::/8");
    assert_true(config->limits.handshake_ms == 5000 && config->limits.header_ms == 1500);
    assert_true(config->limits.idle_ms == 3600000 && config->limits.drain_ms == 0);
    assert_true(config->limits.connect_ms == 300 && config->limits.response_ms == 120000);
    assert_true(config->limits.connections_given && config->limits.connections == 1000 &&
                config->limits.per_address == 10 && config->limits.head_bytes == 8192 &&
                config->limits.memory_bytes == 65536);
    assert_true(config->reminders.n == 2 && config->reminders.percent[0] == 50 &&
                config->reminders.percent[1] == 100);
    assert_string_equal(config->reminders.command.text, "tell ops");
}

static void check_full_backends(const hf_config_site *site)
{
    const hf_config_backend *b = site->backends;

    assert_int_equal(site->n_backends, 3);
    assert_int_equal(b[0].kind, HF_BACKEND_UNIX);
    assert_string_equal(b[0].host, "/run/app.sock");
    assert_string_equal(b[1].host, "2001:db8::1");
    assert_int_equal(b[1].port, 80);
    assert_true(!b[1].tls && b[2].tls && b[2].port == 443 && b[2].proxy_protocol == 2);
    assert_string_equal(b[2].host, "app.internal");
    assert_string_equal(b[2].tls_name.text, "App.Internal");
    assert_string_equal(b[2].tls_ca.text, "ca.pem");
    assert_string_equal(b[2].identity.chain.text, "me.pem");
    assert_string_equal(b[2].identity.key.text, "me.key");
    assert_string_equal(b[2].identity.password_file.text, "me.pw");
}

static void check_full_site(const hf_config_site *site)
{
    assert_string_equal(site->names.at[0].text, "a.test");
    assert_string_equal(site->names.at[1].text, "xn--bcher-kva.example");
    assert_int_equal(site->n_certificates, 2);
    assert_string_equal(site->certificates[0].password_file.text, "pw");
    assert_string_equal(site->certificates[0].staple.text, "e.ocsp");
    assert_string_equal(site->certificates[1].key.text, "r.key");
    assert_true(site->hsts.on && site->hsts.include_subdomains && site->hsts.preload &&
                site->hsts.max_age == 63072000);
    assert_true(site->client_auth.mode == HF_AUTH_REQUIRE && site->client_auth.paths.n == 2);
    assert_string_equal(site->client_auth.ca.text, "c.pem");
    assert_string_equal(site->client_auth.crl.text, "c.crl");
    assert_string_equal(site->client_auth.paths.at[1].text, "/admin/");
    assert_string_equal(site->policy.text, "modern");
    assert_string_equal(site->fallback.chain.text, "f.pem");
    assert_string_equal(site->fallback.staple.text, "f.ocsp");
    assert_true(site->unavailable_when_expired);
}

static void test_full(void **state)
{
    char text[4096];

    (void)state;
    read_full(text);
    check_full_top();
    assert_int_equal(config->n_sites, 2);
    check_full_site(&config->sites[0]);
    check_full_backends(&config->sites[0]);
    const hf_config_site *second = &config->sites[1];
    assert_true(second->mode == HF_SITE_TCP && second->alpn.n == 2 &&
                !second->unavailable_when_expired);
    assert_string_equal(second->backends[0].host, "localhost");
}

/* ---- the table ---- */

/* No key is without its line in the full file, a sample that begins with it, and bounds that can be read. */
static void test_keys(void **state)
{
    char text[4096], wanted[64];
    const hf_key *key;
    uint64_t low, high;

    (void)state;
    read_full(text);
    for (size_t i = 0; (key = hf_key_at(i)); i++) {
        snprintf(wanted, sizeof wanted, "%s: ", hf_key_name(key));
        assert_true(strncmp(key->row.sample, wanted, strlen(wanted)) == 0);
        wanted[strlen(wanted) - 1] = '\0';
        if (!strstr(text, wanted))
            fail_msg("%s is not in the full file", key->row.path);
        if (strstr(key->row.values, " to "))
            assert_true(hf_value_bounds(key, &low, &high) && low < high);
        assert_true(*key->row.help && *key->row.kind && hf_proxy_key_row(i) == &key->row);
    }
    assert_null(hf_proxy_key_row(HF_KEYS_MAX));
}

/* The samples are shown in complaints: whoever copies one must not get the next complaint from it. */
static void test_samples(void **state)
{
    const hf_key *key;

    (void)state;
    for (size_t i = 0; (key = hf_key_at(i)); i++) {
        char text[600], above[64] = "";
        snprintf(above, sizeof above, "%.*s", (int)(hf_key_name(key) - key->row.path),
                 key->row.path);
        if (above[0])
            continue;
        snprintf(text, sizeof text, "%s%s%s%s%s\n",
                 strcmp(hf_key_name(key), "listen") ? LISTEN : "",
                 strcmp(hf_key_name(key), "sites") ? SITES : "",
                 strncmp(key->row.sample, "challenges", 10) == 0 ? "redirect: [\":80\"]\n" : "",
                 strncmp(key->row.sample, "proxy_protocol_from", 19) == 0 ? "proxy_protocol: true\n"
                                                                          : "",
                 key->row.sample);
        must_read(text);
    }
    for (size_t i = 0; (key = hf_key_at(i)); i++) {
        char text[600];
        if (!hf_key_is_below(key, "sites[]") ||
            strstr("names certificates backend", hf_key_name(key)))
            continue;
        snprintf(text, sizeof text, "%s    %s\n%s", LISTEN SITES, key->row.sample,
                 strcmp(hf_key_name(key), "alpn") == 0 ? "    mode: tcp\n" : "");
        must_read(text);
    }
}

/* ---- sites ---- */

static void answers(const char *name, const char *chain)
{
    const hf_config_site *site = hf_proxy_site_of(config, name);

    if (!chain)
        assert_null(site);
    else
        assert_string_equal(site->certificates[0].chain.text, chain);
}

#define ONE(names, chain, more)                                                                    \
    "- {names: [" names "], certificates: [{chain: " chain ", key: k}], backend: \"h:1\"" more "}" \
    "\n"

static void test_site_of(void **state)
{
    (void)state;
    must_read(LISTEN "sites:\n" ONE("\"*.a.test\"", "wild", "")
                  ONE("b.a.test, z.test", "exact", ""));
    answers("b.a.test", "exact");
    answers("z.test", "exact");
    answers("c.a.test", "wild");
    answers("a.test", NULL);
    answers("d.c.a.test", NULL);
    answers(".a.test", NULL);
    answers("*.a.test", NULL);
    answers(NULL, NULL);
    must_read(LISTEN "sites:\n" ONE("default", "rest", "") ONE("\"*.a.test\"", "wild", ""));
    answers("c.a.test", "wild");
    answers("a.test", "rest");
    answers(NULL, "rest");
    answers("", "rest");
}

static void offers(const char *protocol, const char *chain)
{
    hf_span one = hf_span_text(protocol);
    const hf_config_site *site = hf_proxy_site_for(config, "a.test", &one, protocol != NULL);

    assert_string_equal(site->certificates[0].chain.text, chain);
}

static void test_site_by_protocol(void **state)
{
    (void)state;
    must_read(LISTEN "sites:\n" ONE("a.test", "mq", ", mode: tcp, alpn: [mqtt, x]")
                  ONE("a.test", "web", ""));
    offers("mqtt", "mq");
    offers("x", "mq");
    offers("http/1.1", "web");
    offers("h2", "web");
    offers(NULL, "web");
    must_read(LISTEN "sites:\n" ONE("a.test", "web", "") ONE("a.test", "any", ", mode: tcp"));
    offers("http/1.1", "web");
    offers("h2", "any");
    offers(NULL, "any");
}

static void test_too_many_share(void **state)
{
    char text[4096] = LISTEN "sites:\n", one[200];

    (void)state;
    for (unsigned i = 0; i <= HF_PROXY_SHARED_MAX; i++) {
        snprintf(one, sizeof one, ONE("a.test", "c", ", mode: tcp, alpn: [p%u]"), i);
        strcat(text, one);
        assert_int_equal(reads(text), i < HF_PROXY_SHARED_MAX);
    }
    assert_string_equal(fault.what, "a.test stands in two sites");
}

/* ---- the rest ---- */

static void test_paths(void **state)
{
    char out[64];

    (void)state;
    must_read(LISTEN SITES);
    assert_string_equal(hf_proxy_path(config, "a.pem", out, sizeof out), "/etc/handfast/a.pem");
    assert_string_equal(hf_proxy_path(config, "/a.pem", out, sizeof out), "/a.pem");
    hf_proxy_config_free(config);
    assert_true(hf_proxy_config_read(hf_span_str(LISTEN SITES), "p.yaml", &config, &fault));
    assert_string_equal(hf_proxy_path(config, "a.pem", out, sizeof out), "a.pem");
}

static void warns(size_t i, unsigned line, unsigned column, const char *what)
{
    hf_config_fault warning;

    assert_true(hf_proxy_config_warning(config, i, &warning));
    assert_string_equal(warning.what, what);
    assert_int_equal(warning.at.line, line);
    assert_int_equal(warning.at.column, column);
    assert_true(warning.why[0] && warning.next[0]);
}

static void test_warnings(void **state)
{
    (void)state;
    must_read(BACKEND("[\"192.0.2.1:80\", {address: \"192.0.2.1:443\", tls: {}}, "
                      "\"10.0.0.1:80\"]\n    hsts: {max_age: 1d}") "proxy_protocol: true\n");
    warns(0, 1, 10, "proxy_protocol: anyone may send the header");
    warns(1, 6, 11, "hsts: nothing listens on plain HTTP to send people on");
    warns(2, 6, 11, "hsts: max_age is short, 86400 seconds");
    warns(3, 5, 15, "backend: plain text to a public address");
    assert_false(hf_proxy_config_warning(config, 4, &fault));
    must_read(BACKEND("\"h:1\"\n    hsts: {max_age: 0}") "redirect: [\":80\"]\n");
    assert_true(config->sites[0].hsts.on);
    assert_false(hf_proxy_config_warning(config, 0, &fault));
}

/* hsts without redirect is told once, at the first site that has it; 0 takes HSTS back and asks for nothing. */
static void test_warning_of_no_redirect(void **state)
{
    (void)state;
    must_read(LISTEN "sites:\n" ONE("a.test", "c", "") ONE("b.test", "c", ", hsts: {max_age: 365d}")
                  ONE("c.test", "c", ", hsts: {max_age: 365d}"));
    warns(0, 4, 79, "hsts: nothing listens on plain HTTP to send people on");
    assert_false(hf_proxy_config_warning(config, 1, &fault));
    must_read(LISTEN "sites:\n" ONE("a.test", "c", ", hsts: {max_age: 0}"));
    assert_false(hf_proxy_config_warning(config, 0, &fault));
}

/* Together, limits can allow more than a machine has; and one can make another idle. */
static void test_warnings_of_limits(void **state)
{
    (void)state;
    must_read(LISTEN "limits: {connections: 131072, memory: 128KiB}\n" SITES);
    assert_false(hf_proxy_config_warning(config, 0, &fault));
    must_read(LISTEN "limits: {connections: 200000, memory: 1MiB, per_address: 200001}\n" SITES);
    warns(0, 2, 9, "limits: slow readers could take 195 GiB of memory");
    warns(1, 2, 9, "limits: per_address is above connections");
    assert_false(hf_proxy_config_warning(config, 2, &fault));
}

/* Forms of writing that come to the same: a mark at the beginning, other ends of lines, a flow, a document's begin and end. */
static void test_same(void **state)
{
    static const char *const forms[] = {
        "\xef\xbb\xbf" LISTEN SITES,
        "---\n" LISTEN SITES "...\n",
        "%YAML 1.1\n---\n" LISTEN SITES,
        "listen: ['127.0.0.1:8443']\r\nsites:\r\n- names: [A.TEST.]\r\n  certificates: [{chain: "
        "a.pem, key: a.key}]\r\n"
        "  backend: [127.0.0.1:9000]\r\n",
        "{listen: [127.0.0.1:8443], sites: [{names: [a.test], certificates: [{chain: a.pem, key: "
        "a.key}], backend: {address: "
        "127.0.0.1:9000}}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        must_read(forms[i]);
        assert_string_equal(config->listen.at[0].text, "127.0.0.1:8443");
        assert_string_equal(config->sites[0].names.at[0].text, "a.test");
        assert_string_equal(config->sites[0].backends[0].host, "127.0.0.1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_minimal, tear_down),
        cmocka_unit_test_teardown(test_defaults, tear_down),
        cmocka_unit_test_teardown(test_full, tear_down),
        cmocka_unit_test_teardown(test_keys, tear_down),
        cmocka_unit_test_teardown(test_samples, tear_down),
        cmocka_unit_test_teardown(test_site_of, tear_down),
        cmocka_unit_test_teardown(test_site_by_protocol, tear_down),
        cmocka_unit_test_teardown(test_too_many_share, tear_down),
        cmocka_unit_test_teardown(test_paths, tear_down),
        cmocka_unit_test_teardown(test_warnings, tear_down),
        cmocka_unit_test_teardown(test_warning_of_no_redirect, tear_down),
        cmocka_unit_test_teardown(test_warnings_of_limits, tear_down),
        cmocka_unit_test_teardown(test_same, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
