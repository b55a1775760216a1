// Which file belongs where, and what a file of each place may import. What is not named here is an error (default deny).
// First match wins. `own` is $1 of the file's path; packages: `product` = dependencies, `any` = those and devDependencies.

const shared = '^shared/';
const room = (...names) => names.map((name) => `^broker/${name}`);

export const territories = [
  { name: 'the vocabulary', files: '^shared/', imports: [shared], only: ['zod', '@orpc/contract'] },

  // Seen by several: what reads top to bottom, and what constructs.
  { name: 'one request', files: '^broker/broker\\.ts$', imports: [shared, '^broker/(?!cli/|start\\.ts)'], packages: 'product', node: true },
  // broker/start/ holds the parts of start.ts; nobody else may enter there.
  { name: 'the constructor', files: '^broker/start(\\.ts$|/)', imports: [shared, '^broker/(?!cli/)'], packages: 'product', node: true },
  {
    name: 'the command line',
    files: '^broker/cli/',
    imports: [
      shared,
      '^broker/cli/',
      ...room('start\\.ts$', 'record/verify', 'identify/challenge', 'wire/scan', 'operate/request-proof', 'host/', 'clients/'),
    ],
    packages: 'product',
    node: true,
  },
  {
    name: 'a room',
    files: '^broker/(receive|wire|identify|mediate|forward|record|vault|store|operate|host|clients|acquire)/',
    imports: [shared, '^broker/$1/'],
    packages: 'product',
    node: true,
  },

  {
    name: 'the shell',
    files: '^electron/',
    imports: [shared, '^electron/', '^broker/start\\.ts$'],
    only: ['electron', 'electron-updater'],
    node: true,
  },
  { name: 'the console', files: '^renderer/', imports: [shared, '^renderer/'], packages: 'any' },

  // Around the product. Nothing above may import any of these.
  { name: 'launchers', files: '^bin/', imports: ['^bin/', '^broker/cli/', '^broker/start\\.ts$', shared], packages: 'any', node: true },
  { name: 'tests', files: '^test/', imports: ['^'], packages: 'any', node: true },
  { name: 'measurements', files: '^bench/', imports: ['^bench/', '^bin/', shared], packages: 'any', node: true },
  { name: 'configuration', files: '^[^/]+\\.config\\.ts$', imports: [], packages: 'any', node: true },
];

/** Product files: what the size limit and the dead-code check are about. */
export const product = /^(shared|broker|electron|renderer|bin)\//;
