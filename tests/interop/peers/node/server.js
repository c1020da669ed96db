// SPDX-License-Identifier: Apache-2.0 OR MIT
// The server of peer.js.
'use strict';

const tls = require('node:tls');
const { common, describe, shared } = require('./peer.js');

function page(socket, options) {
  let head = '';
  socket.on('data', (part) => {
    head += part;
    if (!head.endsWith('\r\n\r\n')) {
      return;
    }
    const body = `${describe(socket)}\n`;
    const answer = `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    if (options.cut) {
      socket.write(answer, () => socket.destroy());
    } else {
      socket.end(answer);
    }
  });
  socket.on('end', () => socket.end());
}

// Sessions that the server itself remembers: what the module leaves to its user.
function remember(server) {
  const sessions = new Map();
  server.on('newSession', (id, session, done) => {
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) ?? null));
}

function run(host, port, options) {
  const config = { ...common(options), requestCert: Boolean(options.ca), rejectUnauthorized: true };
  if (options.psk) {
    const { identity, psk } = shared(options);
    config.pskCallback = (_, name) => (name === identity ? psk : null);
  }
  const server = tls.createServer(config, (socket) => {
    socket.on('error', (error) => console.log(error.code));
    if (options.echo) {
      socket.pipe(socket);
    } else {
      page(socket, options);
    }
  });
  server.on('tlsClientError', (error) => console.log(error.code));
  if (options.ids) {
    remember(server);
  }
  server.listen(port, host);
}

module.exports = { run };
