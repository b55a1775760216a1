// Turns whatever a call threw into words for a person: what happened, and what to do next.
import { ORPCError } from '@orpc/client';
import { i18next } from '../strings/i18n.ts';

/** The broker's own code (shared/errors.ts), `lost` when nobody answered, `fault` for anything else. */
export function codeOf(error: unknown): string {
  if (error instanceof ORPCError) {
    const code = (error.data as { code?: unknown } | undefined)?.code;
    if (typeof code === 'string') return code;
    if (error.status === 401 || error.status === 403) return 'not-verified';
    return 'fault';
  }
  return error instanceof TypeError || (error instanceof Error && error.name === 'AbortError') ? 'lost' : 'fault';
}

/** `english`: said by the broker, which speaks nothing else. */
export function explain(error: unknown): { message: string; hint: string | null; english?: true } {
  const code = codeOf(error);
  if (code === 'lost') return { message: i18next.t('fault.lost'), hint: i18next.t('fault.lostHint') };
  if (error instanceof ORPCError) {
    const hint = (error.data as { hint?: unknown } | undefined)?.hint;
    if (typeof hint === 'string') return { message: error.message, hint, english: true };
    if (code === 'not-verified') return { message: i18next.t('fault.notVerified'), hint: i18next.t('fault.notVerifiedHint') };
    return { message: i18next.t('fault.broken', { message: error.message }), hint: null };
  }
  return { message: i18next.t('fault.broken', { message: error instanceof Error ? error.message : String(error) }), hint: null };
}
