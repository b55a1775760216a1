// Reads a client's request of the stateless era: which server it is for, which capability it would use, whether it is a later round.
import { hash } from 'node:crypto';
import type { Message } from '../../../shared/message.ts';
import type { ServerRequest } from '../../../shared/request.ts';
import { nameParam } from '../gate.ts';
import { digestsOf, type Unknown, understand, type View } from '../handshake/requests.ts';
import { memberText } from '../spans.ts';

export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Requests that go to a server; whatever else a client may ask is answered by the broker. */
const forServers = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'completion/complete',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
]);

/** Those that a server may answer with questions of its own (MCP 2026-07-28, basic/patterns/mrtr, "Supported Requests"). */
const mayNeedInput = new Set(['tools/call', 'prompts/get', 'resources/read']);

export const canNeedInput = (method: string | undefined): boolean => mayNeedInput.has(method ?? '');

/** Who gave out a task, and for which capability. */
export interface Task {
  readonly server: string;
  readonly capability: string;
}

export interface StatelessView extends Omit<View, 'taskServer'> {
  task(taskId: string): Task | undefined;
}

/** Names a state without holding it: what a later round is known by. A round without state is one all the same. */
export function roundOf(requestState: unknown): string {
  return hash('sha256', `gatehouse-round-1\n${typeof requestState === 'string' ? `s${requestState}` : ''}`);
}

/** As `understand` of the other era, for the methods of this one. */
export function statelessRequest(message: Message, view: StatelessView): ServerRequest | Unknown {
  const method = message.method ?? '';
  if (!forServers.has(method)) return { unknown: 'method', name: '' };
  if (method.startsWith('tasks/')) return taskRequest(message, view);
  const request = understand(message, { ...view, taskServer: () => undefined });
  if ('unknown' in request || !mayNeedInput.has(method)) return request;
  const { params } = message;
  const later = params && (Object.hasOwn(params, 'inputResponses') || Object.hasOwn(params, 'requestState'));
  if (!later) return request;
  const inputsText = memberText(message.text, ['params', 'inputResponses']);
  return { ...request, round: roundOf(params.requestState), ...(inputsText === null ? {} : { inputsText }) };
}

/** Not mediated by a grant, for the call that made the task was; pin, pause and log count for what it brings all the same. */
function taskRequest(message: Message, view: StatelessView): ServerRequest | Unknown {
  const taskId = nameParam(message, 'taskId') ?? '';
  const task = view.task(taskId);
  if (!task) return { unknown: 'task', name: taskId };
  const { server, capability } = task;
  const argumentsText = memberText(message.text, ['params']) ?? '{}';
  return { message, server, outgoing: message.text, capability, mediated: false, argumentsText, ...digestsOf(capability, argumentsText) };
}
