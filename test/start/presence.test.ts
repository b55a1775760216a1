import { expect, test } from 'vitest';
import { Presence } from '../../broker/start/presence.ts';

/** An agent's click may be under way: a capability that can click was used a moment ago. */
function whileAnAgentMayClick(): Presence {
  const presence = new Presence({
    grants: () => [],
    controlsScreen: () => true,
    connected: () => true,
    isProtected: () => true,
    now: () => 0,
  });
  presence.used('claude');
  return presence;
}

test('T37: while an agent may click, windows only show and make stricter; who proved it, a terminal and the stricter acts of a tray go on', () => {
  const presence = whileAnAgentMayClick();
  for (const kind of ['console', 'desktop'] as const) {
    expect(() => presence.changing({ kind }, 'setting.set')).toThrow('claude may control the screen');
    expect(() => presence.changing({ kind }, 'grant.revoke')).not.toThrow();
    expect(() => presence.changing({ kind, proved: true }, 'setting.set')).not.toThrow();
  }
  expect(() => presence.changing({ kind: 'tray' }, 'setting.set')).not.toThrow();
  expect(() => presence.changing({ kind: 'token' }, 'setting.set')).not.toThrow();
});

test('T37, T39: a yes needs proof while an agent may click, and always where what it changes becomes code; a tray has none', () => {
  const calm = new Presence({ grants: () => [], controlsScreen: () => true, connected: () => true, isProtected: () => true, now: () => 0 });
  expect(() => calm.answering({ kind: 'console' }, 'none')).not.toThrow();
  expect(() => calm.answering({ kind: 'console' }, 'pin')).toThrow('becomes code or rights');
  for (const kind of ['token', 'console', 'desktop', 'tray'] as const) {
    expect(() => whileAnAgentMayClick().answering({ kind }, 'none')).toThrow('needs your PIN');
    expect(() => whileAnAgentMayClick().answering({ kind, proved: true }, 'pin')).not.toThrow();
  }
});
