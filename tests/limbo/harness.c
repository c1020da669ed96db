/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * limbo-harness: one case of the limbo schema a line on standard input, one verdict a line on standard
 * output, until the input ends. It uses the public interface alone, under the profile webpki or, after
 * --profile private, under that one.
 *
 *     {"id": "…", "result": "SUCCESS" | "FAILURE" | "SKIPPED", "context": "why"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

enum { LINE_MAX_BYTES = 64 * 1024 * 1024 };

static verdict judge(const json_t *json, hf_cert_profile profile, char why[WHY_MAX])
{
    limbo_case c;
    verdict v = case_read(&c, json, profile, why);

    if (v == SUCCESS)
        v = case_judge(&c, why);
    case_free(&c);
    return v;
}

/* A detail may hold bytes of a certificate: what is not UTF-8 is replaced. */
static json_t *text_of(char why[WHY_MAX])
{
    json_t *text = json_string(why);

    for (char *c = why; !text && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return text ? text : json_string(why);
}

static bool answer(const json_t *id, verdict v, char why[WHY_MAX])
{
    static const char *const words[] = { "SUCCESS", "FAILURE", "SKIPPED" };
    json_t *line = json_object();

    json_object_set(line, "id", id ? (json_t *)(uintptr_t)id : json_null());
    json_object_set_new(line, "result", json_string(words[v]));
    json_object_set_new(line, "context", text_of(why));
    bool good = json_dumpf(line, stdout, JSON_COMPACT) == 0;
    json_decref(line);
    return good && putchar('\n') != EOF && fflush(stdout) == 0;
}

static bool answer_line(const char *line, size_t len, hf_cert_profile profile)
{
    char why[WHY_MAX] = "";
    json_error_t error;
    json_t *json = len <= LINE_MAX_BYTES ? json_loadb(line, len, 0, &error) : NULL;
    verdict v = SKIPPED;

    if (json_is_object(json))
        v = judge(json, profile, why);
    else
        snprintf(why, WHY_MAX, "the line is no JSON object");
    bool good = answer(json_object_get(json, "id"), v, why);
    json_decref(json);
    return good;
}

static bool read_profile(int argc, char **argv, hf_cert_profile *profile)
{
    *profile = HF_PROFILE_WEBPKI;
    if (argc == 1)
        return true;
    if (argc != 3 || strcmp(argv[1], "--profile") != 0)
        return false;
    if (strcmp(argv[2], "private") == 0)
        *profile = HF_PROFILE_PRIVATE;
    return *profile == HF_PROFILE_PRIVATE || strcmp(argv[2], "webpki") == 0;
}

int main(int argc, char **argv)
{
    hf_cert_profile profile;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    bool good = true;

    if (!read_profile(argc, argv, &profile)) {
        fputs("usage: limbo-harness [--profile webpki|private]\n", stderr);
        return EXIT_FAILURE;
    }
    while (good && (len = getline(&line, &room, stdin)) > 0)
        good = answer_line(line, (size_t)len, profile);
    free(line);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
