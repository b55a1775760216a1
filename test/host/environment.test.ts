// Which variables keep `serve` from starting.
import { expect, test } from 'vitest';
import { checkEnvironment, refusedVariables } from '../../broker/host/environment.ts';

test('variables that bring code or trust are found, whatever their case; others and empty ones pass', () => {
  const names = [
    'NODE_OPTIONS',
    'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'LD_PRELOAD',
    'LD_AUDIT',
    'DYLD_INSERT_LIBRARIES',
    'Node_Options',
  ];
  expect(refusedVariables(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([...names].sort());
  expect(refusedVariables({ PATH: '/bin', NODE_ENV: 'x', NODE_OPTIONS: '', LD_PRELOAD: undefined, MY_NODE_OPTIONS: 'x' })).toEqual([]);
});

test('the refusal names them and the way out', () => {
  expect(() => checkEnvironment({ PATH: '/bin' })).not.toThrow();
  expect(() => checkEnvironment({ NODE_OPTIONS: '--inspect' })).toThrow(
    expect.objectContaining({
      code: 'refused',
      message: expect.stringContaining('NODE_OPTIONS'),
      hint: expect.stringContaining('--allow-env'),
    }),
  );
});
