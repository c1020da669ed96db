/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast proxy reload` and `proxy status`: a question to a proxy that runs, over the socket that its configuration names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/proxy/config.h"
#include "tool/proxy/control.h"
#include "tool/proxy/status.h"
#include "tool/proxy_file.h"
#include "tool/say.h"

enum { PATH_ROOM = 4096, STANDARD_FAILURES = 20, STATUS_MS = 5000 };

/* ---- reaching it ---- */

static int cannot_read(const char *file, int why)
{
    hf_error_what("cannot read the configuration");
    hf_error_why("%s: %s", file, why ? strerror(why) : "it is too long");
    hf_error_next("give the file that the proxy was started with: handfast proxy status FILE");
    return HF_EXIT_USAGE;
}

static int no_control(const char *file)
{
    hf_error_what("the configuration names no control socket");
    hf_error_why("%s has no control:, so a proxy that runs can only be told by a signal", file);
    hf_error_next(
        "write control: /run/handfast/proxy.sock and start the proxy anew; a reload is also:");
    hf_error_command("systemctl kill -s HUP --kill-whom=main handfast-proxy   # or: kill -HUP of "
                     "its first process");
    return HF_EXIT_USAGE;
}

/* Of a file that is bad by now, perhaps because somebody is editing it: the line that begins with control:, if there is one. */
static bool find_line(hf_span bytes, char value[PATH_ROOM])
{
    static const char key[] = "\ncontrol:";
    const char *text = (const char *)bytes.data, *at = strstr(text, key);

    at = strncmp(text, key + 1, sizeof key - 2) == 0 ? text + sizeof key - 2
         : at                                        ? at + sizeof key - 1
                                                     : NULL;
    if (!at)
        return false;
    at += strspn(at, " \"'");
    size_t len = strcspn(at, "\"'#\r\n");
    while (len > 0 && at[len - 1] == ' ')
        len--;
    if (len == 0 || len >= PATH_ROOM)
        return false;
    memcpy(value, at, len);
    value[len] = '\0';
    return true;
}

/* The fault stays for who asks: a proxy that reloads tells it in its own words. */
static int from_bad_file(hf_span bytes, const char *file, const hf_config_fault *fault,
                         char path[PATH_ROOM])
{
    hf_proxy_config place = { .file = (char *)(uintptr_t)file };
    char value[PATH_ROOM];

    if (!find_line(bytes, value)) {
        hf_config_fault_say(fault);
        return HF_EXIT_USAGE;
    }
    hf_proxy_path(&place, value, path, PATH_ROOM);
    return HF_EXIT_OK;
}

static int from_config(const hf_proxy_config *config, const char *file, char path[PATH_ROOM])
{
    if (!config->control.text)
        return no_control(file);
    hf_proxy_path(config, config->control.text, path, PATH_ROOM);
    return HF_EXIT_OK;
}

/* Only the socket's path is wanted of the file: what else stands in it is the running proxy's to judge. */
static int find_socket(const char *file, char path[PATH_ROOM], hf_config_fault *fault)
{
    hf_proxy_config *config;
    uint8_t *bytes, *text;
    size_t len;

    errno = 0;
    if (hf_os_read_file(file, HF_PROXY_FILE_MAX, &bytes, &len) != HF_OK)
        return cannot_read(file, errno);
    text = hf_copy(hf_span_of(bytes, len)); /* with a NUL behind it */
    hf_os_free(bytes, len);
    if (!text)
        return cannot_read(file, ENOMEM);
    bool good = hf_proxy_config_read(hf_span_of(text, len), file, &config, fault);
    int status = good ? from_config(config, file, path)
                      : from_bad_file(hf_span_of(text, len), file, fault, path);
    hf_proxy_config_free(config);
    hf_free(text);
    return status;
}

static int cannot_ask(const char *path, int why)
{
    hf_error_what("the proxy does not answer");
    if (why == EAGAIN) {
        hf_error_why("%s: it takes connections there, but said nothing for a while", path);
        hf_error_next("it is stuck or was stopped: its process and its log say more");
        return HF_EXIT_UNREACHABLE;
    }
    hf_error_why("%s: %s", path,
                 why == ENOENT         ? "there is no such file"
                 : why == ECONNREFUSED ? "nobody listens there"
                                       : strerror(why));
    if (why == EACCES || why == EPERM)
        hf_error_next("ask as the user that runs it, or as root");
    else
        hf_error_next("does it run with this file? if so, kill -HUP of its first process makes the "
                      "socket anew, also where control: was changed since");
    return HF_EXIT_UNREACHABLE;
}

/* fault->what: of the file, if that is bad by now. */
static int ask(const char *given, const char *line, json_t **answer, hf_config_fault *fault)
{
    const char *file = hf_proxy_file(given), *wrong;
    char path[PATH_ROOM];
    int status;

    memset(fault, 0, sizeof *fault);
    status = find_socket(file, path, fault);

    *answer = NULL;
    if (status != HF_EXIT_OK)
        return status;
    *answer =
        hf_control_ask(path, line, strcmp(line, "reload") == 0 ? HF_CONTROL_ANSWER_MS : STATUS_MS);
    if (!*answer)
        return cannot_ask(path, errno ? errno : EPROTO);
    wrong = json_string_value(json_object_get(*answer, "error"));
    if (!wrong)
        return HF_EXIT_OK;
    hf_error_what("the proxy cannot do it");
    hf_error_why("%s", wrong);
    hf_error_next("ask again later");
    json_decref(*answer);
    *answer = NULL;
    return HF_EXIT_UNREACHABLE;
}

static void warn_of_file(const hf_config_fault *fault)
{
    if (fault->what[0])
        hf_warn("%s:%u:%u: %s", fault->file, fault->at.line, fault->at.column, fault->what);
}

static int print_json(json_t *answer, int status)
{
    char *text = json_dumps(answer, JSON_INDENT(2));

    if (text)
        hf_out_bytes(hf_span_str(text));
    hf_out("\n");
    free(text);
    json_decref(answer);
    return text ? status : HF_EXIT_IO;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* ---- reload ---- */

static int say_refused(const json_t *fault)
{
    json_int_t line = json_integer_value(json_object_get(fault, "line"));

    hf_error_what("not reloaded, nothing has changed: %s", text_at(fault, "what"));
    if (line > 0)
        hf_error_why("%s:%lld:%lld: %s", text_at(fault, "file"), (long long)line,
                     (long long)json_integer_value(json_object_get(fault, "column")),
                     text_at(fault, "why"));
    else
        hf_error_why("%s", text_at(fault, "why"));
    hf_error_next("%s", text_at(fault, "next"));
    return HF_EXIT_USAGE;
}

static void say_lines(const json_t *list, const char *before)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) hf_out_lines("  %s%s\n", before, json_string_value(item));
}

/* How many are not as configured. */
static size_t say_sites(const json_t *sites)
{
    const json_t *site;
    size_t i, bad = 0;

    json_array_foreach(sites, i, site)
    {
        bool good = strcmp(text_at(site, "health"), "good") == 0;
        bad += !good;
        hf_out("  %-30s %s%s" HF_PLAIN "\n", text_at(site, "site"), good ? HF_GREEN : HF_RED,
               text_at(site, "health"));
        if (!good) {
            hf_out_lines("    why:  %s\n", text_at(site, "why"));
            hf_out_lines("    next: %s\n", text_at(site, "next"));
        }
        if (*text_at(site, "no_backend"))
            hf_out_lines("    " HF_RED "no backend" HF_PLAIN ": %s\n", text_at(site, "no_backend"));
    }
    return bad;
}

static bool is_done(const json_t *answer)
{
    return strcmp(text_at(answer, "result"), "done") == 0;
}

static int reload_status(const json_t *answer)
{
    const json_t *sites = json_object_get(answer, "sites"), *site;
    size_t i;

    if (!is_done(answer))
        return HF_EXIT_USAGE;
    json_array_foreach(sites, i, site) if (strcmp(text_at(site, "health"), "good") !=
                                           0) return HF_EXIT_FINDING;
    return HF_EXIT_OK;
}

static int say_reload(const json_t *answer)
{
    if (!is_done(answer))
        return say_refused(json_object_get(answer, "fault"));
    const json_t *changes = json_object_get(answer, "changes");
    hf_out(HF_GREEN "reloaded" HF_PLAIN "%s\n",
           json_array_size(changes) > 0 ? ":" : ": nothing is different");
    say_lines(changes, "");
    say_lines(json_object_get(answer, "warnings"), "warning: ");
    hf_out("sites:\n");
    return say_sites(json_object_get(answer, "sites")) > 0 ? HF_EXIT_FINDING : HF_EXIT_OK;
}

int hf_cmd_proxy_reload(const hf_proxy_reload_options *options)
{
    hf_config_fault fault;
    json_t *answer;
    int status = ask(options->file, "reload", &answer, &fault);

    if (status != HF_EXIT_OK)
        return status;
    if (is_done(answer)) /* of another file, then; a refusal names the fault itself */
        warn_of_file(&fault);
    if (options->json)
        return print_json(answer, reload_status(answer));
    status = say_reload(answer);
    json_decref(answer);
    return status;
}

/* ---- status ---- */

static int read_count(const char *text, unsigned long *n)
{
    char why[128];
    bool digits = strlen(text) <= 3 && text[strspn(text, "0123456789")] == '\0';

    *n = *text && digits ? strtoul(text, NULL, 10) : *text ? 0 : STANDARD_FAILURES;
    if (*n >= 1 && *n <= HF_RING_MAX)
        return HF_EXIT_OK;
    snprintf(why, sizeof why, "--failures=%.40s: it goes from 1 to %d", text, HF_RING_MAX);
    return hf_misuse("--failures takes how many failures to show", why,
                     "write: handfast proxy status --failures=20");
}

/* The summary, and sites that are not as configured. */
static const char *colour_of(const char *line, size_t number)
{
    static const char *const bad[] = { ": UNAVAILABLE;", ": EXPIRED,", ": KEPT,",
                                       ": WITHOUT A BACKEND," };

    if (number == 1)
        return strncmp(line, "all is well", 11) == 0 ? HF_GREEN : HF_RED;
    for (size_t i = 0; strncmp(line, "  ", 2) == 0 && line[2] != ' ' && i < 4; i++)
        if (strstr(line, bad[i]))
            return HF_RED;
    return "";
}

/* A command to paste stays in one line. */
static void print_line(const char *line, const char *colour)
{
    if (strstr(line, "handfast explain /"))
        hf_out("%s\n", line);
    else
        hf_out_lines("%s%s%s\n", colour, line, *colour ? HF_PLAIN : "");
}

static int print_words(const json_t *of, bool (*words)(const json_t *, hf_text *), bool is_status)
{
    hf_text text = hf_text_new(HF_STATUS_TEXT_MAX);
    bool good = words(of, &text);
    size_t number = 0;

    for (char *line = good ? text.data : NULL, *end; line && *line; line = end, number++) {
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = '\0';
        print_line(line, is_status ? colour_of(line, number) : "");
    }
    hf_text_free(&text);
    return good ? HF_EXIT_OK : hf_complain_row(HF_E_NO_MEMORY, "cannot show it", "answer");
}

/* As check and reload: a site that is not as configured is a finding. */
static int status_of(const json_t *answer)
{
    const json_t *site;
    size_t i;

    json_array_foreach(json_object_get(answer, "sites"), i,
                       site) if (strcmp(text_at(site, "health"), "good") !=
                                 0) return HF_EXIT_FINDING;
    return HF_EXIT_OK;
}

int hf_cmd_proxy_status(const hf_proxy_status_options *options)
{
    char line[64] = "status";
    unsigned long n;
    hf_config_fault fault;
    json_t *answer;
    int status = options->failures ? read_count(options->failures, &n) : HF_EXIT_OK;

    if (options->failures && status == HF_EXIT_OK)
        snprintf(line, sizeof line, "failures %lu", n);
    if (status == HF_EXIT_OK)
        status = ask(options->file, line, &answer, &fault);
    if (status != HF_EXIT_OK)
        return status;
    warn_of_file(&fault);
    int finding = options->failures ? HF_EXIT_OK : status_of(answer);
    if (options->json)
        return print_json(answer, finding);
    status = options->failures
                 ? print_words(json_object_get(answer, "failures"), hf_failures_words, false)
                 : print_words(answer, hf_status_words, true);
    json_decref(answer);
    return status == HF_EXIT_OK ? finding : status;
}
