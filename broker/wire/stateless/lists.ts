// What a client of the stateless era may see of the servers behind one connection: discovery and lists, made of accepted definitions.
import { type ListMethod, listResult, type Offer, withListChanges } from '../handshake/offers.ts';
import { memberText, memberTexts } from '../spans.ts';
import { discoverResultOf } from '../translation/openings.ts';
import { keys, versions } from './envelope.ts';

/** Lists of one client must not be handed to another, and change with the operator's next answer. */
const cached = '"ttlMs":0,"cacheScope":"private"';

const capabilitiesOf = (offers: readonly Offer[]) => {
  const has = (path: string[]) => offers.some((offer) => memberText(offer.openingText, ['capabilities', ...path]) !== null);
  const extensions = new Map(
    offers.flatMap((offer) => (offer.era === 'stateless' ? memberTexts(offer.openingText, ['capabilities', 'extensions']) : [])),
  );
  return JSON.stringify({
    tools: { listChanged: true },
    ...(has(['resources']) ? { resources: { listChanged: true, ...(has(['resources', 'subscribe']) ? { subscribe: true } : {}) } } : {}),
    ...(has(['prompts']) ? { prompts: { listChanged: true } } : {}),
    ...(has(['completions']) ? { completions: {} } : {}),
    ...(has(['logging']) ? { logging: {} } : {}),
    ...(extensions.size > 0
      ? { extensions: Object.fromEntries([...extensions].map(([key, value]) => [key, JSON.parse(value) as unknown])) }
      : {}),
  });
};

/** DiscoverResult for a connection that shows several servers: everything any of them can. */
function severalServers(offers: readonly Offer[], version: string): string {
  const instructions = offers.flatMap((offer) => {
    const text = memberText(offer.openingText, ['instructions']);
    return text === null ? [] : [`## ${offer.server}\n${JSON.parse(text)}`];
  });
  const words = instructions.length > 0 ? `,"instructions":${JSON.stringify(instructions.join('\n\n'))}` : '';
  return (
    `{"resultType":"complete","supportedVersions":${JSON.stringify(versions)},"capabilities":${capabilitiesOf(offers)}${words},` +
    `${cached},"_meta":{"${keys.server}":${JSON.stringify({ name: 'gatehouse', title: 'Gatehouse', version })}}}`
  );
}

/** The answer to `server/discover`. `only`: one server under its own names. No server is started for it. */
export function discoverResult(offers: readonly Offer[], only: boolean, version: string): string {
  const [one] = offers;
  if (!only || !one) return severalServers(offers, version);
  return withListChanges(discoverResultOf(one));
}

/** The result of a list. */
export function statelessList(
  method: ListMethod,
  offers: readonly Offer[],
  declared: Readonly<Record<string, unknown>>,
  several: boolean,
): string {
  return `{"resultType":"complete",${cached},${listResult(method, offers, declared, several).slice(1)}`;
}
