// Switches of Chromium's with which whoever starts the app would read its pages, or put a program around or in place of its processes.

const meddling = [
  ...['port', 'pipe', 'targets'].map((way) => `remote-debugging-${way}`),
  ...['auto-open-devtools-for-tabs', 'disable-web-security', 'js-flags'],
  ...['renderer-cmd-prefix', 'utility-cmd-prefix', 'gpu-launcher', 'browser-subprocess-path'],
];

export const isMeddling = (has: (name: string) => boolean): boolean => meddling.some(has);
