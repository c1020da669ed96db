/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading what is to be watched. */
#include "tool/audit/watch_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/say.h"

enum { FILE_MAX = 4 << 20, PLACE_ROOM = 300, PATH_ROOM = 4096 };

/* ---- words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One word, in place, with quotes taken away. NULL: a quote does not end. */
static char *take_word(char **at)
{
    char *word = *at, *out = *at, quote = '\0', *in = *at;

    for (; *in && (quote || !is_blank(*in)); in++) {
        if (quote ? *in == quote : *in == '"' || *in == '\'')
            quote = quote ? '\0' : *in;
        else
            *out++ = *in;
    }
    if (quote)
        return NULL;
    in += *in != '\0';
    *out = '\0';
    *at = in;
    return word;
}

static int split(hf_watch_line *line)
{
    char *at = line->text;

    for (at += strspn(at, " \t\r"); *at && *at != '#'; at += strspn(at, " \t\r")) {
        if (line->n_words == HF_WATCH_WORDS_MAX)
            return hf_misuse("there are too many words in a line", "a line takes at most 200",
                             "divide it");
        line->words[line->n_words] = take_word(&at);
        if (!line->words[line->n_words++])
            return hf_misuse("a quote does not end", "\" and ' stand in pairs",
                             "close it at the end of the word");
    }
    return HF_EXIT_OK;
}

/* ---- paths ---- */

/* From the root, without "." and doubled slashes. What links and ".." lead to is left open: it may be another file tomorrow. False: it
   is too long. */
static bool whole_path(const char *path, char out[PATH_ROOM])
{
    size_t n = 0;

    if (*path != '/' && getcwd(out, PATH_ROOM))
        n = strlen(out);
    n -= n == 1; /* the root */
    out[n] = '\0';
    while (*(path += strspn(path, "/"))) {
        size_t len = strcspn(path, "/");
        if (n + len + 2 > PATH_ROOM)
            return false;
        if (!(len == 1 && *path == '.'))
            n += (size_t)snprintf(out + n, PATH_ROOM - n, "/%.*s", (int)len, path);
        path += len;
    }
    return true;
}

static bool same_path(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '/'), *end_b = strrchr(b, '/');
    char x[PATH_ROOM], y[PATH_ROOM];

    if (strcmp(end_a ? end_a + 1 : a, end_b ? end_b + 1 : b) != 0)
        return false;
    return whole_path(a, x) && whole_path(b, y) && strcmp(x, y) == 0;
}

/* ---- lines ---- */

/* Options of audit that say what becomes of a report: here that is the watch's affair. */
static int check_unwatched(const hf_watch_line *line)
{
    static const char *const names[] = { "help",  "color",    "file", "json", "html", "sarif",
                                         "junit", "baseline", "why",  "all",  "yes" };
    const hf_command *audit = hf_command_named("audit");
    char what[80];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!hf_option_given(audit, line->o, names[i]))
            continue;
        snprintf(what, sizeof what, "a line has no --%s", names[i]);
        return hf_misuse(what, "a watched line says whom to ask, how, and by whose rules",
                         "leave it out; what becomes of changes is said by options of handfast "
                         "watch");
    }
    return HF_EXIT_OK;
}

/* What the line itself says goes before what the command line says. */
static void set_pace(hf_watch_line *line, const hf_watch_options *options)
{
    const hf_command *audit = hf_command_named("audit");

    if (!hf_option_given(audit, line->o, "parallel"))
        line->o->parallel = options->parallel;
    if (!hf_option_given(audit, line->o, "timeout"))
        line->o->timeout = options->timeout;
}

/* What --ca and --crl name is each round's affair: a file that is gone must not silence what stands in other lines. */
static int read_targets(hf_watch_line *line, const hf_watch_options *options)
{
    int status;

    line->o = calloc(1, sizeof *line->o);
    if (!line->o)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot read what to watch", "");
    status = hf_options_parse(hf_command_named("audit"), (int)line->n_words, line->words, line->o);
    if (status == HF_EXIT_OK)
        status = check_unwatched(line);
    if (status == HF_EXIT_OK)
        status = hf_audit_plan_check(&line->plan, line->o);
    if (status == HF_EXIT_OK)
        status = hf_audit_list_read(line->o, &line->list);
    set_pace(line, options);
    return status;
}

