import { pino } from 'pino';
import type { Settings } from '../config/settings.ts';
import { toPrintable } from '../support/printable.ts';

/** The scheduler's log: one line per event. */
export interface DaemonLog {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

const LABELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

/**
 * JSON lines (`level`, `time`, `msg` and fields) for log collectors; plain lines on a terminal.
 * Secrets and terminal control characters are removed from every text.
 */
export function createDaemonLog(options: {
  readonly write: (line: string) => void;
  readonly level: Settings['logLevel'];
  readonly redact: (text: string) => string;
  readonly isTerminal: boolean;
}): DaemonLog {
  const clean = (text: string) => toPrintable(options.redact(text), 4000);
  const toLine = options.isTerminal ? toPlainLine : (line: string) => line;
  const logger = pino(
    {
      base: null,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: options.isTerminal ? (_label, level) => ({ level }) : (label) => ({ level: label }) },
    },
    { write: (line: string) => options.write(toLine(line)) },
  );
  const cleanFields = (fields: LogFields) =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, value]) => {
        if (value === undefined) return [];
        return [[key, typeof value === 'string' ? clean(value) : value]];
      }),
    );
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      logger[level](cleanFields(fields), clean(message));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** `03:30:00 info  orders: PASSED …`; the fields only repeat the message, so they are omitted. */
function toPlainLine(line: string): string {
  const { level, time, msg } = JSON.parse(line) as { level: number; time: string; msg: string };
  return `${time.slice(11, 19)} ${(LABELS[level] ?? '').padEnd(5)} ${msg}\n`;
}
