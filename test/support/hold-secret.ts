// A program for tests: holds a secret in environment and memory, closes itself where asked, and lets a child of the same user look.
import { spawnSync } from 'node:child_process';
import { undumpable } from '../../broker/host/native.ts';

const [close = '', look = ''] = process.argv.slice(2);
const closed = close === 'undumpable' ? undumpable() : null;
const probe = `
  const { readFileSync, openSync, readdirSync, readlinkSync } = require('node:fs');
  const pid = process.ppid;
  const attempt = (work) => { try { work(); return 'read'; } catch (error) { return error.code; } };
  console.log(JSON.stringify({
    environ: attempt(() => readFileSync('/proc/' + pid + '/environ')),
    mem: attempt(() => openSync('/proc/' + pid + '/mem', 'r')),
    fd: attempt(() => readdirSync('/proc/' + pid + '/fd')),
    maps: attempt(() => readFileSync('/proc/' + pid + '/maps')),
    exe: attempt(() => readlinkSync('/proc/' + pid + '/exe')),
  }));`;
if (look === 'look') {
  const { stdout } = spawnSync(process.execPath, ['-e', probe], { encoding: 'utf8', env: {} });
  console.log(JSON.stringify({ closed, uid: process.getuid?.(), seen: JSON.parse(stdout) }));
} else {
  console.log(JSON.stringify({ closed }));
  setInterval(() => {}, 1000);
}
