// SPDX-License-Identifier: Apache-2.0 OR MIT
//! src/tool/bench_peer.h in Rust.

use std::ffi::{c_char, c_int, c_void};

pub const ABI: u32 = 1;
pub const SERVER: c_int = 1;
pub const WIRE_ROOM: usize = 65536;
pub const FAILED: c_int = -1;
pub const GOING: c_int = 0;
pub const DONE: c_int = 1;

#[repr(C)]
pub struct Case {
    pub name: *const c_char,
    pub version: u16,
    pub suite: u16,
    pub group: u16,
    pub resumed: c_int,
    pub mutual: c_int,
    pub ca: *const c_char,
    pub server_chain: *const c_char,
    pub server_key: *const c_char,
    pub client_chain: *const c_char,
    pub client_key: *const c_char,
    pub server_name: *const c_char,
}

#[repr(C)]
pub struct Wire {
    pub bytes: *mut u8,
    pub len: usize,
}

#[repr(C)]
pub struct Peer {
    pub abi: u32,
    pub name: *const c_char,
    pub version: unsafe extern "C" fn() -> *const c_char,
    pub end_new: unsafe extern "C" fn(*const Case, c_int, *mut *const c_char) -> *mut c_void,
    pub end_free: unsafe extern "C" fn(*mut c_void),
    pub conn_new: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    pub step: unsafe extern "C" fn(*mut c_void, *mut u8, usize, *mut Wire) -> c_int,
    pub was_resumed: unsafe extern "C" fn(*mut c_void) -> c_int,
    pub conn_free: unsafe extern "C" fn(*mut c_void),
    pub seal: unsafe extern "C" fn(*mut c_void, *const u8, usize, *mut Wire) -> usize,
    pub open: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> usize,
}

// Safety: the one row is constant, and so are the strings it points at.
unsafe impl Sync for Peer {}
