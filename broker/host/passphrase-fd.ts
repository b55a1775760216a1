// Reads the sealed file's passphrase from a file descriptor.
import { closeSync, readSync } from 'node:fs';
import { GatehouseError } from '../../shared/errors.ts';

const longest = 4096;

/** Everything up to the end of the descriptor, which is closed; one ending newline is dropped. Throws GatehouseError('usage'). */
export function readPassphrase(fd: number): string {
  const bytes = Buffer.alloc(longest + 1);
  let length = 0;
  try {
    for (;;) {
      const read = readSync(fd, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length > longest) break;
    }
    // Standard input stays open: others may still look at it.
    if (fd > 2) closeSync(fd);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EOF') {
      const why = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw new GatehouseError('usage', `No passphrase can be read from descriptor ${fd} (${why}).`, 'Open it for reading: 3< FILE.', {
        cause,
      });
    }
  }
  const text = bytes
    .subarray(0, length)
    .toString()
    .replace(/\r?\n$/, '');
  bytes.fill(0);
  if (length > longest || text === '') {
    throw new GatehouseError(
      'usage',
      `Descriptor ${fd} holds no passphrase of 1 to ${longest} bytes.`,
      'Write it there, then start again.',
    );
  }
  return text;
}
