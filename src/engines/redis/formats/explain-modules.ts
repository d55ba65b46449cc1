import { DrillError, type ErrorCode } from '../../../support/errors.ts';

/** Errors of a server that stops at data it cannot read. */
const EXPLAINED: readonly ErrorCode[] = ['server-failed', 'backup-corrupt'];
/** Source: `rdb.c` of Redis 7 and Valkey 8, `rdbLoadObject` and the case of `RDB_OPCODE_MODULE_AUX`. */
const NO_MODULE = /(?:no matching module(?: type)?|for the module type) '([^']{1,20})'/;

/** @param lines the server's log. @returns a better error for data of a module, which no server can read without the module: that is not damage. */
export function explainModules(key: string, error: unknown, lines: readonly string[]): unknown {
  const module = NO_MODULE.exec(lines.join('\n'))?.[1];
  if (module === undefined || !(error instanceof DrillError) || !EXPLAINED.includes(error.code)) return error;
  return new DrillError(
    'format-unsupported',
    `${key} has data of the module type ${module}, and drills load no modules`,
    { cause: error },
  );
}
