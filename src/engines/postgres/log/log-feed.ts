import { Readable } from 'node:stream';
import type { Sandbox, SandboxFile } from '../../../sandbox/sandbox.ts';
import { asDrillError, DrillError } from '../../../support/errors.ts';
import { toShell } from '../../../support/shell.ts';
import type { LogArchive } from '../../format.ts';
import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { explainHeader, explainLength, HEADER_BYTES, systemIdentifierIn } from './segment-header.ts';

/** How many files are fetched at a time, once the backup is unpacked. They pass through without being held, and how many of them lie ahead of the server in the sandbox has no limit. */
const LANES = 4;

export interface FeedParts {
  readonly archive: LogArchive;
  readonly plan: LogPlan;
  readonly segmentBytes: number;
  readonly sandbox: Sandbox;
  /** The directory in the sandbox that the log is written to. */
  readonly directory: string;
  readonly onFetched: () => void;
}

/**
 * Brings the archived log into the sandbox, in order and ahead of the server, whose restore_command waits for what is on its way. "Not in the
 * archive" and "could not be had" are different answers: the second stops the server, and {@link failure} says why.
 */
export class LogFeed {
  readonly #parts: FeedParts;
  readonly #stopping = new AbortController();
  /** Settles when everything has been written, or nothing more can be. */
  readonly done: Promise<void>;
  #failure: DrillError | undefined;
  /** How many files a lane has begun with. */
  #taken = 0;
  readonly #widened = Promise.withResolvers<void>();
  readonly #first = Promise.withResolvers<FirstSegment | undefined>();

