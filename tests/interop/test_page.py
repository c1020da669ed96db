# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The page of a handshake in Chromium: it opens without a word in the console or a request, works by mouse, by keyboard alone and
without a script, fits a phone, pleases axe-core, and nothing that a peer sent is more than text in it. `make deps-peers` fetches
axe-core."""
import json
import pathlib
import re

import pytest

from chromium import Home, browser
from interop import BIN, ROOT, hf_serve, run
from tls12 import client_cert, make_client_certs

AXE = pathlib.Path(ROOT, "build/peers/axe/node_modules/axe-core/axe.min.js")
LIMIT = 400_000  # bytes of the page of a usual handshake
SAID = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
DESKTOP, PHONE, SMALL = (1280, 900), (390, 844), (360, 740)
# As long as "localhost": markup, both quotes, U+202E, NUL, and what is no UTF-8.
HOSTILE = b"<s>\"\xe2\x80\xae\x00\xff"

VISITS = {
    "TLS 1.3": ((), ("--alpn", "h2,http/1.1"), 0),
    "TLS 1.2 mutual": (("--tls", "1.2", "--client-auth", "require"), (), 0),
    "HelloRetryRequest": (("--groups", "secp384r1"), (), 0),
    "secrets": ((), ("--show-secrets",), 0),
    "unknown CA": ((), (), 6),
    "wrong name": ((), ("--servername", "wrong.test"), 6),
    "no common version": (("--tls", "1.3"), ("--tls", "1.2"), 4),
}
PAGES = [*VISITS, "hostile", "capture"]


def trace(pki, folder, name):
    """(page, JSON) of one visit; a capture of it lies beside them."""
    server, client, status = VISITS[name]
    words = list(client)
    if "--client-auth" in server:
        make_client_certs(pki)
        server = (*server, "--client-ca", pki.ca)
        certificate, key = client_cert(pki, "p256")
        words += ["--cert", certificate, "--key", key]
    if name != "unknown CA":
        words += ["--ca", pki.ca]
    if "--servername" not in words:
        words += ["--servername", "localhost"]
    page = folder / f"{name}.html".replace(" ", "-")
    with hf_serve(pki, "p256", *server) as port:
        done = run([BIN, "trace", "--json", "--html", page, "--pcapng", page.with_suffix(".pcapng"), *words, f"127.0.0.1:{port}"])
    assert done.returncode == status, done
    return page, done.stdout


@pytest.fixture(scope="module")
def pages(pki, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {name: trace(pki, folder, name) for name in VISITS}
    page, saved = made["TLS 1.3"]
    others = {"hostile": hostile(folder, saved), "capture": capture(folder, page.with_suffix(".pcapng"))}
    return {name: page for name, (page, _) in made.items()} | others


def hostile(folder, saved):
    """The same handshake, had its names been others: whoever reads it does not verify it."""
    text = saved.decode().replace(b"localhost".hex(), HOSTILE.hex())
    assert HOSTILE.hex() in text
    trace_file, page = folder / "hostile.json", folder / "hostile.html"
    kept = json.loads(text)
    trace_file.write_text(json.dumps(kept))
    done = run([BIN, "explain", "--html", page, trace_file])
    assert done.returncode == 0, done
    return page


def capture(folder, packets):
    page = folder / "capture.html"
    done = run([BIN, "explain", "--html", page, packets])
    assert done.returncode == 0, done
    return page


class Tab:
    """A page in a tab, at a size, with what it said and asked for."""

    def __init__(self, tab):
        self.tab, self.script = tab, True
        for domain in ("Runtime", "Log", "DOM"):
            tab.call(f"{domain}.enable")

    def show(self, page, size=DESKTOP, script=True, scheme="light"):
        call, self.script = self.tab.call, script
        call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size[0] < 600)
        call("Emulation.setScriptExecutionDisabled", value=not script)
        call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                     {"name": "prefers-reduced-motion", "value": "reduce"}])
        call("Page.navigate", url="about:blank")
        self.tab.events.clear()
        loader = call("Page.navigate", url=page.as_uri())["loaderId"]
        self.tab.until("Page.lifecycleEvent", lambda params: params["loaderId"] == loader and params["name"] == "load")
        return self

    def said(self):
        self.tab.call("Runtime.evaluate", expression="0")
        return [event for event in self.tab.events if event.get("method") in SAID]

    def asked(self):
        return [event["params"]["request"]["url"] for event in self.tab.events if event.get("method") == "Network.requestWillBeSent"]

    def run(self, expression):
        done = self.tab.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def drawn(self):
        """Once two frames were drawn, what was under way is done: scrolling, events of the address. A picture needs a frame, too."""
        if self.script:
            self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
        else:
            self.tab.call("Page.captureScreenshot", clip={"x": 0, "y": 0, "width": 1, "height": 1, "scale": 1})

    def mouse(self, selector, *more):
        """To the middle of the first line of an element, scrolled to."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{find}.scrollIntoView({{block: 'center'}})")
        self.drawn()
        x, y = self.run(f"""(() => {{ const box = {find}.getClientRects()[0];
            return [box.x + Math.min(box.width / 2, 8), box.y + box.height / 2]; }})()""")
        for kind in ("mouseMoved", *more):
            self.tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left",
                          clickCount=1)
        self.drawn()

    def click(self, selector):
        self.mouse(selector, "mousePressed", "mouseReleased")

    def key(self, name):
        text = {"text": "\r"} if name == "Enter" else {}
        code = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
                "ArrowDown": 40}[name]
        for kind in ("keyDown", "keyUp"):
            self.tab.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code,
                          **(text if kind == "keyDown" else {}))
        self.drawn()

    def focus(self):
        """The fields and bytes that are lit, and where the focus is."""
        return self.run("document.activeElement.closest('summary, .hex span, .hex')?.textContent?.trim() || ''")

    def lit(self):
        return self.run("""[[...document.querySelectorAll(".tree .lit > summary .n")].map((e) => e.textContent),
                            [...document.querySelectorAll(".hex .lit")].map((e) => e.textContent.trim()).join(" ")]""")


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(Home(tmp_path_factory.mktemp("page"))) as started:
        yield Tab(started)


