/** Where the executable is, or would be. */
export const executable: string;
/** True when it is there and not older than what it is made of. */
export function isBuilt(): boolean;
/** Builds it and returns its path. @throws where this system cannot build it, saying why */
export function buildExecutable(): Promise<string>;
