// What a conformance run stands on: a broker in a home of its own with the fixtures as its servers, granted beforehand, and the forwarder.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { closeHouse, type House, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import type { Help } from '../support/sdk-client.ts';
import { type Forwarder, openForwarder } from './forwarder.ts';

export type Era = 'handshake' | 'stateless';
export type Transport = 'stdio' | 'http';

const serve = join(import.meta.dirname, 'fixtures', 'serve.ts');

/** A fixture over HTTP. */
export async function startFixture(era: Era): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [serve, era, 'http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = await Promise.race([
    (async () => {
      for await (const line of createInterface({ input: child.stdout })) return [line];
      throw new Error(`the ${era} fixture said nothing`);
    })(),
    new Promise<never>((_, reject) => child.once('error', reject)),
  ]);
  return { url: url as string, child };
}

export interface Bench {
  /** The broker's endpoint for one fixture, for a client without credentials. */
  endpoint(era: Era, transport: Transport): string;
  readonly house: House;
  close(): Promise<void>;
}

export const serverName = (era: Era, transport: Transport) => `${era}-${transport}`;

/** Which fixtures stand behind the broker, and how. */
export async function openBench(wanted: readonly { era: Era; transport: Transport }[]): Promise<Bench> {
  const children: ChildProcess[] = [];
  const house = await openHouse();
  let forwarder: Forwarder | null = null;
  const close = async () => {
    forwarder?.close();
    await closeHouse(house);
    for (const child of children) child.kill();
  };
  try {
    for (const { era, transport } of wanted) {
      const name = serverName(era, transport);
      if (transport === 'stdio') await house.ask('server', 'add', name, '--accept', '--', process.execPath, serve, era, 'stdio');
      else {
        const { url, child } = await startFixture(era);
        children.push(child);
        await house.ask('server', 'add', name, '--accept', '--url', url);
      }
    }
    const help = await house.ask<Help>('client', 'add', 'suite', '--servers', 'all');
    for (const each of wanted)
      await operate(house.ready, 'grant/add', {
        client: 'suite',
        server: serverName(each.era, each.transport),
        capability: '*',
        for: '1h',
      });
    const mcp = new URL(house.ready.mcp);
    const opened = await openForwarder(mcp, () => help.http.headers.Authorization ?? `Bearer ${help.token}`);
    forwarder = opened;
    return { house, endpoint: (era, transport) => opened.url(`${mcp.pathname}/s/${serverName(era, transport)}`), close };
  } catch (error) {
    await close();
    throw error;
  }
}
