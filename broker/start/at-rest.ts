// A home whose broker does not run, opened for one purpose: to give clients' files back what Gatehouse keeps of them. Takes the home's lock, so
// no broker starts meanwhile, and writes what is done into the home's log.
import { GatehouseError } from '../../shared/errors.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';
import type { ServerRow } from '../store/rows.ts';
import { KeptFiles } from '../vault/kept-files.ts';
import { currentKeys } from './current-keys.ts';
import { openEverything, pinSetting } from './open-home.ts';
import { secretNames } from './secret-names.ts';

export interface HomeAtRest {
  /** True where a PIN must be proven before anything is opened. */
  readonly needsPin: boolean;
  /** True where the passphrase that opened the vault has proven the operator. */
  readonly proven: boolean;
  /** What does not verify in this home, as sentences; the kept copies prove themselves. */
  readonly problems: readonly string[];
  /** Wrong ones are slowed down as at a running broker. @throws GatehouseError */
  provePin(pin: string): Promise<boolean>;
  list(): KeptFile[];
  open(id: string): Promise<KeptFile & { readonly text: string }>;
  forget(id: string): void;
  match(values: readonly string[]): Promise<(string | null)[]>;
  servers(): ServerRow[];
  secretNames(): string[];
  /** As the operation of a running broker. @throws GatehouseError */
  currentKeys(ids: readonly string[], secrets: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

/** @throws GatehouseError conflict while a broker lives there, not-found for no home, usage without a passphrase, refused for a wrong one */
export async function openAtRest(folder: string, passphrase: string | undefined): Promise<HomeAtRest> {
  const opened = await openEverything({
    folder,
    vault: undefined,
    passphrase,
    faults: { check: () => {} },
    now: Date.now,
    report: () => {},
  });
  const { vault, log, state, pin, row, problems, keysHold } = opened;
  const kept = new KeptFiles(folder, vault);
  // A PIN in the vault counts even where the rule that tells of it is gone.
  const needsPin = row.vault !== 'sealed-file' && (state.rows.setting.has(pinSetting) || (await pin.isSet()));
  let proven = row.vault === 'sealed-file';
  const may = () => {
    if (needsPin && !proven) throw new GatehouseError('needs-pin', 'This home has a PIN, and nobody gave it.', 'Run it at a terminal.');
  };
  // Without its keys the log cannot be written; what is given back is the operator's own.
  const append = (act: { type: string; client: string; path: string; copy?: string; secret?: string }) => {
    if (keysHold) log.append({ ...act, decidedBy: `operator (${proven ? (needsPin ? 'PIN' : 'passphrase') : 'terminal'})` });
  };
  const record = (type: string, { client, path, id }: KeptFile) => append({ type, client, path, copy: id });
  return {
    needsPin,
    get proven() {
      return proven;
    },
    problems,
    async provePin(typed) {
      if (!keysHold)
        throw new GatehouseError(
          'not-verified',
          'The vault does not hold the keys of this home, so its PIN proves nothing.',
          'Put the vault back, or mend the files of your clients by hand.',
        );
      const right = await pin.verify(typed);
      proven ||= right;
      return right;
    },
    list: () => kept.list(),
    async open(id) {
      may();
      const { head, text } = await kept.open(id);
      record('client-file.opened', head);
      return { ...head, text };
    },
    forget(id) {
      may();
      const head = kept.list().find((one) => one.id === id);
      kept.forget(id);
      if (head) record('client-file.forgotten', head);
    },
    async match(values) {
      may();
      return await secretNames(state.rows.secret.keys(), vault, values);
    },
    servers: () => [...state.rows.server.values()],
    secretNames: () => [...state.rows.secret.keys()],
    async currentKeys(ids, secrets) {
      may();
      if (problems.length > 0)
        throw new GatehouseError(
          'not-verified',
          'This home does not verify or is locked, so nothing proves which secret stands where.',
          'Put the file back with the old keys, then write the new ones by hand.',
        );
      const found = await currentKeys({ open: (id) => kept.open(id), servers: state.rows.server.values(), vault }, ids, secrets);
      for (const secret of secrets) append({ type: 'secret.revealed', secret, client: found.client, path: found.path });
      return found.values;
    },
    close: () => opened.close(),
  };
}
