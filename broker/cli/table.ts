// Columns and paragraphs for people; every cell passes visible(), and nothing of a stranger's begins a line.
import { visible } from './visible.ts';

const wide =
  /[\u{1100}-\u{115F}\u{2E80}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF00}-\u{FF60}\u{FFE0}-\u{FFE6}\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}

/** Splits visible text into lines of at most `columns`. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const character of text) {
    const next = widthOf(character);
    if (width + next > columns && line !== '') {
      lines.push(line);
      line = '';
      width = 0;
    }
    line += character;
    width += next;
  }
  lines.push(line);
  return lines;
}

/** A table with a heading. `columns` is the terminal's width: columns without a value are left out, long ones cut. Without one nothing is. */
export function table(names: readonly string[], values: readonly (readonly unknown[])[], columns: number | undefined): string {
  const used = names.map(
    (_, at) => columns === undefined || values.some((row) => row[at] !== undefined && row[at] !== null && row[at] !== '-'),
  );
  const heading = names.filter((_, at) => used[at]);
  const rows = values.map((row) => row.filter((_, at) => used[at]));
  const cells = [
    heading.map(String),
    ...rows.map((row) => row.map((cell) => visible(cell === null || cell === undefined ? '-' : String(cell)))),
  ];
  const widths = heading.map((_, at) => Math.max(...cells.map((row) => widthOf(row[at] ?? ''))));
  if (columns !== undefined) shrink(widths, columns - 2 * (heading.length - 1));
  return cells
    .map((row) =>
      row
        .map((cell, at) => {
          const width = widths[at] ?? 0;
          const shown = widthOf(cell) > width ? `${wrap(cell, Math.max(1, width - 1))[0]}…` : cell;
          return at === row.length - 1 ? shown : shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

// The widest column gives first, and none below eight.
function shrink(widths: number[], room: number): void {
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const most = Math.max(...widths);
    if (most <= 8) return;
    widths[widths.indexOf(most)] = most - 1;
  }
}

/** `label   value` rows. */
export function facts(rows: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows
    .map(([label, value]) => `${label.padEnd(width)}  ${visible(value === null || value === undefined ? '-' : String(value))}`)
    .join('\n');
}

/** An ISO time as a person reads it, in the terminal's own zone. */
export function when(time: string | null | undefined): string {
  if (time === null || time === undefined) return '-';
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
