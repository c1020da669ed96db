/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Captures: pcap and pcapng files as packets, packets as TCP connections, connections as tapes. Each layer is a file:
 *
 *     packets.c   records of pcap
 *     pcapng_read.c  blocks of pcapng, and the secrets that it holds
 *     segments.c  Ethernet, VLAN, Linux cooked, loopback and raw IP; IPv4 and IPv6; TCP's header
 *     streams.c   reassembly: what each end sent, in order, with the time of every piece; gaps are told
 *     connections.c  whose segment it is: addresses and ports, reused ports, who is the client
 *     dissect.c   TLS in two streams: records, their protection where a key log has the secrets, change of keys
 *
 * Everything is somebody else's data: every count has a limit, and what does not make sense is told, with its place, and left out.
 */
#ifndef HF_EXPLAIN_CAPTURE_H
#define HF_EXPLAIN_CAPTURE_H

#include "explain/tape.h"

enum {
    HF_CAPTURE_MAX = 256 << 20, /* bytes of a file */
    HF_STREAMS_MAX = 256,       /* TCP connections that are looked at */
    HF_STREAM_MAX = 8 << 20,    /* bytes kept of each direction */
    HF_INTERFACES_MAX = 256,    /* of a section of a pcapng file */
    HF_AHEAD_MAX = 1024,        /* segments of a direction that wait for one before them */
    HF_PLACE_MAX = 64,
    HF_KEYLOG_MAX = 65536 /* lines */
};

/* ---- secrets ---- */

/* The lines of key logs (RFC 9850), from a file or from a capture's own secrets blocks. */
typedef struct hf_keylog {
    hf_tape_secret *secrets;
    size_t n, room;
    size_t bad_lines; /* that were no line of a key log, comments aside */
    size_t left_out;  /* good lines, over HF_KEYLOG_MAX or of something longer than a secret */
} hf_keylog;
hf_error hf_keylog_read(hf_keylog *keylog, hf_span text);
/* The first of that label and random; NULL: it is not there. */
const hf_tape_secret *hf_keylog_find(const hf_keylog *keylog, const char *label,
                                     const uint8_t client_random[32]);
void hf_keylog_free(hf_keylog *keylog); /* wipes */

/* ---- packets ---- */

typedef struct hf_packet {
    uint32_t link_type; /* LINKTYPE_… */
    int64_t us;         /* since 1970 */
    uint64_t number;    /* 1: the first of the file, as Wireshark counts */
    hf_span bytes;
    bool cut; /* captured shorter than it was */
} hf_packet;

/* Where a file stopped making sense: empty if it did to its end. */
typedef struct hf_complaint {
    bool happened;
    uint64_t packet; /* number, 0: before the first */
    size_t offset;   /* in the file */
    char why[HF_TAPE_NOTE_MAX];
} hf_complaint;

bool hf_capture_is(hf_span file); /* by its first bytes: pcap or pcapng */
/* Every packet in order; secrets of the file's own blocks go to keylog. Stops at the first thing that makes no sense, with
   HF_E_CAPTURE; what came before was given. */
hf_error hf_packets_read(hf_span file, hf_keylog *keylog,
                         void (*packet)(void *user, const hf_packet *packet), void *user,
                         hf_complaint *complaint);

/* ---- segments ---- */

typedef struct hf_segment {
    bool ipv6;
    uint8_t from[16], to[16]; /* addresses: the first 4 bytes if not ipv6 */
    uint16_t from_port, to_port;
    uint32_t sequence, ack;
    bool syn, fin, rst, has_ack;
    hf_span payload;
    size_t cut; /* bytes of the payload that the capture does not have */
    int64_t us;
    uint64_t packet;
} hf_segment;
/* False: no TCP segment, or one that makes no sense (then *why is set, else NULL). */
bool hf_segment_read(const hf_packet *packet, hf_segment *segment, const char **why);

/* ---- streams ---- */

/* When which bytes were there: from when on they could be read, for those that had to wait for what comes before them. */
typedef struct hf_piece {
    size_t at;       /* its first byte in the stream; the last byte is before the next piece */
    int64_t us;      /* never goes back within a connection */
    uint64_t packet; /* that holds it */
    uint64_t order;  /* 1, 2, … over both directions of all connections */
} hf_piece;

typedef struct hf_stream {
    uint8_t *bytes; /* in order, without gaps */
    size_t len, room;
    hf_piece *pieces;
    size_t n_pieces, pieces_room;
    bool fin; /* these are all: the end was seen */
    bool reset;
    bool middle; /* what was before these, if anything, is not in the capture: it began later */
    bool full;   /* HF_STREAM_MAX was reached: the rest was left out */
    bool gap;    /* bytes are missing after these: the capture does not have them */
    uint64_t
        gap_packet; /* the first that shows it: it has later bytes, or acknowledges the missing ones */
} hf_stream;

typedef struct hf_tcp {
    bool ipv6;
    uint8_t address
        [2]
        [16]; /* by hf_role: the client is who sent SYN, or the first ClientHello, or the higher port */
    uint16_t port[2];
    hf_stream stream[2]; /* by writer */
    uint64_t first_packet;
    int64_t started_us;
} hf_tcp;

typedef struct hf_capture {
    hf_tcp *tcp;
    size_t n, room;
    size_t left_out; /* connections over HF_STREAMS_MAX: their SYNs */
    uint64_t packets, not_tcp;
    uint64_t
        odd; /* packets of them that should be TCP, but cannot be read: a fragment, a header that makes no sense */
    hf_complaint oddity; /* the first of those; its offset is 0 */
    hf_keylog keylog; /* of the file's own secrets blocks, and of who calls hf_keylog_read on it */
    hf_complaint complaint;
} hf_capture;

/* HF_OK, HF_E_CAPTURE (with what came before the complaint), HF_E_NO_MEMORY. */
hf_error hf_capture_read(hf_capture *capture, hf_span file);
void hf_capture_free(hf_capture *capture);

/* ---- TLS ---- */

/* True if the streams look like TLS, at their start or after a STARTTLS dialogue; *at: how many bytes of each stream came before. */
bool hf_dissect_is_tls(const hf_tcp *tcp, size_t at[2]);
/* The tape of one connection; secrets of the keylog that are its own are copied to it. Never fails for what the bytes are: what
   makes no sense becomes a note of the tape. HF_E_NO_MEMORY. */
hf_error hf_dissect(const hf_tcp *tcp, const hf_keylog *keylog, hf_tape **tape);

#endif
