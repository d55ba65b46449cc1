import { readdirSync, readFileSync } from 'node:fs';

/** The command lines of all Postgres processes on this machine, as any user can read them; hex digits in those of other processes do not matter. */
export function readCommandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => readCommandLine(pid))
    .filter((line) => /postgres|pg_|initdb|psql|fdlocal-/.test(line))
    .join('\n');
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended in the meantime
  }
}
