# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What tshark reads in a capture, and what `handfast explain --json` says of the same file, in one shape, so that they can be
compared: for each TCP connection and each direction the records, the content types inside the protected ones, the messages with
their fields, and the alerts."""
import collections
import json
import xml.etree.ElementTree as ET

from interop import BIN, need, run

TLS13, EARLY = 0x0304, 2
# (name, tshark's fields, what of it, the ends of our paths, what of them). show: the number that is shown; size: how many bytes.
# value: the number, or all of a list; length: how many bytes; inner: what the field before it says of its length.
SAME = (
    ("version", "tls.handshake.version", "show", ("legacy_version",), "value"),
    ("random", "tls.handshake.random", "size", ("random",), "length"),
    ("session id", "tls.handshake.session_id_length", "show", ("legacy_session_id", "legacy_session_id_echo"), "inner"),
    ("suites' length", "tls.handshake.cipher_suites_length", "show", ("cipher_suites",), "inner"),
    ("suites", "tls.handshake.ciphersuite", "show", ("cipher_suites", "cipher_suite"), "value"),
    ("compression", "tls.handshake.comp_method", "show", ("legacy_compression_methods", "legacy_compression_method"), "value"),
    ("extensions' length", "tls.handshake.extensions_length", "show", ("extensions",), "inner"),
    ("extensions", "tls.handshake.extension.type", "show", ("extension_type",), "value"),
    ("name's length", "tls.handshake.extensions_server_name_len", "show", ("server_name_list.host_name", "HostName"), "inner"),
    ("protocols' lengths", "tls.handshake.extensions_alpn_str_len", "show",
     ("application_layer_protocol_negotiation.protocol_name_list.ProtocolName",), "inner"),
    ("groups", "tls.handshake.extensions_supported_group", "show", ("supported_groups.named_group_list",), "value"),
    ("point formats", "tls.handshake.extensions_ec_point_format", "show", ("ec_point_format_list",), "value"),
    ("schemes", "tls.handshake.sig_hash_alg", "show", ("supported_signature_algorithms", "algorithm"), "value"),
    ("versions", "tls.handshake.extensions.supported_version", "show", ("versions.ProtocolVersion", "selected_version"), "value"),
    ("shares", "tls.handshake.extensions_key_share_group", "show", ("client_shares.group", "key_share.group"), "value"),
    ("shares' lengths", "tls.handshake.extensions_key_share_key_exchange_length", "show", ("key_exchange",), "inner"),
    ("group wanted", "tls.handshake.extensions_key_share_selected_group", "show", ("key_share.selected_group",), "value"),
    ("modes", "tls.extension.psk_ke_mode", "show", ("ke_modes",), "value"),
    ("identities' lengths", "tls.handshake.extensions.psk.identity.identity_length", "show", ("identities.identity",), "inner"),
    ("identity chosen", "tls.handshake.extensions.psk.identity.selected", "show", ("selected_identity",), "value"),
    ("certificates' lengths", "tls.handshake.certificate_length", "show", ("cert_data",), "inner"),
    ("curve", "tls.handshake.server_named_curve", "show", ("named_curve",), "value"),
    ("server's point", "tls.handshake.server_point_len", "show", ("ServerKeyExchange.point",), "inner"),
    ("client's point", "tls.handshake.client_point_len", "show", ("ecdh_Yc",), "inner"),
    ("signature's length", "tls.handshake.sig_len tls.handshake.client_cert_vrfy.sig_len", "show", ("signature",), "inner"),
    ("ticket's lifetime", "tls.handshake.session_ticket_lifetime_hint", "show",
     ("ticket_lifetime", "ticket_lifetime_hint"), "value"),
    ("ticket's age_add", "tls.handshake.session_ticket_age_add", "show", ("ticket_age_add",), "value"),
    ("ticket's length", "tls.handshake.session_ticket_length", "show", ("NewSessionTicket.ticket",), "inner"),
    ("nonce's length", "tls.handshake.session_ticket_nonce_length", "show", ("ticket_nonce",), "inner"),
    ("early data allowed", "tls.early_data.max_early_data_size", "show", ("max_early_data_size",), "value"),
    ("tickets' ages", "tls.handshake.extensions.psk.identity.obfuscated_ticket_age", "show", ("obfuscated_ticket_age",), "value"),
    ("response's length", "tls.handshake.ocsp_response_len", "show", ("OCSPResponse",), "inner"),
    ("verify_data", "tls.handshake.verify_data", "size", ("verify_data",), "length"),
)

Message = collections.namedtuple("Message", "type length fields")


class Half:
    """One direction of a connection."""

    def __init__(self):
        self.records, self.inner, self.messages, self.alerts = [], [], [], []


class Reading:
    """A connection as one of the two programs reads it."""

    def __init__(self):
        self.halves = {"client": Half(), "server": Half()}
        self.version = self.suite = None


# --- tshark ---------------------------------------------------------------------------------------------------------

def pdml(capture, *options):
    done = run([need("tshark"), "-r", capture, "-T", "pdml", *options], timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return ET.fromstring(done.stdout)


def number(field):
    return int(field.get("show"), 0)


def first(element, name):
    return next((field for field in element.iter("field") if field.get("name") == name), None)


def fields_of(handshake):
    """{name: [numbers]}, in the order of the message."""
    found = collections.defaultdict(list)
    for field in handshake.iter("field"):
        for name, theirs, what, _, _ in (*SAME, ("extensions' lengths", "tls.handshake.extension.len", "show", (), "")):
            if field.get("name") in theirs.split():
                found[name].append(int(field.get("size")) if what == "size" else number(field))
    return dict(found)


def read_handshake(half, handshake):
    kind = first(handshake, "tls.handshake.type")
    if kind is not None:
        half.messages.append(Message(number(kind), number(first(handshake, "tls.handshake.length")), fields_of(handshake)))


def read_record(half, record):
    direct = {field.get("name"): field for field in record if field.get("name")}
    if "tls.record.length" not in direct:
        return
    outer = direct.get("tls.record.opaque_type", direct.get("tls.record.content_type"))
    half.records.append((number(outer), number(direct["tls.record.version"]), number(direct["tls.record.length"])))
    if "tls.record.opaque_type" in direct and "tls.record.content_type" in direct:
        half.inner.append(number(direct["tls.record.content_type"]))
    for field in record:
        if field.get("name") == "tls.handshake":
            read_handshake(half, field)
        level = first(field, "tls.alert_message.level") if field.get("name") == "tls.alert_message" else None
        if level is not None:
            half.alerts.append((number(level), number(first(field, "tls.alert_message.desc"))))


def read_tshark(capture, keylog=None, port=None):
    """{port of the client: Reading}. `port`: the server's, if it is not one that tshark knows."""
    options = [f"-otls.keylog_file:{keylog}"] if keylog else []
    options += ["-d", f"tcp.port=={port},tls"] if port else []
    readings = {}
    for packet in pdml(capture, *options):
        if first(packet, "tcp.srcport") is None:
            continue
        source, target = (number(first(packet, f"tcp.{end}port")) for end in ("src", "dst"))
        client = target == port if port else source > target
        for proto in packet:
            if proto.get("name") != "tls":
                continue
            reading = readings.setdefault(source if client else target, Reading())
            for record in proto:
                if record.get("name") == "tls.record":
                    read_record(reading.halves["client" if client else "server"], record)
    return readings


