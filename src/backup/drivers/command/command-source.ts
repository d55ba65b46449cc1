import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount, formatDuration } from '../../../support/quantities.ts';
import type { OnStoreRequest } from '../../../support/store-request.ts';
import { limitTime } from '../../../support/time-limit.ts';
import { type CallEnd, CallLog } from '../../reading/call-log.ts';
import { destroyOnAbort } from '../../reading/replay.ts';
import { ReadAttempts, resumingBody } from '../../reading/resuming-body.ts';
import { backOff, MAX_ATTEMPTS, type RetryDeps, SYSTEM_RETRY } from '../../reading/retry.ts';
import type { BackupSource, ReadRange, StoredObject } from '../../source.ts';
import { fillArgv, seeks, stopsAtEnd, takesKeyForOption } from './command-argv.ts';
import { bodyOf, type ProgramBody } from './command-body.ts';
import { changed, describeProgram, explainExit, isGone, isTransient, misbehaved, outcomeOf } from './command-errors.ts';
import { readListing } from './command-listing.ts';
import { type ProgramCall, type ProgramEnd, startProgram } from './command-program.ts';
import { type CommandSpec, describeLister } from './command-spec.ts';

export interface CommandDeps extends RetryDeps {
  readonly env: NodeJS.ProcessEnv;
  /** Timeout of a listing, or of inspecting one backup. */
  readonly listMs: number;
  /** A program that delivers nothing for this long while bytes are wanted is killed; so is one that does not exit after its last byte. */
  readonly stallMs: number;
}

const systemDeps: CommandDeps = {
  ...SYSTEM_RETRY,
  env: process.env,
  listMs: 600_000,
  stallMs: 60_000,
};

/** Backups behind a program; keys are the ones that it lists. The backup is checked again after each read, so that what was read is what was listed. */
export async function openCommandSource(
  spec: CommandSpec,
  deps: CommandDeps = systemDeps,
  onRequest: OnStoreRequest = () => undefined,
): Promise<BackupSource> {
  return new CommandSource(spec, deps, onRequest);
}

class CommandSource implements BackupSource {
  readonly description: string;
  readonly prefix = '';
  readonly hasCostlyRanges = true;
  readonly #spec: CommandSpec;
  readonly #deps: CommandDeps;
  readonly #calls: CallLog;
  readonly #closing = new AbortController();

  constructor(spec: CommandSpec, deps: CommandDeps, onRequest: OnStoreRequest) {
    this.#spec = spec;
    this.#deps = deps;
    this.#calls = new CallLog(`command ${describeProgram(spec.list)}`, deps.clock, onRequest);
    this.description = describeLister(spec);
  }

  list(signal: AbortSignal): AsyncGenerator<StoredObject> {
    return this.#run('list', this.#spec.list, undefined, signal);
  }

