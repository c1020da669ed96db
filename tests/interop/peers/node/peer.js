// SPDX-License-Identifier: Apache-2.0 OR MIT
// A peer on Node's module tls. `peer.js server ADDR:PORT OPTIONS` answers a request with a page, or echoes with `--echo`;
// `peer.js client ADDR:PORT OPTIONS` comes `--visits` times and remembers its session in between. Each connection of a client is
// a line of JSON on stdout, followed by what the server sent.
//
// Both: `--ca FILE` (a server with one demands client certificates), `--cert FILE --key FILE`, `--tls 1.2|1.3`, `--suites A,B` (as
// OpenSSL calls them), `--groups A,B`, `--alpn A,B`, `--echo`, `--ids` (no tickets), `--psk IDENTITY:HEX`, `--cut` (ends without
// close_notify). Client: `--visits N`, `--send FILE`, `--name NAME`.
'use strict';

const { constants } = require('node:crypto');
const { readFileSync } = require('node:fs');

const FLAGS = ['--echo', '--ids', '--cut'];

function given(words) {
  const options = {};
  for (let i = 0; i < words.length; i++) {
    options[words[i].slice(2)] = FLAGS.includes(words[i]) ? true : words[++i];
  }
  return options;
}

const list = (value) => (value ? value.split(',') : []);

// What both ends tell the module alike.
function common(options) {
  const file = (name) => (options[name] ? readFileSync(options[name]) : undefined);
  const version = options.tls && `TLSv${options.tls}`;
  return {
    ca: file('ca'),
    cert: file('cert'),
    key: file('key'),
    minVersion: version || 'TLSv1.2',
    maxVersion: version || 'TLSv1.3',
    ciphers: list(options.suites).join(':') || undefined,
    ecdhCurve: list(options.groups).join(':') || 'auto',
    ALPNProtocols: options.alpn ? list(options.alpn) : undefined,
    secureOptions: options.ids ? constants.SSL_OP_NO_TICKET : 0,
    allowHalfOpen: true,
  };
}

function shared(options) {
  const [identity, hex] = options.psk.split(':');
  return { identity, psk: Buffer.from(hex, 'hex') };
}

// What is said of a connection.
function describe(socket) {
  return JSON.stringify({
    version: socket.getProtocol(),
    suite: socket.getCipher().standardName,
    resumed: socket.isSessionReused(),
    verified: socket.authorized,
    alpn: socket.alpnProtocol,
    subject: socket.getPeerCertificate().subject?.CN ?? null,
  });
}

module.exports = { common, describe, shared };

if (require.main === module) {
  const [role, address, ...words] = process.argv.slice(2);
  const [, host, port] = address.match(/^(.*):(\d+)$/);
  require(role === 'client' ? './client.js' : './server.js').run(host, Number(port), given(words));
}
