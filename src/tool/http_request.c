/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading a request's head (RFC 9112 2 to 5). What is not plainly well-formed is refused. */
#include "tool/http_request.h"

#include <string.h>
#include <strings.h>

/* The byte after the empty line that ends the head, or 0. Bare LF counts as a line's end (2.2). */
static size_t head_end(const char *head, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (head[i] != '\n')
            continue;
        if (head[i + 1] == '\n')
            return i + 2;
        if (i + 2 < len && head[i + 1] == '\r' && head[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* Cuts the next line off, without its end. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    *rest = end + 1;
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

static bool is_token(const char *text)
{
    if (!*text)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f ||
            strchr("\"(),/:;<=>?@[\\]{}", *text))
            return false;
    return true;
}

static bool is_path(const char *text)
{
    if (*text != '/' && strcmp(text, "*") != 0)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

static int read_request_line(hf_http_request *r, char *line)
{
    char *path = strchr(line, ' ');
    char *version = path ? strchr(path + 1, ' ') : NULL;

    if (!version)
        return 400;
    *path++ = '\0';
    *version++ = '\0';
    if (!is_token(line) || !is_path(path) || strncmp(version, "HTTP/", 5) != 0)
        return 400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return 505;
    r->minor = version[7] - '0';
    r->method = line;
    r->path = path;
    return 200;
}

static int read_field(hf_http_request *r, char *line)
{
    char *colon = strchr(line, ':');

    if (!colon)
        return 400;
    *colon = '\0';
    if (!is_token(line))
        return 400;
    char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "accept") == 0)
        r->accept = value;
    if (strcasecmp(line, "host") == 0) {
        if (r->host)
            return 400; /* RFC 9112 3.2: exactly one */
        r->host = value;
    }
    return 200;
}

static int read_head(hf_http_request *r, size_t end)
{
    char *rest = r->head, *line;
    int status;

    r->head[end] = '\0';
    if (strlen(r->head) != end)
        return 400;
    rest += strspn(rest, "\r\n"); /* 2.2: empty lines before the request line */
    line = next_line(&rest);
    if (!line)
        return 400;
    status = read_request_line(r, line);
    while (status == 200 && (line = next_line(&rest)) && *line)
        status = read_field(r, line);
    if (status == 200 && r->minor == 1 && !r->host)
        return 400;
    return status;
}

int hf_http_request_feed(hf_http_request *r, hf_span bytes)
{
    size_t room = HF_REQUEST_HEAD_MAX - r->len, n = bytes.len < room ? bytes.len : room;

    if (r->status)
        return r->status;
    memcpy(r->head + r->len, bytes.data, n);
    r->len += n;
    size_t skip = 0;
    while (skip < r->len && (r->head[skip] == '\r' || r->head[skip] == '\n'))
        skip++;
    size_t end = head_end(r->head + skip, r->len - skip);
    if (end > 0)
        r->status = read_head(r, skip + end);
    else if (r->len == HF_REQUEST_HEAD_MAX)
        r->status = 431;
    return r->status;
}
