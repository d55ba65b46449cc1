import { Readable } from 'node:stream';
import type { Sandbox, SandboxFile } from '../../../sandbox/sandbox.ts';
import { asDrillError, DrillError } from '../../../support/errors.ts';
import { toShell } from '../../../support/shell.ts';
import { piecesOf } from '../../../support/stream-pieces.ts';
import type { LogArchive } from '../../format.ts';
import { LogRoom } from './log-room.ts';
import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { readHistory, streamLogFile } from './read-log-file.ts';
import { explainHeader, explainLength, HEADER_BYTES, systemIdentifierIn } from './segment-header.ts';

/** Number of segments fetched at a time once the backup is unpacked. They are streamed, not held in memory. */
const LANES = 8;
/** The same before that: the backup, without which nothing can be replayed, has priority. */
const NARROW_LANES = 2;

export interface FeedParts {
  readonly archive: LogArchive;
  readonly plan: LogPlan;
  readonly segmentBytes: number;
  readonly sandbox: Sandbox;
  /** The directory in the sandbox where the log is written. */
  readonly directory: string;
  /** Called for each file with its number of bytes of the log. */
  readonly onFetched: (bytes: number) => void;
}

/**
 * Copies the archived log into the sandbox, in order and ahead of the server, whose restore_command waits for files that are on their way. "Not in the archive"
 * and "could not be fetched" are different answers: the second stops the server, and {@link failure} explains why.
 */
export class LogFeed {
  readonly #parts: FeedParts;
  readonly #stopping = new AbortController();
  /** Settles when everything has been written, or nothing more can be. */
  readonly done: Promise<void>;
  #failure: DrillError | undefined;
  /** Number of segments that lanes have started on. */
  #taken = 0;
  readonly #asked = new Set<string>();
  readonly #room: LogRoom;
  readonly #widened = Promise.withResolvers<void>();
  readonly #first = Promise.withResolvers<FirstSegment | undefined>();

