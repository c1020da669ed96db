// SPDX-License-Identifier: Apache-2.0 OR MIT
//! rustls as a peer of the benchmark: the functions of src/tool/bench_peer.h, over one configuration an end, on aws-lc-rs.
//! A panic ends the process; whatever may fail says so instead.

mod abi;
mod end;

use std::ffi::{c_char, c_int, c_void};
use std::io::{self, IoSlice, Read, Write};
use std::slice;

use abi::{Case, Peer, Wire, DONE, FAILED, GOING, WIRE_ROOM};
use end::End;
use rustls::{Connection, HandshakeKind};

const VERSION: &std::ffi::CStr = c"rustls 0.23.46 (aws-lc-rs)";

/// What a step writes goes straight to the wire of its caller.
struct ToWire<'a>(&'a mut Wire);

impl Write for ToWire<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if from.len() > WIRE_ROOM - self.0.len {
            return Err(io::ErrorKind::WriteZero.into());
        }
        // Safety: the caller's wire has room for WIRE_ROOM bytes, `len` of which are there.
        unsafe {
            self.0
                .bytes
                .add(self.0.len)
                .copy_from_nonoverlapping(from.as_ptr(), from.len())
        };
        self.0.len += from.len();
        Ok(from.len())
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let before = self.0.len;
        for part in parts {
            self.write(part)?;
        }
        Ok(self.0.len - before)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// All of it is taken: read_tls takes what it has room for, process_new_packets makes room.
fn take(conn: &mut Connection, mut from: &[u8]) -> Outcome<()> {
    while !from.is_empty() {
        conn.read_tls(&mut from)?;
        conn.process_new_packets()?;
    }
    Ok(())
}

fn give(conn: &mut Connection, wire: &mut Wire) -> Outcome<()> {
    while conn.wants_write() {
        conn.write_tls(&mut ToWire(wire))?;
    }
    Ok(())
}

/// Safety: n bytes at `from`, or none.
unsafe fn bytes<'a>(from: *const u8, n: usize) -> &'a [u8] {
    if n == 0 {
        return &[];
    }
    slice::from_raw_parts(from, n)
}

unsafe extern "C" fn version() -> *const c_char {
    VERSION.as_ptr()
}

unsafe extern "C" fn end_new(
    what: *const Case,
    role: c_int,
    why: *mut *const c_char,
) -> *mut c_void {
    match End::new(&*what, role) {
        Ok(end) => Box::into_raw(Box::new(end)).cast(),
        Err(words) => {
            *why = words.as_ptr();
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn end_free(end: *mut c_void) {
    drop(Box::from_raw(end.cast::<End>()));
}

unsafe extern "C" fn conn_new(end: *mut c_void) -> *mut c_void {
    match (*end.cast::<End>()).connection() {
        Ok(conn) => Box::into_raw(Box::new(conn)).cast(),
        Err(_) => std::ptr::null_mut(),
    }
}

unsafe extern "C" fn conn_free(conn: *mut c_void) {
    drop(Box::from_raw(conn.cast::<Connection>()));
}

unsafe extern "C" fn step(conn: *mut c_void, from: *mut u8, n: usize, wire: *mut Wire) -> c_int {
    let conn = &mut *conn.cast::<Connection>();
    match take(conn, bytes(from, n)).and_then(|()| give(conn, &mut *wire)) {
        Err(_) => FAILED,
        Ok(()) if conn.is_handshaking() => GOING,
        Ok(()) => DONE,
    }
}

unsafe extern "C" fn was_resumed(conn: *mut c_void) -> c_int {
    ((*conn.cast::<Connection>()).handshake_kind() == Some(HandshakeKind::Resumed)).into()
}

unsafe extern "C" fn seal(conn: *mut c_void, data: *const u8, n: usize, wire: *mut Wire) -> usize {
    let conn = &mut *conn.cast::<Connection>();
    match conn.writer().write(bytes(data, n)) {
        Ok(written) if written == n && give(conn, &mut *wire).is_ok() => n,
        _ => 0,
    }
}

unsafe extern "C" fn open(conn: *mut c_void, record: *mut u8, n: usize) -> usize {
    let conn = &mut *conn.cast::<Connection>();
    if n == 0 || take(conn, bytes(record, n)).is_err() {
        return 0;
    }
    conn.reader()
        .read(slice::from_raw_parts_mut(record, n))
        .unwrap_or(0)
}

static ROW: Peer = Peer {
    abi: abi::ABI,
    name: c"rustls".as_ptr(),
    version,
    end_new,
    end_free,
    conn_new,
    step,
    was_resumed,
    conn_free,
    seal,
    open,
};

#[no_mangle]
pub extern "C" fn hf_bench_peer_row() -> *const c_void {
    std::ptr::from_ref(&ROW).cast()
}
