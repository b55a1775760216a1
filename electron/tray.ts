// The small icon that stays: what the broker does now, a way to the window, and the only way to quit.
import { Menu, nativeImage, Tray } from 'electron';

export interface TrayFace {
  says(line: string): void;
}

/** On a desktop without a tray there is none; the window is then reached by starting Gatehouse again. */
export function makeTray(icon: string, open: () => void, quit: () => void): TrayFace {
  let tray: Tray | null = null;
  try {
    tray = new Tray(nativeImage.createFromPath(icon));
    tray.on('click', open);
  } catch {
    return { says: () => {} };
  }
  const shown = tray;
  return {
    says: (line) => {
      shown.setToolTip(line);
      shown.setContextMenu(
        Menu.buildFromTemplate([
          { label: line, enabled: false },
          { type: 'separator' },
          { label: 'Open Gatehouse', click: open },
          { label: 'Quit Gatehouse', click: quit },
        ]),
      );
    },
  };
}
