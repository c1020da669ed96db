/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Both ends in memory, without a socket: so a protocol is tested, and so TLS is put into anything that carries bytes. They know
 * each other by a key shared beforehand instead of certificates, so that not one file is needed.
 */
#include <stdio.h>
#include <string.h>

#include <handfast/handfast.h>

static const char identity[] = "device 1";

typedef struct end {
    const char *name;
    hf_conn *conn;
    uint8_t in[4096]; /* bytes of the other end: data that was not taken yet may lie here */
    bool connected, closed, failed;
} end;

/* A copy, because records are opened in place. What was not taken counts as not sent, and comes again. */
static bool carry(end *from, end *to)
{
    hf_span out = hf_conn_wire_out(from->conn);
    size_t n = out.len < sizeof to->in ? out.len : sizeof to->in;

    if (n == 0 || hf_conn_data_out(to->conn).len > 0)
        return false;
    memcpy(to->in, out.data, n);
    n = hf_conn_wire_in(to->conn, to->in, n);
    hf_conn_wire_sent(from->conn, n);
    return n > 0;
}

static bool take_events(end *e)
{
    hf_event event = hf_conn_next(e->conn);
    hf_span data = hf_conn_data_out(e->conn);

    if (data.len > 0)
        printf("%s read: %.*s\n", e->name, (int)data.len, (const char *)data.data);
    hf_conn_data_taken(e->conn, data.len);
    e->connected = e->connected || event == HF_EVENT_CONNECTED;
    e->closed = e->closed || event == HF_EVENT_PEER_CLOSED;
    if (event == HF_EVENT_FAILED) {
        char text[512];
        e->failed = true;
        fprintf(stderr, "%s\n", hf_failure_text(hf_conn_failure(e->conn), text, sizeof text));
    }
    return event != HF_EVENT_NONE || data.len > 0;
}

/* Until nothing moves any more: then both ends wait for the application. */
static void settle(end *a, end *b)
{
    bool moved = true;

    while (moved) {
        moved = take_events(a);
        moved = take_events(b) || moved;
        moved = carry(a, b) || moved;
        moved = carry(b, a) || moved;
    }
}

/* A few bytes fit always; a program that sends more goes on when HF_WANT_CAN_SEND is there again. */
static void say(end *e, const char *words)
{
    hf_iovec part = { words, strlen(words) };

    if (hf_conn_data_in(e->conn, &part, 1) != part.len)
        fprintf(stderr, "%s could not send\n", e->name);
}

static bool talk(end *client, end *server)
{
    settle(client, server);
    if (!client->connected || !server->connected)
        return false;
    printf("connected with %s, %s\n",
           hf_code_name(HF_SUITES, hf_conn_info_of(client->conn)->cipher_suite),
           hf_conn_info_of(client->conn)->psk_used ? "by a shared key" : "by a certificate");
    say(client, "hello");
    settle(client, server);
    say(server, "hello yourself");
    hf_conn_close_write(server->conn);
    hf_conn_close_write(client->conn);
    settle(client, server);
    return client->closed && server->closed && !client->failed && !server->failed;
}

/* Each role has a set of its own: one set in both would let an end be talked to by itself (RFC 9257 4.1). */
static hf_config *make_config(hf_role role, hf_span key)
{
    hf_config *config = hf_config_new(role, hf_policy_named("default"));
    hf_psks *psks = hf_psks_new();
    hf_span name = { (const uint8_t *)identity, sizeof identity - 1 };
    hf_error e = config && psks ? hf_psks_add(psks, name, key) : HF_E_NO_MEMORY;

    if (e == HF_OK)
        e = hf_config_set_psks(config, psks);
    if (e == HF_OK)
        e = hf_config_seal(config);
    hf_psks_free(psks); /* the config has a reference of its own */
    if (e == HF_OK)
        return config;
    fprintf(stderr, "%s\n", hf_error_row_of(e)->sentence);
    hf_config_free(config);
    return NULL;
}

/* A key is random bytes, never a password, and each pair of ends has its own. */
static bool make_key(uint8_t *key, size_t len)
{
    FILE *random = fopen("/dev/urandom", "rb");
    bool good = random && fread(key, 1, len, random) == len;

    if (random)
        fclose(random);
    return good;
}

/* A memset before the end of a function may be left out by the compiler; this may not. */
static void wipe(volatile uint8_t *key, size_t len)
{
    while (len > 0)
        key[--len] = 0;
}

int main(void)
{
    static end client = { "client", NULL, { 0 }, false, false, false };
    static end server = { "server", NULL, { 0 }, false, false, false };
    uint8_t bytes[32];
    hf_span key = { bytes, sizeof bytes };
    bool good = false;

    if (!make_key(bytes, sizeof bytes)) {
        perror("/dev/urandom");
        return 1;
    }
    hf_config *ours = make_config(HF_CLIENT, key), *theirs = make_config(HF_SERVER, key);
    wipe(bytes, sizeof bytes);           /* the configs have copies, and wipe them in time */
    hf_worker *worker = hf_worker_new(); /* one a thread, whatever runs on it */
    if (ours && theirs && worker) {
        client.conn = hf_conn_new(ours, worker, NULL);
        server.conn = hf_conn_new(theirs, worker, NULL);
    }
    if (client.conn && server.conn)
        good = talk(&client, &server);
    hf_conn_free(client.conn);
    hf_conn_free(server.conn);
    hf_worker_free(worker);
    hf_config_free(ours);
    hf_config_free(theirs);
    return good ? 0 : 1;
}
