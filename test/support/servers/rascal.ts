// A small MCP server over stdio that misbehaves in whatever way its first argument or the called tool says.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Incoming {
  id?: string | number;
  method?: string;
  params?: { name?: string; arguments?: Record<string, unknown>; cursor?: string };
  result?: unknown;
}

const mode = process.argv[2] ?? 'plain';
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);
const reply = (id: unknown, result: unknown) => say({ result, jsonrpc: '2.0', id });
const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

if (mode === 'crash-on-start') {
  console.error(`no configuration, said ${process.env.TOLD ?? 'nobody'}`);
  process.exit(7);
}
if (mode === 'print-secret') console.error(`my key is ${process.env.API_KEY}`);
if (mode === 'stubborn') {
  process.on('SIGTERM', () => {});
  process.on('SIGINT', () => {});
  setInterval(() => {}, 1_000);
}
if (mode === 'deaf') setInterval(() => {}, 1_000);
else createInterface({ input: process.stdin }).on('line', (line) => take(JSON.parse(line) as Incoming, line));

function take(message: Incoming, line: string): void {
  const { id, method } = message;
  if (method === 'server/discover') {
    if (mode === 'silent-probe') return;
    if (mode === 'crash-probe') process.exit(9);
    if (mode === 'odd-probe') return void reply(id, { tools: [] });
    if (mode === 'future') {
      const data = { supported: ['2031-01-01'], requested: '2026-07-28' };
      return void say({ jsonrpc: '2.0', id, error: { code: -32022, message: 'too old', data } });
    }
    if (mode === 'late-probe') {
      const discovered = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {}, resources: {} } };
      return void setTimeout(() => reply(id, discovered), 1_200);
    }
  }
  if (method === 'initialize' && mode === 'late-probe') return;
  if (method === 'initialize') {
    if (mode === 'mute') return;
    if (mode === 'refuse') return void say({ jsonrpc: '2.0', id, error: { code: -32600, message: 'not for you' } });
    const capabilities =
      mode === 'endless' || mode === 'circle' || mode === 'plain' || mode.endsWith('-probe') ? { tools: {}, resources: {} } : { tools: {} };
    reply(id, { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'rascal', version: '1' }, seen: line });
    if (mode === 'early') say({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'early' } });
  } else if (method === 'notifications/initialized') {
    if (mode === 'early') say({ jsonrpc: '2.0', id: 0, method: 'roots/list' });
  } else if (method === 'tools/list') list(id, message.params?.cursor);
  else if (method === 'resources/list') reply(id, { resources: [{ uri: 'x://1', name: 'one' }] });
  else if (method === 'tools/call') call(id, message.params?.name ?? '', message.params?.arguments ?? {}, line);
  else if (method === 'notifications/cancelled') console.error(`cancelled ${line}`);
  else if (method !== undefined && id !== undefined) say({ jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } });
  else if (id !== undefined) console.error(`answered ${line}`);
}

function list(id: unknown, cursor: string | undefined): void {
  if (mode === 'endless') reply(id, { tools: [{ name: `t${cursor ?? 0}` }], nextCursor: String(Number(cursor ?? 0) + 1) });
  else if (mode === 'circle') reply(id, { tools: [], nextCursor: 'again' });
  else if (mode === 'many') reply(id, { tools: Array.from({ length: 10_001 }, (_, n) => ({ name: `t${n}` })) });
  else if (cursor === undefined) {
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"tools":[ {"name":"a","big":12345678901234567890, "z":1.0} ],"nextCursor":"p2"}}\n`,
    );
  } else reply(id, { tools: [{ name: 'b' }] });
}

function call(id: unknown, name: string, input: Record<string, unknown>, line: string): void {
  switch (name) {
    case 'echo':
      return void reply(id, text(line));
    case 'exact':
      return void process.stdout.write(
        `{ "id":${JSON.stringify(id)},"result" :{"n":12345678901234567890,"e":1.50},"jsonrpc":"2.0","extra":[] }\n`,
      );
    case 'slow':
      return void setTimeout(() => reply(id, text('slow')), Number(input.ms));
    case 'environment':
      return void reply(id, { env: process.env, argv: process.argv, umask: process.umask(), cwd: process.cwd() });
    case 'crash':
      console.error('about to fall over');
      return process.exit(3);
    case 'last-words':
      return void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: text('x'.repeat(200_000)) })}\n`, () =>
        process.exit(0),
      );
    case 'kill':
      return void process.kill(process.pid, 'SIGKILL');
    case 'never':
      return;
    case 'twice':
      reply(id, text('one'));
      return void reply(id, text('two'));
    case 'wrong-id':
      reply('nobody', text('wrong'));
      reply(String(id) === id ? Number(id) : String(id), text('wrong type'));
      return void reply(id, text('right'));
    case 'garbage':
      process.stdout.write('this is no JSON\n{"a":1\n[]\n\n');
      return void reply(id, text('after garbage'));
    case 'ambiguous':
      return void process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"a":1,"a":2}}\n`);
    case 'huge':
      return void reply(id, text('h'.repeat(Number(input.bytes))));
    case 'flood':
      for (let n = 0; n < Number(input.count); n++)
        say({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: n } });
      return void reply(id, text('flooded'));
    case 'hang-up':
      process.stdout.end();
      return void setInterval(() => {}, 1_000);
    case 'noise':
      for (let n = 0; n < 300; n++) console.error(`line ${n}`);
      process.stderr.write(`${'w'.repeat(10_000)}\n`);
      return void reply(id, text('noisy'));
    case 'daemon': {
      // Twice removed: the middle process ends at once, the last one leads its own session and ignores SIGTERM.
      const last = `process.on('SIGTERM',()=>{});setInterval(()=>{},1000)`;
      const middle = `const c=require('child_process').spawn(process.execPath,['-e',${JSON.stringify(last)}],{detached:true,stdio:'ignore'});c.unref();process.stdout.write(String(c.pid));`;
      const child = spawn(process.execPath, ['-e', middle], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      let pid = '';
      child.stdout.on('data', (chunk) => {
        pid += chunk;
      });
      return void child.on('close', () => reply(id, { pid: Number(pid) }));
    }
    case 'child': {
      const child = spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)'], {
        stdio: 'inherit',
        detached: input.detached === true,
        ...(input.clean ? { env: {} } : {}),
      });
      child.unref();
      return void reply(id, { pid: child.pid });
    }
  }
}
