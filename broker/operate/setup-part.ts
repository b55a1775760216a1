// What the handlers of `setup` and `clientFile` need: the client files of the broker's own user, and what is kept of those that were changed.
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract.ts';
import type { ClientScan, DeviationShown, ImportRow, InstallPreview, InstallWishes, UndoPreview } from '../../shared/setup-contract.ts';
import type { KeptFile } from '../../shared/vocabulary.ts';

/** The operations of the caller. */
type Api = ContractRouterClient<Contract>;
type Output<T extends 'previewImport' | 'install' | 'undo'> = Awaited<ReturnType<Api['setup'][T]>>;

interface Importing {
  readonly digest: string;
  readonly accept: 'clean' | 'none';
  readonly servers?: string[] | undefined;
}

export interface KeptFilesPart {
  list(): KeptFile[];
  seal(client: string, path: string, text: string, now: Date): Promise<KeptFile>;
  open(id: string): Promise<{ head: KeptFile; text: string }>;
  forget(id: string): void;
  /** Values of secrets, in their order, that stand in the places of these copies of one file. @throws GatehouseError for any other */
  currentKeys(ids: readonly string[], secrets: readonly string[]): Promise<{ client: string; path: string; values: string[] }>;
}

export interface SetupPart {
  look(): ClientScan;
  previewImport(api: Api): Promise<Output<'previewImport'>>;
  /** A row as each server is done. @throws GatehouseError conflict when something else was shown */
  import(api: Api, input: Importing, signal: AbortSignal | undefined): AsyncGenerator<ImportRow, void, void>;
  previewInstall(api: Api, wish: InstallWishes): Promise<InstallPreview>;
  install(api: Api, wish: InstallWishes & { readonly digest: string }): Promise<Output<'install'>>;
  deviations(): Promise<DeviationShown[]>;
  mend(api: Api, finding: string): Promise<{ written: string; server: string | null }>;
  previewUndo(api: Api, client: string | null): Promise<UndoPreview>;
  undo(
    api: Api,
    input: { readonly client: string | null; readonly digest: string; readonly current: readonly string[] },
  ): Promise<Output<'undo'>>;
}
