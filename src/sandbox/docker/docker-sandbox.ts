import { posix } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import { closeSubdir, reopenSubdir } from '../private-dir.ts';
import type { BoxFile, Connection, ExecOptions, ExecResult, Isolation, Sandbox } from '../sandbox.ts';
import { BOX_ROOT } from './box-container.ts';
import { END_ALL_OF_USER } from './box-processes.ts';
import { statusOf } from './engine-errors.ts';
import { type ExecTarget, execInBox } from './exec.ts';
import type { BoxFacts } from './prepare-box.ts';
import { removeBox } from './remove-box.ts';
import type { StartedBox } from './start-box.ts';
import { tunnelTo } from './tunnel.ts';
import { writeFilesToBox } from './write-files.ts';

const KILLED = 128 + 9;
const END_TIMEOUT_MS = 20_000;
const OOM_COUNTERS = 'cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2> /dev/null';

/** A sandbox in a container, see {@link Sandbox}. */
export class DockerSandbox implements Sandbox {
  readonly runtime = 'docker';
  readonly id: string;
  readonly isolation: Isolation;
  readonly provenance: Sandbox['provenance'];
  readonly paths = { data: `${BOX_ROOT}/data`, run: `${BOX_ROOT}/run`, scratch: `${BOX_ROOT}/scratch` };
  readonly binDirs: readonly string[] = [];
  readonly gone: AbortSignal;
  readonly shellCommand: readonly string[];
  private readonly box: StartedBox;
  private readonly facts: BoxFacts;
  private readonly target: ExecTarget;
  private readonly ended = new AbortController();
  private readonly onLeaked: () => void;
  private disposing: Promise<void> | undefined;

  /** @param onLeaked called when removing it failed. */
  constructor(box: StartedBox, facts: BoxFacts, provenance: Sandbox['provenance'], onLeaked: () => void) {
    this.box = box;
    this.onLeaked = onLeaked;
    this.facts = facts;
    this.id = box.container.id;
    this.provenance = provenance;
    this.gone = box.watch.gone;
    this.target = {
      container: box.container,
      exitOf: (execId) => box.watch.exitOf(execId),
      over: AbortSignal.any([this.gone, this.ended.signal]),
    };
    this.isolation = describeIsolation(box);
    this.shellCommand = ['docker', 'exec', '-it', '-u', this.userOf('server'), this.id.slice(0, 12), facts.shell];
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { as = 'server', ...rest } = options;
    const signal = AbortSignal.any([options.signal, this.gone, this.ended.signal]);
    const home = { HOME: this.paths.scratch, TMPDIR: this.paths.scratch };
    const request = { ...rest, env: { ...home, ...options.env }, user: this.userOf(as), signal };
    try {
      const result = await execInBox(this.target, argv, request);
      if (result.exitCode === KILLED) await this.throwWhenOutOfMemory(signal);
      return result;
    } catch (error) {
      throw await this.blame(error);
    }
  }

  writeFiles(dir: string, files: AsyncIterable<BoxFile>, signal: AbortSignal): Promise<void> {
    return writeFilesToBox(this, dir, files, signal);
  }

  connect(socketPath: string): Connection {
    const name = posix.relative(this.paths.run, socketPath);
    if (name === '' || name.startsWith('..')) {
      throw new DrillError('internal', `the socket ${socketPath} is not below ${this.paths.run}`);
    }
    const { socketDir } = this.box;
    if (socketDir) return { kind: 'path', path: posix.join(socketDir, name) };
    return tunnelTo(socketPath, this.facts.tunnelTool, this.userOf('server'), this.target);
  }

  async guardRun(state: 'open' | 'closed'): Promise<void> {
    const { socketDir } = this.box;
    if (!socketDir) return;
    if (state === 'closed') return closeSubdir(socketDir);
    await this.endProcesses();
    await reopenSubdir(socketDir);
  }

  dispose(): Promise<void> {
    this.disposing ??= this.disposeOnce();
    return this.disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private async disposeOnce(): Promise<void> {
    this.box.watch.stop();
    this.ended.abort(new DrillError('sandbox-died', 'the sandbox has been removed, since the run is over'));
    await removeBox(this.box, this.facts.user).catch((error: unknown) => {
      this.onLeaked();
      throw error;
    });
  }

  /** Needed because programs started by restored data may outlive the server. */
  private async endProcesses(): Promise<void> {
    const { exitCode } = await this.exec(END_ALL_OF_USER, { signal: AbortSignal.timeout(END_TIMEOUT_MS) });
    if (exitCode === 0) return;
    throw new DrillError('server-failed', 'programs that the restored data started in the sandbox do not end');
  }

  private userOf(as: 'server' | 'root'): string {
    return as === 'root' ? '0:0' : this.facts.user;
  }

  /** For a command that something else killed: the kernel's OOM counter shows whether memory was the cause before the engine's event arrives. */
  private async throwWhenOutOfMemory(signal: AbortSignal): Promise<void> {
    const counters = await execInBox(this.target, ['sh', '-c', OOM_COUNTERS], { user: this.userOf('server'), signal });
    if (!/^oom_kill [1-9]/m.test(counters.stdout)) return;
    this.box.watch.declareOutOfMemory();
    this.gone.throwIfAborted();
  }

  /** First cause wins: when the sandbox disappears, its commands fail with that reason, not with their own errors. */
  private async blame(error: unknown): Promise<unknown> {
    if (this.ended.signal.aborted) return this.ended.signal.reason;
    if (this.gone.aborted) return this.gone.reason;
    const status = error instanceof DrillError ? statusOf(error.cause) : undefined;
    return status === 404 || status === 409 ? this.box.watch.explain() : error;
  }
}

function describeIsolation(box: StartedBox): Isolation {
  const reached = box.socketDir ? 'a Unix socket in a private directory' : 'a tunnel through the engine';
  return {
    network: 'none',
    sentence: `a container with no network interface but loopback, no published port, no capabilities and a read-only root, reached only by ${reached}`,
  };
}
