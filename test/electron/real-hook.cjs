// Loaded into the real Electron before the app (`-r`): keeps what the tray was told, because Electron tells nobody of its trays.
const { Tray } = require('electron');

const tray = { tip: '', icon: '', menu: null };
globalThis.gatehouseTray = tray;
const keep = (name, note) => {
  const own = Tray.prototype[name];
  Tray.prototype[name] = function kept(...given) {
    note(...given);
    return own.apply(this, given);
  };
};
keep('setToolTip', (tip) => {
  tray.tip = tip;
});
keep('setContextMenu', (menu) => {
  tray.menu = menu;
});
