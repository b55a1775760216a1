// Gives a console page its line to the broker. The only file that touches ipcMain.
import { type IpcMainEvent, ipcMain, MessageChannelMain, type MessagePortMain, type WebContents } from 'electron';
import { isConsole } from './origin.ts';

/** Only the console itself, in the top frame of the window we made, gets a line: not a frame inside it, not another page. */
function asksFromConsole(event: IpcMainEvent, contents: WebContents): boolean {
  const frame = event.senderFrame;
  return event.sender === contents && frame !== null && frame.parent === null && isConsole(frame.url);
}

/** `attach` takes the broker's end, and answers false when no broker runs. */
export function handOver(contents: WebContents, attach: (port: MessagePortMain) => boolean): { again(): void; end(): void } {
  let wanted = false;
  const give = (): void => {
    const { port1, port2 } = new MessageChannelMain();
    if (attach(port1)) contents.postMessage('gatehouse-port', null, [port2]);
    else {
      port1.close();
      port2.close();
    }
  };
  const asked = (event: IpcMainEvent): void => {
    if (!asksFromConsole(event, contents)) return;
    wanted = true;
    give();
  };
  ipcMain.on('gatehouse-port-wanted', asked);
  return {
    // A page that asked before gets a new line whenever a broker has come up.
    again: () => {
      if (wanted && !contents.isDestroyed()) give();
    },
    end: () => void ipcMain.off('gatehouse-port-wanted', asked),
  };
}
