// Entry of the executable in the package (bin/build-executable.mjs): the command line for a computer without Node.
import { begin } from './begin.ts';

void begin(process.argv.slice(2));
