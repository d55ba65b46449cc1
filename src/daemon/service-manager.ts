import { execFile } from 'node:child_process';

/**
 * Reports our state to systemd if it started us with `Type=notify` (sd_notify(3)). Uses systemd's own tool, because Node has no datagram
 * sockets of that kind; so the unit needs `NotifyAccess=all`. Without systemd every method does nothing.
 */
export interface ServiceManager {
  /** Startup is complete. */
  ready(status: string): void;
  status(text: string): void;
  stopping(status: string): void;
  /** Call on every tick: systemd considers the unit stuck if it gets no signal for `WatchdogSec=`. Sends at most four signals in that time. */
  alive(monotonicMs: number): void;
}

/** @param onProblem called if the tool is missing or fails; systemd would then consider the service never started. */
export function createServiceManager(
  env: Readonly<Record<string, string | undefined>>,
  onProblem: (message: string) => void,
): ServiceManager {
  const isWatched = env['NOTIFY_SOCKET'] !== undefined && env['NOTIFY_SOCKET'] !== '';
  const send = (...args: readonly string[]) => {
    if (!isWatched) return;
    execFile('systemd-notify', args, { env: { ...env }, timeout: 10_000 }, (error) => {
      if (error) onProblem(`could not notify systemd of ${args[0]}: ${error.message.trim()}`);
    });
  };
  const watchdogMs = readWatchdogMs(env);
  let nextAliveMs = 0;
  return {
    ready: (status) => send('--ready', `--pid=${process.pid}`, `--status=${oneLine(status)}`),
    status: (text) => send(`--status=${oneLine(text)}`),
    stopping: (status) => send('STOPPING=1', `STATUS=${oneLine(status)}`),
    alive: (monotonicMs) => {
      if (watchdogMs === undefined || monotonicMs < nextAliveMs) return;
      nextAliveMs = monotonicMs + watchdogMs / 4;
      send('WATCHDOG=1');
    },
  };
}

/** `WATCHDOG_USEC`, if it is meant for this process (sd_watchdog_enabled(3)). */
function readWatchdogMs(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const isOurs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid;
  return isOurs && Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 1000 : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
