// Grants made beforehand from a past session: what it used, where it used it, for a while, in its folder.
import { GatehouseError } from '../../shared/errors.ts';
import type { Entry, Grant } from '../../shared/vocabulary.ts';
import { by } from './acts.ts';
import type { Actor, Desk, GrantRow } from './desk.ts';
import { showGrant, untilOf } from './grant-rows.ts';

interface Input {
  session: string;
  for: string;
  /** null: anywhere; undefined: where the session worked, as far as that is known. */
  folder?: string | null | undefined;
  make: boolean;
}

interface Left {
  server: string;
  capability: string;
  calls: number;
  why: string;
}

interface Used {
  readonly server: string;
  readonly capability: string;
  readonly calls: string[];
  secret: boolean;
}

/** Entries looked through, newest first, a page at a time. */
const page = 5000;
const mostPages = 20;
const hiddenSecret = /\{\{secret:[A-Za-z0-9._-]{1,64}\}\}/;

/** The grants that would cover what the session did and what was carried out; with `make` they are made. What cannot be covered is named. */
export function grantsFromSession(desk: Desk, actor: Actor, input: Input): { grants: Grant[]; left: Left[]; note: string | null } {
  const { client, used } = usedBy(desk, input.session);
  if (!desk.rows.client.has(client)) {
    throw new GatehouseError(
      'not-found',
      `The client of that session, ${client}, is not here any more.`,
      'Pair it first: gatehouse client add',
    );
  }
  const known = desk.sessions.list().find(({ id }) => id === input.session)?.folder ?? null;
  const folder = input.folder === undefined ? known : input.folder;
  const { until, note } = untilOf(desk, input.for, false);
  const rows: GrantRow[] = [];
  const left: Left[] = [];
  for (const group of groupsOf(desk, used, left)) {
    const calls = group.flatMap(({ capability, calls: each }) => each.map((argumentsText) => ({ capability, argumentsText })));
    const server = group[0]?.server ?? '';
    const cover = desk.cover.of(client, folder, server, calls);
    if (cover === null) {
      // Together they name too much, or one of them something nobody can read: each by itself, then.
      if (group.length > 1) rows.push(...alone(desk, client, folder, group, left).map((row) => ({ ...row, until })));
      else left.push(...group.map((each) => leftOf(each, 'nobody can tell what its arguments name')));
      continue;
    }
    rows.push({ ...rowOf(desk, client, folder, group, cover), until });
  }
  if (input.make) {
    for (const row of rows) {
      const act = { type: 'grant.added', client, server: row.server, capability: row.capability, grant: row.id, effect: 'allow' };
      desk.change({ ...act, fromSession: input.session, decidedBy: by(actor) }, (tx) => tx.put('grant', row));
    }
    desk.settle();
  }
  return { grants: rows.map((row) => showGrant(desk, row)), left, note };
}

function* pages(desk: Desk): Generator<Entry[]> {
  let before: number | undefined;
  for (let n = 0; n < mostPages; n++) {
    const entries = desk.log.list({ limit: page, ...(before === undefined ? {} : { before }) });
    if (entries.length === 0) return;
    yield entries;
    before = entries.at(-1)?.seq;
  }
}

/** What a session asked for and got, by server and capability. @throws GatehouseError not-found */
function usedBy(desk: Desk, session: string): { client: string; used: Used[] } {
  const done = new Set<number>();
  const used = new Map<string, Used>();
  let client: string | null = null;
  // An outcome stands behind its request, so newest first it comes before it.
  for (const entries of pages(desk)) {
    for (const entry of entries) {
      if (entry.type === 'outcome' && entry.result === 'ok' && entry.asked !== undefined) done.add(entry.asked);
      if (entry.type !== 'asked' || entry.session !== session || entry.direction !== undefined || !done.has(entry.seq)) continue;
      const { server = '', capability = '' } = entry;
      if (server === '' || capability === '' || entry.decidedBy === 'protocol') continue;
      client = entry.client ?? null;
      const key = `${server} ${capability}`;
      const known = used.get(key) ?? { server, capability, calls: [], secret: false };
      used.set(key, known);
      const text = desk.log.show(entry.seq)?.request ?? null;
      if (text === null || hiddenSecret.test(text)) known.secret = true;
      else known.calls.push(text);
    }
  }
  if (client !== null) return { client, used: [...used.values()] };
  throw new GatehouseError(
    'not-found',
    `The log knows nothing that session ${session} did.`,
    '`gatehouse session list` and `gatehouse log` name sessions; a session whose requests were all refused leaves nothing to grant.',
  );
}

/** What only looks goes together by server, and so does what changes things here; everything else stands alone. */
function groupsOf(desk: Desk, used: readonly Used[], left: Left[]): Used[][] {
  const groups = new Map<string, Used[]>();
  for (const each of used) {
    const nature = desk.cover.nature(each.server, each.capability);
    if (each.secret) left.push(leftOf(each, 'its arguments held a secret, or are not kept any more'));
    else if (nature === 'run') left.push(leftOf(each, 'what runs commands is asked about each time'));
    else if (!desk.rows.definition.get(`${each.server} ${each.capability}`)?.accepted && each.capability.startsWith('tool:'))
      left.push(leftOf(each, 'it is not offered any more'));
    else {
      const key = nature === 'read' || nature === 'change' ? `${each.server} ${nature}` : `${each.server} ${each.capability}`;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
  }
  return [...groups.values()];
}

const leftOf = ({ server, capability, calls }: Used, why: string): Left => ({ server, capability, calls: Math.max(1, calls.length), why });

function alone(desk: Desk, client: string, folder: string | null, group: readonly Used[], left: Left[]): GrantRow[] {
  return group.flatMap((each) => {
    const calls = each.calls.map((argumentsText) => ({ capability: each.capability, argumentsText }));
    const cover = desk.cover.of(client, folder, each.server, calls);
    if (cover) return [rowOf(desk, client, folder, [each], cover)];
    left.push(leftOf(each, 'nobody can tell what its arguments name'));
    return [];
  });
}

function rowOf(
  desk: Desk,
  client: string,
  folder: string | null,
  group: readonly Used[],
  cover: NonNullable<ReturnType<Desk['cover']['of']>>,
): GrantRow {
  const [first] = group as [Used, ...Used[]];
  const pins = group.flatMap(({ server, capability }) => {
    const fingerprint = desk.rows.definition.get(`${server} ${capability}`)?.fingerprint;
    return fingerprint === undefined ? [] : [{ capability, fingerprint }];
  });
  const [pin] = pins;
  return {
    id: desk.newId('g'),
    client,
    server: first.server,
    capability: first.capability,
    effect: 'allow',
    ...(pin ? { pin: pin.fingerprint } : {}),
    ...(pins.length > 1 ? { capabilities: pins } : {}),
    ...(folder === null ? {} : { folder: desk.cover.folder(folder) }),
    match: { kind: 'within', places: cover.places, label: desk.mask(`as in a past session: in ${cover.words}`) },
    until: null,
    session: null,
    approval: null,
    createdAt: new Date(desk.now()).toISOString(),
  };
}
