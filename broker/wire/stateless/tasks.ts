// Tasks a client was given (extension io.modelcontextprotocol/tasks): each stays with that client and the server that gave it out.
import type { Task } from './requests.ts';

const most = 10_000;

/** By client. In memory: after a restart of the broker nobody knows whose a task id was, and nobody gets its result. */
export class Tasks {
  readonly #byClient = new Map<string, Map<string, Task>>();

  get(client: string, taskId: string): Task | undefined {
    return this.#byClient.get(client)?.get(taskId);
  }

  /** The first server to give out an id keeps it, whatever another says. */
  put(client: string, taskId: string, task: Task): void {
    const own = this.#byClient.get(client) ?? new Map<string, Task>();
    this.#byClient.set(client, own);
    if (own.has(taskId)) return;
    const [oldest] = own.keys();
    if (own.size >= most && oldest !== undefined) own.delete(oldest);
    own.set(taskId, task);
  }
}
