import { Readable } from 'node:stream';
import type { Sandbox, SandboxFile } from '../../../sandbox/sandbox.ts';
import { asDrillError, DrillError } from '../../../support/errors.ts';
import { toShell } from '../../../support/shell.ts';
import type { LogArchive } from '../../format.ts';
import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { explainSegment, systemIdentifierIn } from './segment-header.ts';

/** How much is fetched at a time, and kept in memory: four segments of the usual size, or one. How much is ahead of the server in the sandbox has no limit. */
const AHEAD_BYTES = 64 * 2 ** 20;

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
  readonly #first = Promise.withResolvers<FirstSegment | undefined>();

  constructor(parts: FeedParts, signal: AbortSignal) {
    this.#parts = parts;
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    this.done = parts.sandbox.writeFiles(parts.directory, this.#files(either), either);
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

  /** The server has all that it needs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done.catch(() => undefined);
  }

  async *#files(signal: AbortSignal): AsyncGenerator<SandboxFile> {
    const { plan, archive, segmentBytes, onFetched } = this.#parts;
    const ahead = Math.max(1, Math.floor(AHEAD_BYTES / segmentBytes));
    const names = [...plan.histories, ...plan.segments].map(({ name }) => `${name}\n`);
    yield file(SCRIPT_NAME, Buffer.from(SCRIPT));
    yield file('names', Buffer.from(names.join('')));
    let system: bigint | undefined;
    const items: readonly Item[] = [...plan.histories, ...plan.segments];
    const reads: Promise<Buffer>[] = [];
    for (const [index, item] of items.entries()) {
      while (reads.length < Math.min(items.length, index + ahead)) {
        const next = items[reads.length];
        if (!next) break;
        const read = archive.read(next.file, signal);
        read.catch(() => undefined);
        reads.push(read);
      }
      try {
        const bytes = (await reads[index]) ?? Buffer.alloc(0);
        reads[index] = Promise.resolve(Buffer.alloc(0)); // frees its memory
        if (isSegment(item)) {
          system ??= bytes.length >= 40 ? systemIdentifierIn(bytes) : undefined;
          this.#first.resolve(system === undefined ? undefined : { name: item.name, system });
          this.#requireWhole(item, bytes, system ?? 0n);
        }
        yield file(item.name, bytes);
        yield file(`${item.name}.ok`, MARK);
        onFetched();
      } catch (error) {
        signal.throwIfAborted();
        this.#failure = asDrillError(error);
        yield file('fail', MARK);
        return;
      }
    }
    yield file('end', MARK);
  }

  #requireWhole(segment: ArchivedSegment, bytes: Buffer, system: bigint): void {
    const { archive, segmentBytes } = this.#parts;
    const wrong = explainSegment(bytes, { ...segment, segmentBytes, system });
    if (wrong === undefined) return;
    throw new DrillError('log-damaged', `${segment.name} in ${archive.description} ${wrong}`, {
      hint: 'Recovery ends before it. Look for another copy of the segment, and take a new backup now.',
    });
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

const MARK = Buffer.from('\n');
const SCRIPT_NAME = 'fetch.sh';

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
