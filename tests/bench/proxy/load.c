/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 *     bench_proxy_load MODE OPTION=VALUE...
 *
 * MODE: new, resumed, keepalive, idle, rate, slow. The process says "ready" ("open": slow), goes on at a line on stdin, and prints its
 * result as one line of JSON. Connections that are still open then (keepalive) close when stdin ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

load here = { .sources = 64, .at_once = 64, .connections = 1000, .rate = 200, .run_ms = 5000 };

typedef struct mode {
    const char *name;
    void (*run)(void);
} mode;

static const mode modes[] = {
    { "new", run_new },   { "resumed", run_new }, { "keepalive", run_keepalive },
    { "idle", run_idle }, { "rate", run_rate },   { "slow", run_slow }
};

static hf_config *client_config(void)
{
    hf_policy policy = *hf_policy_named("default");
    hf_config *config;

    memset(policy.suites, 0, sizeof policy.suites);
    memset(policy.groups, 0, sizeof policy.groups);
    memset(policy.key_shares, 0, sizeof policy.key_shares);
    policy.min_version = policy.max_version = HF_TLS13;
    policy.suites[0] = hf_code(HF_SUITES, "TLS_AES_128_GCM_SHA256");
    policy.groups[0] = policy.key_shares[0] = hf_code(HF_GROUPS, "x25519");
    config = hf_config_new(HF_CLIENT, &policy);
    if (!config || hf_config_set(config, HF_SET_EXTERNAL_VERIFY, 1) != HF_OK ||
        hf_config_set(config, HF_SET_HANDSHAKE_TIMEOUT, 0) != HF_OK ||
        hf_config_seal(config) != HF_OK)
        die("config");
    return config;
}

static void bad(const char *what)
{
    fprintf(stderr,
            "load: %s\n"
            "usage: bench_proxy_load new|resumed|keepalive|idle|rate|slow port=N [path=/] "
            "[body=BYTES] [at-once=N]\n"
            "    [connections=N] [rate=N] [ms=N] [sources=N] [silent=1] [again=1]\n",
            what);
    exit(2);
}

static const char *path = "/";

static bool number_option(const char *name, size_t len, uint64_t value)
{
    const struct {
        const char *name;
        uint64_t *at;
    } numbers[] = { { "port", &here.port },       { "body", &here.body },
                    { "at-once", &here.at_once }, { "connections", &here.connections },
                    { "rate", &here.rate },       { "ms", &here.run_ms },
                    { "sources", &here.sources }, { "silent", &here.silent },
                    { "again", &here.again } };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strlen(numbers[i].name) == len && memcmp(numbers[i].name, name, len) == 0)
            return *numbers[i].at = value, true;
    return false;
}

static void option(const char *word)
{
    const char *value = strchr(word, '=');

    if (!value)
        bad(word);
    if (strncmp(word, "path=", 5) == 0)
        path = value + 1;
    else if (!number_option(word, (size_t)(value - word), strtoull(value + 1, NULL, 10)))
        bad(word);
}

static const mode *mode_of(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    bad(name);
    return NULL;
}

static void print_seen(void)
{
    const unsigned long long n[] = { saw.connected, saw.answered, saw.resumed, saw.tickets,
                                     saw.wrong };

    fprintf(here.out,
            ", \"connected\": %llu, \"answered\": %llu, \"resumed\": %llu, \"tickets\": %llu, "
            "\"wrong\": %llu",
            n[0], n[1], n[2], n[3], n[4]);
    fprintf(here.out, ", \"version\": %u, \"suite\": %u, \"group\": %u, \"why\": \"", saw.version,
            saw.suite, saw.group);
    for (const char *at = saw.why; *at; at++)
        fputc(*at < ' ' || *at == '"' || *at == '\\' || *at > '~' ? ' ' : *at, here.out);
    fputs("\"}\n", here.out);
}

static void run(const mode *m)
{
    char *text = NULL;
    size_t len = 0;

    here.out = open_memstream(&text, &len);
    if (!here.out)
        die("memory");
    fprintf(here.out, "{\"mode\": \"%s\"", m->name);
    m->run();
    print_seen();
    fclose(here.out);
    fputs(text, stdout);
    fflush(stdout);
    free(text);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        bad("no mode");
    const mode *chosen = mode_of(argv[1]);
    here.to.sin_family = AF_INET;
    here.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here.resumes = strcmp(chosen->name, "resumed") == 0;
    for (int i = 2; i < argc; i++)
        option(argv[i]);
    here.to.sin_port = htons((uint16_t)here.port);
    if (here.port == 0 || here.sources == 0)
        bad("no port, or no sources");
    bool last = chosen->run == run_new; /* the server is told to close */
    snprintf(here.request, sizeof here.request,
             "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load\r\nAccept: */*\r\n%s\r\n",
             path, last ? "Connection: close\r\n" : "");
    here.config = client_config();
    here.worker = hf_worker_new();
    loop_start();
    run(chosen);
    while (!here.stop_told)
        loop_turn(-1);
    return 0;
}
