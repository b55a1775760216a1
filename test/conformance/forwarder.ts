// Stands between the suite, which sends no credentials, and the broker, which has no mode without them: adds the client's Authorization.
// It changes nothing else but its own address in Host and Origin into the broker's; foreign ones stay as they came.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Forwarder {
  /** For this path of the broker. */
  url(path: string): string;
  close(): void;
}

export async function openForwarder(broker: URL, authorization: () => string): Promise<Forwarder> {
  const server = createServer((req, res) => {
    const own = `:${(server.address() as AddressInfo).port}`;
    const mapped = (value: string) => (value.endsWith(own) ? `${value.slice(0, -own.length)}:${broker.port}` : value);
    const headers = [...req.rawHeaders];
    for (let at = 0; at < headers.length; at += 2)
      if (/^(?:host|origin)$/i.test(headers[at] as string)) headers[at + 1] = mapped(headers[at + 1] as string);
    headers.push('Authorization', authorization());
    const sent = request({
      host: broker.hostname,
      port: broker.port,
      path: req.url,
      method: req.method,
      headers,
      setHost: false,
      agent: false,
    });
    sent.on('response', (reply) => {
      res.writeHead(reply.statusCode ?? 500, reply.rawHeaders);
      res.flushHeaders();
      reply.pipe(res);
      reply.on('error', () => res.destroy());
    });
    sent.on('error', () => res.destroy());
    res.on('close', () => sent.destroy());
    req.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
