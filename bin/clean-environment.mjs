// Leaves out of this process's environment what `serve` refuses: variables that bring other code or other trust into the broker.

/** Must stay the same as in broker/host/environment.ts; a test compares them. */
const refusedNames = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_AUDIT|DYLD_.*)$/i;

export function leaveOut() {
  const names = Object.keys(process.env).filter((name) => refusedNames.test(name));
  if (names.length === 0) return;
  for (const name of names) delete process.env[name];
  console.log(`Left out of the broker's environment, because it could put other code or other trust into it: ${names.join(', ')}.`);
}
