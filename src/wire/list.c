/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Walking lists of vectors that were checked when their message was read: ProtocolName,
 * PskBinderEntry, DistinguishedName. Lists of structures are walked beside their extension.
 */
#include "wire/wire.h"

static bool next(hf_span *rest, hf_span *name,
                 hf_span (*read)(hf_reader *, size_t, size_t, const char *))
{
    hf_fault fault = { 0 };
    hf_reader r = hf_rd_start(*rest, "list", 0, &fault, NULL);

    if (rest->len == 0)
        return false;
    *name = read(&r, 0, 0xffff, "entry");
    *rest = hf_span_of(r.p, hf_rd_left(&r));
    return hf_rd_ok(&r);
}

bool hf_name_next(hf_span *rest, hf_span *name)
{
    return next(rest, name, hf_rd_vec8);
}

bool hf_name16_next(hf_span *rest, hf_span *name)
{
    return next(rest, name, hf_rd_vec16);
}