# --- ours -----------------------------------------------------------------------------------------------------------

def explain(capture, *options):
    return run([BIN, "explain", "--json", *options, capture], timeout=120)


def ends_in(path, ends):
    return any(path == end or path.endswith("." + end) for end in ends)


def all_fields(fields):
    """With those inside, but for those of a certificate or an OCSP response: they are X.509's."""
    for field in fields:
        yield field
        if field["name"] not in ("cert_data", "OCSPResponse"):
            yield from all_fields(field.get("children", []))


def numbers(field, what):
    if what == "length":
        return [field["length"]]
    value = field.get("value")
    if isinstance(value, list):
        return value
    return [value] if value is not None else []


def our_fields(message):
    """The same as fields_of."""
    found = collections.defaultdict(list)
    for field in all_fields(message["fields"]):
        is_length, path = field["kind"] == "length", field["path"].removesuffix(" length")
        for name, _, _, ends, what in SAME:
            if field["kind"] == "struct" or not ends_in(path, ends) or is_length != (what == "inner"):
                continue
            found[name] += numbers(field, what)
        if field["kind"] == "struct" and field["name"] == "extensions":
            found["extensions' lengths"] += [child["value"] for child in field["children"] if child["kind"] == "length"]
    return {name: numbers for name, numbers in found.items() if numbers}


def reading_of(trace):
    reading = Reading()
    for event in trace["events"]:
        if event["kind"] != "record":
            continue
        half, wire = reading.halves[event["writer"]], bytes.fromhex(event["wire"])
        half.records.append((wire[0], int.from_bytes(wire[1:3], "big"), int.from_bytes(wire[3:5], "big")))
        if wire[0] == 23 and event["opened"] and (event["version"] == TLS13 or event["epoch"] == EARLY):
            half.inner.append(event["content_type"])
    for message in trace["messages"]:
        half, data = reading.halves[message["writer"]], bytes.fromhex(message["bytes"] or "")
        if message["kind"] == "alert" and len(data) == 2:
            half.alerts.append(tuple(data))
        elif message["kind"] == "handshake" and data:
            half.messages.append(Message(data[0], int.from_bytes(data[1:4], "big"), our_fields(message)))
    return reading


def traces_of(capture, n, *options):
    """The first n connections."""
    traces = []
    for stream in range(1, n + 1):
        done = explain(capture, "--stream", stream, *options)
        assert done.returncode == 0, (stream, done)
        traces.append(json.loads(done.stdout))
    return traces


def port_of(trace):
    return int(trace["client"].rpartition(":")[2])


# --- comparing ------------------------------------------------------------------------------------------------------

def differences(theirs, ours, unread=()):
    """Lines that say where the two readings of a connection are not the same, but for fields that tshark does not read."""
    for role in ("client", "server"):
        t, o = theirs.halves[role], ours.halves[role]
        for what in ("records", "inner", "alerts"):
            if getattr(t, what) != getattr(o, what):
                yield f"{role}: {what}: tshark {getattr(t, what)}, ours {getattr(o, what)}"
        if [m[:2] for m in t.messages] != [m[:2] for m in o.messages]:
            yield f"{role}: messages: tshark {[m[:2] for m in t.messages]}, ours {[m[:2] for m in o.messages]}"
            continue
        for i, (a, b) in enumerate(zip(t.messages, o.messages)):
            for name in sorted((a.fields.keys() | b.fields.keys()) - set(unread)):
                x, y = a.fields.get(name), b.fields.get(name)
                if x != y:
                    yield f"{role}: message {i + 1} of type {a.type}: {name}: tshark {x}, ours {y}"
