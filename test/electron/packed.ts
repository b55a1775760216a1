// electron-builder's own view of electron-builder.yml, for tests: its configuration code, wherever npm put it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { getConfig, validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
  getConfig(folder: string, file: string, options: null): Promise<Configuration>;
  validateConfiguration(config: object, log: { isEnabled: boolean }): Promise<void>;
};

export interface Configuration {
  files: string[] | { filter: string[] }[];
  asar: boolean;
  asarUnpack: string[];
  electronFuses: Record<string, boolean>;
  directories: { buildResources: string };
  mac: { target: unknown[] };
  win: { target: unknown[] };
  linux: { target: unknown[] };
}

export const readConfiguration = (): Promise<Configuration> => getConfig(root, 'electron-builder.yml', null);
/** Rejects where electron-builder's own schema does. */
export const validate = (config: object): Promise<void> => validateConfiguration(config, { isEnabled: false });
