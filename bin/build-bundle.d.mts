/** Builds our own bundle at `path` (out/gatehouse.mcpb) and says its hash. */
export function buildBundle(path?: string): Promise<{ path: string; sha256: string }>;
