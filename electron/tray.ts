// The small icon that stays: what the broker does now, what was done last, the acts that only make things stricter, and the way to quit.
import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron';
import type { Shown } from './words.ts';

export interface TrayActs {
  open(): void;
  prompt(): void;
  act(act: object): void;
  atLogin(wanted: boolean): void;
  quit(): void;
}

const line: MenuItemConstructorOptions = { type: 'separator' };
const said = (label: string): MenuItemConstructorOptions => ({ label: label.replaceAll('&', '&&'), enabled: false });

function menuOf({ tip, waiting, last, acts, open }: Shown, does: TrayActs, atLogin: boolean): MenuItemConstructorOptions[] {
  return [
    said(tip),
    ...(waiting.length > 0
      ? [{ label: waiting.length === 1 ? 'Show the request' : `Show the ${waiting.length} requests`, click: does.prompt }]
      : []),
    ...(last.length > 0 ? [line, ...last.map(said)] : []),
    ...(acts.length > 0 ? [line, ...acts.map(({ label, act }) => ({ label, click: () => does.act(act) }))] : []),
    line,
    { label: open, click: does.open },
    { label: 'Start at login', type: 'checkbox', checked: atLogin, click: () => does.atLogin(!atLogin) },
    { label: 'Quit Gatehouse', click: does.quit },
  ];
}

/** Returns what draws it. On a desktop without a tray nothing does; the window is then reached by starting Gatehouse again. */
export function makeTray(icons: string, acts: TrayActs): (shown: Shown, atLogin: boolean) => void {
  const picture = (name: string) => nativeImage.createFromPath(join(icons, `tray-${name}.png`));
  let tray: Tray;
  try {
    tray = new Tray(picture('quiet'));
    tray.on('click', acts.open);
  } catch {
    return () => {};
  }
  return (shown, atLogin) => {
    tray.setImage(picture(shown.icon));
    tray.setToolTip(shown.tip);
    // Only macOS shows a title: the count beside the icon.
    tray.setTitle(shown.waiting.length > 0 ? String(shown.waiting.length) : '');
    tray.setContextMenu(Menu.buildFromTemplate(menuOf(shown, acts, atLogin)));
  };
}
