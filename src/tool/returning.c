/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "tool/returning.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/misuse.h"
#include "tool/say.h"
#include "tool/serve_log.h"
#include "tool/ticket_file.h"

enum { DAY = 86400, EARLY_BYTES = 16384, EARLY_MAX = 1048576 };

typedef hf_returning returning;

/* ---- options ---- */

static bool was_given(const hf_serve_options *o, const char *option)
{
    return hf_option_given(hf_command_named("serve"), o, option);
}

static bool has_tickets(const hf_serve_options *o)
{
    return strcmp(o->tickets, "on") == 0;
}

/* 0: it is no number in that range. */
static uint32_t bytes_of(const char *word)
{
    size_t digits = strspn(word, "0123456789");
    unsigned long value = digits > 0 && digits < 10 ? strtoul(word, NULL, 10) : 0;

    return word[digits] == '\0' && value <= EARLY_MAX ? (uint32_t)value : 0;
}

uint32_t hf_returning_early_bytes(const hf_serve_options *o)
{
    return !o->early_data ? 0 : *o->early_data ? bytes_of(o->early_data) : EARLY_BYTES;
}

static int refuse_bytes(const char *word)
{
    hf_error_what("the value of --early-data is not allowed: %.200s", word);
    hf_error_why("--early-data takes a number of bytes, 1 to 1048576");
    hf_error_next("write: --early-data, or --early-data 4096");
    return HF_EXIT_USAGE;
}

static int check_early_data(const hf_serve_options *o)
{
    hf_policy policy;

    if (!o->early_data)
        return HF_EXIT_OK;
    if (hf_returning_early_bytes(o) == 0)
        return refuse_bytes(o->early_data);
    if (!has_tickets(o))
        return hf_misuse("--early-data needs tickets", "--tickets off hands out none",
                         "leave one of the two out");
    int status = hf_protocol_policy(&o->protocol, &policy);
    if (status != HF_EXIT_OK)
        return status;
    if (policy.max_version != HF_TLS13)
        return hf_misuse("--early-data needs TLS 1.3", "TLS 1.2 has no 0-RTT",
                         "leave --early-data out, or let TLS 1.3 be spoken");
    if (o->ticket_keys && !hf_is_psk_only(o))
        hf_warn("--ticket-keys switches 0-RTT off: servers that share keys could each accept the "
                "same early data; --early-data has no effect");
    return HF_EXIT_OK;
}

static int check_options(const hf_serve_options *o)
{
    bool rotation = was_given(o, "ticket-rotation");

    if (o->ticket_keys && !has_tickets(o))
        return hf_misuse("--ticket-keys needs tickets", "--tickets off hands out none",
                         "leave one of the two out");
    if (rotation && !has_tickets(o))
        return hf_misuse("--ticket-rotation needs tickets", "--tickets off hands out none",
                         "leave one of the two out");
    if (rotation && o->ticket_keys)
        return hf_misuse("--ticket-rotation and --ticket-keys exclude each other",
                         "keys from a file are replaced by changing the file",
                         "leave --ticket-rotation out");
    return check_early_data(o);
}

/* ---- telling ---- */

static json_t *event_of(const char *change)
{
    return json_pack("{s:s s:o s:s}", "event", "ticket_keys", "time", hf_json_now(), "change",
                     change);
}

