/** Builds dist/console with this Node when its sources are newer than what was built; true when it is there afterwards. */
export function buildConsole(node: string): boolean;
