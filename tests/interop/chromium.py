# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Chromium without a screen: a home of its own, whose certificate database holds our CA, and the DevTools protocol on a pair of
pipes (--remote-debugging-pipe: JSON, each message ended by a zero byte)."""
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import threading
import time

from interop import ENV, need, run
from processes import LIMIT
from tls12 import Peer, Seen

OPTIONS = ("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
           "--disable-dev-shm-usage")
SECONDS = LIMIT
# Nothing is connected to before it is asked for, which would be one more visitor in our log; and whoever asks for a client
# certificate gets the first that fits.
PREFERENCES = {"net": {"network_prediction_options": 2},
               "profile": {"managed_auto_select_certificate_for_urls": ['{"pattern": "*", "filter": {}}']}}
GROUPS = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1"}


def tool(*words):
    done = run(words)
    assert done.returncode == 0, done


class Home:
    """A home folder with a certificate database. `ca`: whom it trusts; `client`: a certificate and its key that it can show."""

    def __init__(self, folder, ca=None, client=None):
        for program in ("chromium", "certutil"):
            need(program)
        self.folder, self.database = folder, f"sql:{folder / '.pki/nssdb'}"
        (folder / ".pki/nssdb").mkdir(parents=True)
        tool("certutil", "-N", "--empty-password", "-d", self.database)
        if ca:
            tool("certutil", "-A", "-d", self.database, "-n", "ours", "-t", "C,,", "-i", ca)
        if client:
            both = folder / "client.p12"
            tool("openssl", "pkcs12", "-export", "-in", client[0], "-inkey", client[1], "-out", both, "-passout", "pass:")
            tool("pk12util", "-i", both, "-d", self.database, "-W", "")
        (folder / "profile/Default").mkdir(parents=True)
        (folder / "profile/Default/Preferences").write_text(json.dumps(PREFERENCES))

    @property
    def env(self):
        folders = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA")}
        return {"HOME": str(self.folder), **folders}

    def words(self, *more):
        return ["chromium", *OPTIONS, f"--user-data-dir={self.folder / 'profile'}", *more]

    def dump(self, url):
        """The page as --dump-dom prints it; empty where none was loaded."""
        return run(self.words("--dump-dom", url), env=self.env).stdout.decode(errors="replace")


def high_pipe():
    """A pipe whose descriptors are not those that the protocol wants."""
    low = os.pipe()
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in low]
    for fd in low:
        os.close(fd)
    return high


class Browser:
    """One process and one tab of it."""

    def __init__(self, home, *more):
        self.out, there_out = high_pipe()
        there_in, self.into = high_pipe()
        self.buffer, self.last, self.session, self.events = b"", 0, None, []

        def pipes():
            os.dup2(there_in, 3)
            os.dup2(there_out, 4)
        self.process = subprocess.Popen(home.words("--remote-debugging-pipe", *more, "about:blank"), env={**ENV, **home.env},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=pipes, close_fds=False, start_new_session=True)
        os.close(there_in)
        os.close(there_out)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.into)
        os.close(self.out)

    def message(self, end):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.out], [], [], max(0, end - time.monotonic()))
            assert ready, f"Chromium said nothing more; last: {self.events[-3:]}"
            data = os.read(self.out, 1 << 16)
            assert data, "Chromium has ended"
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(line)

    def call(self, method, **params):
        self.last += 1
        words = {"id": self.last, "method": method, "params": params, **({"sessionId": self.session} if self.session else {})}
        os.write(self.into, json.dumps(words).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while True:
            message = self.message(end)
            if message.get("id") == self.last:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def until(self, method, holds=lambda params: True):
        """The first event of that name, seen already or to come."""
        end = time.monotonic() + SECONDS
        while True:
            for event in self.events:
                if event.get("method") == method and holds(event["params"]):
                    return event["params"]
            self.events.append(self.message(end))

    def load(self, url):
        """(what DevTools says of the connection or None, the text of the page or the name of the error)."""
        self.events.clear()
        done = self.call("Page.navigate", url=url)
        if "errorText" in done:
            return None, done["errorText"]
        loader = done["loaderId"]
        self.until("Page.lifecycleEvent", lambda params: params["loaderId"] == loader and params["name"] == "load")
        response = self.until("Network.responseReceived", lambda params: params["loaderId"] == loader)["response"]
        text = self.call("Runtime.evaluate", expression="document.body.innerText")["result"]["value"]
        return response["securityDetails"], text


@contextlib.contextmanager
def browser(home, *more):
    started = Browser(home, *more)
    try:
        yield started
    finally:
        started.close()


def negotiated(security):
    """(version, suite, group) as Chromium says: "TLS 1.2", "ECDHE_ECDSA", "AES_128_GCM", "P-256"."""
    cipher = security["cipher"] + ("_SHA384" if "256_GCM" in security["cipher"] else "_SHA256")
    exchange = f"{security['keyExchange']}_WITH_" if security["keyExchange"] else ""
    group = security["keyExchangeGroup"]
    return security["protocol"].replace("TLS ", "TLSv"), f"TLS_{exchange}{cipher}", GROUPS.get(group, group)


class Chromium(Peer):
    """A client of tls12.py and tls13.py. One tab makes one visit after the other."""
    name = "Chromium"
    lacks = (("our client", lambda ask: True, "a browser is a client only"),
             (None, lambda ask: ask.key == "ed25519", "Chromium has no Ed25519"),
             (None, lambda ask: (ask.group, ask.key) == ("secp384r1", "p256"), "Chromium prefers P-256, which the key needs"))

    def __init__(self, tab):
        self.tab, self.lock = tab, threading.Lock()

    def leaves_suite(self, ask):
        return True

    def visit(self, port, name="localhost"):
        """What our page says must be what Chromium says."""
        security, text = self.tab.load(f"https://{name}:{port}/")
        assert security, text
        version, suite, group = negotiated(security)
        seen = Seen(version, suite, "\nResumed\nyes\n" in text, text)
        assert suite in text and version.replace("TLSv", "TLS ") in text, seen
        assert seen.resumed and version == "TLSv1.2" or group in text, (group, seen)
        return seen

    def client(self, pki, port, ask):
        with self.lock:
            seen = [self.visit(port) for _ in range(2 if ask.resume else 1)]
        assert seen[0].resumed or ask.group in seen[0].text, seen
        return seen
