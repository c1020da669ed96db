/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * libhandfast_os: what needs files, descriptors or an operating system. Optional: an embedder with
 * its own files and sockets does not link it.
 */
#ifndef HANDFAST_OS_H
#define HANDFAST_OS_H

#include <handfast/conn.h>

HF_BEGIN_DECLS

/* Adds the system's CA certificates: SSL_CERT_FILE and SSL_CERT_DIR if they are set (unusable is
   HF_E_CONFIG_FILE then), else the usual places. source (may be NULL) gets what was used, or what
   could not be. The usual places hold public CAs, and the set is marked so (hf_trust_mark_public); what the variables name
   is somebody's own choice, and is not. HF_E_CONFIG_NO_TRUST: there is none of the usual places. */
hf_error hf_os_trust_system(hf_trust *trust, char *source, size_t room);
/* A file with one or more certificates in PEM, or a single one in DER; or every such file of a directory, where all else is left
   out. *added (may be NULL) gets how many came in. HF_E_CONFIG_FILE: not to be read, errno says why. HF_E_CONFIG_PEM: not one
   certificate in it. HF_E_NO_MEMORY, HF_E_CONFIG_SEALED. The trust stays the caller's. */
hf_error hf_os_trust_path(hf_trust *trust, const char *path, size_t *added);
/* A chain, leaf first, and its key, both in PEM; both may be one file. password opens an encrypted key; NULL: there is none. Given
   back with hf_identity_free, also after hf_config_add_identity, which takes a reference of its own; after an error *identity is
   NULL. HF_E_CONFIG_FILE: one of them cannot be read, errno says why. Else what hf_identity_from_pem says: HF_E_CONFIG_PEM,
   HF_E_CONFIG_KEY_ENCRYPTED, _KEY_PASSWORD, _KEY_UNSUPPORTED, _KEY_MISMATCH, or an HF_E_CERT_… row. */
hf_error hf_os_identity(hf_identity **identity, const char *cert_path, const char *key_path,
                        const char *password);
/* The whole file in fresh memory with a NUL after it; at most `limit` bytes. Given back with hf_os_free. */
hf_error hf_os_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *len);
void hf_os_free(void *bytes, size_t len); /* wipes */
/* Written to a temporary name, synced, renamed. An existing file stays unless `replace`. */
hf_error hf_os_write_file(const char *path, hf_span bytes, unsigned mode, bool replace);
/* Appends lines to a key log (RFC 9850), mode 0600: hf_os_keylog is the hook (hf_hooks.keylog), the
   returned pointer its user. NULL: errno says why. */
void *hf_os_keylog_open(const char *path);
void hf_os_keylog(void *keylog, const char *line); /* for hf_hooks.keylog */
void hf_os_keylog_close(void *keylog);             /* once no config uses it */

/* ---- a blocking socket ---- */

/* For programs without an event loop:
 *
 *     size_t len = 1;
 *     hf_error e = hf_os_handshake(conn, fd);
 *     if (e == HF_OK)
 *         e = hf_os_write(conn, fd, request, strlen(request));
 *     while (e == HF_OK && len > 0) {
 *         e = hf_os_read(conn, fd, bytes, sizeof bytes, &len);
 *         if (e == HF_OK)
 *             fwrite(bytes, 1, len, stdout);
 *     }
 *     hf_os_close(conn, fd);
 *     close(fd);
 *
 * fd is a connected stream socket; everything else is refused with HF_E_MISUSE, for only a socket can be written to without
 * SIGPIPE. Its SO_RCVTIMEO bounds hf_os_read, its SO_SNDTIMEO each wait of hf_os_write; without them there is no bound. Nothing
 * is kept between these calls: from any of them on the connection may also go to an event loop.
 */
/* Handshakes until CONNECTED or FAILED, within HF_SET_HANDSHAKE_TIMEOUT; jobs are run on the spot. HF_WAIT, which only comes if the
   config asks for it: it is the application's turn; do what is listed and call again, nothing is lost meanwhile.
     hf_conn_data_out holds data   a server's HF_SET_EARLY_DATA: take it with hf_conn_data_taken. What comes before HF_OK is
                                   0-RTT, which somebody may have sent again, and nothing else is
     hf_conn_peer_chain has one    HF_SET_EXTERNAL_VERIFY: hf_conn_verify_done
     neither                       HF_SET_PAUSE_AT_CLIENT_HELLO: hf_conn_hello, hf_conn_switch_config
   The time limit goes on meanwhile; a call without an answer is HF_WAIT again. */
hf_error hf_os_handshake(hf_conn *conn, int fd);
/* Waits for data: *len bytes of it, 1 to room. HF_OK and *len 0: the peer has closed in order. HF_E_TRUNCATED_STREAM: he is gone
   without a close_notify, so what came may not be all. HF_E_TIMEOUT: SO_RCVTIMEO is over, counted from the call and whatever came
   that is no data; it may be tried again unless hf_conn_failure says otherwise: a record that has begun by then has as long once
   more, and if it is not whole then the connection has failed. HF_E_MISUSE: not connected yet, or room 0. Else why the
   connection failed. What the peer said before he left is also read after a write that failed. */
hf_error hf_os_read(hf_conn *conn, int fd, void *bytes, size_t room, size_t *len);
/* Writes all of it; len 0 writes what an earlier call left. HF_E_MISUSE: not connected, or closed (TLS 1.2: also by the peer).
   HF_E_TIMEOUT: SO_SNDTIMEO is over, and how much the peer got is not known; what the connection had taken still leaves first
   with the next call. HF_E_TRUNCATED_STREAM: the peer takes nothing any more; hf_os_read may bring the reason. */
hf_error hf_os_write(hf_conn *conn, int fd, const void *bytes, size_t len);
/* In any state: the alert of what failed, user_canceled within a handshake, or close_notify, in a second at most (HF_E_TIMEOUT: not
   all has left); then FIN, and at most a second for the peer to close as well, because close() with unread bytes would take our
   last ones away from him. The descriptor stays open. */
hf_error hf_os_close(hf_conn *conn, int fd);

HF_END_DECLS
#endif
