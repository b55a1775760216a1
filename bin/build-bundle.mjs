// Builds out/gatehouse.mcpb, our own bundle for Claude Desktop: the connector in one file, and nothing that could do more than connect.
// `node bin/build-bundle.mjs`; `npm run package` does it too. The same sources give the same bytes.
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { root } from './node24.mjs';

export const bundleFile = join(root, 'out', 'gatehouse.mcpb');
const built = join(root, 'dist', 'bundle');

const connectsOnly = {
  name: 'nothing but the connector',
  enforce: 'pre',
  resolveId: (id) => (id === './run.ts' ? '\0connects-only' : null),
  load: (id) =>
    id === '\0connects-only'
      ? "export async function run() { process.stderr.write('This program connects an AI client to Gatehouse, and does nothing else.\\n'); return 2; }"
      : null,
};

/** What a client reads of it. Its format is that of @anthropic-ai/mcpb, version 0.3. */
export function manifest() {
  const { version, license, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const here = `\${${'__dirname'}}`;
  return {
    manifest_version: '0.3',
    name: 'gatehouse',
    display_name: 'Gatehouse',
    version,
    description: 'Your MCP servers, through Gatehouse: it keeps the keys, asks you, and writes down what happens.',
    long_description: `${description} Install Gatehouse first, and pair this client: \`gatehouse client add claude-desktop --servers all\`.`,
    author: { name: 'The Gatehouse authors' },
    license,
    keywords: ['permissions', 'security', 'approval', 'log'],
    tools_generated: true,
    prompts_generated: true,
    server: {
      type: 'node',
      entry_point: 'server/connect.mjs',
      mcp_config: { command: 'node', args: [`${here}/server/connect.mjs`, 'connect', '--client', `\${${'user_config.client'}}`], env: {} },
    },
    user_config: {
      client: {
        type: 'string',
        title: 'Name of this client in Gatehouse',
        description: 'As you paired it with "gatehouse client add".',
        default: 'claude-desktop',
        required: true,
      },
    },
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=22.13.0' } },
  };
}

/** @param path where it goes */
export async function buildBundle(path = bundleFile) {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [connectsOnly],
    ssr: { noExternal: true },
    build: {
      ssr: 'broker/cli/executable.ts',
      outDir: built,
      emptyOutDir: true,
      minify: true,
      target: 'node22',
      rolldownOptions: { output: { entryFileNames: 'connect.mjs', codeSplitting: false } },
    },
  });
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  // One time for all, so that the bytes depend on the content alone.
  const options = { mode: 0o100644, mtime: new Date('2000-01-01T00:00:00Z'), forceDosTimestamp: true };
  const files = {
    'manifest.json': `${JSON.stringify(manifest(), null, 2)}\n`,
    LICENSE: readFileSync(join(root, 'LICENSE')),
    'server/connect.mjs': readFileSync(join(built, 'connect.mjs')),
  };
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name, options);
  zip.end();
  mkdirSync(join(path, '..'), { recursive: true });
  rmSync(path, { force: true });
  await pipeline(zip.outputStream, createWriteStream(path));
  return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

if (process.argv[1] === import.meta.filename) {
  const { path, sha256 } = await buildBundle();
  console.log(`Built ${path}, SHA-256 ${sha256}.`);
}
