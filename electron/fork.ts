// Forks the broker as a utility process of Electron's and speaks with it as broker-link.ts expects.
import { fileURLToPath } from 'node:url';
import { type MessagePortMain, utilityProcess } from 'electron';
import type { BrokerProcess } from './broker-link.ts';
import { brokerEnvironment } from './environment.ts';

const program = fileURLToPath(new URL('./broker-process.ts', import.meta.url));

export function forkBroker(): BrokerProcess<MessagePortMain> {
  const child = utilityProcess.fork(program, [], {
    serviceName: 'Gatehouse broker',
    env: brokerEnvironment(process.env),
    stdio: 'inherit',
    // A child of the broker must not be able to open its debugger by a signal.
    execArgv: ['--disable-sigusr1'],
  });
  return {
    postMessage: (message, transfer) => child.postMessage(message, transfer),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: () => void child.kill(),
  };
}
