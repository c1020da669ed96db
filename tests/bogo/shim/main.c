/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The shim as a process: BoringSSL's test runner starts it for each test and talks TLS with it over a socket. Exit codes are in
 * options.h. The last line on stderr is always the runner's delimiter.
 */
#include "shim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A crash must never look like an expected failure of the protocol. */
static void crashed(int number)
{
    (void)number;
    _exit(SHIM_CRASHED);
}

static void catch_crashes(void)
{
    static const int signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], crashed);
    signal(SIGPIPE, SIG_IGN);
}

static int fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return SHIM_FAILED;
}

static int connection(shim *s, int number)
{
    static visit v; /* large */
    int code;

    memset(&v, 0, sizeof v);
    v.shim = s;
    v.number = number;
    v.options = &s->options[number == 0 ? SHIM_INITIAL : SHIM_RESUME];
    v.last_message = -1;
    if (number > 0 && !v.options->server && s->session_len == 0)
        return fail("there is no session to offer");
    code = drive(&v);
    if (v.session_len > 0)
        memcpy(s->session, v.session, v.session_len);
    s->session_len = v.session_len;
    s->clock += v.options->resumption_delay;
    return code;
}

static int connections(const options *o)
{
    static shim s;
    int code = SHIM_OK;

    s.options = o;
    s.worker = hf_worker_new();
    if (!s.worker)
        return fail("no worker");
    for (int i = 0; i <= o[SHIM_INITIAL].resume_count && code == SHIM_OK && !s.refused; i++)
        code = connection(&s, i);
    settings_forget(&s);
    hf_worker_free(s.worker);
    return code;
}

static int run(char **argv)
{
    static options all[SHIM_CONFIGS];
    int code = options_parse(argv, all);

    if (code == SHIM_OK && all[SHIM_INITIAL].is_handshaker_supported)
        puts("No");
    else if (code == SHIM_OK)
        code = connections(all);
    options_free(all);
    return code;
}

int main(int argc, char **argv)
{
    int code;

    catch_crashes();
    code = run(argv + (argc > 0));
    fputs("--- DONE ---\n", stderr);
    return code;
}
