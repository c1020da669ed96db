/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Heads as they are passed on, byte for byte: RFC 9110 7.6 (what is one connection's), RFC 7239, 8470, 6797, and what is ours alone. */
#include "unit/proxy_support.h"

#include "tool/proxy/http_rewrite.h"

enum { ROOM = 4096 };

/* What the proxy says of a client of which little is known. */
#define VIA      "Via: 1.1 handfast\r\n"
#define FOR      "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
#define VERIFIED "X-Client-Cert-Verified: no\r\n"
#define OURS(host)                                                                                 \
    FOR "X-Forwarded-Host: " host "\r\nForwarded: for=192.0.2.1;host=\"" host                      \
        "\";proto=https\r\n" VERIFIED

static const hf_client_facts little = { .address = "192.0.2.1" };

static void assert_request(const char *in, const hf_client_facts *facts, const char *want)
{
    static hf_head head;
    char out[ROOM];

    read_head(in, NULL, &head);
    size_t len = hf_request_rewrite(&head, facts, out, sizeof out);
    assert_true(len > 0);
    assert_span(hf_span_of(out, len), want);
    for (size_t room = 0; room < len; room++)
        assert_int_equal(hf_request_rewrite(&head, facts, out, room), 0);
}

static void test_plain(void **state)
{
    (void)state;
    assert_request("GET /a?b HTTP/1.1\r\nhost:a.test:8443\r\nAccept:  x \r\nX:\r\nCookie: "
                   "a\r\nCookie: b\r\n\r\n",
                   &little,
                   "GET /a?b HTTP/1.1\r\nHost: a.test:8443\r\nAccept: x\r\nX:\r\nCookie: "
                   "a\r\nCookie: b\r\n" VIA OURS("a.test:8443") "\r\n");
}

/* Whatever way the body is framed, it is said in one way, behind all that was copied. */
static void test_framing(void **state)
{
    (void)state;
    assert_request("POST / HTTP/1.1\r\ncontent-length:5\r\nHost: a.test\r\nX: y\r\nExpect: "
                   "100-CONTINUE\r\n\r\n",
                   &little,
                   "POST / HTTP/1.1\r\nHost: a.test\r\nX: y\r\nContent-Length: 5\r\nExpect: "
                   "100-continue\r\n" VIA OURS("a.test") "\r\n");
    assert_request(
        "POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\nHost: a.test\r\nTrailer: X\r\n\r\n",
        &little,
        "POST / HTTP/1.1\r\nHost: a.test\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n" VIA OURS(
            "a.test") "\r\n");
    assert_request(
        "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\nTrailer: X\r\n\r\n", &little,
        "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n" VIA OURS("a.test") "\r\n");
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\n\r\n", &little,
                   "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "\r\n");
}

static void test_hops(void **state)
{
    (void)state;
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, "
                   "X-This\r\nconnection: TE\r\nKeep-Alive: 5\r\nTE: "
                   "trailers\r\nX-That: 1\r\nx-this: 2\r\nProxy-Connection: "
                   "close\r\nProxy-Authorization: x\r\nProxy: evil\r\n\r\n",
                   &little,
                   "GET / HTTP/1.1\r\nHost: a.test\r\nX-That: 1\r\n" VIA OURS("a.test") "\r\n");
}

static void test_upgrade(void **state)
{
    (void)state;
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: "
                   "WebSocket\r\nSec-WebSocket-Key: x\r\n\r\n",
                   &little,
                   "GET / HTTP/1.1\r\nHost: a.test\r\nSec-WebSocket-Key: x\r\nConnection: "
                   "upgrade\r\nUpgrade: WebSocket\r\n" VIA OURS("a.test") "\r\n");
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, "
                   "HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
                   &little, "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "\r\n");
}

