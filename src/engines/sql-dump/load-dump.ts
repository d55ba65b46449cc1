import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatCount } from '../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../engine.ts';
import { LoadErrors } from './load-errors.ts';
import { MAX_STATEMENT_BYTES } from './statement-spool.ts';

/** One load of a dump, from the first byte to the last statement. */
export interface DumpLoad {
  /** Prepares the sessions before the dump can change what they depend on. */
  begin(): Promise<void>;
  /** Reads the dump once, and sends its contents to the server. */
  read(): Promise<void>;
  /** Waits for everything to finish. @returns the restored database. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

/** Runs a load. @throws what the load throws, or the signal's reason if it has aborted: that came first. */
export async function loadDump(options: LoadOptions, makeLoad: (errors: LoadErrors) => DumpLoad): Promise<LoadOutcome> {
  const errors = new LoadErrors(options.ignoreErrors);
  const load = makeLoad(errors);
  try {
    await load.begin();
    await load.read();
    return errors.outcome(await load.finish());
  } catch (error) {
    throw options.signal.aborted ? options.signal.reason : error;
  } finally {
    await load.close();
  }
}

interface Splitter<Item> extends Disposable {
  push(chunk: Buffer): readonly Item[];
  end(): readonly Item[];
}

interface ItemReader<Item> {
  /** @returns a promise to wait for before the next item, or undefined to continue at once. */
  take(item: Item): Promise<void> | undefined;
  /** Called when the items of a chunk have been taken. */
  onChunk?(): void;
  /** Called before the items that only the end of the stream completes. */
  onEnd?(): void;
}

/** Splits a stream and passes on its items in order, with back pressure throughout. Disposes of the splitter. */
export async function readItems<Item>(
  stream: AsyncIterable<Buffer>,
  given: Splitter<Item>,
  reader: ItemReader<Item>,
): Promise<void> {
  using splitter = given;
  for await (const chunk of stream) {
    await takeAll(splitter.push(chunk), reader);
    reader.onChunk?.();
  }
  reader.onEnd?.();
  await takeAll(splitter.end(), reader);
}

async function takeAll<Item>(items: readonly Item[], reader: ItemReader<Item>): Promise<void> {
  for (const item of items) {
    const wait = reader.take(item);
    if (wait) await wait;
  }
}

/** `after line 1,204, 3.1 MB of SQL`: how far a dump was read. */
export function readUpTo({ line, bytesSeen }: { readonly line: number; readonly bytesSeen: number }): string {
  return `after line ${formatCount(line)}, ${formatBytes(bytesSeen)} of SQL`;
}

const CUT_HINT =
  'The dump or its upload was cut short: look at the job that writes it, and at the free space where it ran.';

/** @param message names the backup and states how it ends. */
export function truncated(message: string, hint: string = CUT_HINT): DrillError {
  return new DrillError('backup-truncated', message, { hint });
}

/**
 * @param place where the statement starts.
 * @param hint what to look for around that place.
 */
export function oversized(place: string, hint: string): DrillError {
  return new DrillError(
    'restore-failed',
    `${place}: the statement that begins here is longer than ${formatCount(MAX_STATEMENT_BYTES)} bytes (1 GiB), which no server takes`,
    { hint },
  );
}

/** The drill names a database that is not in the dump. */
export function noSuchDatabase(wanted: string, held: readonly string[]): DrillError {
  return new DrillError(
    'restore-failed',
    `the dump holds no database ${wanted}; it holds ${held.join(', ') || 'none'}`,
    { hint: 'Set `engine.database` to the name that the dump gives, or leave it out.' },
  );
}

/**
 * The dump switches to a database that does not exist.
 * @param what where and how it does so; precedes "which does not exist".
 */
export function unknownDatabase(what: string, options: { readonly cause?: unknown } = {}): DrillError {
  return new DrillError('restore-failed', `${what}, which does not exist`, {
    ...options,
    hint: 'Read the errors before it: most likely the dump’s own CREATE DATABASE failed.',
  });
}
