// The broker as the suite's client: `client.ts URL` adds the suite's server to a broker of its own and does through it what the scenario is about.
// The suite says in its environment which scenario that is.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Den, openDen } from '../support/imps.ts';

const [url = ''] = process.argv.slice(2);
const {
  MCP_CONFORMANCE_SCENARIO: scenario = '',
  MCP_CONFORMANCE_PROTOCOL_VERSION: revision,
  MCP_CONFORMANCE_CONTEXT: given = '{}',
} = process.env;
const stateless = revision === '2026-07-28';

/** Scenarios of the stateless era whose server knows no `server/discover`, with which every connection of that era begins. */
const withoutDiscovery = new Set([
  'http-standard-headers',
  'http-custom-headers',
  'http-invalid-tool-headers',
  'sep-2322-client-request-state',
]);

/** Answers `server/discover` for such a server; everything else goes to it as it came. */
async function discoverable(to: string): Promise<{ url: string; close(): void }> {
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', async () => {
      const body = Buffer.concat(parts).toString('utf8');
      const { id, method } = (body === '' ? {} : JSON.parse(body)) as { id?: unknown; method?: string };
      if (method === 'server/discover') {
        const capabilities = { tools: { listChanged: true }, resources: {}, prompts: {} };
        const result = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' };
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
        return;
      }
      const { host: _, connection: __, 'content-length': ___, ...headers } = req.headers as Record<string, string>;
      const { method: verb = 'POST' } = req;
      const reply = await fetch(to, { method: verb, headers, ...(verb === 'POST' ? { body } : {}) });
      res.writeHead(
        reply.status,
        Object.fromEntries([...reply.headers].filter(([name]) => !/^(?:content-encoding|content-length|transfer-encoding)$/.test(name))),
      );
      res.end(Buffer.from(await reply.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(to).pathname}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function connect(den: Den): Promise<Client> {
  const help = await den.pair('driver', ['suite'], 20);
  await den.allow('driver', 'suite', '*');
  const client = new Client(
    { name: 'driver', version: '1' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, roots: { listChanged: true }, sampling: {} },
      versionNegotiation: { mode: stateless ? { pin: '2026-07-28' } : 'legacy' },
    },
  );
  const content = scenario === 'elicitation-sep1034-client-defaults' ? {} : { confirmed: true };
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content }));
  client.setRequestHandler('roots/list', () => ({ roots: [] }));
  client.setRequestHandler('sampling/createMessage', () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'said' } }));
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${help.http.url}/s/suite`), { requestInit: { headers: help.http.headers } }),
  );
  return client;
}

/** What a client does in this scenario; any other begins and ends with the lists. */
async function drive(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  // Some servers answer one of the calls in a way that nobody should accept; what counts is what the server saw.
  const call = (name: string, args: Record<string, unknown> = {}) =>
    client.callTool({ name, arguments: args }).catch((error: unknown) => console.error(name, String(error)));
  const all = async (names: readonly string[]) => {
    for (const name of names) await call(name);
  };
  switch (scenario) {
    case 'tools_call':
      await call('add_numbers', { a: 5, b: 3 });
      return;
    case 'http-custom-headers':
      for (const { name, arguments: args } of (JSON.parse(given) as { toolCalls: { name: string; arguments: Record<string, unknown> }[] })
        .toolCalls)
        await call(name, args);
      return;
    case 'http-invalid-tool-headers':
      for (const { name } of tools) await call(name, { region: 'us-west1' });
      return;
    case 'http-standard-headers': {
      await all(tools.slice(0, 1).map(({ name }) => name));
      const [resource] = (await client.listResources()).resources;
      if (resource) await client.readResource({ uri: resource.uri });
      const [prompt] = (await client.listPrompts()).prompts;
      if (prompt) await client.getPrompt({ name: prompt.name, arguments: {} });
      return;
    }
    default:
      await all(tools.map(({ name }) => name).filter((name) => name.startsWith('test_') && scenario !== 'json-schema-ref-no-deref'));
  }
}

const shim = withoutDiscovery.has(scenario) ? await discoverable(url) : null;
const den = await openDen();
try {
  await den.api.server.add({ name: 'suite', url: shim?.url ?? url, accept: true });
  const client = await connect(den);
  await drive(client);
  await client.close();
} finally {
  await den.close();
  shim?.close();
}
