// `gatehouse label`: what a capability touches, where the operator knows better.
import { GatehouseError } from '../../shared/errors.ts';
import { label as labelShape, labels } from '../../shared/vocabulary.ts';
import type { Register } from './errand.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const label = root.command('label').description(`What a capability touches: ${labels.join(', ')}.`);
  label
    .command('set <server> <capability> <label>')
    .description('Gives a capability a label, or with a minus before it takes it away.')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse label set notes tool:read_note private\n  gatehouse label set notes tool:read_note -- -untrusted',
    )
    .allowUnknownOption()
    .action(async (server: string, capability: string, text: string) => {
      const on = !text.startsWith('-');
      const read = labelShape.safeParse(on ? text : text.slice(1));
      if (!read.success) throw new GatehouseError('usage', `There is no label ${text}.`, `Labels: ${labels.join(', ')}.`);
      const { api } = await errand.operator();
      const shown = await api.label.set({ server, capability, label: read.data, on });
      const now = shown.capabilities.find((each) => each.capability === capability)?.labels ?? [];
      errand.print(shown, () => `${visible(capability)} of ${visible(server)}: ${now.length === 0 ? 'no label' : now.join(', ')}`);
    });
};
