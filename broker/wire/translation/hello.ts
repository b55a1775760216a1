// What a handshake server is told of a client that never shakes hands: `initialize` made of the envelope of its requests.
import { memberText, memberTexts } from '../spans.ts';

/** Capabilities that mean the same in both eras; the rest stays on its side (mcp.md 3.4: tasks). */
const shared = new Set(['experimental', 'roots', 'sampling', 'elicitation']);

/**
 * Parameters of `initialize` for a client with these capabilities (exact text) that says it is `client` (exact text, or null).
 * Lists of roots do not change within a request, so no change of them is announced.
 */
export function handshakeHello(capabilities: string, client: string | null): string {
  const parts = memberTexts(capabilities, []).flatMap(([key, value]) => {
    if (key === 'extensions') {
      const left = memberTexts(value, []).filter(([name]) => name !== 'io.modelcontextprotocol/tasks');
      return left.length > 0 ? [`"extensions":{${left.map(([name, setting]) => `${JSON.stringify(name)}:${setting}`).join(',')}}`] : [];
    }
    return shared.has(key) ? [`${JSON.stringify(key)}:${value}`] : [];
  });
  const info = client !== null && memberText(client, ['name']) !== null ? client : '{"name":"unnamed","version":"0"}';
  return `{"protocolVersion":"2025-11-25","capabilities":{${parts.join(',')}},"clientInfo":${info}}`;
}
