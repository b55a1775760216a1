// A server's name here, out of whatever it calls itself.

/** `[a-z0-9-]{1,24}`: what the operator may change before it is added. */
export function nameFrom(text: string): string {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^(?:mcp-)?(?:server-)?/, '')
    .replace(/(?:-mcp)?(?:-server)?(?:-mcp)?$/, '')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)
    .replace(/-+$/, '');
  return name === '' ? 'server' : name;
}