  constructor(parts: FeedParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#room = new LogRoom(parts.plan, parts.segmentBytes);
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    this.done = this.#bring(either);
    this.done.catch(() => undefined).finally(() => this.#first.resolve(undefined)); // reported to the code that waits for the server
  }

  /** The directory in the sandbox where the log is written. */
  get directory(): string {
    return this.#parts.directory;
  }

  /** Why a segment in the archive could not be delivered to the server. */
  get failure(): DrillError | undefined {
    return this.#failure;
  }

  /**
   * @param system identifier of the cluster being recovered, from its control file.
   * @throws DrillError `log-incomplete` for the log of another cluster.
   */
  async requireLogOf(system: bigint): Promise<void> {
    const first = await this.#first.promise;
    if (first === undefined || first.system === system) return;
    const { description } = this.#parts.archive;
    throw new DrillError(
      'log-incomplete',
      `${first.name} in ${description} belongs to another database cluster than the backup: its system identifier is ${first.system}, and the backup’s ${system}`,
      {
        hint: 'Check that `backup.log.source` is where this server archives its log. After `initdb` or a major upgrade, take a new backup: the old log is of no use to it.',
      },
    );
  }

  /**
   * For `-c restore_command=…`; the server replaces `%f` and `%p`. Files that are already there are linked, not copied: the server must not write to a log file
   * again (`wal_recycle=off`).
   */
  get restoreCommand(): string {
    const [script, fetched] = [SCRIPT_NAME, ''].map((name) =>
      toShell([`${this.#parts.directory}/${name}`]).replaceAll('%', '%%'),
    );
    return `[ -e ${fetched}%f.ok ] && ln -f ${fetched}%f %p 2>/dev/null || sh ${script} %f %p`;
  }

  /** Names that the server requested when they were not there. */
  get asked(): ReadonlySet<string> {
    return this.#asked;
  }

  /** Fetches with all lanes, and more of the log, now that the backup is unpacked. */
  async widen(signal: AbortSignal): Promise<void> {
    this.#room.widen(await this.#freeBytes(signal));
    this.#widened.resolve();
  }

  /** Fetches the whole log, regardless of free space: it is read before it is replayed. */
  async untilWhole(): Promise<void> {
    this.#room.lift();
    await this.done;
  }

  /** @param line of the server's log, where the script reports the files that it requests in vain, or waits for. */
  readLine(line: string): void {
    const name = ASKS.exec(line)?.[1];
    if (name === undefined) return;
    this.#asked.add(name);
    this.#room.waitsFor(name);
  }

  /** @param lsn how far the server has replayed. */
  replayedTo(lsn: string): void {
    this.#room.replayedTo(lsn);
  }

  /** The server has everything that it needs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#room.lift();
    this.#widened.resolve();
    await this.done.catch(() => undefined);
  }

  async #bring(signal: AbortSignal): Promise<void> {
    const { plan, sandbox, directory } = this.#parts;
    const names = [...plan.histories, ...plan.segments].map(({ name }) => `${name}\n`).join('');
    await sandbox.writeFiles(directory, this.#begin(names, signal), signal);
    this.#room.limit(await this.#freeBytes(signal));
    const queue = plan.segments.values();
    const broken = new AbortController();
    const either = AbortSignal.any([signal, broken.signal]);
    const lane = async (_segment: ArchivedSegment, index: number): Promise<void> => {
      if (index >= NARROW_LANES) await this.#widened.promise;
      if (either.aborted || this.#failure || this.#taken === plan.segments.length) return;
      try {
        await sandbox.writeFiles(directory, this.#lane(queue, either), either);
      } catch (error) {
        this.#first.resolve(undefined); // the other lanes may be waiting for it
        if (!this.#failure) broken.abort(error);
      } finally {
        // none is left, or no more can be fetched: the others have nothing to wait for
        this.#room.lift();
        this.#widened.resolve();
      }
    };
    const lanes = this.#failure ? [] : plan.segments.slice(0, LANES).map(lane);
    await Promise.all(lanes);
    either.throwIfAborted();
    // everything before a segment that could not be fetched has been handed over by now
    await sandbox.writeFiles(directory, each([file(this.#failure ? 'fail' : 'end', MARK)]), signal);
  }

  /** The files that the server requests first, and the script that answers it. */
  async *#begin(names: string, signal: AbortSignal): AsyncGenerator<SandboxFile> {
    const { archive, plan, onFetched } = this.#parts;
    yield file(SCRIPT_NAME, Buffer.from(SCRIPT));
    yield file('names', Buffer.from(names));
    for (const { name, file: stored } of plan.histories) {
      const bytes = await readHistory(archive, stored, signal).catch((error: unknown) => this.#note(error, signal));
      if (!bytes) return;
      yield file(name, bytes);
      yield file(`${name}.ok`, MARK);
      onFetched(bytes.length);
    }
  }

  async #remove(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const { sandbox, directory } = this.#parts;
    const argv = ['sh', '-c', 'cd "$1" && xargs rm -f', 'sh', directory];
    const files = names.flatMap((name) => [`${name}.ok\n`, `${name}\n`]).join('');
    await sandbox.exec(argv, { stdin: Readable.from([files]), signal });
  }

