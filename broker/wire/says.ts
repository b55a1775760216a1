// What a client says it is, shortened for people to read.

/** Self-reported: for showing, never for deciding. `info`: its Implementation, parsed. */
export function saysItIs(info: unknown): string | null {
  const { name, title, version } = (info ?? {}) as { name?: unknown; title?: unknown; version?: unknown };
  const said = title ?? name;
  return typeof said === 'string' ? `${said} ${typeof version === 'string' ? version : ''}`.trim().slice(0, 100) : null;
}
