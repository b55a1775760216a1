// Policies as the operator's desk sees them: described, compared over logged requests, judged on made-up ones.
import { homedir } from 'node:os';
import type { PolicyCase, PolicyInfo } from '../../shared/vocabulary.ts';
import { deriveFacts } from '../mediate/facts/derive.ts';
import type { Policies, PolicyVerdict } from '../mediate/policy/policies.ts';
import type { Compiled } from '../mediate/policy/scopes.ts';
import type { PolicyPart, PolicyWord } from '../operate/policy-part.ts';
import { compiledSet, type PolicyBook, requestOf, resolvedFolder, setNames, setText } from './policies.ts';
import type { FactsOfRequests } from './request-facts.ts';
import type { Touched } from './touched.ts';

export interface Needs {
  readonly book: PolicyBook;
  readonly touched: Touched;
  readonly requestFacts: FactsOfRequests;
  definition(server: string, capability: string): { readonly text: string } | undefined;
  compiled(name: string): readonly Compiled[] | null;
  now(): number;
}

const word = (verdict: PolicyVerdict | null): PolicyWord => verdict?.kind ?? 'none';
const names = (verdict: PolicyVerdict | null): string[] =>
  verdict === null ? [] : typeof verdict.by === 'string' ? [verdict.by] : [...verdict.by];
const part = ({ id, effect, asks }: Pick<Compiled, 'id' | 'effect' | 'asks'>) => ({ id, effect, asks });

export function policyDesk(needs: Needs): PolicyPart {
  const { book, touched, requestFacts } = needs;
  /** With a policy more, or one changed; as it is where there is none. */
  const trying = (name: string, compiled: readonly unknown[] | null): Policies =>
    name === '' ? book.inForce : book.wouldBe(name, compiled as readonly Compiled[] | null);
  return {
    set: () => book.set,
    isSet: (name) => setNames.includes(name),
    describe(name, text, addedAt, compiled): PolicyInfo {
      const isSet = text === null;
      const policies = compiled ?? (isSet ? compiledSet(name) : (needs.compiled(name) ?? []));
      return { name, source: isSet ? 'set' : 'operator', text: text ?? setText(name), policies: policies.map(part), addedAt };
    },
    check: (name, text) => book.check(name, text),
    compare(entry, argumentsText, name, compiled) {
      const logged = requestOf(entry, argumentsText);
      if (!logged || !isJson(argumentsText)) return null;
      const say = (policies: Policies) => word(book.verdictOf(policies, logged.caller, logged.request));
      return { was: say(book.inForce), would: say(trying(name, compiled)) };
    },
    judge(wanted: PolicyCase, name, compiled) {
      const { client, server, capability } = wanted;
      const policies = compiled === null ? book.inForce : trying(name, compiled);
      const verdict = policies.verdict({
        client,
        server,
        capability,
        about: () => {
          const labels = wanted.labels ?? touched.of(server, capability);
          const sessionLabels = wanted.sessionLabels ?? [];
          return {
            capability,
            nature: requestFacts.nature(server, capability),
            labels,
            sessionLabels,
            completesFlow: labels.includes('outward') && sessionLabels.includes('private') && sessionLabels.includes('untrusted'),
            facts: deriveFacts({
              capability,
              argumentsText: JSON.stringify(wanted.arguments ?? {}),
              definition: needs.definition(server, capability)?.text ?? null,
              grounds: { bases: wanted.folder === undefined ? [] : [wanted.folder], home: homedir(), platform: process.platform },
              secretsIn: () => [],
            }),
            folder: wanted.folder === undefined ? null : resolvedFolder(wanted.folder),
            at: wanted.at === undefined ? needs.now() : Date.parse(wanted.at),
          };
        },
      });
      return { verdict: word(verdict), by: names(verdict) };
    },
    textOf: (id) => book.inForce.all.find((policy) => policy.id === id)?.text ?? null,
    look: () => book.compareFiles(),
    written: () => book.writeFiles(),
    removed: (name) => book.removeFile(name),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
