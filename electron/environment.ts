// The environment the broker starts with: the operator's own, less what would change what Node or Electron does.

const dangerous = /^(NODE_|ELECTRON_|LD_PRELOAD$|LD_AUDIT$|DYLD_|GATEHOUSE_OPERATOR_TOKEN$|GATEHOUSE_CLIENT_TOKEN$)/i;

const isKept = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined && !dangerous.test(entry[0]);

export const brokerEnvironment = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter(isKept));
