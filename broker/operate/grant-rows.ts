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
    match: width
      ? { kind: 'within', places: [...width.places], label: desk.mask(width.label) }
      : input.match === 'any'
        ? { kind: 'any', label: 'any arguments' }
        : { kind: 'exact', canonicalDigest: request.canonicalDigest, label: shorten(desk.mask(request.argumentsText)) },
    until,
    session,
    ...(answers.length === 0 ? {} : { answers: [...answers] }),
    approval,
    createdAt: new Date(desk.now()).toISOString(),
  };
  return { row, note };
}

/** The capabilities of a width; the one asked about as it is now, which a yes may just have accepted. */
function coveredBy(width: Width | undefined, asked: string, pin: string | undefined): { capabilities?: Pinned[] } {
  if (!width?.capabilities) return {};
  return {
    capabilities: width.capabilities.map((each) => (each.capability === asked && pin !== undefined ? { ...each, fingerprint: pin } : each)),
  };
}
