// The labels in the order they are shown. Types only come from shared/: its schemas would bring a validator into the page that asks for eval.
import type { Label } from '../../shared/vocabulary.ts';

export const labels = ['private', 'untrusted', 'outward', 'destructive', 'controls-screen'] as const satisfies readonly Label[];

export const isLabel = (word: string): word is Label => labels.some((each) => each === word);

/** Fails to compile when a label is missing above. */
const _all: Exclude<Label, (typeof labels)[number]> extends never ? true : never = true;
void _all;
