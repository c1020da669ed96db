/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The configuration that a `handfast proxy` command is about. */
#ifndef HF_TOOL_PROXY_FILE_H
#define HF_TOOL_PROXY_FILE_H

#define HF_PROXY_STANDARD_FILE "/etc/handfast/proxy.yaml" /* as options/proxy-*.def say */

static inline const char *hf_proxy_file(const char *given)
{
    return given ? given : HF_PROXY_STANDARD_FILE;
}

#endif