/* Without the word cert, and each path once, as targets of one line are. */
static void keep_paths(hf_watch_line *line)
{
    size_t n = 0;

    for (size_t i = 1; i < line->n_words; i++) {
        size_t k = 0;
        while (k < n && !same_path(line->words[k], line->words[i]))
            k++;
        if (k == n)
            line->words[n++] = line->words[i];
    }
    line->n_words = n;
}

static int read_files(hf_watch_line *line)
{
    line->files = true;
    keep_paths(line);
    if (line->n_words > 0)
        return HF_EXIT_OK;
    return hf_misuse("there is no file to watch", "the word cert stands alone",
                     "write: cert FILE…, or cert:443 for a host of that name");
}

static int read_line(hf_watch_line *line, const hf_watch_options *options)
{
    int status;

    line->words = calloc(HF_WATCH_WORDS_MAX + 1, sizeof *line->words);
    if (!line->words)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot read what to watch", "");
    status = split(line);
    if (status != HF_EXIT_OK || line->n_words == 0)
        return status;
    return strcmp(line->words[0], "cert") == 0 ? read_files(line) : read_targets(line, options);
}

static void free_line(hf_watch_line *line)
{
    hf_audit_list_free(&line->list);
    free(line->o);
    free(line->words);
    free(line->text);
}

/* ---- each once ---- */

void hf_watch_key(const hf_audit_job *job, char key[HF_WATCH_KEY_ROOM])
{
    snprintf(key, HF_WATCH_KEY_ROOM, "%s %u %s %s %s", job->target.host, (unsigned)job->target.port,
             job->name, job->address ? job->address : "-",
             job->starttls ? job->starttls->word : "-");
    for (char *c = key; *c; c++) /* DNS does not know capitals */
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
}

/* With the name that is asked for, if it is another: a machine may have many. */
void hf_watch_what(const hf_audit_job *job, char what[HF_WATCH_WHAT_ROOM])
{
    size_t len;

    hf_target_text(job->target.shown, job->target.port, what, HF_WATCH_WHAT_ROOM);
    len = strlen(what);
    if (strcmp(job->name, job->target.host) != 0)
        snprintf(what + len, HF_WATCH_WHAT_ROOM - len, " (%s)", job->name);
}

static bool same_target(const hf_audit_job *a, const hf_audit_job *b)
{
    char x[HF_WATCH_KEY_ROOM], y[HF_WATCH_KEY_ROOM];

    if (a->target.port != b->target.port || strcasecmp(a->target.host, b->target.host) != 0)
        return false;
    hf_watch_key(a, x);
    hf_watch_key(b, y);
    return strcmp(x, y) == 0;
}

static int twice(const char *what, unsigned before)
{
    char why[PLACE_ROOM];

    snprintf(why, sizeof why, "%.200s stands in line %u already", what, before);
    return hf_misuse("the same is watched twice", why,
                     "keep one of the lines; --policy may be given several times");
}

static int check_job(const hf_watch_list *list, const hf_audit_job *job)
{
    for (size_t i = 0; i < list->n; i++)
        for (size_t j = 0; j < list->at[i].list.n; j++)
            if (same_target(job, &list->at[i].list.jobs[j]))
                return twice(job->target.shown, list->at[i].number);
    return HF_EXIT_OK;
}

static int check_path(const hf_watch_list *list, const char *path)
{
    for (size_t i = 0; i < list->n; i++)
        for (size_t j = 0; list->at[i].files && j < list->at[i].n_words; j++)
            if (same_path(path, list->at[i].words[j]))
                return twice(path, list->at[i].number);
    return HF_EXIT_OK;
}

static int check_once(const hf_watch_list *list, const hf_watch_line *line)
{
    int status = HF_EXIT_OK;

    for (size_t i = 0; i < line->list.n && status == HF_EXIT_OK; i++)
        status = check_job(list, &line->list.jobs[i]);
    for (size_t i = 0; line->files && i < line->n_words && status == HF_EXIT_OK; i++)
        status = check_path(list, line->words[i]);
    return status;
}

/* ---- the file ---- */

