/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What is said about a wrong command line. Each function prints its three parts and returns
   HF_EXIT_USAGE. */
#ifndef HF_TOOL_MISUSE_H
#define HF_TOOL_MISUSE_H

#include "tool/options.h"

int hf_misuse_unknown(const hf_command *command, const char *word);
int hf_misuse_no_value(const hf_command *command, const hf_opt_row *row);
/* Another sub-command whose option of that name takes a value; NULL: none. */
const hf_command *hf_command_with_value(const hf_command *command, const char *name);
int hf_misuse_flag_value(const hf_command *command, const hf_opt_row *row, const char *value);
int hf_misuse_empty(const hf_command *command, const hf_opt_row *row);
int hf_misuse_value(const hf_command *command, const hf_opt_row *row, const char *value);
int hf_misuse_too_many(const char *name, size_t limit);
int hf_misuse_extra(const hf_command *command, const char *word);
int hf_misuse_missing(const hf_command *command, const hf_arg_row *row);
int hf_misuse_argument(const hf_command *command, const hf_arg_row *row, const char *word);
int hf_misuse_empty_argument(const hf_command *command, const hf_arg_row *row);
/* For handlers: whatever of it the table of options cannot know. */
int hf_misuse(const char *what, const char *why, const char *next);
/* An option that must be given was not: handlers say so too. */
int hf_misuse_needs(const char *command, const char *option, const char *sample);

#endif
