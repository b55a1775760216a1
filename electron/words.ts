// What the shell says itself: window title, tray, the one dialog. Everything else a person reads is the console's.
import type { Face } from '../broker/start.ts';
import type { BrokerState } from './broker-link.ts';

const fixed = {
  running: 'Gatehouse is watching',
  starting: 'Gatehouse is starting',
  failed: 'Gatehouse could not start. Nothing passes',
  stopped: 'Gatehouse is off. Nothing passes',
};

/** One line about the broker, for the tray and the window's title. */
export function stateInWords(state: BrokerState): string {
  if (state.is !== 'restarting') return fixed[state.is];
  return `Gatehouse stopped unexpectedly and starts again in ${Math.max(1, Math.round(state.inMs / 1000))} s. Until then nothing passes`;
}

const blank = { waiting: [], last: [], acts: [], open: 'Open Gatehouse', notifyOnly: false, updates: false, quiet: false };
export type Shown = Omit<Face, 'icon'> & { icon: Face['icon'] | 'broken' };

/** What the tray shows: what the broker says of itself while it runs, else what is known of it here. */
export function faceOf(state: BrokerState, face: Face | null): Shown {
  if (state.is === 'running' && face !== null) return face;
  return { ...blank, icon: state.is === 'restarting' || state.is === 'failed' ? 'broken' : 'quiet', tip: stateInWords(state) };
}
