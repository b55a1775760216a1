// The environment the broker starts with: the operator's own, less what would change what Node or Electron does.

const dangerous = /^(NODE_|ELECTRON_|LD_PRELOAD$|LD_AUDIT$|DYLD_|GATEHOUSE_OPERATOR_TOKEN$|GATEHOUSE_CLIENT_TOKEN$)/i;

export function brokerEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(environment)) {
    if (value !== undefined && !dangerous.test(key)) kept[key] = value;
  }
  return kept;
}
