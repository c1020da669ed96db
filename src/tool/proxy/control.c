/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The control socket's side in the parent. Clients are few, local and ours; still nothing of them is unbounded. */
#define _GNU_SOURCE /* struct ucred */
#include "tool/proxy/control.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tool/proxy/fault.h"

struct hf_control {
    uv_pipe_t pipe;
    struct sockaddr_un at;
    hf_control_asked asked;
    void *user;
    hf_control_client *clients;
    size_t n_clients;
    dev_t device; /* of the socket's file, so that only ours is taken away */
    ino_t inode;
    bool knocked; /* somebody waits at the door, until there is a place */
    bool closed, pipe_gone;
};

struct hf_control_client {
    hf_control_client *next;
    hf_control *control;
    uv_pipe_t pipe;
    uv_timer_t timer;
    uv_write_t write;
    char line[HF_CONTROL_LINE];
    size_t len;
    char *answer;
    bool asked, closing;
    unsigned handles;
};

/* ---- the end of things ---- */

static void free_if_done(hf_control *c)
{
    if (c->closed && c->pipe_gone && !c->clients)
        hf_free(c);
}

static void let_in(hf_control *c);

static void forget(hf_control_client *client)
{
    hf_control *c = client->control;
    hf_control_client **at = &c->clients;

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    free(client->answer);
    hf_free(client);
    c->n_clients--;
    if (c->closed)
        free_if_done(c);
    else
        let_in(c);
}

/* One that waits for an answer stays until it came: who answers holds its address. */
static void handle_gone(uv_handle_t *handle)
{
    hf_control_client *client = handle->data;

    if (--client->handles == 0 && !client->asked)
        forget(client);
}

static void close_client(hf_control_client *client)
{
    if (client->closing)
        return;
    client->closing = true;
    uv_close((uv_handle_t *)&client->pipe, handle_gone);
    uv_close((uv_handle_t *)&client->timer, handle_gone);
}

static void late(uv_timer_t *timer)
{
    close_client(timer->data);
}

/* ---- a client ---- */

static void written(uv_write_t *write, int status)
{
    (void)status;
    close_client(write->data);
}

void hf_control_answer(hf_control_client *client, json_t *answer)
{
    uv_buf_t buffer;

    client->asked = false;
    client->answer = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    json_decref(answer);
    if (client->handles == 0) {
        forget(client);
        return;
    }
    client->write.data = client;
    buffer = uv_buf_init(client->answer, client->answer ? (unsigned)strlen(client->answer) : 0);
    if (!client->answer || client->closing ||
        uv_write(&client->write, (uv_stream_t *)&client->pipe, &buffer, 1, written) != 0)
        close_client(client);
}

pid_t hf_control_pid(const hf_control_client *client)
{
    struct ucred peer = { .pid = 0 };
    socklen_t len = sizeof peer;
    uv_os_fd_t fd;

    if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return -1;
    return peer.pid > 0 && kill(peer.pid, 0) != 0 && errno == ESRCH ? -1 : peer.pid;
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    hf_control_client *client = handle->data;

    (void)wanted;
    *buffer =
        uv_buf_init(client->line + client->len, (unsigned)(sizeof client->line - 1 - client->len));
}

static void take_line(hf_control_client *client)
{
    char *end = memchr(client->line, '\n', client->len);

    if (!end)
        return;
    *end = '\0';
    client->asked = true;
    uv_read_stop((uv_stream_t *)&client->pipe);
    uv_timer_start(&client->timer, late, HF_CONTROL_ANSWER_MS, 0);
    client->control->asked(client->control->user, client, client->line);
}

static void came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    hf_control_client *client = stream->data;

    (void)buffer;
    if (n < 0) { /* gone, or the line is too long */
        close_client(client);
        return;
    }
    client->len += (size_t)n;
    take_line(client);
}

static void add_client(hf_control *c, hf_control_client *client)
{
    client->control = c;
    client->next = c->clients;
    c->clients = client;
    c->n_clients++;
    client->handles = 2;
    uv_pipe_init(c->pipe.loop, &client->pipe, 0);
    uv_timer_init(c->pipe.loop, &client->timer);
    client->pipe.data = client->timer.data = client;
}

/* libuv calls nobody else to the door before this one was let in: who is one too many waits, and is not sent away. */
static void let_in(hf_control *c)
{
    hf_control_client *client = NULL;

    if (c->knocked && c->n_clients < HF_CONTROL_CLIENTS)
        client = hf_alloc(sizeof *client);
    if (!client)
        return;
    c->knocked = false;
    add_client(c, client);
    if (uv_accept((uv_stream_t *)&c->pipe, (uv_stream_t *)&client->pipe) != 0 ||
        uv_read_start((uv_stream_t *)&client->pipe, give_room, came) != 0)
        close_client(client);
    else
        uv_timer_start(&client->timer, late, HF_CONTROL_LINE_MS, 0);
}

static void knocked(uv_stream_t *stream, int status)
{
    hf_control *c = stream->data;

    c->knocked = c->knocked || status == 0;
    let_in(c);
}

/* ---- the socket ---- */

static bool complain(hf_config_fault *fault, const hf_config_text *asked, const char *why,
                     const char *next)
{
    char shown[HF_SHOWN_MAX];

    hf_fault_what(fault, asked->at, "control: %s", hf_fault_shown(asked->text, shown));
    hf_fault_why(fault, "%s", why);
    return hf_fault_next(fault, "%s", next);
}

static bool complain_errno(hf_config_fault *fault, const hf_config_text *asked, int error)
{
    return complain(fault, asked, strerror(error),
                    error == ENOENT ? "make its folder; under systemd: RuntimeDirectory=handfast"
                                    : "give a path in a folder that this user can write to");
}

