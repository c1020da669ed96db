# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Servers of ours whose log is read: `serve --json`."""
import contextlib
import json

from interop import BIN, Talk


class OurServer:
    """`serve --json`: where it listens, and what it says of its visitors."""

    def __init__(self, talk):
        self.talk = talk
        self.port = self.events("listening", 1)[0]["port"]

    def events(self, kind, n):
        """The first n events of that kind, once they have come."""
        found = []

        def there(got):
            lines = [json.loads(line) for line in got.split(b"\n")[:-1] if line.startswith(b"{")]
            found[:] = [line for line in lines if line["event"] == kind]
            return len(found) >= n
        self.talk.until(there)
        return found[:n]

    def visits(self, n):
        """(early_data, its bytes, all bytes of the application) a visitor."""
        total = {event["id"]: event["bytes"]["data_in"] for event in self.events("closed", n)}
        return [(event["early_data"], event["early_bytes"], total[event["id"]]) for event in self.events("connected", n)]


@contextlib.contextmanager
def served(*options):
    with Talk([BIN, "serve", "--listen", "127.0.0.1:0", "--json", *options]) as talk:
        yield OurServer(talk)
