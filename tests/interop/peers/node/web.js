// SPDX-License-Identifier: Apache-2.0 OR MIT
// HTTP and WebSocket on Node's own modules and on the package ws, for what stands in front of services.
//
// `web.js server PORT`: / is what was asked, as JSON; /bytes/N are N bytes; POST /sink is {length, sha256} of the body; /page is a page
// whose script talks to /ws, where a WebSocket echoes (and says 4001 to "bye").
// `web.js client PORT NAME CA [CERT KEY]`: three requests on one connection to https://NAME:PORT (at 127.0.0.1), then a WebSocket; one line
// of JSON says what came.
'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { WebSocket, WebSocketServer } = require('ws');

const PATTERN = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7) % 251));
const PAGE = `<!doctype html><title>waiting</title><p id="p">waiting</p><script>
const s = new WebSocket('wss://' + location.host + '/ws');
s.onopen = () => s.send('hello ' + 'x'.repeat(100000));
s.onmessage = (m) => { document.getElementById('p').textContent = 'echoed ' + m.data.length; s.send('bye'); };
s.onclose = (e) => { document.title = 'closed ' + e.code; };
s.onerror = () => { document.title = 'error'; };
</script>`;

function give(response, n) {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': n });
  let left = n;
  const more = () => {
    while (left > 0) {
      const part = left < PATTERN.length ? PATTERN.subarray(0, left) : PATTERN;
      left -= part.length;
      if (!response.write(part)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

function swallow(request, response) {
  const digest = createHash('sha256');
  let length = 0;
  request.on('data', (part) => {
    length += part.length;
    digest.update(part);
  });
  request.on('end', () => response.end(JSON.stringify({ length, sha256: digest.digest('hex') })));
}

function answer(request, response) {
  if (request.url.startsWith('/bytes/')) {
    give(response, Number(request.url.slice(7)));
  } else if (request.url === '/sink') {
    swallow(request, response);
  } else if (request.url === '/page') {
    response.setHeader('Content-Type', 'text/html');
    response.end(PAGE);
  } else {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ backend: 'node', method: request.method, target: request.url, headers: request.headers,
      all: request.rawHeaders }));
  }
}

function serve(port) {
  const server = http.createServer(answer);
  const sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket, request) => {
    socket.on('message', (data, binary) => {
      if (!binary && data.toString() === 'bye') {
        socket.close(4001, 'as you wish');
      } else if (!binary && data.toString() === 'headers') {
        socket.send(JSON.stringify(request.headers));
      } else {
        socket.send(data, { binary });
      }
    });
  });
  server.listen(port, '127.0.0.1');
}

// Every name is this machine.
function lookup(name, options, done) {
  if (options.all) {
    done(null, [{ address: '127.0.0.1', family: 4 }]);
  } else {
    done(null, '127.0.0.1', 4);
  }
}

function get(options, path, agent) {
  return new Promise((resolve, reject) => {
    https.get({ ...options, path, agent }, (response) => {
      const parts = [];
      const version = response.socket.getProtocol();
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, hsts: response.headers['strict-transport-security'],
        version, length: Buffer.concat(parts).length, reused: response.req.reusedSocket,
        text: path === '/' ? Buffer.concat(parts).toString() : undefined }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

// What was echoed of a text, of binary data of a megabyte and of a ping, and how it ended.
function talk(options) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const socket = new WebSocket(`wss://${options.servername}:${options.port}/ws`, options);
    const data = Buffer.concat(Array.from({ length: 16 }, () => PATTERN));
    socket.on('open', () => socket.send('hello'));
    socket.on('error', reject);
    socket.on('pong', () => {
      seen.pong = true;
      socket.send('bye');
    });
    socket.on('message', (got, binary) => {
      if (binary) {
        seen.binary = got.equals(data);
        socket.ping();
      } else if (seen.text === undefined) {
        seen.text = got.toString();
        socket.send('headers');
      } else {
        seen.headers = JSON.parse(got.toString());
        socket.send(data);
      }
    });
    socket.on('close', (code, reason) => resolve({ ...seen, code, reason: reason.toString() }));
  });
}

async function visit(port, servername, ca, cert, key) {
  const read = (file) => (file ? readFileSync(file) : undefined);
  const options = { host: servername, port, servername, lookup, ca: read(ca), cert: read(cert), key: read(key) };
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const answers = [];
  for (const path of ['/', '/bytes/300000', '/bytes/10']) {
    answers.push(await get(options, path, agent));
  }
  agent.destroy();
  console.log(JSON.stringify({ answers, socket: await talk(options) }));
}

const [role, port, ...more] = process.argv.slice(2);
if (role === 'server') {
  serve(Number(port));
} else {
  visit(Number(port), ...more).catch((error) => {
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  });
}
