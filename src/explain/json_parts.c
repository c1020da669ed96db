/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Strings, numbers and names as JSON, and the layout of the text. */
#include "explain/json_parts.h"

#include <stdio.h>

#include "x509/time.h"

const char *const hf_jw_sides[] = { "client", "server", "capture", NULL };
const char *const hf_jw_kinds[] = { "prelude", "record", "keys", "proved", NULL };
const char *const hf_jw_directions[] = { "none", "sent", "received", NULL };
const char *const hf_jw_roles[] = { "client", "server", NULL };
const char *const hf_jw_proofs[] = { "chain", "signature", "finished", NULL };

void hf_jw_set(hf_jw *j, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        j->failed = true;
}

void hf_jw_append(hf_jw *j, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        j->failed = true;
}

/* ---- values ---- */

static json_t *without_foreign_bytes(const char *text)
{
    char *copy = (char *)hf_copy(hf_span_str(text));

    if (!copy)
        return NULL;
    for (char *p = copy; *p; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    json_t *value = json_string(copy);
    hf_free(copy);
    return value;
}

json_t *hf_jw_text(const char *text)
{
    json_t *value;

    if (!text)
        return json_null();
    value = json_string(text);
    return value ? value : without_foreign_bytes(text);
}

json_t *hf_jw_text_or_null(const char *text)
{
    return hf_jw_text(text && *text ? text : NULL);
}

json_t *hf_jw_hex(hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t room = 2 * bytes.len + 1;
    char *text = hf_alloc(room);

    if (!text)
        return NULL;
    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    json_t *value = json_stringn(text, room - 1);
    hf_free_secret(text, room);
    return value;
}

json_t *hf_jw_uint(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *hf_jw_code_even_0(hf_jw *j, hf_names names, uint64_t value)
{
    char text[HF_NAME_ROOM];
    json_t *object = json_object();

    hf_jw_set(j, object, "code", hf_jw_uint(value));
    hf_jw_set(j, object, "name", hf_jw_text(hf_code_text(names, value, text)));
    return object;
}

json_t *hf_jw_code(hf_jw *j, hf_names names, uint64_t value)
{
    return value == 0 ? json_null() : hf_jw_code_even_0(j, names, value);
}

json_t *hf_jw_time(int64_t seconds, int us)
{
    char text[48], fraction[16] = "";

    if (seconds < HF_TIME_MIN || seconds > HF_TIME_MAX)
        return json_null();
    hf_civil c = hf_civil_of(seconds);
    if (us >= 0)
        snprintf(fraction, sizeof fraction, ".%06u", (unsigned)us % 1000000);
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u%sZ", (unsigned)c.year % 10000,
             (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
             (unsigned)c.minute % 100, (unsigned)c.second % 100, fraction);
    return json_string(text);
}

json_t *hf_jw_proof_list(hf_jw *j, unsigned proofs)
{
    json_t *list = json_array();

    for (unsigned i = 0; hf_jw_proofs[i]; i++)
        if (proofs & 1u << i)
            hf_jw_append(j, list, json_string(hf_jw_proofs[i]));
    return list;
}

json_t *hf_jw_both(hf_jw *j, json_t *client, json_t *server)
{
    json_t *both = json_object();

    hf_jw_set(j, both, "client", client);
    hf_jw_set(j, both, "server", server);
    return both;
}

/* ---- layout ---- */

enum { SHALLOW = 2, INDENT = 2, FLAGS = JSON_ENCODE_ANY };

static bool is_shallow(const json_t *value, unsigned depth)
{
    const char *name;
    json_t *member;
    size_t i;

    if (!json_is_array(value) && !json_is_object(value))
        return true;
    if (depth == 0)
        return false;
    json_array_foreach((json_t *)(uintptr_t)value, i,
                       member) if (!is_shallow(member, depth - 1)) return false;
    json_object_foreach((json_t *)(uintptr_t)value, name,
                        member) if (!is_shallow(member, depth - 1)) return false;
    return true;
}

static int to_sheet(const char *bytes, size_t len, void *sheet)
{
    hf_sheet_bytes(sheet, bytes, len);
    return ((hf_sheet *)sheet)->error ? -1 : 0;
}

static void on_one_line(const json_t *value, hf_sheet *out)
{
    if (json_dump_callback(value, to_sheet, out, FLAGS) != 0 && !out->error)
        out->error = HF_E_NO_MEMORY;
}

static void new_line(hf_sheet *out, unsigned indent, bool first)
{
    hf_sheet_add(out, "%s\n%*s", first ? "" : ",", (int)indent, "");
}

static void print(const json_t *value, hf_sheet *out, unsigned indent)
{
    bool object = json_is_object(value), first = true;
    const char *name;
    json_t *member;
    size_t i;

    if (indent > 0 && is_shallow(value, SHALLOW)) {
        on_one_line(value, out);
        return;
    }
    hf_sheet_put(out, object ? "{" : "[");
    json_array_foreach((json_t *)(uintptr_t)value, i, member)
    {
        new_line(out, indent + INDENT, first);
        print(member, out, indent + INDENT);
        first = false;
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        new_line(out, indent + INDENT, first);
        hf_sheet_add(out, "\"%s\": ", name); /* names are ours: nothing in them is escaped */
        print(member, out, indent + INDENT);
        first = false;
    }
    hf_sheet_add(out, "\n%*s%s", (int)indent, "", object ? "}" : "]");
}

void hf_jw_print(const json_t *value, hf_sheet *out)
{
    print(value, out, 0);
    hf_sheet_put(out, "\n");
}
