// The person's own terminal, whatever standard input and output are: asks with echo off, and shows what must be seen.
import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { GatehouseError } from '../../shared/errors.ts';
import { undumpable } from '../host/native.ts';

export interface Terminal {
  readonly columns: number;
  write(text: string): void;
  /**
   * Asks and reads one line without echo. `fresh`: what was typed before the question does not count.
   * @throws GatehouseError `refused` when the person breaks off
   */
  askHidden(question: string, fresh?: boolean): Promise<string>;
  /** Asks for one word, with echo. */
  askWord(question: string): Promise<string>;
  close(): void;
}

const [readName, writeName] = process.platform === 'win32' ? ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'] : ['/dev/tty', '/dev/tty'];
/** How long early input is thrown away, in milliseconds. */
const freshMs = 40;

/** The terminal this process belongs to, or null when there is none. Standard input is never used instead (T36). */
export function openTerminal(): Terminal | null {
  let input: ReadStream;
  let output: WriteStream;
  try {
    input = new ReadStream(openSync(readName, process.platform === 'win32' ? 'r+' : 'r'));
    output = new WriteStream(openSync(writeName, process.platform === 'win32' ? 'r+' : 'w'));
  } catch {
    return null;
  }
  // What is typed here stays in this process's memory for a while.
  undumpable();
  input.setEncoding('utf8').pause();
  return {
    columns: output.columns || 80,
    write: (text) => void output.write(text),
    askHidden: (question, fresh = false) => readLine(input, output, question, { fresh, echo: false }),
    askWord: (question) => readLine(input, output, question, { fresh: true, echo: true }),
    close() {
      input.destroy();
      output.destroy();
    },
  };
}

function readLine(
  input: ReadStream,
  output: WriteStream,
  question: string,
  { fresh, echo }: { fresh: boolean; echo: boolean },
): Promise<string> {
  return new Promise((resolve, reject) => {
    let line: string[] = [];
    let listening = !fresh;
    const end = (finish: () => void) => {
      input.off('data', onData).off('end', cancel).off('error', cancel).pause();
      process.off('SIGTERM', cancel).off('SIGHUP', cancel);
      try {
        input.setRawMode(false);
      } catch {}
      output.write('\n');
      finish();
    };
    const cancel = () =>
      end(() => reject(new GatehouseError('refused', 'Nothing was done: the question was not answered.', 'Run the command again.')));
    const onData = (text: string) => {
      if (!listening) return;
      for (const key of text) {
        if (key === '\r' || key === '\n') return end(() => resolve(line.join('')));
        if (key === '\u0003' || key === '\u0004') return cancel();
        if (key === '\u007f' || key === '\b') line.pop();
        else if (key === '\u0015') line = [];
        else if (key >= ' ') {
          line.push(key);
          if (echo) output.write(key);
        }
      }
    };
    // A terminal left without echo would be a riddle to its owner.
    process.once('SIGTERM', cancel).once('SIGHUP', cancel);
    input.setRawMode(true);
    input.on('data', onData).once('end', cancel).once('error', cancel).resume();
    const ask = () => {
      listening = true;
      output.write(question);
    };
    if (fresh) setTimeout(ask, freshMs);
    else ask();
  });
}
