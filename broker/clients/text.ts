// Bytes of a client's file as text and back: mark, line ends and everything else kept, and nothing guessed.
import { Malformed } from './tree.ts';

const mark = '\uFEFF';
/** Far above any real one: Claude Code's file of a busy year has a few megabytes. */
const longest = 64 * 1024 * 1024;

export interface Text {
  /** Without the byte order mark. */
  readonly body: string;
  readonly marked: boolean;
}

/** @throws Malformed for what is not UTF-8 */
export function decode(bytes: Buffer): Text {
  if (bytes.length > longest) throw new Malformed('it is larger than any configuration file');
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new Malformed('it is written in UTF-16, and its client reads UTF-8');
  let all: string;
  try {
    all = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed('it is not text in UTF-8');
  }
  const marked = all.startsWith(mark);
  return { body: marked ? all.slice(1) : all, marked };
}

export function encode({ body, marked }: Text): Buffer {
  return Buffer.from(marked ? mark + body : body);
}

/** The line end the text uses first; a text of one line gets `\n`. */
export function lineEnd(text: string): '\n' | '\r\n' {
  const first = text.indexOf('\n');
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n';
}

/** One step of indentation as the text has it; two spaces where it shows none. */
export function indentation(text: string): string {
  const found = /^(\t+| +)(?=[^\s/*#])/m.exec(text)?.[1];
  if (found === undefined) return '  ';
  return found.startsWith('\t') ? '\t' : found.slice(0, 8);
}
