import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import type { OnStoreRequest } from '../../../support/store-request.ts';
import { type CallEnd, CallLog } from '../../reading/call-log.ts';
import { destroyOnAbort } from '../../reading/replay.ts';
import { ReadAttempts, resumingBody } from '../../reading/resuming-body.ts';
import { backOff, MAX_ATTEMPTS, type RetryDeps, SYSTEM_RETRY } from '../../reading/retry.ts';
import type { BackupSource, ReadRange, StoredObject } from '../../source.ts';
import { changed, explainRclone, isNotFound, isTransient, outcomeOf } from './rclone-errors.ts';
import { ListingReader, readItem, type TimePrecision } from './rclone-listing.ts';
import { describeRclone, type RcloneCall, type RcloneEnd, runRclone, startRclone } from './rclone-program.ts';
import { describePlace, type RcloneSpec } from './rclone-spec.ts';

export interface RcloneDeps extends RetryDeps {
  /** If rclone delivers nothing for this long while bytes are wanted, it is killed and the read counts as cut. */
  readonly stallMs: number;
}

const systemDeps: RcloneDeps = {
  ...SYSTEM_RETRY,
  stallMs: 60_000,
};

/**
 * Backups in any store that rclone supports; keys are relative to the remote's path. Each read is a call of `rclone cat`, resumed where it was cut. rclone
 * reads whatever has that name, so the object is checked again after the last byte, to make sure that what was read is what was listed.
 */
export async function openRcloneSource(
  spec: RcloneSpec,
  deps: RcloneDeps = systemDeps,
  onRequest: OnStoreRequest = () => undefined,
): Promise<BackupSource> {
  return new RcloneSource(spec, deps, onRequest);
}

/** How versions of an object are distinguished on this remote, according to rclone's features for this type of store. */
interface Telling {
  readonly flags: readonly string[];
  readonly precision: TimePrecision;
}

class RcloneSource implements BackupSource {
  readonly description: string;
  readonly prefix = '';
  readonly hasCostlyRanges = true;
  readonly #spec: RcloneSpec;
  readonly #deps: RcloneDeps;
  readonly #calls: CallLog;
  readonly #closing = new AbortController();
  #telling: Promise<Telling> | undefined;

  constructor(spec: RcloneSpec, deps: RcloneDeps, onRequest: OnStoreRequest) {
    this.#spec = spec;
    this.#deps = deps;
    this.#calls = new CallLog(`rclone:${spec.remote}:`, deps.clock, onRequest);
    this.description = describePlace(spec);
  }

