// Replaces a file and dies at a step: path, step, and what shall stand there.
import { readFileSync } from 'node:fs';
import { replaceFile } from '../../broker/clients/replace-file.ts';

const [path = '', at = '', after = ''] = process.argv.slice(2);
replaceFile({ path, before: readFileSync(path), after: Buffer.from(after) }, (step) => {
  if (step === at) process.kill(process.pid, 'SIGKILL');
});
