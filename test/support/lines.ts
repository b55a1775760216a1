// Lines as stdio transports frame them: ended by a line feed and by nothing else. Node's readline also breaks at U+2028, which JSON may hold.

/** Takes text as it comes; calls `take` with each whole line. */
export function lineByLine(take: (line: string) => void): (chunk: string) => void {
  let held = '';
  return (chunk) => {
    const lines = (held + chunk).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line);
  };
}
