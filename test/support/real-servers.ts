// Definitions of real servers, as recorded from really starting them (test/fixtures/record-definitions.mjs).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Neighbour } from '../../broker/mediate/findings/neighbours.ts';
import type { Subject } from '../../broker/mediate/findings/scan.ts';

interface Recorded {
  readonly package: string;
  readonly serverInfo: { readonly name: string; readonly title?: string };
  readonly instructions?: string;
  readonly tools: readonly Definition[];
  readonly prompts: readonly { readonly name: string }[];
  readonly templates: readonly { readonly uriTemplate: string }[];
}

export interface Definition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: { readonly properties?: Record<string, unknown>; readonly [member: string]: unknown };
  readonly [member: string]: unknown;
}

export interface RealServer extends Neighbour {
  readonly package: string;
  readonly tools: readonly Definition[];
  readonly openingText: string;
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'definitions');

export function realServers(): RealServer[] {
  return readdirSync(folder).map((file) => {
    const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded;
    const server = file.replace('.json', '');
    const { serverInfo, instructions } = recorded;
    const own = { ...serverInfo, ...(instructions === undefined ? {} : { instructions }) };
    const subject = (capability: string | null, value: unknown): Subject => ({ server, capability, text: JSON.stringify(value) });
    return {
      server,
      package: recorded.package,
      identity: `npm:${recorded.package.replace(/@[^@]*$/, '')}`,
      saysItIs: serverInfo.name,
      tools: recorded.tools,
      openingText: JSON.stringify({ serverInfo, ...(instructions === undefined ? {} : { instructions }) }),
      subjects: [
        subject(null, own),
        ...recorded.tools.map((tool) => subject(`tool:${tool.name}`, tool)),
        ...recorded.prompts.map((prompt) => subject(`prompt:${prompt.name}`, prompt)),
        ...recorded.templates.map((template) => subject(`template:${template.uriTemplate}`, template)),
      ],
    };
  });
}
