// A program for tests: opens the home named by its argument, says how that went, and holds it until it is killed.
import { openHome } from '../../broker/host/home.ts';

try {
  const { folder, fresh } = openHome(process.argv[2] ?? '');
  console.log(JSON.stringify({ folder, fresh, umask: process.umask() }));
  setInterval(() => {}, 1000);
} catch (error) {
  const { code, message, hint } = error as { code: string; message: string; hint: string };
  console.log(JSON.stringify({ code, message, hint }));
}
