/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * hf_pages man FOLDER INCLUDE      scdoc's source of every manual page; INCLUDE is the folder of the public headers
 * hf_pages completion FOLDER       bash/handfast, zsh/_handfast and fish/handfast.fish, whose folders are there
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/pages/pages.h"

static void stop(const char *what)
{
    fprintf(stderr, "hf_pages: %s: %s\n", what, strerror(errno));
    exit(1);
}

FILE *page_open(const char *folder, const char *name)
{
    char path[1024];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!(out = fopen(path, "w")))
        stop(path);
    return out;
}

void page_close(FILE *out)
{
    if (ferror(out) || fclose(out) != 0)
        stop("a page could not be written");
}

static void write_manual(const char *folder, const char *include)
{
    const hf_command *command;
    const hf_family_row *family;

    page_man_tool(folder);
    for (size_t i = 0; (family = hf_manual_family_row(i)) != NULL; i++)
        page_man_family(folder, family);
    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        page_man_command(folder, command);
    page_man_config(folder);
    page_man_headers(folder, include);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "man") == 0) {
        write_manual(argv[2], argv[3]);
    } else if (argc == 3 && strcmp(argv[1], "completion") == 0) {
        page_bash(argv[2]);
        page_zsh(argv[2]);
        page_fish(argv[2]);
    } else {
        fprintf(stderr, "usage: hf_pages man FOLDER INCLUDE | hf_pages completion FOLDER\n");
        return 2;
    }
    return 0;
}
