import type { Sandbox } from '../../../sandbox/sandbox.ts';

/**
 * The contents of the data directory's `global/pg_control`, read without pg_controldata, which not every installation has. Source of the layout: PostgreSQL's
 * src/include/catalog/pg_control.h, ControlFileData, the same from version 12 to 18 on 64-bit little-endian machines.
 */
const AT_IDENTIFIER = 0;
/** In the copy of the latest checkpoint, `pg_time_t`: seconds since 1970. */
const AT_CHECKPOINT_TIME = 104;

/** @returns the cluster's system identifier; undefined if the file cannot be read. */
export async function readSystemIdentifier(sandbox: Sandbox, signal: AbortSignal): Promise<bigint | undefined> {
  const identifier = await readNumber(sandbox, AT_IDENTIFIER, signal);
  return identifier === 0n ? undefined : identifier;
}

/** @returns when the latest checkpoint started, to the second; undefined if the file cannot be read. */
export async function readCheckpointTime(sandbox: Sandbox, signal: AbortSignal): Promise<Date | undefined> {
  const seconds = await readNumber(sandbox, AT_CHECKPOINT_TIME, signal);
  if (seconds === undefined || seconds === 0n) return undefined;
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

async function readNumber(sandbox: Sandbox, offset: number, signal: AbortSignal): Promise<bigint | undefined> {
  const argv = ['od', '-An', `-j${offset}`, '-N8', '-tu8', `${sandbox.paths.data}/global/pg_control`];
  const { stdout } = await sandbox.exec(argv, { signal });
  const text = stdout.trim();
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined; // without od in the sandbox, nothing is known
}
