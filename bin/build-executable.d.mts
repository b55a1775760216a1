/** Where the executable is, or would be. */
export const executable: string;
/** Builds it and returns its path. @throws where this system cannot build it, saying why */
export function buildExecutable(): Promise<string>;
