// `node --import` of this file: the program that runs then finds the stand-in where it imports Electron.
import { registerHooks } from 'node:module';

const url = new URL('./electron.ts', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) => (name === 'electron' ? { url, format: 'module-typescript', shortCircuit: true } : next(name, context)),
});
