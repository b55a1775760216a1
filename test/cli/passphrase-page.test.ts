import { request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { askOnPage, type Tried } from '../../broker/cli/passphrase-page/ask.ts';
import { launch } from '../renderer/open.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function page(exists: boolean, attempt: (passphrase: string) => Promise<Tried>) {
  let typed: string[] = [];
  const asking = await askOnPage(exists, (passphrase) => {
    typed = [...typed, passphrase];
    return attempt(passphrase);
  });
  const url = new URL(asking.address);
  const secret = url.hash.slice('#passphrase='.length);
  return { asking, url, secret, typed: () => typed };
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

function send(
  url: URL,
  { method = 'POST', path = '/', headers = {}, body }: Sent,
): Promise<{ status: number; text: string; cors: boolean }> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port: url.port, method, path, headers }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text, cors: res.headers['access-control-allow-origin'] !== undefined }));
    });
    req.on('error', reject).end(body);
  });
}

const good = (secret: string): Sent => ({
  headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
  body: '{"passphrase":"four words and more"}',
});

it('takes a passphrase from whoever has the whole address, and from nobody else', async () => {
  const { url, secret, asking, typed } = await page(false, async () => ({ console: 'http://127.0.0.1:1/#signin=x' }));
  const right = good(secret);
  const wrong: [string, Sent, number][] = [
    ['no secret', { ...right, headers: { 'Content-Type': 'application/json' } }, 403],
    ['a wrong secret', good(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`), 403],
    ['a form', { ...right, headers: { ...right.headers, 'Content-Type': 'text/plain' } }, 403],
    ['a foreign page', { ...right, headers: { ...right.headers, Origin: 'http://example.com' } }, 404],
    ['a rebound name', { ...right, headers: { ...right.headers, Host: `example.com:${url.port}` } }, 404],
    ['another method', { ...right, method: 'PUT' }, 405],
    ['another path', { ...right, path: '/x' }, 404],
    ['no passphrase', { ...right, body: '{"passphrase":""}' }, 400],
    ['too long a one', { ...right, body: JSON.stringify({ passphrase: 'x'.repeat(5000) }) }, 400],
    ['no JSON', { ...right, body: 'passphrase' }, 400],
  ];
  for (const [name, sent, status] of wrong) {
    const answer = await send(url, sent);
    expect([name, answer.status, answer.cors]).toEqual([name, status, false]);
  }
  expect(typed()).toEqual([]);
  const answer = await send(url, right);
  expect(answer).toMatchObject({ status: 200, cors: false });
  expect(JSON.parse(answer.text)).toEqual({ console: 'http://127.0.0.1:1/#signin=x' });
  expect(typed()).toEqual(['four words and more']);
  await asking.done;
  await expect(send(url, right)).rejects.toThrow();
});

it('asks again after a wrong passphrase, not faster than once a second, and ends with what broke', async () => {
  let tries = 0;
  const { url, secret, asking } = await page(true, async () => {
    if (++tries === 1) return { fault: 'It is wrong.' };
    throw new Error('the disk is full');
  });
  const ended = expect(asking.done).rejects.toThrow('the disk is full');
  expect(await send(url, good(secret))).toMatchObject({ status: 400, text: '{"fault":"It is wrong."}' });
  expect(await send(url, good(secret))).toMatchObject({ status: 429 });
  let answer = await send(url, good(secret));
  while (answer.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await send(url, good(secret));
  }
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain('disk');
  await ended;
  expect(tries).toBe(2);
});

it('in a browser: the address loses its secret, two that differ are not sent, and the console comes next', async () => {
  const next = await page(true, async () => ({ fault: 'never' }));
  const { asking, typed } = await page(false, async () => ({ console: `http://127.0.0.1:${next.url.port}/#signin=x` }));
  const browser = await launch();
  closers.push(() => void browser.close());
  const tab = await browser.newPage();
  const problems: string[] = [];
  tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
  await tab.goto(asking.address);
  expect(tab.url()).not.toContain('passphrase=');
  await tab.getByLabel('A new passphrase').fill('four words and more');
  await tab.getByLabel('The same again').fill('three words');
  await tab.getByRole('button', { name: 'Use a sealed file' }).click();
  await tab.getByText('The two differ').waitFor();
  expect(typed()).toEqual([]);
  await tab.getByLabel('The same again').fill('four words and more');
  await tab.getByRole('button', { name: 'Use a sealed file' }).click();
  await tab.waitForURL(`http://127.0.0.1:${next.url.port}/**`);
  await asking.done;
  expect(typed()).toEqual(['four words and more']);
  expect(problems).toEqual([]);
});
