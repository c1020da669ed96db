// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One side of a case: the configuration of a client or of a server. A fault is a few words for the caller.

use std::ffi::{c_char, c_int, CStr};
use std::sync::Arc;

use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group, Ticketer};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    version, ClientConfig, ClientConnection, Connection, NamedGroup, RootCertStore, ServerConfig,
    ServerConnection, SupportedProtocolVersion,
};

use crate::abi::{Case, SERVER};

pub enum End {
    Client(Arc<ClientConfig>, ServerName<'static>),
    Server(Arc<ServerConfig>),
}

type Made<T> = Result<T, &'static CStr>;

/// Asks for tickets, and keeps none.
#[derive(Debug)]
struct Forgets;

impl ClientSessionStore for Forgets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// Safety: a string of the case, which is never NULL.
unsafe fn text<'a>(from: *const c_char) -> Made<&'a str> {
    CStr::from_ptr(from)
        .to_str()
        .map_err(|_| c"a name that is not UTF-8")
}

fn provider(what: &Case) -> Made<Arc<CryptoProvider>> {
    let suite = match what.suite {
        0x1301 => cipher_suite::TLS13_AES_128_GCM_SHA256,
        0x1303 => cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        0xc02b => cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        0xc02f => cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        _ => return Err(c"no such suite"),
    };
    let group = match what.group {
        0x001d => kx_group::X25519,
        0x0017 => kx_group::SECP256R1,
        0x11ec => kx_group::X25519MLKEM768,
        _ => return Err(c"no such group"),
    };
    Ok(Arc::new(CryptoProvider {
        cipher_suites: vec![suite],
        kx_groups: vec![group],
        ..default_provider()
    }))
}

static TLS12: [&SupportedProtocolVersion; 1] = [&version::TLS12];
static TLS13: [&SupportedProtocolVersion; 1] = [&version::TLS13];

fn versions(what: &Case) -> Made<&'static [&'static SupportedProtocolVersion]> {
    match what.version {
        0x0303 => Ok(&TLS12),
        0x0304 => Ok(&TLS13),
        _ => Err(c"no such version"),
    }
}

fn certificates(path: &str) -> Made<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.map_err(|_| c"certificates")
}

fn key(path: &str) -> Made<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).map_err(|_| c"private key")
}

fn roots(path: &str) -> Made<Arc<RootCertStore>> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate).map_err(|_| c"trust anchor")?;
    }
    Ok(Arc::new(store))
}

/// Safety: the strings of the case.
unsafe fn client(what: &Case) -> Made<ClientConfig> {
    let begun = ClientConfig::builder_with_provider(provider(what)?)
        .with_protocol_versions(versions(what)?)
        .map_err(|_| c"this suite or group in this version")?
        .with_root_certificates(roots(text(what.ca)?)?);
    let mut config = if what.mutual != 0 {
        let chain = certificates(text(what.client_chain)?)?;
        begun
            .with_client_auth_cert(chain, key(text(what.client_key)?)?)
            .map_err(|_| c"client certificate")?
    } else {
        begun.with_no_client_auth()
    };
    if what.resumed == 0 {
        config.resumption = Resumption::store(Arc::new(Forgets));
    }
    Ok(config)
}

/// Safety: the strings of the case.
unsafe fn server(what: &Case) -> Made<ServerConfig> {
    let provider = provider(what)?;
    let begun = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions(what)?)
        .map_err(|_| c"this suite or group in this version")?;
    let begun = if what.mutual != 0 {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots(text(what.ca)?)?, provider);
        begun.with_client_cert_verifier(verifier.build().map_err(|_| c"trust anchor")?)
    } else {
        begun.with_no_client_auth()
    };
    let chain = certificates(text(what.server_chain)?)?;
    let mut config = begun
        .with_single_cert(chain, key(text(what.server_key)?)?)
        .map_err(|_| c"server certificate")?;
    config.ticketer = Ticketer::new().map_err(|_| c"no ticket key")?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 1;
    Ok(config)
}

impl End {
    /// Safety: the strings of the case.
    pub unsafe fn new(what: &Case, role: c_int) -> Made<End> {
        if role == SERVER {
            return Ok(End::Server(Arc::new(server(what)?)));
        }
        let name =
            ServerName::try_from(text(what.server_name)?.to_owned()).map_err(|_| c"server name")?;
        Ok(End::Client(Arc::new(client(what)?), name))
    }

    pub fn connection(&self) -> Result<Connection, rustls::Error> {
        Ok(match self {
            End::Client(config, name) => {
                ClientConnection::new(config.clone(), name.clone())?.into()
            }
            End::Server(config) => ServerConnection::new(config.clone())?.into(),
        })
    }
}
