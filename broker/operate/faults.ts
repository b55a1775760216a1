// What a caller is told when a call fails: our own errors as they are, everything else as a reference and nothing more.
import { randomBytes } from 'node:crypto';
import { ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { GatehouseError } from '../../shared/errors.ts';

export type Report = (fault: unknown, reference: string, operation: string) => void;

/** A GatehouseError in the one shape the contract knows. */
export function gatehouseError(error: GatehouseError): ORPCError<'GATEHOUSE', { code: string; hint: string }> {
  return new ORPCError('GATEHOUSE', { defined: true, status: 400, message: error.message, data: { code: error.code, hint: error.hint } });
}

/** The error that leaves the house for `fault`. A fault that nobody made for a person is reported, with its cause, under a reference. */
export function toldToCaller(fault: unknown, operation: string, report: Report): ORPCError<string, unknown> {
  if (fault instanceof GatehouseError) {
    if (fault.cause !== undefined) report(fault, reference(), operation);
    return gatehouseError(fault);
  }
  if (fault instanceof ORPCError && fault.code === 'GATEHOUSE') return fault;
  if (fault instanceof ORPCError && fault.code === 'BAD_REQUEST' && fault.cause instanceof ValidationError) {
    return gatehouseError(
      new GatehouseError('usage', `${operation} was called wrongly: ${issuesOf(fault.cause)}.`, 'Correct the values and call again.'),
    );
  }
  const id = reference();
  report(fault, id, operation);
  return gatehouseError(
    new GatehouseError(
      'failed',
      `${operation} failed because of a fault in Gatehouse (reference ${id}).`,
      `Look for ${id} in the broker's own output.`,
    ),
  );
}

function reference(): string {
  return randomBytes(4).toString('hex');
}

// Path and rule only: the value itself may be a secret.
function issuesOf(error: ValidationError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return path === '' ? issue.message : `${path}: ${issue.message}`;
    })
    .join('; ');
}
