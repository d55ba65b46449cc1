import type { Duplex, Readable, Writable } from 'node:stream';
import type { Owner } from '../support/owner.ts';
import type { RuntimeName } from '../support/vocabulary.ts';

/** A sandbox as described, before anything exists. A started one is a {@link Sandbox}. */
export interface SandboxRequest {
  readonly runId: string;
  readonly drill: string;
  readonly owner: Owner;
  /** After this instant anybody may remove it: the run's deadline, its teardown and its `--keep` included. */
  readonly leaseExpiresAt: Date;
  /** Docker: the image. Local: ignored. */
  readonly image: string;
  /** Which server is wanted, for runtimes that look for binaries instead of images. */
  readonly server: { readonly engine: string; readonly major: string };
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly storage: 'volume' | 'tmpfs';
}

export interface ExecOptions {
  /** Piped in; the exec's stdin is closed when it ends. An error of this stream rejects the exec with that error. */
  readonly stdin?: Readable;
  /** Receives stdout as it comes, with back pressure; ended with it, destroyed when the exec rejects. Without it the last 64 KiB are kept in the result. */
  readonly stdout?: Writable;
  /** Called for each whole line of stderr as it comes. */
  readonly onStderrLine?: (line: string) => void;
  /** Added to the box's own environment; the place for secrets (never argv). */
  readonly env?: Readonly<Record<string, string>>;
  /** `server` (default): the unprivileged user that owns the data. `root`: only where the box has one; local without root refuses. */
  readonly as?: 'server' | 'root';
  /** Working directory inside the box. */
  readonly cwd?: string;
  /** Aborting ends the process (and its children) and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The last 64 KiB at most. */
  readonly stdout: string;
  readonly stderr: string;
}

/** How pg and mysql2 reach a server's Unix socket in the box from here. */
export type Connection =
  /** A path on this host. */
  | { readonly kind: 'path'; readonly path: string }
  /** A new byte stream to the socket for each connection (remote engines). */
  | { readonly kind: 'stream'; open(): Promise<Duplex> };

/** What stands between the restored data and the world: for the plan, the evidence and the report. */
export interface Isolation {
  /** `none`: no interface but loopback. `open`: the host's network could be reached, and `sentence` says why. */
  readonly network: 'none' | 'open';
  readonly sentence: string;
}

/**
 * A box that holds server binaries and tools, nothing more. It stays up by itself; the engine drives everything inside. Every implementation MUST:
 * - reach no network, publish nothing, run as an unprivileged user without capabilities;
 * - stream: memory does not grow with what flows through `exec`;
 * - make `dispose` idempotent, working after a timeout or abort (it takes no signal: it has its own deadline), ending every process,
 *   removing every container, volume, and directory it made, and throwing `sandbox-leaked` naming what it could not remove;
 * - abort `gone` with a DrillError (`sandbox-died`, `out-of-memory`, `engine-unreachable`) when the box disappears under its user.
 */
export interface Sandbox extends AsyncDisposable {
  readonly runtime: RuntimeName;
  /** Container id, or directory. */
  readonly id: string;
  readonly isolation: Isolation;
  /** The image it really is: name, and id or digest (evidence). Local: where the binaries came from. */
  readonly provenance: { readonly name: string; readonly id: string };
  /** Directories inside the box, made, empty, owned by the `server` user: data, sockets, and room for what a tool must seek in. */
  readonly paths: {
    readonly data: string;
    readonly run: string;
    readonly scratch: string;
  };
  /** Extra directories (inside the box) in which to look for server binaries first; the box's PATH holds for the rest. */
  readonly binDirs: readonly string[];
  readonly gone: AbortSignal;
  /** How to get a shell or a client in the box, for `--keep`: an argv that a person can type. */
  readonly shellCommand: readonly string[];
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Writes files below `dir` (inside, must be in data or scratch; made where it is missing), streamed; names are relative, of safe characters, checked. */
  writeFiles(dir: string, files: AsyncIterable<BoxFile>, signal: AbortSignal): Promise<void>;
  /** @param socketPath of a Unix socket inside the box, below `paths.run`. */
  connect(socketPath: string): Connection;
  /**
   * Where `paths.run` is shared with this host: `closed` leaves a running server its socket and lets it write nothing else there; `open`
   * lets a server that is started next make its socket. Open at first. No code of restored data may run while it is open: `open` ends
   * every process of the server's user, and the caller starts nothing but a server, which does no work before it is closed again.
   * Missing where nothing is shared, or where data lies on this host anyway. Throws `server-failed` when a process does not end.
   */
  guardRun?(state: 'open' | 'closed'): Promise<void>;
  dispose(): Promise<void>;
}

export interface BoxFile {
  readonly name: string;
  /** Exact when known; undefined when only the stream's end tells. */
  readonly sizeBytes: number | undefined;
  readonly content: Readable;
}

/** What {@link SandboxRuntime.sweep} removed, or (when `error` is set) could not. */
export interface Swept {
  readonly kind: 'container' | 'volume' | 'process' | 'directory';
  readonly id: string;
  readonly runId: string;
  readonly why: string;
  readonly error: string | undefined;
}

/** What sandboxes of one runtime can have together, running ones included. */
export interface Capacity {
  /** Of the machine, or of the share of it that this process may use, whichever is less. */
  readonly memoryBytes: number;
  /** Likewise; may be a fraction. */
  readonly cpus: number;
  /**
   * What an unprivileged user may still write where the sandboxes keep their data, at this moment; undefined where that cannot be
   * looked at: the engine is on another machine, or on this one while we are in a container, whose directories are not the engine's.
   */
  readonly freeDiskBytes: number | undefined;
}

/** Makes sandboxes of one kind, and removes what dead owners left. */
export interface SandboxRuntime {
  readonly name: RuntimeName;
  /** One sentence for `doctor` and `plan`; throws `engine-unreachable`, `tool-missing` or `sandbox-refused` when it can make none. */
  check(signal: AbortSignal): Promise<string>;
  /**
   * Asked afresh each time, since disks fill and machines are resized; takes nothing and reserves nothing.
   * Throws `engine-unreachable`, or the signal's reason.
   */
  capacity(signal: AbortSignal): Promise<Capacity>;
  /**
   * Looks whether the image is there (docker) or the binaries are (local), and changes nothing.
   * @returns undefined for an image that has to be pulled first. Throws `tool-missing`, `engine-unreachable`.
   */
  findImage(
    request: Pick<SandboxRequest, 'image' | 'server'>,
    signal: AbortSignal,
  ): Promise<{ name: string; id: string } | undefined>;
  /**
   * The same, pulling when it may. Not part of recovery time.
   * @returns what it found. Throws `image-missing` / `tool-missing` with what to do.
   */
  ensureImage(
    request: Pick<SandboxRequest, 'image' | 'server'>,
    signal: AbortSignal,
  ): Promise<{ name: string; id: string; pulledMs: number }>;
  /** Throws `image-missing`, `sandbox-refused`, `engine-unreachable`, `disk-full`; leaves nothing behind when it throws. */
  start(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox>;
  /**
   * Removes what carries our labels and whose lease has expired at `now`, or whose owner is known to be dead, or whose run is over in this
   * very process, which could not remove it then (an engine that was away). Nothing else, ever. Throws the signal's reason.
   */
  sweep(now: Date, signal: AbortSignal): Promise<readonly Swept[]>;
}
