import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';
import { toPrintable } from '../../../support/printable.ts';

const COMPARE = 'Compare its size and checksum with what was written, and take a new backup.';

/**
 * Interprets the messages of mbstream, and of the program before it, about a stream. mbstream exits with 0 after some of its errors, and prints nothing on
 * success.
 * @returns undefined if the stream was unpacked.
 */
export function explainUnpacked(key: string, exitCode: number, stderr: string): DrillError | undefined {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  if (exitCode === 0 && lines.length === 0) return undefined;
  const details = lines.slice(-5).map((line) => toPrintable(line, 300));
  if (/no space left|Errcode: 28\b|error 28\b/i.test(stderr)) {
    return new DrillError('disk-full', `the sandbox is full: ${key} could not be unpacked`, {
      hint: FREE_UP_SPACE,
      details,
    });
  }
  if (/invalid filename/i.test(stderr)) {
    return new DrillError('backup-corrupt', `${key} holds a file whose name leads out of its directory: refused`, {
      hint: 'The tool writes no such name: check who can write to the source.',
      details,
    });
  }
  if (
    /invalid checksum|wrong chunk magic|out-of-order chunk|unknown chunk type|crc error|invalid compressed data/i.test(
      stderr,
    )
  ) {
    return new DrillError('backup-corrupt', `${key} is damaged: a chunk is not as mbstream wrote it`, {
      hint: COMPARE,
      details,
    });
  }
  if (
    /my_read\(\) failed|unexpected end|premature end|unfinished stream|truncated|too short|short read/i.test(stderr)
  ) {
    return new DrillError('backup-truncated', `${key} ends too early`, { hint: COMPARE, details });
  }
  const last = details.at(-1);
  return new DrillError(
    'backup-corrupt',
    `${key} cannot be unpacked (exit code ${exitCode})${last === undefined ? '' : `: ${last}`}`,
    { hint: COMPARE, details },
  );
}
