// Starts a server that does not want to end, and a daemon of it, then waits to be killed.
import { bench, call, owner, params, rascal, resultOf } from './support.ts';

const { pool } = bench({}, { homeMarker: process.argv[2] ?? '' });
const server = await pool.upstream(owner('c1'), rascal('stubborn'), params);
const daemon = resultOf(await call(server, 1, 'daemon')).pid;
process.stdout.write(JSON.stringify([server.pid, daemon]));