  async readTags(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  async read(object: StoredObject, range: ReadRange, caller: AbortSignal): Promise<Readable> {
    caller.throwIfAborted();
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    const budget = new ReadAttempts(range);
    let read: ReadCall | undefined;
    let record: ((end: CallEnd) => void) | undefined;
    const open = async (start: number, cause: Error | undefined): Promise<Readable> => {
      budget.resume(start, cause);
      if (cause && read) {
        const end = await this.#endOf(read.call);
        const outcome = end.exit === 0 ? 'cut' : outcomeOf(end);
        if (!signal.aborted) record?.({ outcome, attempt: budget.attempts, said: cause.message });
        await this.#waitOrGiveUp(cause, read, object, budget.attempts, signal);
      }
      budget.attempts += 1;
      record = this.#calls.begin('read', object.key);
      read = this.#startRead(object, { start, end: range.end }, signal);
      return read.body.stream;
    };
    const body = resumingBody(await open(range.start, undefined), range, {
      open,
      stallMs: this.#deps.stallMs,
      beforeEnd: async () => {
        if (read) await this.#requireGoodEnd(read, object, signal);
        await this.#requireUnchanged(object, signal);
      },
    });
    body.once('close', () => record?.({ outcome: 'answered', attempt: budget.attempts }));
    destroyOnAbort(body, signal);
    return body;
  }

  close(): void {
    this.#closing.abort(new Error('the source was closed'));
  }

  /** Runs a program whose output is a listing; retries when it reports a transient failure. */
  async *#run(
    operation: 'list' | 'stat',
    argv: readonly string[],
    key: string | undefined,
    caller: AbortSignal,
  ): AsyncGenerator<StoredObject> {
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    const what = key === undefined ? 'listing backups' : `looking at ${toPrintable(key)}`;
    for (let attempts = 1; ; attempts += 1) {
      const record = this.#calls.begin(operation, key);
      using limit = limitTime(this.#deps.listMs, () => this.#late(argv, what), signal);
      const call = startProgram(argv, this.#spec, this.#deps.env, limit.signal);
      let count = 0;
      let isLeft = true;
      let thrown: unknown;
      try {
        for await (const object of readListing(call.stdout, describeProgram(argv))) {
          count += 1;
          yield object;
        }
        isLeft = false;
      } catch (error) {
        thrown = error;
        isLeft = !call.stdout.readableEnded;
      } finally {
        if (isLeft) call.stop(); // also when the consumer wants no more
      }
      const end = await call.ended;
      if (!signal.aborted)
        record({ outcome: outcomeOf(end), attempt: attempts, said: thrown instanceof Error ? thrown.message : '' });
      limit.signal.throwIfAborted();
      // A truncated line is explained by how the program ended.
      if (thrown && (end.wasStopped || end.exit === 0)) throw thrown;
      if (end.exit === 0 || (operation === 'stat' && isGone(end))) return;
      if (!isTransient(end) || count > 0 || attempts >= MAX_ATTEMPTS) throw explainExit(end, argv, what);
      await backOff(this.#deps, attempts, signal);
    }
  }

  #startRead(object: StoredObject, range: ReadRange, signal: AbortSignal): ReadCall {
    const argv = this.#fill(this.#spec.read, object.key, range);
    const call = startProgram(argv, this.#spec, this.#deps.env, signal);
    const isBounded = stopsAtEnd(this.#spec.read) || range.end === object.sizeBytes;
    const wantedBytes = range.end - range.start;
    const skipBytes = seeks(this.#spec.read) ? 0 : range.start;
    const body = bodyOf(call, skipBytes, isBounded ? wantedBytes : Number.POSITIVE_INFINITY);
    return { argv, call, body, isBounded, wantedBytes };
  }

  /** After the last byte: a program that finds an error at its end, such as a wrong checksum, exits with it. */
  async #requireGoodEnd(
    { argv, call, body, isBounded, wantedBytes }: ReadCall,
    { key }: StoredObject,
    signal: AbortSignal,
  ) {
    if (!isBounded) {
      call.stop();
      return;
    }
    const what = `reading ${toPrintable(key)}`;
    const end = await this.#endOf(call);
    signal.throwIfAborted();
    if (body.written() > wantedBytes)
      throw misbehaved(argv, what, `wrote more than the ${formatCount(wantedBytes)} bytes that were asked for`);
    if (end.wasStopped)
      throw misbehaved(argv, what, `did not exit within ${formatDuration(this.#deps.stallMs)} after its last byte`);
    if (end.exit !== 0) throw explainExit(end, argv, what);
  }

  /** @param read the call whose output ended before the end of its range. */
  async #waitOrGiveUp(
    cause: Error,
    { argv, call, body, wantedBytes }: ReadCall,
    object: StoredObject,
    attempts: number,
    signal: AbortSignal,
  ): Promise<void> {
    const end = await this.#endOf(call);
    signal.throwIfAborted();
    if (isTransient(end) && attempts < MAX_ATTEMPTS) return backOff(this.#deps, attempts, signal);
    await this.#requireUnchanged(object, signal); // what is gone cannot be read
    const what = `reading ${toPrintable(object.key)}`;
    if (isGone(end)) throw changed(object.key, 'became unreadable');
    if (end.wasStopped) throw misbehaved(argv, what, `was stopped ${attempts} times: ${cause.message}`);
    if (end.exit !== 0) throw explainExit(end, argv, what);
    const bytes = `${formatCount(body.written())} of ${formatCount(wantedBytes)} bytes`;
    throw misbehaved(argv, what, `wrote ${bytes} and exited with status 0`);
  }

  /** Kills a program that has closed its output but keeps running. */
  async #endOf({ ended, stop }: ProgramCall): Promise<ProgramEnd> {
    const timer = setTimeout(stop, this.#deps.stallMs);
    return ended.finally(() => clearTimeout(timer));
  }

  async #requireUnchanged(object: StoredObject, signal: AbortSignal): Promise<void> {
    let now: StoredObject | undefined;
    const { stat } = this.#spec;
    const argv = stat && this.#fill(stat, object.key, { start: 0, end: object.sizeBytes });
    for await (const one of argv ? this.#run('stat', argv, object.key, signal) : this.list(signal)) {
      if (one.key === object.key) now = one;
      else if (argv) throw misbehaved(argv, `looking at ${toPrintable(object.key)}`, 'answered with another key');
    }
    if (!now) throw changed(object.key, 'was deleted');
    if (now.etag !== object.etag) throw changed(object.key, 'was replaced or written to');
  }

  #fill(argv: readonly string[], key: string, range: ReadRange): readonly string[] {
    if (takesKeyForOption(argv, key)) {
      throw new DrillError(
        'source-failed',
        `the key ${toPrintable(key)} could be taken for an option of ${describeProgram(argv)}`,
        {
          hint: 'Put "--" before "{key}" if the program supports it, or begin keys with "./".',
        },
      );
    }
    return fillArgv(argv, { key, ...range });
  }

  #late(argv: readonly string[], what: string): DrillError {
    return new DrillError(
      'source-unreachable',
      `${what}: ${describeProgram(argv)} did not end within ${formatDuration(this.#deps.listMs)}`,
      {
        hint: 'Check that its store answers, and that the program lists backups only.',
      },
    );
  }
}

/** One call of the program that reads. */
interface ReadCall {
  readonly argv: readonly string[];
  readonly call: ProgramCall;
  readonly body: ProgramBody;
  /** Whether the program must stop at the end of the range. */
  readonly isBounded: boolean;
  readonly wantedBytes: number;
}