  async *list(caller: AbortSignal): AsyncGenerator<StoredObject> {
    caller.throwIfAborted();
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    const { flags, precision } = await this.#tell(signal);
    const call = startRclone(['lsjson', '--recursive', '--files-only', ...flags, this.#target()], signal, this.#config);
    const record = this.#calls.begin('lsjson', undefined);
    const listing = new ListingReader(this.description, precision);
    let only: StoredObject | undefined;
    let count = 0;
    let isRead = false;
    try {
      for await (const object of listing.read(call.stdout)) {
        only = count === 0 ? object : undefined;
        count += 1;
        yield object;
      }
      isRead = true;
    } finally {
      if (!isRead) call.stop();
    }
    const end = await call.ended;
    signal.throwIfAborted();
    record({ outcome: outcomeOf(end), attempt: 1, said: end.stderr });
    if (end.exitCode !== 0) throw explainRclone(end, this.description);
    listing.requireWhole();
    if (only && this.#spec.path.split('/').at(-1) === only.key) await this.#requireDirectory(signal);
  }

  async readTags(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  async read(object: StoredObject, range: ReadRange, caller: AbortSignal): Promise<Readable> {
    caller.throwIfAborted();
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    const budget = new ReadAttempts(range);
    let call: RcloneCall | undefined;
    let record: ((end: CallEnd) => void) | undefined;
    const open = async (start: number, cause: Error | undefined): Promise<Readable> => {
      budget.resume(start, cause);
      if (cause && call) {
        const end = await call.ended;
        const outcome = end.exitCode === 0 || end.exitCode === undefined ? 'cut' : outcomeOf(end);
        if (!signal.aborted) record?.({ outcome, attempt: budget.attempts, said: end.stderr });
        await this.#waitOrGiveUp(cause, end, object, budget.attempts, signal);
      }
      budget.attempts += 1;
      const args = ['cat', `--offset=${start}`, `--count=${range.end - start}`, this.#target(object.key)];
      record = this.#calls.begin('cat', object.key);
      call = startRclone(args, signal, this.#config);
      return bodyOf(call);
    };
    const body = resumingBody(await open(range.start, undefined), range, {
      open,
      stallMs: this.#deps.stallMs,
      beforeEnd: () => this.#requireUnchanged(object, signal),
    });
    body.once('close', () => record?.({ outcome: 'answered', attempt: budget.attempts }));
    destroyOnAbort(body, signal);
    return body;
  }

  close(): void {
    this.#closing.abort(new Error('the source was closed'));
  }

  /** @param end of the previous call; without an exit code, it was killed because it stalled. */
  async #waitOrGiveUp(
    cause: Error,
    end: RcloneEnd,
    object: StoredObject,
    attempts: number,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const what = this.#describe(object.key);
    if (isNotFound(end)) throw changed(what, 'was deleted');
    const hasFailed = end.exitCode !== undefined && end.exitCode !== 0;
    if (hasFailed && (attempts >= MAX_ATTEMPTS || !isTransient(end))) throw explainRclone(end, what);
    if (end.exitCode === 0) await this.#requireUnchanged(object, signal);
    if (attempts >= MAX_ATTEMPTS) throw gaveUp(what, cause, attempts);
    await backOff(this.#deps, attempts, signal);
  }

  async #requireUnchanged(object: StoredObject, signal: AbortSignal): Promise<void> {
    const what = this.#describe(object.key);
    const now = await this.#stat(object.key, what, signal);
    if (!now) throw changed(what, 'was deleted');
    if (now.etag !== object.etag) throw changed(what, 'was replaced or written to');
  }

  async #requireDirectory(signal: AbortSignal): Promise<void> {
    if (!(await this.#stat(undefined, this.description, signal))) return;
    throw new DrillError('source-missing', `${this.description} is a file, not a directory`, {
      hint: 'Set `backup.source` to the directory, and `backup.match` to the file in it.',
    });
  }

  /** @returns the file's current state; undefined when it does not exist. @param key undefined: the remote's path itself. */
  async #stat(key: string | undefined, what: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const { flags, precision } = await this.#tell(signal);
    const record = this.#calls.begin('lsjson --stat', key);
    const end = await runRclone(['lsjson', '--stat', ...flags, this.#target(key)], signal, this.#config);
    record({ outcome: outcomeOf(end), attempt: 1, said: end.stderr });
    if (isNotFound(end)) return undefined;
    if (end.exitCode !== 0) throw explainRclone(end, what);
    if (end.stdout.trim() === 'null') return undefined;
    return readItem(end.stdout, what, precision);
  }

  #tell(signal: AbortSignal): Promise<Telling> {
    this.#telling ??= this.#askTelling(signal).catch((error: unknown) => {
      this.#telling = undefined;
      throw error;
    });
    return this.#telling;
  }

  /** Requests hashes and exact times only where the listing includes them at no extra cost. Throws `tool-missing`. */
  async #askTelling(signal: AbortSignal): Promise<Telling> {
    await describeRclone(signal);
    const end = await runRclone(['backend', 'features', `${this.#spec.remote}:`], signal, this.#config);
    if (end.exitCode !== 0) throw explainRclone(end, this.description);
    const isSlow = (what: string) => new RegExp(`"${what}":\\s*true`).test(end.stdout);
    return {
      flags: [
        '--no-mimetype',
        ...(isSlow('SlowHash') ? [] : ['--hash']),
        ...(isSlow('SlowModTime') ? ['--use-server-modtime'] : []),
      ],
      // The upload time has fractional seconds in a listing, but not when a single object is queried.
      precision: isSlow('SlowModTime') ? 'seconds' : 'full',
    };
  }

  get #config(): string | undefined {
    return this.#spec.config?.path;
  }

  /** The remote's directory, or a file in it, as a single argument. */
  #target(key?: string): string {
    const { remote, path } = this.#spec;
    if (key === undefined) return `${remote}:${path}`;
    return `${remote}:${path === '' || path.endsWith('/') ? path : `${path}/`}${key}`;
  }

  #describe(key: string): string {
    return `rclone:${this.#target(key)}`;
  }
}

/** The output of `rclone cat`; destroying it before its end ends the process. */
function bodyOf({ stdout, stop }: RcloneCall): Readable {
  stdout.once('close', () => {
    if (!stdout.readableEnded) stop();
  });
  return stdout;
}

function gaveUp(what: string, cause: Error, attempts: number): DrillError {
  return new DrillError('source-failed', `reading ${what} failed after ${attempts} attempts: ${cause.message}`, {
    hint: 'Try `rclone cat` of it, as the user who runs Firedrill; its `-vv` shows more.',
    cause,
  });
}
