// Operations of the operator's contract over loopback, as the console calls them: faster than a command, and without its words.

/** Calls one operation, such as `approval/list`. `at` is what a broker said when it was ready. */
export async function operate<T>(
  at: { readonly mcp: string; readonly operatorToken: string | null },
  operation: string,
  input?: object,
): Promise<T> {
  const response = await fetch(`${new URL(at.mcp).origin}/api/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${at.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(input === undefined ? {} : { json: input }),
  });
  const { json } = (await response.json()) as { json: unknown };
  if (response.ok) return json as T;
  const { message, data } = json as { message: string; data?: { code: string; hint: string } };
  throw Object.assign(new Error(message), data);
}
