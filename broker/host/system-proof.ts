// The operating system asks the person at the computer to prove who they are: Touch ID, Windows Hello, or polkit's password window.
// Written from the systems' documentation. Tried here: that a system which cannot ask, or does not answer, is a no. That a yes of each
// system comes back as one has NOT been seen; so the setting `presence.system` is off until somebody switches it on.
import { execFile } from 'node:child_process';

export interface Asking {
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  /** Exit code and output of a program; null when it could not be started or was ended. */
  run(program: string, args: readonly string[], limitMs: number, signal?: AbortSignal): Promise<{ code: number; out: string } | null>;
}

/** How long a person has. */
const patienceMs = 60_000;
const reason = 'let a request through';

/** Installed with the deb and rpm packages (electron/installer): the person's own password, never remembered. */
const polkitAction = 'app.gatehouse.answer';

/** LAPolicyDeviceOwnerAuthentication is 2: a finger, else the account's password. Prints yes only from the reply of the system. */
const touchId = `ObjC.import('LocalAuthentication');
const context = $.LAContext.alloc.init;
let answer = null;
context.evaluatePolicyLocalizedReasonReply(2, '${reason}', (ok) => { answer = ok; });
while (answer === null) $.NSRunLoop.currentRunLoop.runUntilDate($.NSDate.dateWithTimeIntervalSinceNow(0.1));
answer ? 'gatehouse: yes' : 'gatehouse: no';`;

/** UserConsentVerificationResult.Verified is 0. PowerShell has no await for WinRT, so its own AsTask is found by reflection. */
const hello = `$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Runtime.WindowsRuntime
$verifier = [Windows.Security.Credentials.UI.UserConsentVerifier, Windows.Security.Credentials.UI, ContentType = WindowsRuntime]
$result = [Windows.Security.Credentials.UI.UserConsentVerificationResult, Windows.Security.Credentials.UI, ContentType = WindowsRuntime]
$asTask = [System.WindowsRuntimeSystemExtensions].GetMethods() | Where-Object { $_.Name -eq 'AsTask' -and $_.GetParameters().Count -eq 1 -and $_.GetParameters()[0].ParameterType.Name -eq 'IAsyncOperation\`1' } | Select-Object -First 1
$task = $asTask.MakeGenericMethod($result).Invoke($null, @($verifier::RequestVerificationAsync('Gatehouse: ${reason}')))
if ($task.Result -eq 0) { 'gatehouse: yes' } else { 'gatehouse: no' }`;

function run(
  program: string,
  args: readonly string[],
  limitMs: number,
  signal?: AbortSignal,
): Promise<{ code: number; out: string } | null> {
  return new Promise((resolve) => {
    const options = { timeout: limitMs, windowsHide: true, ...(signal ? { signal } : {}) };
    const child = execFile(program, args, options, (error, out) => {
      if (error === null) return resolve({ code: 0, out });
      resolve(typeof error.code === 'number' ? { code: error.code, out } : null);
    });
    child.stdin?.end();
  });
}

/** True only where the system itself said that the person proved it. Never rejects: what does not answer is a no. */
export async function provedBySystem(
  signal?: AbortSignal,
  asking: Asking = { platform: process.platform, pid: process.pid, run },
): Promise<boolean> {
  const said = (answer: { code: number; out: string } | null) => answer?.code === 0 && answer.out.trim() === 'gatehouse: yes';
  try {
    if (asking.platform === 'darwin')
      return said(await asking.run('/usr/bin/osascript', ['-l', 'JavaScript', '-e', touchId], patienceMs, signal));
    if (asking.platform === 'win32') {
      const encoded = Buffer.from(hello, 'utf16le').toString('base64');
      return said(await asking.run('powershell.exe', ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], patienceMs, signal));
    }
    const words = ['--action-id', polkitAction, '--process', String(asking.pid), '--allow-user-interaction'];
    return (await asking.run('/usr/bin/pkcheck', words, patienceMs, signal))?.code === 0;
  } catch {
    return false;
  }
}
