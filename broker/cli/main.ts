// Entry of the command line where Node runs it.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { begin } from './begin.ts';

// Beside the sources and as trustworthy as they are; a command starts in a third of the time. Where it cannot be written, nothing is lost.
// The launcher has said so before this very file was read; what we start shall not hear of it.
enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compile'));
delete process.env.NODE_COMPILE_CACHE;
await begin(process.argv.slice(2));
