import { createInterface } from 'node:readline';
import type { CliProcess } from '../spawn-cli.ts';

/** A line of a process's log. */
export interface FleetLine {
  readonly msg: string;
  readonly level: string;
  readonly drill?: string;
  readonly run?: string;
  /** When it was written, on the clock of its host: ISO 8601. */
  readonly time: string;
  /** When it was read, on the monotonic clock. */
  readonly atMs: number;
}

/** A scheduler or a runner, followed by its log. */
export interface FleetProcess {
  readonly host: string;
  readonly pid: number;
  readonly lines: readonly FleetLine[];
  /** Runs that it has started and not ended, according to its log. */
  readonly active: ReadonlySet<string>;
  readonly isAlive: boolean;
  readonly ended: CliProcess['ended'];
  kill(signal: NodeJS.Signals): void;
}

/** @param onLine called after each line, and at its end. */
export function followProcess(host: string, cli: CliProcess, onLine: () => void): FleetProcess {
  const { child, ended } = cli;
  const lines: FleetLine[] = [];
  const active = new Set<string>();
  let isAlive = true;
  if (!child.stdout || child.pid === undefined) throw new Error(`${host} did not start`);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = readLine(text);
    if (!line) return;
    lines.push(line);
    if (line.run !== undefined && / started$/.test(line.msg)) active.add(line.run);
    if (line.run !== undefined && /^[A-Z]{6,} /.test(line.msg)) active.delete(line.run); // such as `PASSED orders: …`
    onLine();
  });
  void ended.then(() => {
    isAlive = false;
    onLine();
  });
  return {
    host,
    pid: child.pid,
    lines,
    active,
    get isAlive() {
      return isAlive;
    },
    ended,
    kill: (signal) => cli.kill(signal),
  };
}

/** @returns undefined for a partial line, the last one of a killed process. */
function readLine(text: string): FleetLine | undefined {
  if (!/^\{.*\}$/.test(text)) return undefined;
  return { ...(JSON.parse(text) as Omit<FleetLine, 'atMs'>), atMs: performance.now() };
}