static bool make_room(hf_watch_list *list)
{
    size_t room = list->room ? 2 * list->room : 16;
    hf_watch_line *at;

    if (list->n < list->room)
        return true;
    at = realloc(list->at, room * sizeof *at);
    if (!at)
        return false;
    list->at = at;
    list->room = room;
    return true;
}

/* Takes the line's text over. */
static int add(const hf_watch_options *options, char *text, unsigned number, hf_watch_list *list)
{
    hf_watch_line line = { .number = number, .text = text };
    int status = text && make_room(list)
                     ? read_line(&line, options)
                     : hf_complain_row(HF_E_NO_MEMORY, "cannot read what to watch", "");

    if (status == HF_EXIT_OK)
        status = check_once(list, &line);
    if (status == HF_EXIT_OK && list->n_targets + line.list.n > HF_WATCH_LINES_MAX)
        status = hf_misuse("there is too much to watch", "one watch takes at most 10000 targets",
                           "divide the list");
    if (status != HF_EXIT_OK || line.n_words == 0) {
        free_line(&line);
        return status;
    }
    list->n_targets += line.list.n;
    list->n_files += line.files ? line.n_words : 0;
    list->at[list->n++] = line;
    return HF_EXIT_OK;
}

/* Options and targets point at the text of their line, which does not move when the table of lines does; plan.o does not either. */
static int read_lines(const hf_watch_options *options, const char *text, hf_watch_list *list)
{
    char place[PLACE_ROOM];
    int status = HF_EXIT_OK;

    for (unsigned number = 1; text && status == HF_EXIT_OK; number++) {
        size_t len = strcspn(text, "\n");
        snprintf(place, sizeof place, "%.200s, line %u", list->file, number);
        hf_error_place(place);
        status = add(options, strndup(text, len), number, list);
        hf_error_place(NULL);
        text = text[len] ? text + len + 1 : NULL;
    }
    return status;
}

static int cannot_read(const char *file, const char *why)
{
    hf_error_what("cannot read what to watch");
    hf_error_why("%s: %s", file, why);
    hf_error_next("give a file with a line for each target: handfast watch FILE");
    return HF_EXIT_IO;
}

static int read_text(const hf_watch_options *options, const uint8_t *bytes, size_t len,
                     hf_watch_list *list)
{
    int status;

    if (strlen((const char *)bytes) != len)
        return cannot_read(list->file, "it is no text: there is a zero byte in it");
    status = read_lines(options, (const char *)bytes, list);
    if (status != HF_EXIT_OK || list->n > 0)
        return status;
    return hf_misuse("there is nothing to watch", list->file,
                     "write a target a line, as for handfast audit, or cert FILE");
}

int hf_watch_list_read(const hf_watch_options *options, hf_watch_list *list)
{
    uint8_t *bytes;
    size_t len;
    int status;

    memset(list, 0, sizeof *list);
    list->file = strdup(options->file);
    if (!list->file)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot read what to watch", "");
    list->path = realpath(options->file, NULL);
    if (hf_os_read_file(options->file, FILE_MAX, &bytes, &len) != HF_OK)
        return cannot_read(options->file, strerror(errno));
    status = list->path ? read_text(options, bytes, len, list)
                        : cannot_read(options->file, strerror(errno));
    hf_os_free(bytes, len);
    return status;
}

void hf_watch_list_free(hf_watch_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free_line(&list->at[i]);
    free(list->at);
    free(list->file);
    free(list->path);
    memset(list, 0, sizeof *list);
}

/* ---- alike ---- */

static bool same_strings(const hf_opt_strings *a, const hf_opt_strings *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return a->n == b->n;
}

static bool same_word(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool hf_watch_lines_alike(const hf_watch_line *x, const hf_watch_line *y)
{
    const hf_audit_options *a = x->o, *b = y->o;

    return a && b && same_strings(&a->policy, &b->policy) && same_strings(&a->ca, &b->ca) &&
           same_strings(&a->crl, &b->crl) && same_word(a->profile, b->profile) &&
           a->ipv4 == b->ipv4 && a->ipv6 == b->ipv6 && a->plain_port == b->plain_port &&
           a->timeout == b->timeout && a->parallel == b->parallel && a->rate == b->rate;
}
