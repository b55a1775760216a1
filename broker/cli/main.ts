// Entry of the command line where Node runs it.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { begin } from './begin.ts';

// Beside the sources and as trustworthy as they are; a command starts in a third of the time. Where it cannot be written, nothing is lost.
enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compile'));
await begin(process.argv.slice(2));
