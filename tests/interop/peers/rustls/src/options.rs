// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The command line, and what client and server make of it alike.
use std::collections::HashMap;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{NamedGroup, RootCertStore, SupportedCipherSuite, SupportedProtocolVersion};

use crate::{backend, Result};

const FLAGS: [&str; 4] = ["--echo", "--refuse-early", "--tickets", "--ids"];

pub struct Options {
    pub address: String,
    given: HashMap<String, String>,
}

impl Options {
    pub fn read(words: &[String]) -> Result<Self> {
        let mut words = words.iter();
        let address = words.next().ok_or("no address")?.clone();
        let mut given = HashMap::new();
        while let Some(name) = words.next() {
            let value = if FLAGS.contains(&name.as_str()) { "" } else { words.next().ok_or("no value")? };
            given.insert(name.clone(), value.to_string());
        }
        Ok(Options { address, given })
    }

    pub fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    pub fn number(&self, name: &str, default: usize) -> Result<usize> {
        Ok(self.value(name).map(str::parse).transpose()?.unwrap_or(default))
    }

    fn list(&self, name: &str) -> Vec<&str> {
        self.value(name).map(|v| v.split(',').collect()).unwrap_or_default()
    }

    pub fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        match self.value("--tls") {
            Some("1.2") => vec![&TLS12],
            Some("1.3") => vec![&TLS13],
            _ => vec![&TLS13, &TLS12],
        }
    }

    /// Suites and groups in the order of the command line.
    pub fn provider(&self) -> Arc<CryptoProvider> {
        let mut provider = backend::default_provider();
        if self.has("--suites") {
            let all = provider.cipher_suites.clone();
            let wanted = self.list("--suites");
            provider.cipher_suites =
                wanted.iter().filter_map(|name| all.iter().find(|s| suite_name(s) == *name)).copied().collect();
        }
        if self.has("--groups") {
            let all = provider.kx_groups.clone();
            let wanted = self.list("--groups");
            provider.kx_groups =
                wanted.iter().filter_map(|name| all.iter().find(|g| group_name(**g) == *name)).copied().collect();
        }
        Arc::new(provider)
    }

    pub fn roots(&self) -> Result<RootCertStore> {
        let mut store = RootCertStore::empty();
        if let Some(file) = self.value("--ca") {
            for cert in CertificateDer::pem_file_iter(file)? {
                store.add(cert?)?;
            }
        }
        Ok(store)
    }

    pub fn chain(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>> {
        match (self.value("--cert"), self.value("--key")) {
            (Some(cert), Some(key)) => Ok(Some((
                CertificateDer::pem_file_iter(cert)?.collect::<std::result::Result<_, _>>()?,
                PrivateKeyDer::from_pem_file(key)?,
            ))),
            _ => Ok(None),
        }
    }
}

/// As the registry of IANA has it: rustls says TLS13_AES_… where that says TLS_AES_….
pub fn suite_name(suite: &SupportedCipherSuite) -> String {
    suite.suite().as_str().unwrap_or("?").replace("TLS13_", "TLS_")
}

pub fn group_name(group: &dyn SupportedKxGroup) -> String {
    match group.name() {
        NamedGroup::X25519 => "x25519".to_string(),
        other => other.as_str().unwrap_or("?").to_string(),
    }
}
