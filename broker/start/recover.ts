// A home whose keys or PIN are lost begins anew: names and definitions stay, to be looked at again; secrets, grants and tokens are gone.
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { openHome } from '../host/home.ts';
import { readHomeRow } from '../store/home-row.ts';
import { openDatabase, stateMigrations } from '../store/open-database.ts';
import { type RowOf, shapes, type Table } from '../store/rows.ts';
import type { VaultKind } from '../vault/vault.ts';
import { openEverything } from './open-home.ts';

export interface RecoverOptions {
  readonly home: string;
  readonly vault?: VaultKind;
  /** Of the new sealed file. */
  readonly passphrase?: string;
}

export interface Recovered {
  readonly ok: true;
  /** The old log, as it was, beside the new one. */
  readonly oldLog: string | null;
  readonly servers: string[];
  readonly clients: string[];
}

interface Names {
  readonly servers: RowOf['server'][];
  readonly definitions: RowOf['definition'][];
  readonly clients: RowOf['client'][];
  readonly vault: VaultKind;
  readonly port: number;
}

/**
 * Makes new keys, a new identity and a new log in the same folder. The broker must not run.
 * @throws GatehouseError conflict while a broker lives there, not-found where there is no home
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const aside = setAside(options);
  const { names } = aside;
  let opened: Awaited<ReturnType<typeof openEverything>>;
  try {
    opened = await openEverything({
      folder: options.home,
      vault: options.vault ?? names.vault,
      passphrase: options.passphrase,
      faults: { check: () => {} },
      now: Date.now,
      report: () => {},
    });
  } catch (error) {
    aside.putBack();
    throw error;
  }
  try {
    const clients = names.clients.map((row) => row.name);
    const act = { type: 'recovered', servers: names.servers.map((row) => row.name), clients, oldLog: aside.oldLog };
    opened.state.change(act, (tx) => {
      // Nothing of the old rows is proven, so nothing of them may decide: servers wait for acceptance, clients for pairing.
      for (const row of names.servers) tx.put('server', { ...row, acceptedAt: null });
      for (const row of names.definitions)
        if (names.servers.some((server) => server.name === row.server)) tx.put('definition', { ...row, accepted: false });
      for (const row of names.clients) tx.put('client', { ...row, state: 'revoked', storedKey: stranger(), serverKey: stranger() });
    });
    opened.keepPort(names.port);
    // Only now, with the new home whole, the old secrets go for good.
    aside.forget();
    return { ok: true, oldLog: aside.oldLog, servers: act.servers, clients };
  } finally {
    await opened.close();
  }
}

/** A key nobody has. */
const stranger = () => randomBytes(32).toString('base64url');

interface Aside {
  readonly names: Names;
  readonly oldLog: string | null;
  putBack(): void;
  forget(): void;
}

/** Renames the old files, so that every moment of what follows has either the old home or the new one, and says what was in them. */
function setAside({ home: folder, vault, passphrase }: RecoverOptions): Aside {
  const home = openHome(folder);
  try {
    if (home.fresh)
      throw new GatehouseError(
        'not-found',
        `There is no Gatehouse home in ${folder}.`,
        'Name another with --home DIR, or start a new one: gatehouse serve',
      );
    const names = readNames(join(home.folder, 'state.db'));
    const kind = vault ?? (existsSync(join(home.folder, 'vault.sealed')) ? 'sealed-file' : names.vault);
    if (kind === 'sealed-file' && !passphrase) {
      throw new GatehouseError(
        'usage',
        'The new sealed file needs a passphrase, and none was given. Nothing was changed.',
        'Type it at the prompt, or pass it with --passphrase-fd N.',
      );
    }
    const stamp = new Date().toISOString().replace(/[:.]/g, '-');
    const moved: [string, string][] = [];
    for (const [name, ending] of [
      ['audit', '.db'],
      ['state', '.db'],
      ['vault', '.sealed'],
    ] as const) {
      for (const side of ['', '-wal', '-shm']) {
        const from = join(home.folder, `${name}${ending}${side}`);
        if (!existsSync(from)) continue;
        const to = join(home.folder, `${name}-until-${stamp}${ending}${side}`);
        renameSync(from, to);
        moved.push([from, to]);
      }
    }
    const kept = (to: string) => to.includes('audit-until-');
    return {
      names: { ...names, vault: kind },
      oldLog: moved.map(([, to]) => to).find((to) => kept(to) && to.endsWith('.db')) ?? null,
      putBack() {
        for (const ending of ['state.db', 'audit.db'])
          for (const side of ['', '-wal', '-shm']) rmSync(join(home.folder, ending + side), { force: true });
        for (const [from, to] of moved) renameSync(to, from);
      },
      forget() {
        for (const [, to] of moved) if (!kept(to)) rmSync(to, { force: true });
        rmSync(join(home.folder, 'run', 'clients'), { recursive: true, force: true });
      },
    };
  } finally {
    home.release();
  }
}

function readNames(path: string): Names {
  const empty: Names = { servers: [], definitions: [], clients: [], vault: 'keychain', port: 0 };
  if (!existsSync(path)) return empty;
  const db = openDatabase(path, stateMigrations);
  try {
    const row = readHomeRow(db);
    const read = <T extends Table>(table: T): RowOf[T][] =>
      (db.prepare(`SELECT body FROM "${table}"`).all() as { body: string }[]).flatMap(({ body }) => {
        const parsed = shapes[table].schema.safeParse(parseOrNull(body));
        return parsed.success ? [parsed.data] : [];
      });
    return {
      servers: read('server'),
      definitions: read('definition'),
      clients: read('client'),
      vault: row?.vault ?? empty.vault,
      port: row?.port ?? 0,
    };
  } finally {
    db.close();
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