FIELD = '#m0 .tree details[data-f="{}"] > summary'
BYTES = '#m0 .hex span[data-f="{}"]'


@pytest.mark.parametrize("name", PAGES)
def test_it_needs_nothing_else(tab, pages, name):
    """Opened from a file, all of it opened: nothing is said, nothing asked for, and it is not large."""
    page = pages[name]
    text = page.read_text(encoding="utf-8")
    tab.show(page)
    tab.run("document.getElementById('all').click()")
    assert tab.said() == [] and tab.asked() == [page.as_uri()]
    assert len(text.encode()) < LIMIT
    assert "default-src 'none'" in text and not re.search(r"=\"?https?:|@import|url\(|\ssrc=|\sstyle=|\son\w+=\"", text)


def test_a_message_opens_and_closes(tab, pages):
    tab.show(pages["TLS 1.3"])
    is_open = "document.querySelector('#m0 > details').open"
    assert tab.run(is_open) is False
    tab.click("#m0 > details > summary .label")
    assert tab.run(is_open) is True
    assert tab.run("document.querySelector('#m0 .hex').checkVisibility()")
    tab.click("#m0 > details > summary .label")
    assert tab.run(is_open) is False


def test_a_field_lights_its_bytes_and_back(tab, pages):
    """legacy_version is node 3 of a ClientHello: bytes 4 and 5."""
    tab.show(pages["TLS 1.3"])
    tab.click("#m0 > details > summary .label")
    tab.mouse(FIELD.format(3))
    assert tab.lit() == [["legacy_version"], "03 03"]
    assert tab.run("document.querySelector('#m0 .where').textContent") == "bytes 4–5 · legacy_version"
    tab.mouse(BYTES.format(1))
    assert tab.lit() == [["msg_type"], "01"]
    tab.mouse("h1")
    assert tab.lit() == [[], ""]


