import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { isKilled } from '../../../support/tool-killed.ts';
import { CheckTimeout } from '../../check-timeout.ts';
import { checkFailure } from '../../server/check-failure.ts';

/** Error output of a ClickHouse program, without its stack and its version. */
export class ClickHouseError extends Error {
  /** As in its ErrorCodes.cpp; undefined: it printed none. */
  readonly code: number | undefined;

  constructor(stderr: string, exitCode: number) {
    const found = /Code: (\d+)\. DB::(?:Net)?Exception: (.*?)(?: \([A-Z_]+\))?(?: \(version .*)?(?:\n|$)/s.exec(stderr);
    const code = found ? Number(found[1]) : undefined;
    const said = found?.[2] ?? (stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`);
    super(toPrintable(QUOTES_VALUES.has(code ?? 0) ? withoutTexts(said) : said, 500));
    this.code = code;
  }
}

/**
 * A syntax error quotes the statement, cut anywhere: one that creates a table of another server contains its password. The others quote a row that cannot be
 * parsed, converted or inserted.
 */
const QUOTES_VALUES: ReadonlySet<number> = new Set([
  ...[62, 6, 26, 27, 38, 41, 69, 70, 72, 131, 321, 376, 407, 457, 467, 469, 675, 676, 691],
]);

function withoutTexts(said: string): string {
  return said.replaceAll(/'(?:[^'\\]|\\.)*(?:'|$)/gs, "'…'").replace(/(Column values: ).*/s, '$1…');
}

/** @returns a {@link ClickHouseError}, or DrillError `out-of-memory` for a program that was killed without a message. */
export function programError(stderr: string, exitCode: number): Error {
  if (!isKilled(exitCode)) return new ClickHouseError(stderr, exitCode);
  return outOfMemory('ClickHouse was killed, most likely for lack of memory');
}

function outOfMemory(what: string): DrillError {
  return new DrillError('out-of-memory', what, { hint: 'Raise `sandbox.memory` in the drill.' });
}

/** @returns a DrillError for a query that failed because the sandbox is too small for it; undefined for any other. */
export function shortageError({ code = 0, message }: ClickHouseError, what: string): DrillError | undefined {
  if (OUT_OF_MEMORY.includes(code)) return outOfMemory(`${what}: ${message}`);
  if (!NO_SPACE.includes(code) && !/no space left/i.test(message)) return undefined;
  return new DrillError('disk-full', `${what}: the sandbox is full`, {
    hint: 'Free up space on the disk that holds the engine’s volumes: the backup is staged next to the restored tables, so it takes twice its size.',
  });
}

/** Tables, columns or databases that do not exist. */
const MISSING = [60, 81, 47, 16, 10, 8];
/** Checksums, marks, decompression, end of file, missing files. */
const DAMAGED = [40, 33, 32, 271, 228, 226, 246, 107, 76, 117, 722];
const OUT_OF_MEMORY = [241, 173];
const NO_SPACE = [243, 686];
const TIMEOUT = [159, 160];
const READ_ONLY = [164, 497];

/** Maps a failed query of a check to an error of the check or of the data. */
export function checkError(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof ClickHouseError)) return error;
  const { code = 0, message } = error;
  if (TIMEOUT.includes(code)) return new CheckTimeout(timeoutMs, error);
  if (MISSING.includes(code)) return checkFailure('missing-in-database', message);
  if (DAMAGED.includes(code)) return checkFailure('damaged', message);
  if (OUT_OF_MEMORY.includes(code)) return checkFailure('out-of-memory', message);
  if (NO_SPACE.includes(code)) return checkFailure('disk-full', message);
  if (READ_ONLY.includes(code)) {
    return new DrillError('check-malformed', `the check is not allowed to do that: ${message}`, {
      hint: 'Checks only read restored tables, with `readonly=1`: make it a SELECT, without SETTINGS that it may not change.',
    });
  }
  // Such messages quote values of the data.
  return checkFailure('malformed', message.replaceAll(/'[^']*'/g, "'…'"));
}

/** No Keeper, and none of a cluster's macros, from which Keeper paths are built. */
export const NEEDS_KEEPER = [139, 225, 999];

/**
 * Maps a failed statement of a restore. Codes: ClickHouse, src/Common/ErrorCodes.cpp.
 * @param doing what the statement did, unless it was a RESTORE of everything: `creating shop.orders`.
 */
export function restoreError(error: unknown, key: string, doing?: string): unknown {
  if (!(error instanceof ClickHouseError)) return error;
  const { code = 0, message } = error;
  const what = `${doing ? `${doing} from` : 'RESTORE of'} ${key} failed${code === 0 ? '' : ` (code ${code})`}: ${message}`;
  const shortage = shortageError(error, `${doing ?? 'RESTORE'} from ${key} failed`);
  if (shortage) return shortage;
  if ([600, 48, 344].includes(code)) {
    return new DrillError('version-unsupported', what, {
      hint: 'Set `engine.version` to the version of the server that wrote the backup.',
    });
  }
  if (NEEDS_KEEPER.includes(code)) {
    return new DrillError('image-incomplete', what, {
      hint: 'A table or database needs ClickHouse Keeper, which a sandbox does not have; drill a backup without it.',
    });
  }
  if (DAMAGED.includes(code) || [599, 601, 605, 606].includes(code)) {
    return new DrillError('backup-corrupt', what, {
      hint: 'Drill an older backup with `--backup`, and check the disk that this one was copied from.',
    });
  }
  return new DrillError('restore-failed', what, {
    hint: 'Try the same RESTORE on a server of this version, with `--keep` in the sandbox of this run.',
  });
}