/* Who listens there, if anybody? A socket without a listener was left by a proxy that was killed. */
static bool is_alive(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 ||
                             errno != ECONNREFUSED);

    if (fd >= 0)
        close(fd);
    return alive;
}

static bool no_socket(const hf_config_text *asked, hf_config_fault *fault)
{
    return complain(fault, asked, "something that is no socket stands there",
                    "give a path of its own, or take that away");
}

static bool make_way(const struct sockaddr_un *at, const hf_config_text *asked,
                     hf_config_fault *fault)
{
    struct stat s;

    if (lstat(at->sun_path, &s) != 0)
        return errno == ENOENT || complain_errno(fault, asked, errno);
    if (!S_ISSOCK(s.st_mode))
        return no_socket(asked, fault);
    if (is_alive(at))
        return complain(fault, asked,
                        "another program listens there: perhaps this proxy already runs",
                        "ask it: handfast proxy status; or give another path");
    return unlink(at->sun_path) == 0 || complain_errno(fault, asked, errno);
}

/* Nobody else may open it from the first moment on. */
static int bind_private(const struct sockaddr_un *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    bool good = fd >= 0 && bind(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    int error = errno;

    umask(before);
    if (good)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

static bool set_path(struct sockaddr_un *at, const hf_proxy_config *config, hf_config_fault *fault)
{
    char path[4096];

    hf_proxy_path(config, config->control.text, path, sizeof path);
    if (strlen(path) >= sizeof at->sun_path)
        return complain(fault, &config->control,
                        "its path is longer than the system allows (107 bytes)",
                        "give a short absolute path: /run/handfast/proxy.sock");
    at->sun_family = AF_UNIX;
    memcpy(at->sun_path, path, strlen(path) + 1);
    return true;
}

static bool listen_there(hf_control *c, uv_loop_t *loop, const hf_config_text *asked,
                         hf_config_fault *fault)
{
    struct stat s;
    int fd = bind_private(&c->at);

    if (fd < 0)
        return complain_errno(fault, asked, errno);
    uv_pipe_init(loop, &c->pipe, 0);
    c->pipe.data = c;
    int error = uv_pipe_open(&c->pipe, fd);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&c->pipe, HF_CONTROL_CLIENTS, knocked);
    else
        close(fd);
    if (stat(c->at.sun_path, &s) == 0) {
        c->device = s.st_dev;
        c->inode = s.st_ino;
    }
    return error == 0 || complain_errno(fault, asked, -error);
}

hf_control *hf_control_open(uv_loop_t *loop, const hf_proxy_config *config, hf_control_asked asked,
                            void *user, hf_config_fault *fault)
{
    hf_control *c = hf_alloc(sizeof *c);

    if (!c) {
        complain_errno(fault, &config->control, ENOMEM);
        return NULL;
    }
    c->asked = asked;
    c->user = user;
    if (!set_path(&c->at, config, fault) || !make_way(&c->at, &config->control, fault)) {
        hf_free(c);
        return NULL;
    }
    if (listen_there(c, loop, &config->control, fault))
        return c;
    if (c->pipe.data)
        hf_control_close(c);
    else
        hf_free(c);
    return NULL;
}

const char *hf_control_path(const hf_control *c)
{
    return c->at.sun_path;
}

bool hf_control_stands(const hf_control *c)
{
    struct stat s;

    return stat(c->at.sun_path, &s) == 0 && s.st_dev == c->device && s.st_ino == c->inode;
}

/* Its folder instead of the socket; false: it is the root, or where we stand. */
static bool cut_to_folder(struct sockaddr_un *at)
{
    char *slash = strrchr(at->sun_path, '/');

    if (!slash || slash == at->sun_path)
        return false;
    *slash = '\0';
    return true;
}

/* What systemd makes for a service when it starts, and takes away when it has ended (RuntimeDirectory=). */
static bool is_of_run(const char *folder)
{
    return strncmp(folder, "/run/", 5) == 0 || strncmp(folder, "/var/run/", 9) == 0;
}

/* A socket that stands there may be that of a proxy that runs. */
hf_control_chance hf_control_is_possible(const hf_proxy_config *config, hf_config_fault *fault)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    struct stat s;
    int error = 0;

    if (!config->control.text)
        return HF_CONTROL_POSSIBLE;
    if (!set_path(&at, config, fault))
        return HF_CONTROL_IMPOSSIBLE;
    if (lstat(at.sun_path, &s) == 0 && !S_ISSOCK(s.st_mode)) {
        no_socket(&config->control, fault);
        return HF_CONTROL_IMPOSSIBLE;
    }
    if (cut_to_folder(&at))
        error = stat(at.sun_path, &s) != 0 ? errno : S_ISDIR(s.st_mode) ? 0 : ENOTDIR;
    if (error == 0 || error == EACCES)
        return HF_CONTROL_POSSIBLE;
    complain_errno(fault, &config->control, error);
    return error == ENOENT && is_of_run(at.sun_path) ? HF_CONTROL_UNDER_SYSTEMD
                                                     : HF_CONTROL_IMPOSSIBLE;
}

static void pipe_gone(uv_handle_t *handle)
{
    hf_control *c = handle->data;

    c->pipe_gone = true;
    free_if_done(c);
}

void hf_control_close(hf_control *c)
{
    if (!c)
        return;
    c->closed = true;
    if (hf_control_stands(c))
        unlink(c->at.sun_path);
    for (hf_control_client *client = c->clients; client; client = client->next)
        if (!client->asked && !client->answer)
            close_client(client);
    uv_close((uv_handle_t *)&c->pipe, pipe_gone);
}
