// SPDX-License-Identifier: Apache-2.0 OR MIT
// The client of peer.js.
'use strict';

const { readFileSync } = require('node:fs');
const tls = require('node:tls');
const { common, describe, shared } = require('./peer.js');

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

function config(host, port, options) {
  const config = { ...common(options), host, port, servername: options.name || 'localhost' };
  if (options.psk) {
    config.pskCallback = () => shared(options);
    config.checkServerIdentity = () => undefined; // it shows no certificate
  }
  return config;
}

// One connection; resolves to the session that it leaves. In TLS 1.3 that comes after the handshake, in a ticket.
function visit(config, options, data) {
  return new Promise((resolve, reject) => {
    const got = [];
    let session;
    let said;
    const socket = tls.connect(config, () => {
      said = describe(socket);
      socket.write(data);
      if (options.cut) {
        socket.destroy();
      } else if (options.echo) {
        socket.end();
      }
    });
    socket.on('session', (fresh) => { session = fresh; });
    socket.on('data', (part) => got.push(part));
    socket.on('end', () => socket.end());
    socket.on('error', reject);
    socket.on('close', () => {
      if (said) {
        process.stdout.write(Buffer.concat([Buffer.from(`${said}\n`), ...got, Buffer.from('\n')]));
      }
      resolve(session);
    });
  });
}

async function run(host, port, options) {
  const data = options.send ? readFileSync(options.send) : REQUEST;
  let session;
  for (let i = 0; i < Number(options.visits || 1); i++) {
    session = await visit({ ...config(host, port, options), session }, options, data) || session;
  }
}

module.exports = {
  run: (host, port, options) => run(host, port, options).catch((error) => {
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }),
};
