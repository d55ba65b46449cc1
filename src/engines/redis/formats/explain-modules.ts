import { DrillError, type ErrorCode } from '../../../support/errors.ts';

/** What a server that stops on data it cannot read ends with. */
const EXPLAINED: readonly ErrorCode[] = ['server-failed', 'backup-corrupt'];
/** Source: `rdb.c` of Redis 7 and Valkey 8, `rdbLoadObject` and the case of `RDB_OPCODE_MODULE_AUX`. */
const NO_MODULE = /(?:no matching module(?: type)?|for the module type) '([^']{1,20})'/;

/** @param lines of the server's log. @returns a better error for data of a module, without which no server reads it: that is no damage. */
export function explainModules(key: string, error: unknown, lines: readonly string[]): unknown {
  const module = NO_MODULE.exec(lines.join('\n'))?.[1];
  if (module === undefined || !(error instanceof DrillError) || !EXPLAINED.includes(error.code)) return error;
  return new DrillError(
    'format-unsupported',
    `${key} has data of the module type ${module}, and drills load no modules`,
    { cause: error },
  );
}
