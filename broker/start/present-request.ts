// What a question shows: the request weighed, or, where the definition changed, the change that a yes would accept too.
import type { Asking, Caller, ServerRequest } from '../../shared/request.ts';
import { secretsOf } from '../../shared/secret-reference.ts';
import { differenceOf } from '../mediate/difference.ts';
import type { Finding } from '../mediate/findings/scan.ts';
import { type LivePins, self } from '../mediate/pins.ts';
import type { PolicyVerdict } from '../mediate/policy/policies.ts';
import { present } from '../mediate/present.ts';
import type { Presentation } from '../mediate/question.ts';
import type { Sentence } from '../mediate/sentence.ts';
import { atLeast, weighed } from '../mediate/weigh.ts';
import type { DefinitionRow, ServerRow } from '../store/rows.ts';
import type { FactsOfRequests } from './request-facts.ts';
import type { Touched } from './touched.ts';

export interface Needs {
  readonly pins: LivePins;
  readonly touched: Touched;
  /** What critical thing it would change; null: none. */
  critical(caller: Caller, request: ServerRequest): string | null;
  /** What the policies say of it. */
  policy(caller: Caller, request: ServerRequest): PolicyVerdict | null;
  readonly requestFacts: FactsOfRequests;
  server(name: string): ServerRow | undefined;
  definition(server: string, capability: string): DefinitionRow | undefined;
  /** What was accepted of the server itself. */
  own(server: string): { readonly fingerprint: string; readonly text: string } | null;
  /** What the process of this connection said when it opened. */
  openingText(connection: string, server: string): string | null;
  /** The request in our words; null where we have none for it. */
  sentence(caller: Caller, request: ServerRequest): Sentence | null;
  lastYes(caller: Caller, request: ServerRequest): Presentation['lastTime'];
  /** What a scan finds in a definition that nobody accepted yet. */
  scan(server: string, capability: string, text: string): readonly Finding[];
}

/** Facts of a change that a prompt has room for. */
const mostAbilities = 6;

export function presentRequest(needs: Needs, caller: Caller, request: ServerRequest, question: Asking): Presentation {
  const row = needs.server(request.server);
  const capability = request.capability ?? '';
  const shown = present({
    capability,
    argumentsText: request.argumentsText,
    definition: needs.definition(request.server, capability)?.text ?? null,
    usesSecrets: row !== undefined && secretsOf(row).length > 0,
    sandboxed: false,
  });
  const touch = {
    labels: needs.touched.of(request.server, capability),
    path: needs.touched.path(caller, request),
    now: needs.touched.wouldBe(caller, request),
    runs: needs.requestFacts.nature(request.server, capability) === 'run',
  };
  const policy = needs.policy(caller, request);
  const asking = policy?.kind === 'ask' ? policy : null;
  const asked: Presentation = asking
    ? {
        ...shown,
        reasons: [`A policy wants you to be asked: ${asking.reason ?? asking.by.join(', ')}`, ...shown.reasons],
        risk: atLeast(shown.risk, 'medium'),
        answers: asking.by.map((id) => `policy:${id}`),
      }
    : shown;
  const pinned: Presentation = { ...weighed(asked, touch), pin: pinOf(needs, caller, request) };
  const critical = needs.critical(caller, request);
  const proven: Presentation =
    critical === null
      ? pinned
      : {
          ...pinned,
          ...{ risk: 'critical', presence: 'pin', alwaysOffered: false },
          reasons: [`It would change ${critical}, which can run something or let somebody in`, ...pinned.reasons],
        };
  if (question.decidedBy === 'pin') return reviewed(needs, caller, request, proven);
  const sentence = needs.sentence(caller, request);
  const lastTime = needs.lastYes(caller, request);
  return { ...proven, ...(sentence ? { sentence } : {}), ...(lastTime ? { lastTime } : {}) };
}

/** What the capability and its server say now, and whether a flow would be completed: what a yes is bound to. */
export function pinOf(
  needs: Pick<Needs, 'pins' | 'definition' | 'own' | 'touched' | 'policy' | 'critical'>,
  caller: Caller,
  request: ServerRequest,
): string {
  const capability = request.capability ?? '';
  const says = (name: string) => needs.pins.live(caller.connection, request.server, name)?.fingerprint;
  const definition =
    (capability.startsWith('resource:') ? undefined : says(capability)) ?? needs.definition(request.server, capability)?.fingerprint;
  const flow = needs.touched.path(caller, request) === null ? '' : ' flow';
  const asking = needs.policy(caller, request);
  const policy = asking?.kind === 'ask' ? ` ${asking.by.join(' ')}` : '';
  const critical = needs.critical(caller, request) === null ? '' : ' critical';
  return `${says(self) ?? needs.own(request.server)?.fingerprint ?? ''} ${definition ?? ''}${flow}${policy}${critical}`;
}

/** The call is the review: what it said, what it says, what it can now do. */
function reviewed(needs: Needs, caller: Caller, request: ServerRequest, shown: Presentation): Presentation {
  const { connection } = caller;
  const capability = request.capability ?? '';
  const accepted = needs.definition(request.server, capability);
  const live = needs.pins.live(connection, request.server, capability);
  const own = needs.own(request.server);
  const says = needs.pins.live(connection, request.server, self);
  const definition = accepted && live && live.fingerprint !== accepted.fingerprint ? { was: accepted.text, is: live.text } : null;
  const server = own && says && says.fingerprint !== own.fingerprint ? { was: own.text, is: says.text } : null;
  const review = definition && server ? bothOf(server, definition) : (definition ?? server);
  if (!review) return shown;
  const can = [definition, server].flatMap((part) => (part === null ? [] : differenceOf(part.was, part.is).can));
  const findings = [
    ...(definition ? needs.scan(request.server, capability, definition.is) : []),
    ...(server ? needs.scan(request.server, '', server.is) : []),
  ];
  const serious = findings.some(({ severity }) => severity === 'serious');
  const changed =
    server && !definition ? 'What the server says of itself has changed since you accepted it' : 'It has changed since you accepted it';
  return {
    ...shown,
    risk: atLeast(shown.risk, serious ? 'high' : 'medium'),
    reasons: [changed, ...findings.map(({ title }) => title), ...shown.reasons],
    alarm: 'changed',
    alwaysOffered: false,
    review,
    facts: [
      ...can.slice(0, mostAbilities).map((value) => ({ name: 'Now', value, mark: 'changed' as const })),
      ...findings.slice(0, mostAbilities).map(({ title, detail }) => ({ name: title, value: detail, mark: 'changed' as const })),
    ],
    repin: { definition: definition?.is ?? null, openingText: server ? needs.openingText(connection, request.server) : null },
  };
}

interface Texts {
  readonly was: string;
  readonly is: string;
}
const bothOf = (server: Texts, definition: Texts): Texts => ({
  was: `{"server":${server.was},"definition":${definition.was}}`,
  is: `{"server":${server.is},"definition":${definition.is}}`,
});
