// SPDX-License-Identifier: Apache-2.0 OR MIT
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection};

use crate::backend::Ticketer;
use crate::options::Options;
use crate::{describe, Result};

fn config(options: &Options) -> Result<Arc<ServerConfig>> {
    let provider = options.provider();
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&options.versions())?;
    let builder = if options.has("--ca") {
        let roots = Arc::new(options.roots()?);
        builder.with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(roots, provider).build()?)
    } else {
        builder.with_no_client_auth()
    };
    let (chain, key) = options.chain()?.ok_or("no certificate")?;
    let mut config = builder.with_single_cert(chain, key)?;
    if options.has("--tickets") {
        config.ticketer = Ticketer::new()?;
    }
    config.max_early_data_size = options.number("--early", 0)? as u32;
    Ok(Arc::new(config))
}

/// The handshake, with what came as early data; None: not accepted.
fn shake(conn: &mut ServerConnection, socket: &mut TcpStream) -> Result<Option<Vec<u8>>> {
    while conn.is_handshaking() {
        conn.complete_io(socket)?;
    }
    conn.early_data()
        .map(|mut early| {
            let mut data = Vec::new();
            early.read_to_end(&mut data)?;
            Ok(data)
        })
        .transpose()
}

/// What came next; empty once the visitor has closed his direction.
fn receive(conn: &mut ServerConnection, socket: &mut TcpStream) -> Result<Vec<u8>> {
    loop {
        let state = conn.process_new_packets()?;
        let mut data = vec![0; state.plaintext_bytes_to_read()];
        conn.reader().read_exact(&mut data)?;
        if !data.is_empty() || state.peer_has_closed() {
            return Ok(data);
        }
        if conn.read_tls(socket)? == 0 {
            return Err("the connection was cut off".into());
        }
    }
}

fn send(conn: &mut ServerConnection, socket: &mut TcpStream, data: &[u8]) -> Result<()> {
    for part in data.chunks(16384) {
        conn.writer().write_all(part)?;
        while conn.wants_write() {
            conn.write_tls(socket)?;
        }
    }
    Ok(())
}

fn echo(conn: &mut ServerConnection, socket: &mut TcpStream, mut data: Vec<u8>) -> Result<usize> {
    let mut n = 0;
    if data.is_empty() {
        data = receive(conn, socket)?;
    }
    while !data.is_empty() {
        n += data.len();
        send(conn, socket, &data)?;
        data = receive(conn, socket)?;
    }
    Ok(n)
}

/// The request's head, and the page, which is the description of the connection.
fn page(conn: &mut ServerConnection, socket: &mut TcpStream, mut data: Vec<u8>, early: &str) -> Result<usize> {
    while !data.windows(4).any(|end| end == b"\r\n\r\n") {
        let more = receive(conn, socket)?;
        if more.is_empty() {
            return Ok(data.len());
        }
        data.extend(more);
    }
    let body = describe(conn, &format!("{}, \"bytes\": {}", early, data.len())) + "\n";
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    send(conn, socket, (head + &body).as_bytes())?;
    Ok(data.len())
}

fn serve(config: Arc<ServerConfig>, options: &Options, mut socket: TcpStream) -> Result<()> {
    let mut conn = ServerConnection::new(config)?;
    if options.has("--refuse-early") {
        conn.reject_early_data();
    }
    let early = shake(&mut conn, &mut socket)?;
    let said = match &early {
        Some(data) => format!("\"early\": \"accepted\", \"early_bytes\": {}", data.len()),
        None => "\"early\": \"none\", \"early_bytes\": 0".to_string(),
    };
    let early = early.unwrap_or_default();
    let bytes = if options.has("--echo") {
        echo(&mut conn, &mut socket, early)?
    } else {
        page(&mut conn, &mut socket, early, &said)?
    };
    conn.send_close_notify();
    while conn.wants_write() {
        conn.write_tls(&mut socket)?;
    }
    println!("{}", describe(&conn, &format!("{}, \"bytes\": {}", said, bytes)));
    Ok(())
}

pub fn run(options: &Options) -> Result<()> {
    let config = config(options)?;
    let listener = TcpListener::bind(&options.address)?;
    std::thread::scope(|threads| {
        for socket in listener.incoming() {
            let (config, socket) = (config.clone(), socket?);
            threads.spawn(|| {
                if let Err(e) = serve(config, options, socket) {
                    println!("{{\"error\": {:?}}}", e.to_string());
                }
            });
        }
        Ok(())
    })
}
