// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A peer on rustls. `peer server ADDR:PORT OPTIONS` answers requests with a page, or echoes with `--echo`; `peer client
//! ADDR:PORT OPTIONS` comes `--visits` times and remembers its sessions in between. Each connection is a line of JSON on stdout;
//! a client's is followed by what the server sent.
//!
//! Both: `--ca FILE` (a server with one demands client certificates), `--cert FILE --key FILE`, `--tls 1.2|1.3`,
//! `--suites A,B`, `--groups A,B`, `--echo`. Server: `--tickets` (else it resumes from its memory), `--early BYTES`,
//! `--refuse-early`. Client: `--visits N`, `--send FILE`, `--early FILE` (sent before that, and as early data where it may),
//! `--ids` (no tickets in TLS 1.2).
mod client;
mod options;
mod server;

use options::Options;
#[cfg(not(feature = "ring"))]
use rustls::crypto::aws_lc_rs as backend;
#[cfg(feature = "ring")]
use rustls::crypto::ring as backend;
use rustls::{CommonState, HandshakeKind, ProtocolVersion};

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What both ends say of a connection; `more` are members of their own.
fn describe(c: &CommonState, more: &str) -> String {
    let version = match c.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "?",
    };
    let kind = match c.handshake_kind() {
        Some(HandshakeKind::Full) => "full",
        Some(HandshakeKind::FullWithHelloRetryRequest) => "hrr",
        Some(HandshakeKind::Resumed) => "resumed",
        None => "?",
    };
    let suite = c.negotiated_cipher_suite().map(|s| options::suite_name(&s)).unwrap_or_default();
    let group = c.negotiated_key_exchange_group().map(options::group_name).unwrap_or_default();
    format!(
        "{{\"version\": \"{}\", \"suite\": \"{}\", \"group\": \"{}\", \"kind\": \"{}\", \"resumed\": {}, \"certificates\": {}, {}}}",
        version,
        suite,
        group,
        kind,
        kind == "resumed",
        c.peer_certificates().map_or(0, |chain| chain.len()),
        more
    )
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("client") => client::run(&Options::read(&words[1..])?),
        Some("server") => server::run(&Options::read(&words[1..])?),
        _ => Err("client or server?".into()),
    }
}
