/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The questions of parent.c's start, asked beforehand. */
#include "tool/proxy/possible.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/exit.h"
#include "tool/proxy/account.h"
#include "tool/proxy/control.h"
#include "tool/proxy/fault.h"
#include "tool/proxy/listening.h"

enum { STATE_PATH = 4096, LINE_ROOM = 2048 };

typedef struct asking {
    const hf_proxy_config *config;
    hf_config_faults *faults;
    int status; /* of the first fault */
} asking;

/* Returns the place for what may be found. */
static void begin(const asking *a, hf_config_fault *fault)
{
    memset(fault, 0, sizeof *fault);
    hf_fault_file(fault, a->config->file);
}

static void found(asking *a, const hf_config_fault *fault, int status)
{
    hf_faults_keep(a->faults, fault);
    if (a->status == HF_EXIT_OK)
        a->status = status;
}

/* What is no matter of the address, such as a lack of descriptors, is no fault of the configuration. */
static bool is_of_address(int error)
{
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EINVAL;
}

static void ask_address(asking *a, const char *role, const hf_config_text *asked)
{
    struct sockaddr_storage at;
    socklen_t len;
    hf_config_fault fault;

    errno = EINVAL;
    if (hf_listening_address(asked->text, &at, &len) && hf_listening_is_possible(&at, len))
        return;
    int error = errno;
    if (!is_of_address(error))
        return;
    begin(a, &fault);
    hf_listening_complain(&fault, role, asked, error);
    found(a, &fault, HF_EXIT_IO);
}

static void ask_addresses(asking *a)
{
    const hf_proxy_config *config = a->config;

    for (size_t i = 0; i < config->listen.n; i++)
        ask_address(a, "listen", &config->listen.at[i]);
    for (size_t i = 0; i < config->redirect.n; i++)
        ask_address(a, "redirect", &config->redirect.at[i]);
    if (config->admin.text)
        ask_address(a, "admin", &config->admin);
}

int hf_possible(const hf_proxy_config *config, hf_config_faults *faults)
{
    asking a = { config, faults, HF_EXIT_OK };
    hf_config_fault fault;

    begin(&a, &fault);
    if (!hf_account_is_known(config, &fault))
        found(&a, &fault, HF_EXIT_USAGE);
    ask_addresses(&a);
    begin(&a, &fault);
    if (hf_control_is_possible(config, &fault) == HF_CONTROL_IMPOSSIBLE)
        found(&a, &fault, HF_EXIT_IO);
    return a.status;
}

/* ---- what may become a fault ---- */

static void warn_state(const hf_proxy_config *config, void (*each)(void *user, const char *line),
                       void *user)
{
    char path[STATE_PATH], place[HF_WARNING_PLACE], line[LINE_ROOM];
    struct stat s;

    if (!config->state.text)
        return;
    hf_proxy_path(config, config->state.text, path, sizeof path);
    if (stat(path, &s) != 0 || S_ISDIR(s.st_mode))
        return;
    hf_warning_place(config, config->state.at, NULL, place);
    snprintf(line, sizeof line, "%sstate: traces cannot be kept: %.512s is no folder", place, path);
    each(user, line);
}

static void warn_control(const hf_proxy_config *config, void (*each)(void *user, const char *line),
                         void *user)
{
    char place[HF_WARNING_PLACE], line[LINE_ROOM];
    hf_config_fault fault;

    memset(&fault, 0, sizeof fault);
    if (hf_control_is_possible(config, &fault) != HF_CONTROL_UNDER_SYSTEMD)
        return;
    hf_warning_place(config, fault.at, NULL, place);
    snprintf(line, sizeof line,
             "%s%s: its folder is not there: systemd makes it for the unit; without systemd "
             "handfast proxy run would end here",
             place, fault.what);
    each(user, line);
}

void hf_possible_warnings(const hf_proxy_config *config, void (*each)(void *user, const char *line),
                          void *user)
{
    warn_state(config, each, user);
    warn_control(config, each, user);
}
