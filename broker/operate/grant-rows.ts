// The row an answer becomes: whose, for which capabilities and places, until when, bound to which folder and definition.
import { GatehouseError } from '../../shared/errors.ts';
import { durationMs, type Grant, type Pinned } from '../../shared/vocabulary.ts';
import type { Asked, Desk, GrantRow, Width } from './desk.ts';

/** Where `always` is not offered it means this long (interface.md). */
const longestMs = 30 * 86_400_000;

export function showGrant(desk: Desk, row: GrantRow): Grant {
  const rests = desk.rests(row);
  return { ...row, ...desk.grantUse(row.id), ...(rests === null ? {} : { rests }) };
}

/** When a grant ends; null: when it is revoked, or with its session. */
export function untilOf(desk: Desk, length: string, alwaysOffered: boolean): { until: string | null; note: string | null } {
  const at = (ms: number) => new Date(desk.now() + ms).toISOString();
  if (length === 'session') return { until: null, note: null };
  if (length !== 'always') return { until: at(durationMs(length)), note: null };
  if (alwaysOffered) return { until: null, note: null };
  return {
    until: at(longestMs),
    note: 'Stored for 30 days: "always" is not offered for what destroys, reaches out, uses secrets or runs unsandboxed.',
  };
}

export function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 120)} ... ${text.slice(-30)}`;
}

/** The width a question offered under this id; undefined for `exact` and `any`. @throws GatehouseError usage for one it did not offer */
export function widthOf(shown: Asked['shown'], match: string): Width | undefined {
  const width = shown.widths.find(({ id }) => id === match);
  if (width || !match.startsWith('suggested:')) return width;
  throw new GatehouseError('usage', `This question has no width ${match}.`, 'Use exact or any, or one of the widths it lists.');
}

interface Subject extends Asked {
  /** Id of the approval it answers; null for what was gathered. */
  readonly approval: string | null;
  readonly alwaysOffered: boolean;
}

/** The grant that an answer to this question is remembered as, and what is said where it stores less than was asked. */
export function grantFor(
  desk: Desk,
  { caller, request, shown, approval, alwaysOffered }: Subject,
  input: { readonly for: string; readonly match: string },
): { row: GrantRow; note: string | null } {
  const width = widthOf(shown, input.match);
  const { repin, answers = [] } = shown;
  const capability = request.capability ?? '';
  const { until, note } = untilOf(desk, input.for, alwaysOffered);
  // What may let private data out is remembered for this session at most.
  const session = input.for === 'session' || answers.includes('flow') ? caller.session : null;
  const pin = repin?.definition
    ? desk.fingerprint(request.server, capability, repin.definition)
    : desk.rows.definition.get(`${request.server} ${capability}`)?.fingerprint;
  const row: GrantRow = {
    id: desk.newId('g'),
    client: caller.client,
    server: request.server,
    capability,
    effect: 'allow',
    ...(pin === undefined ? {} : { pin }),
    ...coveredBy(width, capability, pin),
    // What lasts a session belongs to one client only.
    ...(width && width.alsoClients.length > 0 && session === null ? { alsoClients: [...width.alsoClients] } : {}),
    ...(shown.boundTo ? { folder: shown.boundTo } : {}),
    match: matchOf(desk, request, input.match, width),
    until,
    session,
    ...(answers.length === 0 ? {} : { answers: [...answers] }),
    approval,
    createdAt: new Date(desk.now()).toISOString(),
  };
  return { row, note };
}

function matchOf(desk: Desk, request: Asked['request'], match: string, width: Width | undefined): GrantRow['match'] {
  if (width) return { kind: 'within', places: [...width.places], label: desk.mask(width.label) };
  return match === 'any'
    ? { kind: 'any', label: 'any arguments' }
    : { kind: 'exact', canonicalDigest: request.canonicalDigest, label: shorten(desk.mask(request.argumentsText)) };
}

/**
 * The refusal that a no is remembered as: until it is taken back, or for this session. A width that says "changes" refuses what
 * changes; that a yes to it lets things be looked at too is no reason to refuse looking.
 */
export function refusalFor(
  desk: Desk,
  { caller, request, shown, approval }: Omit<Subject, 'alwaysOffered'>,
  input: { readonly for: 'session' | 'always' | string; readonly match: string },
): GrantRow {
  const width = widthOf(shown, input.match);
  const capability = request.capability ?? '';
  const nature = desk.cover.nature(request.server, capability);
  const set = width?.capabilities?.filter((each) => desk.cover.nature(request.server, each.capability) === nature);
  const session = input.for === 'session' ? caller.session : null;
  return {
    ...{ id: desk.newId('g'), client: caller.client, server: request.server, capability, effect: 'deny' },
    ...(set && set.length > 1 ? { capabilities: [...set] } : {}),
    ...(width && width.alsoClients.length > 0 && session === null ? { alsoClients: [...width.alsoClients] } : {}),
    match: matchOf(desk, request, input.match, width),
    ...{ until: null, session, approval, createdAt: new Date(desk.now()).toISOString() },
  };
}

/** The capabilities of a width; the one asked about as it is now, which a yes may just have accepted. */
function coveredBy(width: Width | undefined, asked: string, pin: string | undefined): { capabilities?: Pinned[] } {
  if (!width?.capabilities) return {};
  return {
    capabilities: width.capabilities.map((each) => (each.capability === asked && pin !== undefined ? { ...each, fingerprint: pin } : each)),
  };
}
