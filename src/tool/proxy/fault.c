/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Complaints in three parts. What the file brings into them cannot steer a terminal, and is cut between characters. */
#include "tool/proxy/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tool/say.h"

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static void put(char *out, size_t room, const char *format, va_list args)
{
    int n = vsnprintf(out, room, format, args);

    if (n < 0)
        out[0] = '\0';
    if (n >= (int)room) {
        size_t end = room - 4;
        while (end > 0 && is_inside_character(out[end]))
            end--;
        memcpy(out + end, "...", 4);
    }
    clean(out);
}

bool hf_fault_what(hf_config_fault *fault, hf_place at, const char *format, ...)
{
    va_list args;

    fault->at = at;
    fault->why[0] = fault->next[0] = '\0';
    va_start(args, format);
    put(fault->what, sizeof fault->what, format, args);
    va_end(args);
    return false;
}

bool hf_fault_why(hf_config_fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(fault->why, sizeof fault->why, format, args);
    va_end(args);
    return false;
}

bool hf_fault_next(hf_config_fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(fault->next, sizeof fault->next, format, args);
    va_end(args);
    return false;
}

/* Through a format, as cutting and cleaning stand there. */
static void show(char *out, size_t room, const char *format, ...) HF_PRINTF(3, 4);
static void show(char *out, size_t room, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(out, room, format, args);
    va_end(args);
}

const char *hf_fault_shown(const char *text, char out[HF_SHOWN_MAX])
{
    show(out, HF_SHOWN_MAX, "%s", text);
    return out;
}

void hf_fault_file(hf_config_fault *fault, const char *file)
{
    show(fault->file, sizeof fault->file, "%s", file);
}

bool hf_faults_keep(hf_config_faults *faults, const hf_config_fault *fault)
{
    faults->more = faults->n == faults->room;
    if (!faults->more)
        faults->at[faults->n++] = *fault;
    return !faults->more;
}

void hf_warning_place(const hf_proxy_config *config, hf_place at, const char *label,
                      char out[HF_WARNING_PLACE])
{
    show(out, HF_WARNING_PLACE, "%.250s:%u:%u: %s%s", config->file, at.line, at.column,
         label ? label : "", label ? ": " : "");
}

bool hf_place_before(hf_place a, hf_place b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void hf_config_fault_say(const hf_config_fault *fault)
{
    if (fault->at.line > 0)
        hf_error_what("%s:%u:%u: %s", fault->file, fault->at.line, fault->at.column, fault->what);
    else
        hf_error_what("%s: %s", fault->file, fault->what);
    if (fault->why[0])
        hf_error_why("%s", fault->why);
    if (fault->next[0])
        hf_error_next("%s", fault->next);
}

void hf_config_faults_say(const hf_config_faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        hf_config_fault_say(&faults->at[i]);
    if (faults->more)
        hf_error_what("and more: these are the first %zu", faults->n);
}
