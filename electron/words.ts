// What the shell says itself: window title, tray, the one dialog. Everything else a person reads is the console's.
import type { Face } from '../broker/start.ts';
import type { BrokerState } from './broker-link.ts';

/** One line about the broker, for the tray and the window's title. */
export function stateInWords(state: BrokerState): string {
  switch (state.is) {
    case 'running':
      return 'Gatehouse is watching';
    case 'starting':
      return 'Gatehouse is starting';
    case 'restarting':
      return `Gatehouse stopped unexpectedly and starts again in ${Math.max(1, Math.round(state.inMs / 1000))} s. Until then nothing passes`;
    case 'failed':
      return 'Gatehouse could not start. Nothing passes';
    case 'stopped':
      return 'Gatehouse is off. Nothing passes';
  }
}

/** What the tray shows: what the broker says of itself while it runs, else what is known of it here. */
export function faceOf(state: BrokerState, face: Face | null): Omit<Face, 'icon'> & { icon: Face['icon'] | 'broken' } {
  if (state.is === 'running' && face !== null) return face;
  const icon = state.is === 'restarting' || state.is === 'failed' ? 'broken' : 'quiet';
  return {
    waiting: [],
    icon,
    tip: stateInWords(state),
    last: [],
    acts: [],
    open: 'Open Gatehouse',
    notifyOnly: false,
    updates: false,
    quiet: false,
  };
}