def test_bytes_of_a_closed_group_light_the_group(tab, pages):
    """And a click on them opens it, down to their field."""
    tab.show(pages["TLS 1.3"])
    tab.click("#m0 > details > summary .label")
    node = tab.run("""(() => { const all = [...document.querySelectorAll("#m0 .tree details:not(.group)")];
        const leaf = all.find((e) => e.querySelector(".n").textContent === "HostName" || e.querySelector(".v").textContent === "localhost");
        return leaf.dataset.f; })()""")
    tab.mouse(BYTES.format(node))
    assert tab.lit() == [["server_name"], "00 09 " + b"localhost".hex(" ")]
    tab.click(BYTES.format(node))
    assert tab.run(f"document.querySelector('{FIELD.format(node)}').checkVisibility()")
    assert tab.run(f"document.activeElement === document.querySelector('{FIELD.format(node)}')")
    assert tab.lit() == [["host_name"], "00 09 " + b"localhost".hex(" ")]


def until_focus(tab, key, words, most=60):
    for _ in range(most):
        if tab.focus().startswith(words):
            return
        tab.key(key)
    raise AssertionError(f"{key} never came to {words}, but to {tab.focus()}")


def test_by_keyboard_alone(tab, pages):
    """Tabulator to the first message, Enter, tabulator into the fields, arrows through them, over to the bytes, and out."""
    tab.show(pages["TLS 1.3"])
    until_focus(tab, "Tab", "0 µs")
    tab.key("Enter")
    assert tab.run("document.querySelector('#m0 > details').open")
    until_focus(tab, "Tab", "ClientHello", 4)
    for _ in range(3):
        tab.key("ArrowDown")
    assert tab.lit() == [["legacy_version"], "03 03"]
    tab.key("Enter")
    assert tab.run("document.activeElement.parentElement.open")
    tab.key("ArrowLeft")
    assert not tab.run("document.activeElement.parentElement.open")
    tab.key("ArrowLeft")
    assert tab.focus().startswith("ClientHello") and len(tab.lit()[1]) > 1000
    tab.key("Tab")
    assert tab.run("document.activeElement.matches('#m0 .hex')")
    for _ in range(2):
        tab.key("ArrowRight")
    assert tab.lit()[0] == ["length"]
    tab.key("Enter")
    assert tab.focus().startswith("length")
    tab.key("Escape")
    assert not tab.run("document.querySelector('#m0 > details').open") and tab.focus().startswith("0 µs")
    tab.key("ArrowDown")
    assert tab.run("document.activeElement.closest('.step').id") != "m0"


def test_groups(tab, pages):
    """One kind of them is shown at a time, without a script too."""
    tab.show(pages["TLS 1.3"], script=False)
    shown = "[...document.querySelectorAll('.group')].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    assert tab.run(shown) == ["Key Exchange", "Server Parameters", "Authentication"]
    for by, least in (("four", 4), ("six", 4), ("nine", 5)):
        tab.click(f"label[for=by-{by}]")
        assert len(tab.run(shown)) >= least and all(re.match(r"\d ", name) for name in tab.run(shown))


def test_the_colours_can_be_chosen(tab, pages):
    for scheme, choice in (("light", "dark"), ("dark", "light")):
        tab.show(pages["TLS 1.3"], scheme=scheme)
        light = "getComputedStyle(document.body).backgroundColor"
        before = tab.run(light)
        tab.click(f"label[for=theme-{choice}]")
        assert tab.run(light) != before