/* Nobody but us says who the client is. */
static void test_ours(void **state)
{
    static const char *const forged[] = { "X-Forwarded-For: 1",
                                          "x_forwarded_for: 1",
                                          "X-Forwarded_Host: b",
                                          "x-forwarded: 1",
                                          "X-Forwarded-Anything: 1",
                                          "FORWARDED: for=1",
                                          "X-Real-IP: 1",
                                          "X-Client-Cert-Subject: CN=root",
                                          "X_Client_Cert_Verified: yes",
                                          "x-client-cert: 1",
                                          "Client-Cert: :AA==:",
                                          "client_cert_chain: :AA==:",
                                          "X-TLS-Version: 1",
                                          "X-SSL-Client-Verify: SUCCESS",
                                          "SSL_CLIENT_S_DN: CN=root",
                                          "Proxy: evil",
                                          "X-Client-DN: CN=root",
                                          "X-Client-Verify: SUCCESS",
                                          "X.Client.Cert.Verified: yes",
                                          "X.Client-Cert_Subject: CN=root",
                                          "x.forwarded.for: 1",
                                          "X-Original-URL: /admin",
                                          "X_Original_URI: /admin",
                                          "X-Original-Host: b",
                                          "X-Rewrite-URL: /admin",
                                          "X.Rewrite.URL: /admin",
                                          "X-Client-IP: 1",
                                          "X-Cluster-Client-IP: 1",
                                          "X-Originating-IP: 1",
                                          "True-Client-IP: 1",
                                          "TRUE_CLIENT_IP: 1",
                                          "CF-Connecting-IP: 1",
                                          "CF-Connecting-IPv6: 1",
                                          "Fastly-Client-IP: 1",
                                          "Remote-User: root",
                                          "REMOTE_USER: root",
                                          "Remote-Addr: 1",
                                          "X-Remote-User: root",
                                          "X-Remote-Group: root",
                                          "X-Authenticated-User: root",
                                          "X-HTTP-Host-Override: b",
                                          "X-ARR-ClientCert: AA==",
                                          "WL-Proxy-Client-Cert: AA==",
                                          "Front-End-Https: on",
                                          "X-Scheme: http" };

    (void)state;
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        char in[256];
        snprintf(in, sizeof in, "GET / HTTP/1.1\r\nHost: a.test\r\n%s\r\n\r\n", forged[i]);
        assert_request(in, &little, "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "\r\n");
        assert_true(
            hf_field_is_ours(hf_span_of(forged[i], (size_t)(strchr(forged[i], ':') - forged[i]))));
    }
    assert_false(hf_field_is_ours(hf_span_str("X-Forward")));
    assert_false(hf_field_is_ours(hf_span_str("Forwarded-For")));
    assert_false(hf_field_is_ours(hf_span_str("X-Request-Id")));
    assert_false(hf_field_is_ours(hf_span_str("Early")));
    assert_false(hf_field_is_ours(hf_span_str("X-Client")));
    assert_false(hf_field_is_ours(hf_span_str("X-Origin")));
    assert_false(hf_field_is_ours(hf_span_str("Remote")));
    assert_false(hf_field_is_ours(hf_span_str("X-HTTP-Method-Override")));
    assert_false(hf_field_is_ours(hf_span_str("")));
}

