import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DrillError } from '../../support/errors.ts';
import { isKilled } from '../../support/tool-killed.ts';
import type { ServerInstall } from '../local-binaries.ts';
import type {
  Connection,
  ExecOptions,
  ExecResult,
  Isolation,
  Sandbox,
  SandboxFile,
  SandboxRequest,
} from '../sandbox.ts';
import type { SandboxDirectories } from './directories.ts';
import { endSandbox } from './end-sandbox.ts';
import { runCommand } from './exec.ts';
import type { Holder } from './holder.ts';
import { quote } from './own-root.ts';
import { SYSTEM_PATH } from './processes.ts';
import type { ServerUser } from './server-user.ts';
import { writeSandboxFiles } from './write-files.ts';

/** The parts of a {@link LocalSandbox}, all already started. */
export interface LocalSandboxParts {
  readonly request: SandboxRequest;
  readonly directories: SandboxDirectories;
  readonly holder: Holder;
  readonly user: ServerUser;
  readonly install: ServerInstall;
  /** Search path for the dynamic linker; empty when no library link is missing. */
  readonly libraryPath: string;
  readonly isolation: Isolation;
  readonly provenance: Sandbox['provenance'];
}

/** Runs in the sandbox before each command: disables core dumps (they contain data), sets a private umask and the working directory, then execs the command. */
const LAUNCH =
  'ulimit -c 0; umask 077; cd "$1" || exit 126; [ -z "$2" ] || export LD_LIBRARY_PATH="$2" DYLD_LIBRARY_PATH="$2"; shift 2; exec "$@"';

const KILLED_PATIENCE_MS = 1000;

/** A private directory on this host with a holder process; see the contract {@link Sandbox}. */
export class LocalSandbox implements Sandbox {
  readonly runtime = 'local';
  readonly id: string;
  readonly isolation: Isolation;
  readonly provenance: Sandbox['provenance'];
  readonly paths: Sandbox['paths'];
  readonly binDirs: readonly string[];
  readonly gone: AbortSignal;
  readonly shellCommand: readonly string[];
  private readonly shellScript: string;
  private readonly parts: LocalSandboxParts;
  private readonly goneController = new AbortController();
  /** Aborts when the sandbox ends, whether it died or was disposed of. */
  private readonly over = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private disposal: Promise<void> | undefined;

  constructor(parts: LocalSandboxParts) {
    const { directories, holder } = parts;
    this.parts = parts;
    this.id = directories.roots[0] ?? directories.data;
    this.isolation = parts.isolation;
    this.provenance = parts.provenance;
    this.paths = {
      data: directories.data,
      run: directories.run,
      scratch: directories.scratch,
      ...(holder.seal === 'own-root' ? { memory: '/dev/shm' } : {}),
    };
    this.binDirs = [parts.install.binDir];
    this.gone = this.goneController.signal;
    this.shellScript = join(this.id, 'shell');
    this.shellCommand = [this.shellScript];
    void holder.ended.then(() => this.onHolderEnded());
  }

  /** Writes a script that runs its arguments, or a shell, in the sandbox, so that the command to type is short. */
  async writeShellScript(): Promise<void> {
    const environment = Object.entries(this.environment()).map(([name, value]) => quote(`${name}=${value}`));
    const command = this.launch([]).map(quote);
    const lines = [
      '#!/bin/sh',
      '[ $# -gt 0 ] || set -- sh',
      `exec env -i TERM="$TERM" ${[...environment, ...command].join(' ')} "$@"`,
    ];
    await writeFile(this.shellScript, `${lines.join('\n')}\n`, { mode: 0o700 });
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    options.signal.throwIfAborted();
    this.over.signal.throwIfAborted();
    const [file = '', ...args] = this.launch(argv);
    const run = runCommand(
      { file, args, env: { ...this.environment(), ...options.env } },
      { ...options, signal: AbortSignal.any([options.signal, this.over.signal]) },
    );
    this.running.add(run);
    try {
      const result = await run;
      if (isKilled(result.exitCode)) await this.updateEnded();
      return result;
    } finally {
      this.running.delete(run);
    }
  }

  writeFiles(dir: string, files: AsyncIterable<SandboxFile>, signal: AbortSignal): Promise<void> {
    return writeSandboxFiles(this.paths, this.parts.user, dir, files, AbortSignal.any([signal, this.over.signal]));
  }

  connect(socketPath: string): Connection {
    if (socketPath.startsWith(`${this.paths.run}/`)) return { kind: 'path', path: socketPath };
    throw new DrillError('internal', `the socket ${socketPath} is outside ${this.paths.run}`);
  }

  dispose(): Promise<void> {
    this.disposal ??= this.end();
    return this.disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private async end(): Promise<void> {
    this.over.abort(new DrillError('sandbox-died', `the sandbox ${this.id} has been removed`));
    await Promise.allSettled(this.running);
    await endSandbox(this.parts.directories.roots, this.parts.holder);
  }

  /**
   * When the sandbox's first process is killed, the kernel kills all others in the sandbox before that exit can be observed (pid_namespaces(7)), so
   * a killed command may be the first sign.
   */
  private async updateEnded(): Promise<void> {
    await Promise.race([this.parts.holder.ended, wait(KILLED_PATIENCE_MS, undefined, { ref: false })]);
    this.over.signal.throwIfAborted();
  }

  private onHolderEnded(): void {
    if (this.disposal) return;
    const reason = new DrillError('sandbox-died', `the sandbox ${this.id} ended while it was in use`, {
      hint: 'Check the system log for the out-of-memory killer, and whether `firedrill sweep` was run or its processes were killed.',
    });
    this.over.abort(reason);
    this.goneController.abort(reason);
  }

  private launch(argv: readonly string[]): readonly string[] {
    const { holder, libraryPath } = this.parts;
    return [...holder.enter(), '/bin/sh', '-c', LAUNCH, 'sh', this.paths.scratch, libraryPath, ...argv];
  }

  /** Inherits nothing from our environment: no credentials, no tokens, no proxy. */
  private environment(): Record<string, string> {
    const { directories, install } = this.parts;
    return {
      PATH: `${install.binDir}:${SYSTEM_PATH}`,
      LANG: 'C.UTF-8',
      HOME: directories.home,
      TMPDIR: directories.home,
    };
  }
}
