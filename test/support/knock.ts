// An attacker for tests: knocks at the broker's doors as told (JSON on standard input) and prints what each one answered.
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { beginConnecting } from '../../broker/identify/challenge.ts';

export interface HttpKnock {
  readonly to: number | string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A connector that is told what to prove itself with. `token`: whatever it has. `keys`: what state.db holds of a client. */
export interface ConnectorKnock {
  readonly connector: string;
  readonly client: string;
  readonly token?: string;
  readonly keys?: { readonly storedKey: string; readonly serverKey: string };
}

export type Knock = HttpKnock | ConnectorKnock;
/** For HTTP the status and the body; for a connector how far each way of proving went. */
export type Answer = { status: number; body: string } | { ways: Record<string, string> };

if (import.meta.main) {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const answers: Answer[] = [];
  for (const knock of JSON.parse(Buffer.concat(chunks).toString()) as Knock[])
    answers.push('connector' in knock ? await atConnector(knock) : await overHttp(knock));
  console.log(JSON.stringify(answers));
}

function overHttp({ to, path, method = 'POST', headers = {}, body }: HttpKnock): Promise<Answer> {
  const place = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { socketPath: to };
  return new Promise((resolve) => {
    const req = request({ ...place, path, method, agent: false, headers: { 'content-type': 'application/json', ...headers } }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text }));
    });
    req.on('error', (error) => resolve({ status: 0, body: error.message }));
    req.end(body === undefined ? '' : JSON.stringify(body));
  });
}

async function atConnector({ connector, client, token, keys }: ConnectorKnock): Promise<Answer> {
  const facts = { client, only: null, folder: null, process: null };
  const ways: Record<string, string> = {};
  if (token !== undefined) {
    const proof = beginConnecting(token, facts);
    ways.token = await exchange(connector, proof.hello, (challenge) => {
      try {
        return proof.prove(challenge);
      } catch {
        return null;
      }
    });
  }
  if (keys !== undefined) {
    const stored = Buffer.from(keys.storedKey, 'base64url');
    const server = Buffer.from(keys.serverKey, 'base64url');
    const transcript = (hello: string, challenge: string) => `gatehouse connector socket: client proof\n${hello}\n${challenge}\n-`;
    const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
    const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));
    const forged: Record<string, (text: string) => Buffer> = {
      'stored key as client key': (text) => xor(stored, mac(stored, text)),
      'server key as client key': (text) => xor(server, mac(stored, text)),
      'signature alone': (text) => mac(stored, text),
      'signature of the server key': (text) => mac(server, text),
      nothing: () => Buffer.alloc(32),
    };
    for (const [way, make] of Object.entries(forged)) {
      const { hello } = beginConnecting('x', facts);
      ways[way] = await exchange(connector, hello, (challenge) =>
        JSON.stringify({ gatehouse: 'proof', proof: make(transcript(hello, challenge)).toString('base64url'), operatorToken: null }),
      );
    }
  }
  return { ways };
}

/** The word of the broker's last line: `ready` when it let the connector in. `no-proof`: the broker did not prove itself first. */
async function exchange(path: string, hello: string, prove: (challenge: string) => string | null): Promise<string> {
  const socket = connect(path);
  socket.on('error', () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const said = async () => {
    const { value, done } = await lines.next();
    return done ? 'closed' : String(value);
  };
  socket.write(`${hello}\n`);
  const challenge = await said();
  const proof = prove(challenge);
  if (proof !== null) socket.write(`${proof}\n`);
  const last = proof === null ? '{"gatehouse":"no-proof"}' : await said();
  socket.destroy();
  return last === 'closed' ? last : String((JSON.parse(last) as { gatehouse: unknown }).gatehouse);
}
