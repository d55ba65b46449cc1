import { PassThrough } from 'node:stream';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';
import { FREE_UP_SPACE } from '../../support/free-up-space.ts';
import { toPrintable } from '../../support/printable.ts';
import { crashSignal, isKilled } from '../../support/tool-killed.ts';

const LOG_LINES_KEPT = 40;

/** Patterns for the messages in a server's log. */
export interface ServerLogPatterns {
  /** The server accepts connections. */
  readonly ready: RegExp;
  /** The server's socket exists. Only for servers started behind a gate. */
  readonly listening?: RegExp;
  readonly diskFull: RegExp;
  readonly outOfMemory: RegExp;
  /** The server exited because of damage in the files it was started on. Only for files of a backup: what a load has written was intact. */
  readonly damaged?: RegExp;
  /** Lines without information, which are discarded. */
  readonly noise?: RegExp;
  /** Where a crash report begins to say what the server was doing. The statement may contain rows of the backup, so nothing more is kept. */
  readonly state?: RegExp;
}

/** One run of a database server in a sandbox, from start to exit. */
export class ServerProcess {
  /** Resolves when the server reports that it accepts connections; rejects if it exits first. */
  readonly ready: Promise<void>;
  /** Resolves when the server reports that its socket exists; rejects if it exits first. */
  readonly listening: Promise<void>;
  /** Resolves when the process has exited, for any reason. */
  readonly ended: Promise<void>;
  private readonly sandbox: Sandbox;
  private readonly signs: ServerLogPatterns;
  private readonly onLine: (line: string) => void;
  private readonly stopping = new AbortController();
  private readonly log: string[] = [];
  private readonly input = new PassThrough();
  private isReportingState = false;
  private outcome: { exitCode: number | undefined; error: unknown } | undefined;

  /**
   * @param input the program's standard input; `gated` keeps it open for {@link passGate}.
   * @param onLine called for each line of its log.
   */
  constructor(
    sandbox: Sandbox,
    argv: readonly string[],
    signs: ServerLogPatterns,
    input: string | 'gated' = '',
    onLine: (line: string) => void = () => undefined,
  ) {
    this.sandbox = sandbox;
    this.signs = signs;
    this.onLine = onLine;
    const ready = Promise.withResolvers<void>();
    const listening = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.listening = listening.promise;
    if (input !== 'gated') this.input.end(input);
    this.ended = this.run(argv, { ready: ready.resolve, listening: listening.resolve }).then(() => {
      const error = this.explain('the server ended before it was ready');
      ready.reject(error);
      listening.reject(error);
    });
    // Callers that wait handle the rejection; there may be none.
    this.ready.catch(() => undefined);
    this.listening.catch(() => undefined);
  }

  /** The first log line that reports damage: a server that exits because of it logs much more afterwards. */
  private damage: string | undefined;

  /** Lets a server that was started `gated` continue. */
  passGate(): void {
    this.input.end('\n');
  }

  get hasEnded(): boolean {
    return this.outcome !== undefined;
  }

  /** The last lines of its log. */
  get lastLines(): readonly string[] {
    return this.log.slice(-12);
  }

  /** Kills the process at once if a boot was abandoned; otherwise disposing of the sandbox ends it. */
  async kill(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  /** The error that explains why the server exited, from its log and exit status. */
  explain(what: string): DrillError {
    if (this.sandbox.gone.aborted && this.sandbox.gone.reason instanceof DrillError) return this.sandbox.gone.reason;
    if (this.outcome?.error instanceof DrillError) return this.outcome.error;
    const text = this.log.join('\n');
    const options = { details: this.lastLines, cause: this.outcome?.error };
    const { exitCode } = this.outcome ?? {};
    if (this.signs.diskFull.test(text)) {
      return new DrillError('disk-full', `${what}: no space left on the disk that holds its data`, {
        ...options,
        hint: FREE_UP_SPACE,
      });
    }
    if (this.signs.outOfMemory.test(text) || (exitCode !== undefined && isKilled(exitCode))) {
      return new DrillError('out-of-memory', `${what}: it was killed, most likely for lack of memory`, {
        ...options,
        hint: 'Raise `sandbox.memory` in the drill.',
      });
    }
    if (this.damage !== undefined) {
      return new DrillError('backup-corrupt', `${what}: ${toPrintable(this.damage, 300)}`, {
        ...options,
        hint: 'Drill an older backup with `--backup`, and check the disk that this one was copied from.',
      });
    }
    const crash = exitCode === undefined ? undefined : crashSignal(exitCode);
    if (crash !== undefined) {
      return new DrillError('server-failed', `${what}: it crashed (${crash})`, {
        ...options,
        hint: 'A newer release of the server may not crash: use an image with the latest one of its series.',
      });
    }
    const exit = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
    return new DrillError('server-failed', `${what}${exit}`, {
      ...options,
      hint: 'Read the last lines of its log above; `firedrill doctor` looks at the engine and the disk.',
    });
  }

  private async run(argv: readonly string[], on: { ready: () => void; listening: () => void }): Promise<void> {
    try {
      const result = await this.sandbox.exec(argv, {
        signal: this.stopping.signal,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        stdin: this.input,
        onStderrLine: (line) => {
          this.onLine(line);
          this.keep(line);
          this.damage ??= this.signs.damaged?.exec(line)?.[0];
          if (this.signs.ready.test(line)) on.ready();
          if (this.signs.listening?.test(line)) on.listening();
        },
      });
      this.outcome = { exitCode: result.exitCode, error: undefined };
    } catch (error) {
      this.outcome = { exitCode: undefined, error };
    }
  }

  private keep(line: string): void {
    if (this.signs.state?.test(line)) this.isReportingState = true;
    if (this.isReportingState || this.signs.noise?.test(line)) return;
    this.log.push(line);
    if (this.log.length > LOG_LINES_KEPT) this.log.shift();
  }
}

/** Waits for the log line, not for a fixed time; whichever event ends the wait first is the cause. */
export function untilReady(server: ServerProcess, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  return unlessOver(server.ready, sandbox, signal);
}

/** Like {@link untilReady}, for the server's socket. */
export function untilListening(server: ServerProcess, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  return unlessOver(server.listening, sandbox, signal);
}

async function unlessOver(sign: Promise<void>, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const given = AbortSignal.any([signal, sandbox.gone]);
  given.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(given.reason);
  given.addEventListener('abort', giveUp, { once: true });
  try {
    await Promise.race([sign, promise]);
  } finally {
    given.removeEventListener('abort', giveUp);
  }
}
