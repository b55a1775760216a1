// A small stateless MCP server over stdio whose one tool makes tasks (extension io.modelcontextprotocol/tasks): they ask, then complete.
import { createInterface } from 'node:readline';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly taskId?: string;
    readonly inputResponses?: Record<string, { content?: { word?: string } }>;
    readonly notifications?: { readonly taskIds?: string[] };
  };
}

interface Job {
  readonly listeners: (string | number)[];
  word: string | null;
}

const jobs = new Map<string, Job>();
const say = (message: object) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const times = { createdAt: '2026-11-25T10:00:00Z', lastUpdatedAt: '2026-11-25T10:00:00Z', ttlMs: null };
const question = {
  method: 'elicitation/create',
  params: { message: 'Which word?', requestedSchema: { type: 'object', properties: { word: { type: 'string' } } } },
};
const lists: Record<string, object> = {
  'tools/list': { tools: [{ name: 'start', inputSchema: { type: 'object' } }] },
  'server/discover': {
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } },
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'jobs', version: '1' } },
  },
};

/** A task as it stands. */
function detailed(taskId: string, { word }: Job): object {
  const task = { taskId, ...times };
  if (word === null) return { ...task, status: 'input_required', inputRequests: { word: question } };
  return { ...task, status: 'completed', result: { content: [{ type: 'text', text: `the word is ${word}` }] } };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method = '', params = {} } = JSON.parse(line) as Incoming;
  if (id === undefined) return;
  const reply = (result: object, resultType = 'complete') => say({ id, result: { resultType, ...result } });
  if (lists[method]) return reply({ ttlMs: 0, cacheScope: 'public', ...lists[method] });
  if (method === 'tools/call') {
    const taskId = `job-${jobs.size + 1}`;
    jobs.set(taskId, { listeners: [], word: null });
    return reply({ taskId, ...times, status: 'working' }, 'task');
  }
  const { taskId = '' } = params;
  const job = jobs.get(taskId);
  if (method === 'subscriptions/listen') {
    const notifications = { taskIds: params.notifications?.taskIds ?? [] };
    for (const one of notifications.taskIds) jobs.get(one)?.listeners.push(id);
    const meta = { 'io.modelcontextprotocol/subscriptionId': id };
    return say({ method: 'notifications/subscriptions/acknowledged', params: { _meta: meta, notifications } });
  }
  if (!job) return say({ id, error: { code: -32602, message: 'no such task' } });
  if (method === 'tasks/get') return reply(detailed(taskId, job));
  if (method !== 'tasks/update') return reply({});
  job.word = params.inputResponses?.word?.content?.word ?? 'none';
  reply({});
  for (const listener of job.listeners) {
    const meta = { 'io.modelcontextprotocol/subscriptionId': listener };
    say({ method: 'notifications/tasks', params: { _meta: meta, ...detailed(taskId, job) } });
  }
});
