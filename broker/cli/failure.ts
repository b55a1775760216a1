// How a command says that it failed: what happened, why, what to do next; or one JSON value; and the exit code.
import { type ErrorCode, exitCodes, GatehouseError } from '../../shared/errors.ts';
import { jsonLine, visible } from './visible.ts';

/** An error of the link's library, told apart by shape so that a failing command need not load the library. */
interface RemoteError extends Error {
  readonly code: string;
  readonly status: number;
  readonly data: unknown;
}

/** What any thrown value means to the person at the terminal. */
export function failureOf(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  if (isRemote(thrown)) return fromBroker(thrown);
  const network = [thrown, (thrown as Error | undefined)?.cause].find(
    (one) => typeof (one as NodeJS.ErrnoException | undefined)?.code === 'string',
  );
  const code = (network as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return noBroker();
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new GatehouseError('failed', 'The broker went away before it answered.', 'See what it printed, then try "gatehouse status".', {
      cause: thrown,
    });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatehouseError('failed', `This failed because of a fault in Gatehouse: ${message}.`, 'Please report it.', { cause: thrown });
}

export function noBroker(): GatehouseError {
  return new GatehouseError(
    'no-broker',
    'No broker runs in this home.',
    'Start it with "gatehouse serve", or name another home with --home DIR.',
  );
}

/** Writes the failure to stderr and returns the exit code. */
export function sayFailure(failure: GatehouseError, json: boolean): number {
  const { code, message, hint } = failure;
  process.stderr.write(json ? `${jsonLine({ error: { code, message, hint } })}\n` : `${visible(`${message} ${hint}`.trim())}\n`);
  return exitCodes[code];
}

function isRemote(thrown: unknown): thrown is RemoteError {
  return thrown instanceof Error && 'status' in thrown && 'code' in thrown && 'defined' in thrown;
}

function fromBroker(error: RemoteError): GatehouseError {
  if (error.status === 401) {
    return new GatehouseError(
      'refused',
      'The operator credential was not accepted: it has expired, was revoked, or belongs to another broker.',
      'Get a new one with "gatehouse operator signin", or unset GATEHOUSE_OPERATOR_TOKEN to be asked for the PIN.',
    );
  }
  if (error.code === 'GATEHOUSE') {
    const data = (error.data ?? {}) as { code?: unknown; hint?: unknown };
    const known = typeof data.code === 'string' && Object.hasOwn(exitCodes, data.code);
    return new GatehouseError(known ? (data.code as ErrorCode) : 'failed', error.message, typeof data.hint === 'string' ? data.hint : '', {
      cause: error,
    });
  }
  if (error.status === 404) {
    return new GatehouseError('failed', 'The running broker does not know this operation: it is of another version.', 'Restart it.', {
      cause: error,
    });
  }
  return new GatehouseError(
    'failed',
    `The broker did not accept the call (${error.code}).`,
    'Restart it if its version differs from yours.',
    { cause: error },
  );
}
