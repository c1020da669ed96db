// SPDX-License-Identifier: Apache-2.0 OR MIT
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::options::Options;
use crate::{describe, Result};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const RECORD: usize = 16384;
const AHEAD: usize = 4 * RECORD;
const PATIENCE: Duration = Duration::from_secs(20);

fn config(options: &Options) -> Result<Arc<ClientConfig>> {
    let builder = ClientConfig::builder_with_provider(options.provider())
        .with_protocol_versions(&options.versions())?
        .with_root_certificates(options.roots()?);
    let mut config = match options.chain()? {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    let how = if options.has("--ids") { Tls12Resumption::SessionIdOnly } else { Tls12Resumption::SessionIdOrTickets };
    config.resumption = Resumption::in_memory_sessions(256).tls12_resumption(how);
    config.enable_early_data = options.has("--early");
    Ok(Arc::new(config))
}

/// As much of `data` as the session allows; how much that is, or None: it allows none.
fn send_early(conn: &mut ClientConnection, data: &[u8]) -> Result<Option<usize>> {
    match conn.early_data() {
        Some(mut early) => {
            let n = early.bytes_left().min(data.len());
            early.write_all(&data[..n])?;
            Ok(Some(n))
        }
        None => Ok(None),
    }
}

/// Reads what there is; true once the peer has closed.
fn receive(conn: &mut ClientConnection, socket: &mut TcpStream, got: &mut Vec<u8>) -> Result<bool> {
    if conn.read_tls(socket)? == 0 {
        return Err("the connection was cut off".into());
    }
    let state = conn.process_new_packets()?;
    let start = got.len();
    got.resize(start + state.plaintext_bytes_to_read(), 0);
    conn.reader().read_exact(&mut got[start..])?;
    Ok(state.peer_has_closed())
}

fn flush(conn: &mut ClientConnection, socket: &mut TcpStream) -> Result<()> {
    while conn.wants_write() {
        conn.write_tls(socket)?;
    }
    Ok(())
}

/// Sends `data` and reads until close_notify. What is echoed must be read meanwhile: it may be longer than what the sockets hold.
fn talk(conn: &mut ClientConnection, socket: &mut TcpStream, data: &[u8], echoed: bool) -> Result<Vec<u8>> {
    let mut got = Vec::new();
    for (i, part) in data.chunks(RECORD).enumerate() {
        conn.writer().write_all(part)?;
        flush(conn, socket)?;
        while echoed && i * RECORD > got.len() + AHEAD {
            receive(conn, socket, &mut got)?;
        }
    }
    if echoed {
        conn.send_close_notify();
        flush(conn, socket)?;
    }
    while !receive(conn, socket, &mut got)? {}
    Ok(got)
}

/// Early data that is not taken is sent again, in its place.
fn visit(config: &Arc<ClientConfig>, options: &Options, early: &[u8], data: &[u8]) -> Result<()> {
    let mut socket = TcpStream::connect(&options.address)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut conn = ClientConnection::new(config.clone(), ServerName::try_from("localhost")?)?;
    let offered = send_early(&mut conn, early)?;
    while conn.is_handshaking() {
        conn.complete_io(&mut socket)?;
    }
    let (said, taken) = match offered {
        None => ("none", 0),
        Some(n) if conn.is_early_data_accepted() => ("accepted", n),
        Some(_) => ("rejected", 0),
    };
    println!("{}", describe(&conn, &format!("\"early\": \"{}\", \"early_bytes\": {}", said, offered.unwrap_or(0))));
    let rest = [&early[taken..], data].concat();
    let got = talk(&mut conn, &mut socket, &rest, options.has("--echo"))?;
    flush(&mut conn, &mut socket)?;
    std::io::stdout().write_all(&got)?;
    println!();
    Ok(())
}

fn file(name: Option<&str>, default: &[u8]) -> Result<Vec<u8>> {
    Ok(name.map(std::fs::read).transpose()?.unwrap_or_else(|| default.to_vec()))
}

pub fn run(options: &Options) -> Result<()> {
    let config = config(options)?;
    let early = file(options.value("--early"), b"")?;
    let data = file(options.value("--send"), REQUEST)?;
    for _ in 0..options.number("--visits", 1)? {
        visit(&config, options, &early, &data)?;
    }
    Ok(())
}