  /** @returns undefined if the sandbox does not report it. */
  async #freeBytes(signal: AbortSignal): Promise<number | undefined> {
    const { sandbox } = this.#parts;
    const { stdout } = await sandbox.exec(['df', '-P', '-k', sandbox.paths.scratch], { signal, env: { LC_ALL: 'C' } });
    const kibibytes = /^\S.*\s(\d+)\s+\d+%\s/m.exec(stdout.split('\n')[1] ?? '')?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }

  /** Hands over segment after segment, taking those that no other lane has taken, while there is room ahead of the server. */
  async *#lane(queue: Iterator<ArchivedSegment>, signal: AbortSignal): AsyncGenerator<SandboxFile> {
    const { segmentBytes, onFetched } = this.#parts;
    while (!this.#failure) {
      const next = queue.next();
      if (next.done) return;
      const segment = next.value;
      this.#taken += 1;
      await this.#room.for(segment);
      if (signal.aborted || this.#failure) return;
      await this.#remove(this.#room.takeSpent(), signal);
      const whole = { is: false };
      const content = Readable.from(this.#segment(segment, whole, signal), { objectMode: false });
      yield { name: segment.name, sizeBytes: segmentBytes, content };
      if (!whole.is) return;
      yield file(`${segment.name}.ok`, MARK);
      onFetched(segmentBytes);
    }
  }

  /**
   * Streams the segment, verifying its length and header. A bad one is padded, so that what the lane has handed over before still arrives, and never marked as
   * complete.
   */
  async *#segment(segment: ArchivedSegment, whole: { is: boolean }, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { archive, segmentBytes } = this.#parts;
    let head: Buffer | undefined = Buffer.alloc(0);
    let length = 0;
    let given = 0;
    try {
      for await (const chunk of piecesOf(await streamLogFile(archive, segment.file, signal))) {
        length += chunk.length;
        if (length > segmentBytes) this.#requireRight(segment, explainLength(length, segmentBytes));
        head = head && (head.length === 0 ? chunk : Buffer.concat([head, chunk]));
        if (head && head.length < HEADER_BYTES) continue;
        if (head) await this.#checkHeader(segment, head);
        given = length;
        yield head ?? chunk;
        head = undefined;
      }
      this.#requireRight(segment, explainLength(length, segmentBytes));
      whole.is = true;
    } catch (error) {
      this.#note(error, signal);
      for (; given < segmentBytes; given += FILLING.length) yield FILLING.subarray(0, segmentBytes - given);
    }
  }

  async #checkHeader(segment: ArchivedSegment, head: Buffer): Promise<void> {
    const { plan, segmentBytes } = this.#parts;
    if (segment === plan.segments[0]) this.#first.resolve({ name: segment.name, system: systemIdentifierIn(head) });
    const { system } = (await this.#first.promise) ?? { system: systemIdentifierIn(head) };
    this.#requireRight(segment, explainHeader(head, { ...segment, segmentBytes, system }));
  }

  #requireRight(segment: ArchivedSegment, wrong: string | undefined): void {
    if (wrong === undefined) return;
    throw new DrillError('log-damaged', `${segment.name} in ${this.#parts.archive.description} ${wrong}`, {
      hint: 'Recovery ends before it. Look for another copy of the segment, and take a new backup now.',
    });
  }

  /** Records the failure; the first one wins. @throws the signal's reason if the feed was stopped. */
  #note(error: unknown, signal: AbortSignal): undefined {
    signal.throwIfAborted();
    this.#failure ??= asDrillError(error);
    this.#first.resolve(undefined);
  }
}

interface FirstSegment {
  readonly name: string;
  /** System identifier of the cluster that wrote it. */
  readonly system: bigint;
}

/** Segments are a whole number of mebibytes. */
const FILLING = Buffer.alloc(2 ** 20);
const MARK = Buffer.from('\n');
const SCRIPT_NAME = 'fetch.sh';
const ASKS = /^firedrill: the server asks for ([0-9A-F]{24})$/;

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function file(name: string, bytes: Buffer): SandboxFile {
  return { name, sizeBytes: bytes.length, content: Readable.from([bytes]) };
}

/**
 * restore_command: $1 is the name of a file, $2 where the server wants it. Exit code 1 means that the archive does not have it; anything over 125 stops the
 * server instead of letting it end its recovery here. Source: PostgreSQL's manual, "Recovering Using a Continuous Archive Backup".
 */
const SCRIPT = `
cd "\${0%/*}" || exit 200
name=$1 data=$OLDPWD
case $name in *[!0-9A-Fa-z.]*) exit 200 ;; esac
echo "firedrill: the server asks for $name" >&2
grep -qxF "$name" names || exit 1
while [ ! -e "$name.ok" ]; do
  if [ -e fail ] || [ -e end ]; then exit 200; fi
  sleep 0.02
done
cp "$name" "$data/$2" || exit 200
`;
