// Lists everything a running server offers, each definition as the exact text it came as.
import { RequestFailed } from './failures.ts';
import type { Needs } from './needs.ts';
import type { Upstream } from './upstream.ts';

export interface Definition {
  /** `tool:..`, `resource:uri`, `template:..` or `prompt:..` */
  readonly capability: string;
  /** What the server calls it: a name, a uri or a uri template. */
  readonly name: string;
  /** Exact JSON text. */
  readonly text: string;
}

const lists = [
  { announced: 'tools', method: 'tools/list', member: 'tools', kind: 'tool', key: 'name' },
  { announced: 'resources', method: 'resources/list', member: 'resources', kind: 'resource', key: 'uri' },
  { announced: 'resources', method: 'resources/templates/list', member: 'resourceTemplates', kind: 'template', key: 'uriTemplate' },
  { announced: 'prompts', method: 'prompts/list', member: 'prompts', kind: 'prompt', key: 'name' },
] as const;

/** Over one whole listing. */
const maxPages = 1_000;
const maxItems = 10_000;
const maxBytes = 20 * 1024 * 1024;
const maxMs = 60_000;

/**
 * Follows every list that the server's capabilities announce, to its end.
 * What the transport forbids to offer is left out; the upstream has said why in its log.
 * @throws ServerGone; RequestFailed; Error when a list fails, never ends or is not one
 */
export async function fetchDefinitions(needs: Pick<Needs, 'elementTexts' | 'mask'>, upstream: Upstream): Promise<Definition[]> {
  const { capabilities } = JSON.parse(upstream.openingText) as { capabilities?: Record<string, unknown> };
  const found: Definition[] = [];
  let pages = 0;
  let bytes = 0;
  const until = performance.now() + maxMs;
  for (const list of lists) {
    if (!capabilities?.[list.announced]) continue;
    const cursors = new Set<string>();
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      if (++pages > maxPages) throw new Error(`its lists have more than ${maxPages} pages`);
      const reply = await upstream.ask(
        list.method,
        cursor === undefined ? '{}' : JSON.stringify({ cursor }),
        Math.max(1, until - performance.now()),
      );
      bytes += Buffer.byteLength(reply.text);
      if (bytes > maxBytes) throw new Error(`its lists are longer than ${maxBytes} bytes`);
      if (reply.failed) {
        const error = reply.value.error as { code?: unknown; message?: unknown } | null;
        // Many servers announce resources and know no templates.
        if (error?.code === -32601) break;
        throw new Error(
          `${list.method} failed: ${needs
            .mask()(String(error?.message ?? 'no reason given'))
            .slice(0, 500)}`,
        );
      }
      const result = reply.value.result as Record<string, unknown> | null;
      const items = result?.[list.member];
      const texts = needs.elementTexts(reply.text, ['result', list.member]);
      if (!Array.isArray(items) || items.length !== texts.length) throw new Error(`its answer to ${list.method} holds no list`);
      if (found.length + items.length > maxItems) throw new Error(`its lists have more than ${maxItems} items`);
      items.forEach((item: unknown, index) => {
        const name = (item as Record<string, unknown> | null)?.[list.key];
        if (typeof name !== 'string') throw new Error(`an item of ${list.method} has no ${list.key}`);
        if (upstream.unfit?.(list.kind, item as Record<string, unknown>)) return;
        found.push({ capability: `${list.kind}:${name}`, name, text: texts[index] as string });
      });
      const next = result?.nextCursor;
      if (next !== undefined && next !== null && typeof next !== 'string') throw new Error(`the cursor of ${list.method} is no text`);
      cursor = next ?? undefined;
      if (cursor !== undefined && cursors.has(cursor)) throw new Error(`${list.method} never ends`);
      if (cursor !== undefined) cursors.add(cursor);
    }
  }
  return found;
}

/** In words, for the reason of a failed listing. */
export function listingProblem(error: unknown): string {
  if (error instanceof RequestFailed && error.problem === 'timeout') return 'it did not answer a list in time';
  return error instanceof Error ? error.message : 'unknown';
}
