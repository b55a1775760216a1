// An MCP server over stdio for load: it echoes, is slow, tells progress, asks the client, and answers each call with the client's own mark.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

const server = new Server({ name: 'busy', version: '1' }, { capabilities: { tools: {}, logging: {} } });
const tools = ['echo', 'slow', 'progress', 'sample', 'elicit', 'log'].map((name) => ({ name, inputSchema: { type: 'object' as const } }));
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
server.setRequestHandler(
  CallToolRequestSchema,
  async ({ params: { name, arguments: given, _meta } }, { sendNotification, sendRequest, signal }) => {
    const mark = String(given?.mark);
    let said = mark;
    if (name === 'slow') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Number(given?.ms));
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (name === 'progress' && _meta?.progressToken !== undefined) {
      for (const progress of [1, 2, 3])
        await sendNotification({
          method: 'notifications/progress',
          params: { progressToken: _meta.progressToken, progress, message: mark },
        });
    }
    if (name === 'log') await sendNotification({ method: 'notifications/message', params: { level: 'info', data: mark } });
    if (name === 'sample') {
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: mark } }];
      const { content } = await sendRequest(
        { method: 'sampling/createMessage', params: { messages, maxTokens: 1 } },
        CreateMessageResultSchema,
      );
      said = content.type === 'text' ? content.text : 'no text';
    }
    if (name === 'elicit') {
      const requestedSchema = { type: 'object' as const, properties: { answer: { type: 'string' as const } } };
      const { content } = await sendRequest(
        { method: 'elicitation/create', params: { message: mark, requestedSchema } },
        ElicitResultSchema,
      );
      said = String(content?.answer);
    }
    return { content: [{ type: 'text', text: `${name} ${said}` }] };
  },
);
await server.connect(new StdioServerTransport());
