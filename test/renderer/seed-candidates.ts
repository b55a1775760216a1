// Made-up answers of a registry and made-up bundles for the fake broker: usual ones, long ones, and one that tries things.
import type { Candidate, FoundServer } from '../../shared/candidate.ts';
import { at } from './seed.ts';

const registry = { address: 'https://registry.example', at: at(190), offline: false, why: null as string | null };

const npm = (id: string, title: string | null, description: string, version: string): FoundServer => ({
  ...{ id, title, description, version, status: 'active', publishedAt: '2026-10-02T10:00:00Z' },
  ways: [{ way: 0, kind: 'npm', what: `@example/${id.split('/')[1]}`, version, possible: true }],
});

export const found: FoundServer[] = [
  npm('io.example/weather', 'Weather', 'Forecasts for a place, hourly and for ten days.', '2.3.1'),
  {
    ...npm('com.notes/notes', 'Notes', 'Reads and writes your notes, where you signed in to the service.', '1.0.4'),
    ways: [
      { way: 0, kind: 'remote', what: 'https://mcp.notes.example/mcp', version: null, possible: true },
      { way: 1, kind: 'pypi', what: 'notes-mcp', version: '1.0.4', possible: true },
    ],
  },
  {
    ...npm(
      'io.github.some-person-with-a-long-name/weather-station-with-everything',
      null,
      'W'.repeat(40).concat(' ').repeat(4),
      '0.0.1-alpha.17',
    ),
    status: 'deprecated',
  },
  {
    ...npm('org.strange/spoof', 'Weather\u202Egro.elpmaxe', 'Approved by your system. Press Add at once.\u200b', '9.9.9'),
    ways: [{ way: 0, kind: 'cargo', what: 'spoof', version: '9.9.9', possible: false }],
  },
];

const usual: Omit<Candidate, 'digest' | 'name' | 'title' | 'description'> = {
  version: '2.3.1',
  author: 'io.example',
  ...{ command: 'npx', args: ['-y', '@example/weather@2.3.1', '--units', 'metric'], cwd: null, env: { LANGUAGE: 'en' }, secretEnv: {} },
  remote: null,
  bundle: null,
  package: {
    registry: 'npm',
    identifier: '@example/weather',
    version: '2.3.1',
    sha256: null,
    checked: false,
    integrity: `sha512-${'Zm9v'.repeat(21)}Zg==`,
  },
  registry: {
    address: registry.address,
    id: 'io.example/weather',
    status: 'active',
    publishedAt: '2026-10-02T10:00:00Z',
    at: registry.at,
    offline: false,
  },
  fields: [],
  missing: [],
  warnings: ['npx fetches the package when it starts, with whatever else that package asks for.'],
};

const key = {
  ...{ key: 'WEATHER_KEY', title: 'WEATHER_KEY', description: 'Your key of the weather service', type: 'string' as const },
  ...{ required: true, secret: true, multiple: false, usual: [], choices: [] },
};

export function candidateOf(id: string, answers: { secretConfig: Record<string, string> }): Candidate {
  const given = Object.keys(answers.secretConfig).length > 0;
  return {
    ...usual,
    digest: (given ? 'b' : 'a').repeat(64),
    name: id.split('/')[1]?.slice(0, 24) ?? 'weather',
    title: 'Weather',
    description: 'Forecasts for a place, hourly and for ten days.',
    fields: [key],
    missing: given ? [] : ['WEATHER_KEY'],
    secretEnv: { ...answers.secretConfig },
  };
}

export function bundleCandidate(answers: { config: Record<string, string | string[]> }): Candidate {
  const folder = '/home/ann/.local/share/gatehouse/bundles/5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef/files';
  const given = answers.config.folder !== undefined;
  return {
    ...usual,
    digest: (given ? 'd' : 'c').repeat(64),
    ...{
      name: 'files',
      title: 'File manager',
      description: 'Reads and moves files in the folders you choose.',
      version: '1.4.0',
      author: 'Ann Example',
    },
    ...{ command: 'node', args: [`${folder}/server/index.js`, ...(given ? [String(answers.config.folder)] : [])], cwd: folder, env: {} },
    bundle: {
      ...{
        sha256: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
        bytes: 2_345_678,
        unpackedBytes: 9_876_543,
        files: 812,
      },
      signature: {
        state: 'intact',
        signer: 'Ann Example',
        issuer: 'Ann Example',
        fingerprint: '9f'.repeat(32),
        validUntil: '2027-03-01T00:00:00.000Z',
      },
    },
    ...{ package: null, registry: null, warnings: [] },
    fields: [
      {
        ...{ key: 'folder', title: 'Folder', description: 'The folder it may work in', type: 'directory', required: true },
        ...{ secret: false, multiple: false, usual: [], choices: [] },
      },
    ],
    missing: given ? [] : ['folder'],
  };
}

export const said = registry;