def test_the_three_answers(pages):
    """Who chose the suite, where encryption began, what proved the server's identity: as text, before any message is opened."""
    facts = re.sub(r"<[^>]*>", " ", pages["TLS 1.3"].read_text(encoding="utf-8").partition("<dl class=\"facts\">")[2].partition("</dl>")[0])
    words = " ".join(facts.split())
    assert re.search(r"Cipher suite TLS_\w+ the server chose it, in ServerHello", words), words
    assert "Encrypted from EncryptedExtensions written by the server" in words
    assert "Who is the server? proved: certificate and signature" in words


@pytest.mark.parametrize("name", ("unknown CA", "wrong name"))
def test_a_fault_is_found(tab, pages, name):
    tab.show(pages[name])
    assert tab.run("document.querySelector('.outcome').classList.contains('bad')")
    tab.click(".jump")
    assert tab.run("document.querySelector('.refused > details').open")
    fault = tab.run("document.querySelector('.refused .fault').innerText")
    assert tab.run("document.querySelector('.refused .tree .wrong > summary').checkVisibility()")
    assert "Refused here" in fault and tab.run("document.querySelector('.refused .label b').textContent") == "Certificate"


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone(tab, pages, name):
    for size in (SMALL, PHONE):
        tab.show(pages[name], size)
        tab.run("document.getElementById('all').click()")
        tab.run("document.querySelectorAll('.fields details, .fold, .table').forEach((e) => { e.open = true; })")
        assert tab.run("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("name", PAGES)
def test_axe_has_nothing_to_say(tab, pages, name, scheme):
    """All its rules, also those for good practice, with everything open."""
    if not AXE.exists():
        pytest.skip("missing peer: axe-core (make deps-peers fetches it by npm)")
    tab.show(pages[name], scheme=scheme)
    tab.run("document.getElementById('all').click()")
    tab.run("document.querySelectorAll('.fields details, .fold, .table').forEach((e) => { e.open = true; })")
    tab.run(AXE.read_text(encoding="utf-8") + "; 0")
    found = json.loads(tab.run("""axe.run(document, {resultTypes: ["violations"]}).then((done) => JSON.stringify(
        done.violations.map((v) => [v.id, v.impact, v.help, v.nodes.slice(0, 5).map((n) => [n.html, n.failureSummary])])))"""))
    assert found == []


def test_without_a_script(tab, pages):
    """All words are there, messages open, and what only a script could do is not offered."""
    tab.show(pages["TLS 1.3"], script=False)
    assert tab.run("document.getElementById('all').checkVisibility()") is False
    tab.click("#m0 > details > summary .label")
    assert tab.run("document.querySelector('#m0 > details').open")
    text = tab.run("document.querySelector('#m0 .inside').innerText")
    assert all(words in text for words in ("legacy_version", "TLS 1.2", "What an eavesdropper can read now", "0010"))
    assert tab.said() == []


def test_hostile_names_are_text(tab, pages):
    """They are in server_name and in the certificate: shown as what they are, as neither markup nor a turn of direction."""
    raw = pages["hostile"].read_bytes()
    assert b"<s>" not in raw and b"\xe2\x80\xae" not in raw and b"\x00" not in raw
    raw.decode()
    tab.show(pages["hostile"])
    assert tab.run("document.querySelectorAll('s').length") == 0
    assert tab.said() == []
    text = tab.run("document.body.textContent")
    assert "<s>\"" in text and "\\xff" in text


def test_a_capture_judges_nobody(pages):
    """It has no trust store, and cannot tell what the ends have checked."""
    text = pages["capture"].read_text(encoding="utf-8")
    assert "Not checked: a capture has no trust store." in text
    assert "a capture cannot tell whether it was trusted" in text and "proved: certificate" not in text


def test_secrets_are_shown_where_asked(pages):
    shown, kept = (pages[name].read_text(encoding="utf-8") for name in ("secrets", "TLS 1.3"))
    assert "Secrets are shown" in shown and '<code class="value">' in shown
    assert "Secrets are shown" not in kept and '<code class="value">' not in kept
