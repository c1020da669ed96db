#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Clients that never stop, and count strictly: `proxied_load.py SPEC` until its input ends, then one line of JSON. "going" comes before, once
they are served; and however soon the end comes, they are served as often again before it, unless something failed. In SPEC: port, ca, sites
(their names, whose backend is proxied_backend.py), keepers and comers (how many threads that keep their connection, and that come anew for
each request: every other of these with the session of the last), echoes (sites in tcp mode whose backend echoes: a connection each, for the
whole time), statuses (those that are no failure, if the answer is whole).

A failure is: a connection that is refused, reset or cut; a handshake that fails, or shows a certificate of another site; an answer that is
cut off, has another status or another body than it should; a kept connection that ends without `Connection: close` having been said."""
import http.client
import json
import os
import select
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from proxied import client_context, connect, request  # noqa: E402
from proxied_backend import PATTERN  # noqa: E402

FAILURES = 200  # that are told; all are counted
POSTED = PATTERN[1000:21000]
MOVES = (("GET", "/bytes/10000", b"", PATTERN[:10000]), ("POST", "/echo", POSTED, POSTED), ("GET", "/bytes/100", b"", PATTERN[:100]))


class Tally:
    def __init__(self):
        self.lock, self.over = threading.Lock(), threading.Event()
        self.numbers = dict.fromkeys(("requests", "connections", "resumed", "said_close", "failed", "echoes"), 0)
        self.statuses, self.failures, self.longest = {}, [], 0.0

    def add(self, what, n=1):
        with self.lock:
            self.numbers[what] += n

    def good(self, status, seconds):
        with self.lock:
            self.numbers["requests"] += 1
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.longest = max(self.longest, seconds)

    def bad(self, who, why, client):
        """began: when the connection was asked for; asked: when the request was, or None in between two; waited: the seconds from what this
        client said before (when it began to send the last request, or began) until it was sent, so rather too many than too few."""
        told = {"began": client.began, "asked": client.asked, "waited": client.sent - client.before}
        with self.lock:
            self.numbers["failed"] += 1
            if len(self.failures) < FAILURES:
                self.failures.append({"who": who, "why": why, **told, "at": time.monotonic()})

    def told(self):
        with self.lock:
            return json.dumps({**self.numbers, "statuses": self.statuses, "failures": self.failures, "longest": self.longest})


class Wrong(Exception):
    pass


class Client:
    """One connection after the other, to one site."""

    def __init__(self, spec, tally, site, resumes=False):
        self.spec, self.tally, self.site, self.resumes = spec, tally, site, resumes
        self.context, self.session, self.s = client_context(spec["ca"]), None, None
        self.began, self.asked, self.turn = 0.0, None, 0
        self.before = self.saying = self.sent = 0.0

    def open(self):
        self.began = self.before = self.saying = self.sent = time.monotonic()
        self.s = connect(self.spec["port"], self.site, context=self.context, timeout=20, session=self.session)
        self.tally.add("connections")
        self.tally.add("resumed", int(self.s.session_reused))

    def close(self):
        if self.s:
            self.s.close()
        self.s = None

    def move(self, more=()):
        """One request. Returns whether the connection may be used again."""
        method, path, sent, wanted = MOVES[self.turn % len(MOVES)]
        self.turn += 1
        self.before, self.asked = self.saying, time.monotonic()
        self.saying = self.asked
        try:
            self.s.sendall(request(self.site, path, method, sent, more))
        finally:
            self.sent = time.monotonic()
        response = http.client.HTTPResponse(self.s, method=method)
        response.begin()
        body = response.read()
        if response.status not in self.spec["statuses"]:
            raise Wrong(f"{method} {path}: {response.status} {body[:200]}")
        if response.status == 200 and body != wanted:
            raise Wrong(f"{method} {path}: another body, {len(body)} bytes")
        self.tally.good(response.status, time.monotonic() - self.asked)
        self.asked = None
        return not response.will_close

    def fails(self, who, error):
        self.tally.bad(who, f"{type(error).__name__}: {error}", self)
        self.asked = None
        self.close()
        time.sleep(0.005)


ERRORS = (OSError, http.client.HTTPException, Wrong, ValueError)


def keep(client):
    over = client.tally.over
    while not over.is_set():
        try:
            if client.s is None:
                client.open()
            if client.s.pending() == 0 and select.select([client.s], [], [], 0)[0]:
                quiet(client)
            if not client.move():
                client.tally.add("said_close")
                client.close()
        except ERRORS as error:
            client.fails("keeper", error)
    client.close()


def quiet(client):
    """Between two requests nothing comes but tickets."""
    client.s.setblocking(False)
    try:
        if client.s.recv(1) == b"":
            raise Wrong("it was closed, and no answer had said so")
        raise Wrong("bytes that belong to no answer")
    except ssl.SSLWantReadError:
        pass
    finally:
        client.s.settimeout(20)


def come(client):
    over = client.tally.over
    while not over.is_set():
        try:
            client.open()
            client.move(("Connection: close",))
            client.session = client.s.session if client.resumes else None
            client.close()
        except ERRORS as error:
            client.fails("comer", error)


def echo(client):
    over, n = client.tally.over, 0
    while not over.is_set():
        try:
            if client.s is None:
                client.open()
            n += 1
            sent = f"{n}:".encode() + PATTERN[:1000]
            client.asked = time.monotonic()
            client.s.sendall(sent)
            got = b""
            while len(got) < len(sent):
                part = client.s.recv(65536)
                if not part:
                    raise Wrong("it was closed")
                got += part
            if got != sent:
                raise Wrong("another echo")
            client.asked = None
            client.tally.add("echoes")
            over.wait(0.02)
        except ERRORS as error:
            client.fails("echo", error)
    client.close()


def until_served(tally, times):
    while tally.numbers["requests"] + tally.numbers["echoes"] < times and tally.numbers["failed"] == 0:
        time.sleep(0.01)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        spec = json.load(f)
    spec["statuses"] = set(spec.get("statuses", [200]))
    tally = Tally()
    sites = spec["sites"]
    work = [(keep, sites[i % len(sites)], False) for i in range(spec["keepers"])]
    work += [(come, sites[i % len(sites)], i % 2 == 1) for i in range(spec["comers"])]
    work += [(echo, site, False) for site in spec.get("echoes", [])]
    threads = [threading.Thread(target=what, args=(Client(spec, tally, *client),)) for what, *client in work]
    for thread in threads:
        thread.start()
    until_served(tally, 3 * len(threads))
    print("going", flush=True)
    there = tally.numbers["requests"] + tally.numbers["echoes"]
    sys.stdin.buffer.read()
    until_served(tally, there + 3 * len(threads))
    tally.over.set()
    for thread in threads:
        thread.join()
    print(tally.told(), flush=True)


if __name__ == "__main__":
    main()
