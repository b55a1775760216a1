// Risk and reasons in our words: what a server claims raises a question or stands in its own box, and never lowers anything (T23).
import { describe, expect, test } from 'vitest';
import { present, type Subject } from '../../broker/mediate/present.ts';

const subject = (over: Partial<Subject> = {}): Subject => ({
  ...{ capability: 'tool:read_file', argumentsText: '{"path":"a"}', definition: '{}', usesSecrets: false, sandboxed: true },
  ...over,
});
const destructive = 'It can change or delete things';
const secret = 'It uses a secret of yours';
const unseen = 'Its arguments hold characters that cannot be seen';
const capitals = 'Two of its argument names differ in capitals only';
const large = 'It sends a lot of content';
const unlisted = 'The server never listed this';

describe('reasons', () => {
  test.each<[string, Partial<Subject>, string[]]>([
    ['none', {}, []],
    ['it calls itself destructive', { definition: '{"annotations":{"destructiveHint":true}}' }, [destructive]],
    ['and read-only as well', { definition: '{"annotations":{"destructiveHint":true,"readOnlyHint":true}}' }, []],
    ['and not read-only', { definition: '{"annotations":{"destructiveHint":true,"readOnlyHint":false}}' }, [destructive]],
    ['not destructive', { definition: '{"annotations":{"destructiveHint":false}}' }, []],
    ['a secret', { usesSecrets: true }, [secret]],
    ['a character nobody sees', { argumentsText: '{"path":"a\u200bb"}' }, [unseen]],
    ['the same, escaped', { argumentsText: '{"path":"a\\u202eb"}' }, [unseen]],
    ['a name nobody sees', { argumentsText: '{"pa\u2066th":"a"}' }, [unseen]],
    ['a control character', { argumentsText: '{"path":"a\\u0007"}' }, [unseen]],
    ['another', { argumentsText: '{"path":"a\\u009b"}' }, [unseen]],
    ['a letter of private use', { argumentsText: '{"path":"\ue000"}' }, [unseen]],
    ['a filler', { argumentsText: '{"path":"\u3164"}' }, [unseen]],
    ['what nobody has assigned and nothing draws', { argumentsText: '{"path":"\u{e0000}"}' }, [unseen]],
    ['a tag', { argumentsText: '{"path":"\u{e0041}"}' }, [unseen]],
    ['a line separator', { argumentsText: '{"path":"\u2028"}' }, [unseen]],
    ['line ends and tabs show', { argumentsText: '{"text":"a\\n\\tb\\r\\n"}' }, []],
    ['letters of any script', { argumentsText: '{"text":"\u00fc \u4e2d \u0627"}' }, []],
    ['names that differ in capitals', { argumentsText: '{"path":"a","Path":"b"}' }, [capitals]],
    ['names that do not', { argumentsText: '{"path":"a","paths":"b"}' }, []],
    ['a list', { argumentsText: '["a","A"]' }, []],
    ['a text', { argumentsText: '"a"' }, []],
    ['nothing', { argumentsText: 'null' }, []],
    ['as much as is read', { argumentsText: JSON.stringify('x'.repeat(16 * 1024 - 2)) }, []],
    ['more', { argumentsText: JSON.stringify('x'.repeat(16 * 1024 - 1)) }, [large]],
    ['never listed', { definition: null }, [unlisted]],
    ['a resource need not be', { definition: null, capability: 'resource:file:///a' }, []],
    ['what is called like one', { definition: null, capability: 'tool:resource:' }, [unlisted]],
    [
      'all of them',
      { definition: null, usesSecrets: true, argumentsText: '{"a\u200b":1,"A\u200b":2}' },
      [secret, unseen, capitals, unlisted],
    ],
  ])('%s', (_name, over, reasons) => {
    expect(present(subject(over)).reasons).toEqual(reasons);
  });
});

test.each<[Partial<Subject>, string]>([
  [{}, 'low'],
  [{ definition: null }, 'medium'],
  [{ definition: null, usesSecrets: true }, 'high'],
])('as many reasons as there are make the risk: %j', (over, risk) => {
  expect(present(subject(over)).risk).toBe(risk);
});

test.each<[boolean, boolean, boolean]>([
  [true, false, true],
  [true, true, false],
  [false, false, false],
  [false, true, false],
])('always is offered only in a sandbox and without secrets: %s %s', (sandboxed, usesSecrets, offered) => {
  expect(present(subject({ sandboxed, usesSecrets })).alwaysOffered).toBe(offered);
});

describe("the server's claim stands apart, and is cut", () => {
  test.each<[string, string | null, object]>([
    ['title and description', '{"title":"T","description":"D"}', { title: 'T', description: 'D' }],
    ['the title of its annotations', '{"annotations":{"title":"A"}}', { title: 'A' }],
    ['the title before that', '{"title":"T","annotations":{"title":"A"}}', { title: 'T' }],
    ['what is no text', '{"title":7,"description":["D"]}', {}],
    ['nothing', '{}', {}],
    ['never listed', null, {}],
    [
      'a long one',
      JSON.stringify({ title: 't'.repeat(300), description: 'd'.repeat(3000) }),
      { title: 't'.repeat(200), description: 'd'.repeat(2000) },
    ],
  ])('%s', (_name, definition, claim) => {
    expect(present(subject({ definition })).claim).toEqual(claim);
  });
  test('no width, and nothing else', () => {
    expect(present(subject())).toEqual({ risk: 'low', reasons: [], widths: [], claim: {}, alwaysOffered: true });
  });
});
