import dgram from 'node:dgram';
import net from 'node:net';

// Below what the kernel gives to connections: none of those takes a port between our look and the server's start, or while it is down.
const [FIRST, LAST] = [10_000, 30_000];
let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/** Tells other tests that run beside this one that the port is taken, for as long as this process lives. */
const claimed = (port) => new Promise((done) => {
  const claim = dgram.createSocket('udp4').once('error', () => done(false));
  claim.bind({ port, address: '127.0.0.2', exclusive: true }, () => done(true));
  claim.unref();
});
const free = (port) => new Promise((done) => {
  const server = net.createServer().once('error', () => done(false)).listen(port, '127.0.0.1', () => server.close(() => done(true)));
});

/** A port of 127.0.0.1 on which nobody listens, never the same twice. */
export async function freePort() {
  for (;;) {
    next = next < LAST ? next + 1 : FIRST;
    const port = next;
    if ((await claimed(port)) && (await free(port))) return port;
  }
}