static void tell_read(const returning *r, size_t n)
{
    char now[HF_CLOCK_ROOM];

    if (r->json) {
        json_t *object = event_of("read");
        json_object_set_new(object, "file", hf_json_text(r->file));
        json_object_set_new(object, "keys", json_integer((json_int_t)n));
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    hf_note_lines("%s  ticket keys: read %s again, %zu key%s; the first one seals\n", now, r->file,
                  n, n == 1 ? "" : "s");
}

static void tell_kept(const returning *r)
{
    char now[HF_CLOCK_ROOM];

    if (r->json) {
        json_t *object = event_of("kept");
        json_object_set_new(object, "file", hf_json_text(r->file));
        json_object_set_new(object, "reason", hf_json_text(hf_error_last_why()));
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    hf_note_lines("%s  ticket keys: those from before stay in use\n", now);
}

static void tell_rotated(const returning *r)
{
    char now[HF_CLOCK_ROOM];

    if (r->json) {
        hf_json_print(event_of("rotated"), false);
        return;
    }
    hf_clock_text(now);
    hf_note_lines("%s  ticket keys: a new one seals; the one before it still opens tickets, those "
                  "before that are forgotten\n",
                  now);
}

/* ---- changes ---- */

static int set_keys(returning *r, size_t *n)
{
    hf_ticket_file keys;
    hf_file_watch_note(&r->watch, r->file);
    int status = hf_ticket_file_read(&keys, r->file);

    *n = keys.n;
    if (status == HF_EXIT_OK) {
        hf_error e =
            hf_sessions_set_keys(r->sessions, (const uint8_t(*)[HF_TICKET_KEY])keys.keys, keys.n);
        if (e != HF_OK)
            status = hf_complain_row(e, "cannot use the ticket keys", r->file);
    }
    hf_wipe(&keys, sizeof keys);
    return status;
}

static void read_again(returning *r)
{
    size_t n;

    if (set_keys(r, &n) == HF_EXIT_OK)
        tell_read(r, n);
    else
        tell_kept(r);
}

static void rotate(returning *r)
{
    bool other_keys = r->psks && r->psks->file;
    hf_error e = r->tickets ? hf_sessions_rotate(r->sessions) : HF_OK;

    if (!r->tickets && other_keys)
        return; /* of those it was said what became of them */
    if (!r->tickets)
        hf_note_lines("SIGHUP: no tickets are handed out, so there is nothing to renew\n");
    else if (e != HF_OK)
        hf_complain_row(e, "the ticket key could not be renewed", "SIGHUP");
    else
        tell_rotated(r);
}

/* The process's own terminal, if it has one. */
static bool has_terminal(void)
{
    int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The signal has two meanings: somebody asks for it, or the window was closed. */
static void on_hangup(uv_signal_t *handle, int number)
{
    returning *r = handle->data;

    (void)number;
    if (r->terminal && !has_terminal()) {
        r->hung_up(r->user);
        return;
    }
    if (r->psks)
        hf_shared_keys_again(r->psks);
    if (r->file)
        read_again(r);
    else
        rotate(r);
}

static void on_change(void *user)
{
    read_again(user);
}

/* ---- from the start to the end ---- */

/* Not given: the lifetime, up to a day. */
static uint32_t rotation_of(const hf_serve_options *o)
{
    long wish = was_given(o, "ticket-rotation") ? o->ticket_rotation : DAY;

    return (uint32_t)(wish < o->ticket_lifetime ? wish : o->ticket_lifetime);
}

static void warn_of_rotation(const hf_serve_options *o)
{
    if (was_given(o, "ticket-rotation") && o->ticket_rotation > o->ticket_lifetime)
        hf_warn("--ticket-rotation %ld: ticket keys are replaced every %ld s all the same, the "
                "lifetime of a session (--ticket-lifetime)",
                o->ticket_rotation, o->ticket_lifetime);
}

/* Who has a key gets no session: it would save nothing. */
static void warn_of_no_effect(const hf_serve_options *o)
{
    static const char *const options[] = { "early-data",      "ticket-keys",     "session-cache",
                                           "ticket-lifetime", "ticket-rotation", "tickets" };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (was_given(o, options[i]))
            hf_warn("--%s has no effect: a server of pre-shared keys alone keeps no sessions",
                    options[i]);
}

int hf_returning_prepare(returning *r, const hf_serve_options *o)
{
    int status = check_options(o);
    size_t n;

    *r = (returning){ .json = o->json };
    if (status == HF_EXIT_OK && hf_is_psk_only(o))
        warn_of_no_effect(o);
    if (status != HF_EXIT_OK || hf_is_psk_only(o))
        return status;
    warn_of_rotation(o);
    r->file = o->ticket_keys;
    r->tickets = has_tickets(o);
    if (!r->tickets && o->session_cache == 0)
        return HF_EXIT_OK;
    r->sessions = hf_sessions_new(&(hf_sessions_options){ .tickets = r->tickets,
                                                          .entries = (size_t)o->session_cache,
                                                          .lifetime = (uint32_t)o->ticket_lifetime,
                                                          .rotation = rotation_of(o) });
    if (!r->sessions)
        return hf_complain_row(HF_E_NO_MEMORY, "sessions cannot be kept",
                               "--session-cache, --tickets");
    return r->file ? set_keys(r, &n) : HF_EXIT_OK;
}

/* nohup says that the terminal does not matter. */
static bool is_ignored(int number)
{
    struct sigaction before;

    return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

void hf_returning_watch(returning *r, uv_loop_t *loop)
{
    r->terminal = has_terminal() && !is_ignored(SIGHUP);
    uv_signal_init(loop, &r->hangup);
    r->hangup.data = r;
    uv_signal_start(&r->hangup, on_hangup, SIGHUP);
    if (r->file)
        hf_file_watch_start(&r->watch, loop, on_change, r);
    r->watching = true;
}

void hf_returning_unwatch(returning *r)
{
    if (!r->watching)
        return;
    r->watching = false;
    uv_close((uv_handle_t *)&r->hangup, NULL);
    hf_file_watch_stop(&r->watch);
}

void hf_returning_free(returning *r)
{
    hf_sessions_free(r->sessions);
    r->sessions = NULL;
}