/* lighttpd makes "_" of whatever is no letter or digit of a name. */
static void test_ours_in_any_spelling(void **state)
{
    (void)state;
    for (const char *c = "!#$%&'*+-.^_`|~"; *c; c++) {
        char in[256];
        snprintf(
            in, sizeof in,
            "GET / HTTP/1.1\r\nHost: a.test\r\nX%cClient%cCert%cSubject: CN=root\r\nx%creal-ip: "
            "1\r\n\r\n",
            *c, *c, *c, *c);
        assert_request(in, &little, "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "\r\n");
    }
}

/* A field that Connection names is taken out; what we write is not, and what is for all is not (RFC 9110 7.6.1). */
static void test_named_by_connection(void **state)
{
    (void)state;
    assert_request(
        "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Cache-Control, X\r\nX: "
        "y\r\nCache-Control: no-store\r\n\r\n",
        &little,
        "GET / HTTP/1.1\r\nHost: a.test\r\nCache-Control: no-store\r\n" VIA OURS("a.test") "\r\n");
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: X-Forwarded-For, Forwarded, "
                   "Via\r\nVia: 1.1 x\r\n\r\n",
                   &little, "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "\r\n");
}

static void test_all_facts(void **state)
{
    hf_client_facts facts = {
        .address = "2001:db8::1",
        .port = 4711,
        .own_port = 8443,
        .server_name = "a.test",
        .version = "TLSv1.3",
        .suite = "TLS_AES_128_GCM_SHA256",
        .cert_subject = "CN=J\xc3\xb6rg 100%\r\nX-Admin: yes ",
        .cert_fingerprint = "00ff",
        .cert_sans = "DNS:a.test, DNS:b.test",
        .cert_verified = true,
    };

    (void)state;
    assert_request("GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", &facts,
                   "GET / HTTP/1.1\r\n"
                   "Host: [::1]:8443\r\n"
                   "Via: 1.1 handfast\r\n"
                   "X-Forwarded-For: 2001:db8::1\r\n"
                   "X-Forwarded-Proto: https\r\n"
                   "X-Forwarded-Host: [::1]:8443\r\n"
                   "X-Forwarded-Port: 8443\r\n"
                   "Forwarded: for=\"[2001:db8::1]:4711\";host=\"[::1]:8443\";proto=https\r\n"
                   "X-TLS-Version: TLSv1.3\r\n"
                   "X-TLS-Cipher: TLS_AES_128_GCM_SHA256\r\n"
                   "X-Client-Cert-Verified: yes\r\n"
                   "X-Client-Cert-Subject: CN=J%C3%B6rg 100%25%0D%0AX-Admin: yes%20\r\n"
                   "X-Client-Cert-Fingerprint: 00ff\r\n"
                   "X-Client-Cert-SANs: DNS:a.test, DNS:b.test\r\n\r\n");
}

static void test_nodes(void **state)
{
    static const struct {
        const char *address;
        uint16_t port;
        const char *node;
    } rows[] = {
        { "192.0.2.1", 0, "for=192.0.2.1;" },
        { "192.0.2.1", 4711, "for=\"192.0.2.1:4711\";" },
        { "2001:db8::1", 0, "for=\"[2001:db8::1]\";" },
        { NULL, 4711, "for=unknown;" },
    };
    static hf_head head;

    (void)state;
    read_head("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, &head);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hf_client_facts facts = { .address = rows[i].address, .port = rows[i].port };
        char out[ROOM];
        out[hf_request_rewrite(&head, &facts, out, sizeof out - 1)] = '\0';
        assert_non_null(strstr(out, rows[i].node));
        assert_int_equal(strstr(out, "X-Forwarded-For") != NULL, rows[i].address != NULL);
    }
}

/* RFC 8470 5.1: what a proxy before us said stays, as the only thing that it can mean. */
static void test_early(void **state)
{
    (void)state;
    assert_request("GET / HTTP/1.1\r\nHost: a.test\r\nEarly-Data: 0\r\nEarly-Data: x\r\n\r\n",
                   &little,
                   "GET / HTTP/1.1\r\nHost: a.test\r\n" VIA OURS("a.test") "Early-Data: 1\r\n\r\n");
}

static void test_targets(void **state)
{
    hf_client_facts facts = { .address = "192.0.2.1", .server_name = "site.test" };

    (void)state;
    assert_request("GET http://A.test:80/x?y HTTP/1.1\r\nHost: a.test\r\n\r\n", &little,
                   "GET /x?y HTTP/1.1\r\nHost: A.test:80\r\n" VIA OURS("A.test:80") "\r\n");
    assert_request(
        "OPTIONS http://a.test HTTP/1.1\r\nHost: a.test.\r\nMax-Forwards: 7\r\n\r\n", &little,
        "OPTIONS * HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 6\r\n" VIA OURS("a.test") "\r\n");
    assert_request(
        "OPTIONS * HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 99999999999999999999\r\n\r\n", &little,
        "OPTIONS * HTTP/1.1\r\nHost: a.test\r\nMax-Forwards: 99\r\n" VIA OURS("a.test") "\r\n");
    assert_request(
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &facts,
        "GET / HTTP/1.1\r\nHost: site.test\r\nVia: 1.0 handfast\r\n" OURS("site.test") "\r\n");
    assert_request("GET / HTTP/1.0\r\n\r\n", &little,
                   "GET / HTTP/1.1\r\nHost: \r\nVia: 1.0 handfast\r\n" FOR
                   "X-Forwarded-Host: \r\nForwarded: for=192.0.2.1;proto=https\r\n" VERIFIED
                   "\r\n");
}

/* ---- responses ---- */

#define GET  "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define HEAD "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n"
#define WS   "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define OLD  "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

static void assert_response(const char *request, const char *in, const hf_hsts *hsts, bool close,
                            const char *want)
{
    static hf_head asked, head;
    char out[ROOM];

    read_head(request, NULL, &asked);
    read_head(in, &asked, &head);
    hf_response_facts facts = { .close = close };
    if (hsts)
        facts.hsts = *hsts;
    size_t len = hf_response_rewrite(&head, &facts, out, sizeof out);
    assert_span(hf_span_of(out, len), want);
    for (size_t room = 0; room < len; room++)
        assert_int_equal(hf_response_rewrite(&head, &facts, out, room), 0);
}

static void test_responses(void **state)
{
    static const struct {
        const char *request, *in;
        bool close;
        const char *want;
    } rows[] = {
        { GET,
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a\r\nset-cookie: b\r\nKeep-Alive: "
          "5\r\n\r\n",
          false, "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 5\r\n\r\n" },
        { GET, "HTTP/1.0 200\r\nContent-Length: 5\r\nConnection: X\r\nX: y\r\n\r\n", true,
          "HTTP/1.1 200 \r\nContent-Length: 5\r\nConnection: close\r\n\r\n" },
        { GET, "HTTP/1.1 404 Not here\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false,
          "HTTP/1.1 404 Not here\r\nContent-Length: 0\r\n\r\n" },
        { GET, "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\nTrailer: X\r\n\r\n", false,
          "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { OLD, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n", false,
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
        { OLD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false,
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n" },
        { GET, "HTTP/1.1 200 OK\r\n\r\n", false, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
        { HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false,
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
        { HEAD, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
        { GET, "HTTP/1.1 304 Same\r\nContent-Length: 5\r\nETag: x\r\n\r\n", false,
          "HTTP/1.1 304 Same\r\nETag: x\r\nContent-Length: 5\r\n\r\n" },
        { GET, "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", false, "HTTP/1.1 204 No\r\n\r\n" },
        { GET, "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", true,
          "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" },
        { GET, "HTTP/1.1 200 OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\n",
          false, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" },
        { GET,
          "HTTP/1.1 426 No\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n",
          true,
          "HTTP/1.1 426 No\r\nContent-Length: 0\r\nUpgrade: TLS/1.0\r\nConnection: upgrade, "
          "close\r\n\r\n" },
        { WS,
          "HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: Upgrade\r\nSec-WebSocket-Accept: "
          "x\r\n\r\n",
          false,
          "HTTP/1.1 101 Go\r\nSec-WebSocket-Accept: x\r\nConnection: upgrade\r\nUpgrade: "
          "websocket\r\n\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_response(rows[i].request, rows[i].in, NULL, rows[i].close, rows[i].want);
}

#define OK0(field) "HTTP/1.1 200 OK\r\n" field "Content-Length: 0\r\n"

/* RFC 9110 6.6.1: who passes on a response without Date adds one; nobody corrects what the backend said. */
static void test_date(void **state)
{
    static const struct {
        const char *in;
        const char *want;
    } rows[] = {
        { "HTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n" },
        { "HTTP/1.1 204 No Content\r\ndate: then\r\n\r\n",
          "HTTP/1.1 204 No Content\r\ndate: then\r\n\r\n" },
        { "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n" },
    };
    hf_response_facts facts = { .now = 784111777 };
    static hf_head asked, head;
    char out[ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_head(GET, NULL, &asked);
        read_head(rows[i].in, &asked, &head);
        assert_span(hf_span_of(out, hf_response_rewrite(&head, &facts, out, sizeof out)),
                    rows[i].want);
    }
}

static void test_hsts(void **state)
{
    hf_hsts plain = { .on = true, .max_age = 31536000 }, off = { .max_age = 5 };
    hf_hsts all = {
        .on = true, .max_age = UINT64_MAX, .include_subdomains = true, .preload = true
    };

    (void)state;
    assert_response(GET, OK0("") "\r\n", &plain, false,
                    OK0("") "Strict-Transport-Security: max-age=31536000\r\n\r\n");
    assert_response(GET, OK0("") "\r\n", &all, false,
                    OK0("") "Strict-Transport-Security: max-age=18446744073709551615; "
                            "includeSubDomains; preload\r\n\r\n");
    assert_response(GET, OK0("") "\r\n", &off, false, OK0("") "\r\n");
    assert_response(GET, OK0("strict-transport-security: max-age=1\r\n") "\r\n", &all, false,
                    OK0("strict-transport-security: max-age=1\r\n") "\r\n");
    assert_response(
        GET,
        OK0("Strict-Transport-Security: max-age=1\r\n") "Connection: "
                                                        "Strict-Transport-Security\r\n\r\n",
        &all, false, OK0("Strict-Transport-Security: max-age=1\r\n") "\r\n");
    assert_response(GET, OK0("") "Connection: strict-transport-security\r\n\r\n", &plain, false,
                    OK0("") "Strict-Transport-Security: max-age=31536000\r\n\r\n");
    assert_response(GET, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", &all, false,
                    "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    assert_response(GET, "HTTP/1.1 100 Go\r\n\r\n", &all, false, "HTTP/1.1 100 Go\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_ours),
        cmocka_unit_test(test_ours_in_any_spelling),
        cmocka_unit_test(test_named_by_connection),
        cmocka_unit_test(test_all_facts),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_hsts),
    };

    return cmocka_run_group_tests_name("proxy's rewriting", tests, NULL, NULL);
}