  constructor(parts: FeedParts, signal: AbortSignal) {
    this.#parts = parts;
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    this.done = this.#bring(either);
    this.done.catch(() => undefined).finally(() => this.#first.resolve(undefined)); // whoever waits for the server learns it
  }

  /** Why a segment that is in the archive could not be given to the server. */
  get failure(): DrillError | undefined {
    return this.#failure;
  }

  /**
   * @param system of the cluster that is recovered, from its control file.
   * @throws DrillError `log-incomplete` for the log of another cluster.
   */
  async requireLogOf(system: bigint): Promise<void> {
    const first = await this.#first.promise;
    if (first === undefined || first.system === system) return;
    const { description } = this.#parts.archive;
    throw new DrillError(
      'log-incomplete',
      `${first.name} in ${description} is of another database cluster than the backup: its system identifier is ${first.system}, and the backup’s ${system}`,
      {
        hint: 'Check that `backup.log.source` is where this server archives its log. After `initdb` or a major upgrade, take a new backup: the old log is of no use to it.',
      },
    );
  }

  /** For `-c restore_command=…`; the server replaces `%f` and `%p`. */
  get restoreCommand(): string {
    const script = toShell(['sh', `${this.#parts.directory}/${SCRIPT_NAME}`]);
    return `${script.replaceAll('%', '%%')} %f %p`;
  }

  /** Names that the server asked for. */
  async asked(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { sandbox, directory } = this.#parts;
    const argv = ['sh', '-c', 'sort -u "$1/asked" 2> /dev/null | tail -n 2000', 'sh', directory];
    return new Set((await sandbox.exec(argv, { signal })).stdout.split('\n'));
  }

  /** Fetches with all lanes. Until then with one, so that the files of the backup, without which nothing can be replayed, come first. */
  widen(): void {
    this.#widened.resolve();
  }

  /** The server has all that it needs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.widen();
    await this.done.catch(() => undefined);
  }

  async #bring(signal: AbortSignal): Promise<void> {
    const { plan, sandbox, directory } = this.#parts;
    const items: readonly Item[] = [...plan.histories, ...plan.segments];
    const names = items.map(({ name }) => `${name}\n`).join('');
    const begin = [file(SCRIPT_NAME, Buffer.from(SCRIPT)), file('names', Buffer.from(names))];
    await sandbox.writeFiles(directory, each(begin), signal);
    const queue = items.values();
    const broken = new AbortController();
    const either = AbortSignal.any([signal, broken.signal]);
    const lane = async (_item: Item, index: number): Promise<void> => {
      if (index > 0) await this.#widened.promise;
      if (either.aborted || this.#failure || this.#taken === items.length) return;
      try {
        await sandbox.writeFiles(directory, this.#lane(queue, either), either);
      } catch (error) {
        this.#first.resolve(undefined); // the others may wait for it
        if (!this.#failure) broken.abort(error);
      } finally {
        this.widen();
      }
    };
    const lanes = items.slice(0, LANES).map(lane);
    await Promise.all(lanes);
    either.throwIfAborted();
    // what comes before a segment that could not be had has been handed over by now
    await sandbox.writeFiles(directory, each([file(this.#failure ? 'fail' : 'end', MARK)]), signal);
  }

  /** Hands over one file after the other, of those that no other lane has taken. */
  async *#lane(queue: Iterator<Item>, signal: AbortSignal): AsyncGenerator<SandboxFile> {
    const { archive, segmentBytes, onFetched } = this.#parts;
    while (!this.#failure) {
      const next = queue.next();
      if (next.done) return;
      const item = next.value;
      this.#taken += 1;
      if (isSegment(item)) {
        const whole = { is: false };
        const content = Readable.from(this.#segment(item, whole, signal), { objectMode: false });
        yield { name: item.name, sizeBytes: segmentBytes, content };
        if (!whole.is) return;
      } else {
        const bytes = await archive.read(item.file, signal).catch((error: unknown) => this.#note(error, signal));
        if (!bytes) return;
        yield file(item.name, bytes);
      }
      yield file(`${item.name}.ok`, MARK);
      onFetched();
    }
  }

  /**
   * The segment as it comes, of the length and with the header that it has to have. One that is not is filled up, so that what the lane has
   * handed over before arrives, and never marked as whole.
   */
  async *#segment(segment: ArchivedSegment, whole: { is: boolean }, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { archive, segmentBytes } = this.#parts;
    let head: Buffer | undefined = Buffer.alloc(0);
    let length = 0;
    let given = 0;
    try {
      const source = archive.stream
        ? await archive.stream(segment.file, signal)
        : Readable.from([await archive.read(segment.file, signal)]);
      for await (const chunk of source as AsyncIterable<Buffer>) {
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

  /** Keeps why; the first failure wins. @throws the signal's reason when the feed was stopped. */
  #note(error: unknown, signal: AbortSignal): undefined {
    signal.throwIfAborted();
    this.#failure ??= asDrillError(error);
    this.#first.resolve(undefined);
  }
}

interface FirstSegment {
  readonly name: string;
  /** That of the cluster which wrote it. */
  readonly system: bigint;
}

type Item = ArchivedSegment | LogPlan['histories'][number];

function isSegment(item: Item): item is ArchivedSegment {
  return 'number' in item;
}

/** Segments are of whole mebibytes. */
const FILLING = Buffer.alloc(2 ** 20);
const MARK = Buffer.from('\n');
const SCRIPT_NAME = 'fetch.sh';

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function file(name: string, bytes: Buffer): SandboxFile {
  return { name, sizeBytes: bytes.length, content: Readable.from([bytes]) };
}

/**
 * restore_command: $1 is the name of a file, $2 where the server wants it. 1 says that the archive does not have it; what is over 125 stops
 * the server instead of letting it end its recovery here. Source: PostgreSQL's manual, "Recovering Using a Continuous Archive Backup".
 */
const SCRIPT = `
cd "\${0%/*}" || exit 200
name=$1 data=$OLDPWD
case $name in *[!0-9A-Fa-z.]*) exit 200 ;; esac
echo "$name" >> asked
grep -qxF "$name" names || exit 1
while [ ! -e "$name.ok" ]; do
  if [ -e fail ] || [ -e end ]; then exit 200; fi
  sleep 0.02
done
cp "$name" "$data/$2" || exit 200
`;
