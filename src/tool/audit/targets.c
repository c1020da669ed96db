/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading targets. A mistake in a list is told with its line, before anybody is asked anything. */
#include "tool/audit/targets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/say.h"

enum { HTTPS_PORT = 443, FILE_MAX = 4 << 20, LINE_ROOM = 4096 };

/* Where a target stands: on the command line (line 0) or in a file. */
typedef struct place {
    const char *file;
    unsigned line;
} place;

/* ---- one target ---- */

static int wrong_target(const char *text, const char *wrong, const place *at)
{
    hf_error_what("%s", wrong);
    if (at->line > 0)
        hf_error_why("%s, line %u: \"%.200s\"", at->file, at->line, text);
    else
        hf_error_why("the target \"%.200s\"", text);
    hf_error_next("give HOST, HOST:PORT, [::1]:PORT or https://HOST/PATH");
    return HF_EXIT_USAGE;
}

static bool is_address(const char *name)
{
    uint8_t bytes[16];

    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static int set_name(const hf_audit_options *o, hf_audit_job *job)
{
    const char *wrong = hf_target_name(o->servername ? o->servername : job->target.host, job->name);

    if (wrong && o->servername) {
        hf_error_what("%s", wrong);
        hf_error_why("--servername \"%s\"", o->servername);
        hf_error_next("give a name or an address: --servername www.example.org");
        return HF_EXIT_USAGE;
    }
    job->name[strcspn(job->name, "%")] = '\0'; /* an IPv6 zone is ours alone */
    job->send_name = !is_address(job->name);
    return HF_EXIT_OK;
}

static int check_family(const hf_audit_options *o, const hf_target *t)
{
    const char *option = o->ipv4 ? "-4" : "-6";

    if (!t->is_address || !(t->is_ipv6 ? o->ipv4 : o->ipv6))
        return HF_EXIT_OK;
    hf_error_what("%s and the address exclude each other", option);
    hf_error_why("%s is an IPv%c address, and %s allows none", t->host, t->is_ipv6 ? '6' : '4',
                 option);
    hf_error_next("leave %s out, or give a name", option);
    return HF_EXIT_USAGE;
}

/* ::1 and 0::1 are one address: from here on all have it by one spelling, with the zone as it was. */
static void spell(hf_target *t)
{
    char zone[HF_HOST_MAX], text[INET6_ADDRSTRLEN];
    size_t len = strcspn(t->host, "%");
    uint8_t bytes[16];

    snprintf(zone, sizeof zone, "%s", t->host + len);
    t->host[len] = '\0';
    if (inet_pton(AF_INET6, t->host, bytes) == 1 && inet_ntop(AF_INET6, bytes, text, sizeof text))
        snprintf(t->host, sizeof t->host, "%s", text);
    len = strlen(t->host);
    snprintf(t->host + len, sizeof t->host - len, "%s", zone);
    memcpy(t->shown, t->host, sizeof t->shown);
}

static int read_target(const hf_audit_options *o, const char *text, const place *at,
                       hf_audit_job *job)
{
    uint16_t port = o->starttls ? hf_starttls_script_of(o->starttls)->port : HTTPS_PORT;
    const char *wrong = hf_target_parse(text, port, &job->target);

    if (!wrong && o->starttls && strstr(text, "://"))
        wrong = "--starttls and a URL exclude each other";
    if (wrong)
        return wrong_target(text, wrong, at);
    if (job->target.is_ipv6)
        spell(&job->target);
    wrong = hf_target_resolve(&job->target, o->resolve.at, o->resolve.n, &job->address);
    if (wrong)
        return hf_misuse(wrong, o->resolve.at[0], "write: --resolve example.org:443:127.0.0.1");
    job->starttls = o->starttls ? hf_starttls_script_of(o->starttls) : NULL;
    int status = set_name(o, job);
    return status == HF_EXIT_OK ? check_family(o, &job->target) : status;
}

/* ---- the list ---- */

/* DNS does not know capitals; the root's dot is gone already. */
static bool is_there(const hf_audit_list *list, const hf_target *target)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->jobs[i].target.port == target->port &&
            strcasecmp(list->jobs[i].target.host, target->host) == 0)
            return true;
    return false;
}

static bool make_room(hf_audit_list *list)
{
    size_t room = list->room ? 2 * list->room : 16;
    hf_audit_job *jobs;

    if (list->n < list->room)
        return true;
    jobs = realloc(list->jobs, room * sizeof *jobs);
    if (!jobs)
        return false;
    list->jobs = jobs;
    list->room = room;
    return true;
}

static int add(const hf_audit_options *o, const char *text, const place *at, hf_audit_list *list)
{
    char most[64];
    int status;

    if (!make_room(list))
        return hf_complain_row(HF_E_NO_MEMORY, "cannot read the targets", at->file);
    hf_audit_job *job = &list->jobs[list->n];
    memset(job, 0, sizeof *job);
    status = read_target(o, text, at, job);
    if (status != HF_EXIT_OK || is_there(list, &job->target))
        return status;
    snprintf(most, sizeof most, "one audit takes at most %d", HF_AUDIT_TARGETS_MAX);
    if (list->n == HF_AUDIT_TARGETS_MAX)
        return hf_misuse("too many targets", most, "divide the list");
    list->n++;
    return HF_EXIT_OK;
}

