import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';

/** What is wrong with a file of a binary log. */
export type LogProblem =
  /** It does not begin like a binary log. */
  | 'not-a-log'
  /** It ends inside an event. */
  | 'cut'
  /** The checksum of an event does not match its bytes. */
  | 'checksum'
  /** An event states an impossible length, or that the next one begins elsewhere. */
  | 'misplaced'
  /** An event's content does not match its type. */
  | 'malformed';

/** A binary log file that is not as a server wrote it: `log-damaged`. */
export class LogFileError extends DrillError {
  readonly problem: LogProblem;
  readonly file: string;
  /** Offset of the event in bytes from the beginning of the file. */
  readonly position: number;

  constructor(problem: LogProblem, { file, at }: LogPlace, what: string, cause?: unknown) {
    super('log-damaged', `${file}, position ${formatCount(at)}: ${what}`, {
      hint: HINTS[problem],
      ...(cause === undefined ? {} : { cause }),
    });
    this.problem = problem;
    this.file = file;
    this.position = at;
  }
}

export interface LogPlace {
  readonly file: string;
  readonly at: number;
}

const HINTS: Readonly<Record<LogProblem, string>> = {
  'not-a-log': 'Check that the place in `backup.log` holds binary logs, and nothing else with such a name.',
  cut: 'If the file was copied while the server wrote to it, run FLUSH BINARY LOGS before the copy. Else look for another copy of it.',
  checksum: 'Look for another copy of the file, on the server or a replica, and take a new backup now.',
  misplaced: 'Look for another copy of the file, on the server or a replica, and take a new backup now.',
  malformed: 'Look for another copy of the file, on the server or a replica, and take a new backup now.',
};

/** An encrypted file, which only the server that wrote it can read. */
export function encryptedLog(file: string, variable: 'binlog_encryption' | 'encrypt_binlog'): DrillError {
  return new DrillError('backup-encrypted', `${file} is a binary log that the server encrypted (${variable})`, {
    hint: `Archive the log as \`mysqlbinlog --read-from-remote-server --raw\` reads it, which is not encrypted, or turn ${variable} off.`,
  });
}
