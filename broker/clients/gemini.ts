// Gemini CLI.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at } from './machine.ts';

export const gemini: ClientKind = {
  name: 'gemini',
  title: 'Gemini CLI',
  files: (machine) => [
    jsonFile(at(machine, machine.home, '.gemini', 'settings.json'), 'mcpServers'),
    jsonFile(at(machine, machine.cwd, '.gemini', 'settings.json'), 'mcpServers', 'project', machine.cwd),
  ],
  dialect: {
    ...usual,
    urls: [
      { key: 'httpUrl', transport: 'http' },
      { key: 'url', transport: 'sse' },
    ],
    more: ['authProviderType', 'oauth'],
    passing: { key: 'trust', value: true },
    expands: 'shell',
  },
};