/* ---- --file ---- */

/* The line without comment and blanks. A # within a word is part of it: URLs have them. */
static char *trim(char *line)
{
    line += strspn(line, " \t\r");
    for (char *p = line; *p; p++)
        if (*p == '#' && (p == line || p[-1] == ' ' || p[-1] == '\t')) {
            *p = '\0';
            break;
        }
    size_t len = strlen(line);
    while (len > 0 && strchr(" \t\r", line[len - 1]))
        line[--len] = '\0';
    return line;
}

static int read_lines(const hf_audit_options *o, const char *name, char *text, hf_audit_list *list)
{
    place at = { name, 0 };
    int status = HF_EXIT_OK;

    while (text && status == HF_EXIT_OK) {
        char *end = strchr(text, '\n');
        if (end)
            *end = '\0';
        at.line++;
        char *word = trim(text);
        if (*word)
            status = add(o, word, &at, list);
        text = end ? end + 1 : NULL;
    }
    return status;
}

static int cannot_read(const char *name, const char *why)
{
    hf_error_what("cannot read the targets");
    hf_error_why("%s: %s", name, why);
    hf_error_next("give a file with a target a line: --file FILE");
    return HF_EXIT_IO;
}

/* errno says why not. */
static bool read_stdin(uint8_t **bytes, size_t *len)
{
    *len = 0;
    *bytes = malloc(FILE_MAX + 1);
    if (!*bytes)
        return false;
    while (*len < FILE_MAX) {
        ssize_t n = read(STDIN_FILENO, *bytes + *len, FILE_MAX - *len);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return false;
        *len += n > 0 ? (size_t)n : 0;
    }
    (*bytes)[*len] = '\0';
    errno = EFBIG;
    return *len < FILE_MAX;
}

static int read_text(const hf_audit_options *o, const char *name, uint8_t *bytes, size_t len,
                     hf_audit_list *list)
{
    if (strlen((char *)bytes) != len)
        return cannot_read(name, "it is no text: there is a zero byte in it");
    return read_lines(o, name, (char *)bytes, list);
}

static int read_file(const hf_audit_options *o, hf_audit_list *list)
{
    bool from_stdin = strcmp(o->file, "-") == 0;
    const char *name = from_stdin ? "stdin" : o->file;
    uint8_t *bytes = NULL;
    size_t len = 0;
    bool good = from_stdin ? read_stdin(&bytes, &len)
                           : hf_os_read_file(o->file, FILE_MAX, &bytes, &len) == HF_OK;
    int status = good ? read_text(o, name, bytes, len, list) : cannot_read(name, strerror(errno));

    if (from_stdin)
        free(bytes);
    else if (good)
        hf_os_free(bytes, len);
    return status;
}

int hf_audit_list_read(const hf_audit_options *o, hf_audit_list *list)
{
    const place here = { "the command line", 0 };
    int status = HF_EXIT_OK;

    memset(list, 0, sizeof *list);
    for (size_t i = 0; i < o->targets.n && status == HF_EXIT_OK; i++)
        status = add(o, o->targets.at[i], &here, list);
    if (o->file && status == HF_EXIT_OK)
        status = read_file(o, list);
    if (status != HF_EXIT_OK || list->n > 0)
        return status;
    return hf_misuse("there is nobody to audit",
                     o->file ? "the file of --file names no target"
                             : "neither a target nor --file was given",
                     "write: handfast audit HOST[:PORT]");
}

void hf_audit_list_free(hf_audit_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        hf_audit_job_free(&list->jobs[i]);
    free(list->jobs);
    memset(list, 0, sizeof *list);
}

/* ---- is it meant? ---- */

static bool says_yes(size_t n)
{
    char line[16] = "";
    size_t len = 0;
    char c;

    hf_note("handfast: %zu hosts are to be audited, with some hundred connections each. Go on? "
            "[y/N] ",
            n);
    while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        if (len + 1 < sizeof line)
            line[len++] = c;
    return strcmp(line, "y") == 0 || strcmp(line, "Y") == 0 || strcmp(line, "yes") == 0;
}

int hf_audit_list_confirm(const hf_audit_options *o, const hf_audit_list *list)
{
    char why[80];

    if (o->yes || list->n <= HF_AUDIT_UNASKED_MAX)
        return HF_EXIT_OK;
    snprintf(why, sizeof why, "%zu hosts, and more than %d need a yes", list->n,
             HF_AUDIT_UNASKED_MAX);
    if (!isatty(STDIN_FILENO) || !hf_say_terminal())
        return hf_misuse("nobody is there to ask whether so many hosts are meant", why,
                         "if they are, and you may audit them, add --yes");
    if (says_yes(list->n))
        return HF_EXIT_OK;
    return hf_misuse("nothing was audited", why, "give fewer targets, or add --yes");
}
