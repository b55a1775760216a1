// Setting up from a page: what clients start is brought in, their files lead here, and back. The desk knows the files; this knows who asks.
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { by } from './acts.ts';
import type { Desk } from './desk.ts';
import { actorOf, type CallContext, os } from './operation.ts';

const ok = { ok: true } as const;

/** @throws GatehouseError locked, or needs-pin: what says which secret stands where must be proven, and so must the person */
function mayReveal(desk: Desk, context: CallContext): void {
  if (desk.status().locked)
    throw new GatehouseError(
      'locked',
      'Gatehouse is locked, so no value leaves the vault.',
      'Put the file back with the old keys, or unlock first.',
    );
  desk.presence.revealing(actorOf(context));
}

/** `within`: the operations of this door, in the name of the caller, so that each step is decided and logged as if called alone. */
export function setupHandlers(desk: Desk, within: (context: CallContext) => unknown) {
  const api = (context: CallContext) => {
    actorOf(context);
    return within(context) as ContractRouterClient<Contract>;
  };
  const { setup } = os;
  return {
    look: setup.look.handler(() => desk.setup.look()),
    previewImport: setup.previewImport.handler(({ context }) => desk.setup.previewImport(api(context))),
    import: setup.import.handler(({ input, context, signal }) => desk.setup.import(api(context), input, signal)),
    previewInstall: setup.previewInstall.handler(({ input, context }) => desk.setup.previewInstall(api(context), input)),
    install: setup.install.handler(({ input, context }) => desk.setup.install(api(context), input)),
    deviations: setup.deviations.handler(() => desk.setup.deviations()),
    mend: setup.mend.handler(({ input, context }) => desk.setup.mend(api(context), input.finding)),
    previewUndo: setup.previewUndo.handler(({ input, context }) => desk.setup.previewUndo(api(context), input.client)),
    undo: setup.undo.handler(({ input, context }) => {
      // Before anything is written: the step that needs the proof comes in the middle.
      if (input.current.length > 0) mayReveal(desk, context);
      return desk.setup.undo(api(context), input);
    }),
  };
}

/** What was in a client's file before Gatehouse changed it. */
export function clientFileHandlers(desk: Desk) {
  const { clientFile } = os;
  return {
    list: clientFile.list.handler(() => desk.keptFiles.list()),
    seal: clientFile.seal.handler(async ({ input, context }) => {
      const kept = await desk.keptFiles.seal(input.client, input.path, input.text, new Date(desk.now()));
      desk.record({ type: 'client-file.kept', client: input.client, path: input.path, copy: kept.id, decidedBy: by(actorOf(context)) });
      return kept;
    }),
    open: clientFile.open.handler(async ({ input, context }) => {
      const { head, text } = await desk.keptFiles.open(input.id);
      desk.record({ type: 'client-file.opened', client: head.client, path: head.path, copy: head.id, decidedBy: by(actorOf(context)) });
      return { ...head, text };
    }),
    currentKeys: clientFile.currentKeys.handler(async ({ input, context }) => {
      mayReveal(desk, context);
      const { client, path, values } = await desk.keptFiles.currentKeys(input.ids, input.secrets);
      // Each is an entry before it leaves.
      for (const secret of input.secrets) desk.record({ type: 'secret.revealed', secret, client, path, decidedBy: by(actorOf(context)) });
      return { values };
    }),
    forget: clientFile.forget.handler(({ input, context }) => {
      desk.keptFiles.forget(input.id);
      desk.record({ type: 'client-file.forgotten', copy: input.id, decidedBy: by(actorOf(context)) });
      return ok;
    }),
  };
}
