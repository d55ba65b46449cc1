import type { Duplex, Readable, Writable } from 'node:stream';
import type { NetworkAccess } from '../support/network-access.ts';
import type { Owner } from '../support/owner.ts';

/** The specification of a sandbox that does not exist yet. A started one is a {@link Sandbox}. */
export interface SandboxRequest {
  readonly runId: string;
  readonly drill: string;
  readonly owner: Owner;
  /** After this time, any process may remove it. Covers the run's deadline, its teardown and `--keep`. */
  readonly leaseExpiresAt: Date;
  /** Docker: the image. Local: ignored. */
  readonly image: string;
  /** The required server, for runtimes that look for binaries instead of images. `exact`: a later major version is not acceptable. */
  readonly server: { readonly engine: string; readonly major: string; readonly match?: 'exact' | 'at-least' };
  /** Docker: the user that official images have for this server. Local: ignored. */
  readonly serverUser: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly storage: 'volume' | 'tmpfs';
  /** Network targets that it may reach; undefined: none. A runtime that cannot enforce this refuses it with `sandbox-refused`. */
  readonly network?: NetworkAccess;
}

/** The requirements of a sandbox that affect its placement. */
export interface SandboxNeed extends Pick<SandboxRequest, 'memoryBytes' | 'cpus'> {
  /** The engine already chosen for it; another one is used if it does not answer. */
  readonly containerEngine?: string | undefined;
}

/** A command runs as the unprivileged user that owns the data. */
export interface ExecOptions {
  /** Piped in; the exec's stdin is closed when it ends. An error of this stream rejects the exec with that error. */
  readonly stdin?: Readable;
  /** Whether `stdin` will carry a lot of data: worth a channel that takes some milliseconds to set up but less CPU per byte. Default: no. */
  readonly isStdinLarge?: boolean;
  /**
   * Receives stdout as it arrives, with back pressure; ends with it, and is destroyed when the exec rejects. If absent, the result contains the last 64 KiB.
   */
  readonly stdout?: Writable;
  /** Called for each complete line of stderr as it arrives. */
  readonly onStderrLine?: (line: string) => void;
  /** Added to the sandbox's own environment; the place for secrets (never argv). */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborting ends the process (and its children) and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  /** At most the last 64 KiB. */
  readonly stdout: string;
  readonly stderr: string;
}

/** How pg and mysql2 in this process reach a server's Unix socket in the sandbox. */
export type Connection =
  /** A path on this host. */
  | { readonly kind: 'path'; readonly path: string }
  /** Opens a new byte stream to the socket for each connection (remote engines). */
  | { readonly kind: 'stream'; open(): Promise<Duplex> };

/** An application in its own image, next to the sandbox’s server. */
export interface ApplicationRequest {
  readonly image: string;
  /** Overrides the image's command; undefined: the image's default. */
  readonly command: readonly string[] | undefined;
  /** Overrides the image's variables. May contain a password: never put into argv. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
}

/** A running application. It shares only the sandbox’s network, which is loopback; it is removed with the sandbox at the latest. */
export interface Application extends AsyncDisposable {
  readonly provenance: Sandbox['provenance'];
  /** Resolves with the exit code if it ends by itself; never rejects. */
  readonly ended: Promise<number>;
  /** Its last lines of output; bounded. */
  readonly lastLines: readonly string[];
  /** A byte stream to a TCP port of its loopback; it fails with ECONNREFUSED while nothing is listening there. */
  connect(port: number): Promise<Duplex>;
}

/** How the restored data is isolated, for the plan, the evidence and the report. */
export interface Isolation {
  /** `none`: loopback only. `limited`: also what the drill allows. `open`: the host's network is reachable; `sentence` says why. */
  readonly network: 'none' | 'limited' | 'open';
  readonly sentence: string;
}

/**
 * A sandbox contains server binaries and tools, nothing more. It stays up by itself; the engine drives everything inside. Every implementation MUST:
 * - reach no network except what its request allows, publish nothing, run as an unprivileged user without capabilities;
 * - stream: memory does not grow with what flows through `exec`;
 * - make `dispose` idempotent, working after a timeout or abort (it takes no signal: it has its own deadline), ending every process, removing every container,
 *   volume, and directory it created, and throwing `sandbox-leaked` with a list of what it could not remove;
 * - abort `gone` with a DrillError (`sandbox-died`, `out-of-memory`, `engine-unreachable`) when the sandbox disappears while in use.
 */
export interface Sandbox extends AsyncDisposable {
  readonly runtime: string;
  /** Address of its container engine, without a password; absent if there is none. */
  readonly containerEngine?: string;
  /** Container id, or directory. */
  readonly id: string;
  readonly isolation: Isolation;
  /** The actual image: name, and id or digest (evidence). Local: where the binaries came from. */
  readonly provenance: { readonly name: string; readonly id: string };
  /** Existing, empty directories inside the sandbox, owned by the `server` user: data, sockets, and scratch for files that a tool must seek in. */
  readonly paths: {
    readonly data: string;
    readonly run: string;
    readonly scratch: string;
    /** A private in-memory directory, which disappears with the sandbox; absent if there is none. */
    readonly memory?: string;
  };
  /** Directories inside the sandbox that are searched for server binaries before its PATH. */
  readonly binDirs: readonly string[];
  readonly gone: AbortSignal;
  /** The argv that opens a shell or a client in the sandbox, for `--keep`. */
  readonly shellCommand: readonly string[];
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Streams files below `dir` (inside the sandbox, in data or scratch; created if missing). Names must be relative and consist of safe characters. */
  writeFiles(dir: string, files: AsyncIterable<SandboxFile>, signal: AbortSignal): Promise<void>;
  /** @param socketPath path of a Unix socket inside the sandbox, below `paths.run`. */
  connect(socketPath: string): Connection;
  /**
   * Present if `paths.run` is shared with this host. `closed` keeps a running server's socket but prevents other writes there; `open` lets the next server
   * create its socket. Initially open. No code from restored data may run while it is open: `open` ends every process of the server's user, and the caller
   * then starts only a server, which does no work until the directory is closed again. Absent if nothing is shared, or if the data is on this host anyway.
   * Throws `server-failed` if a process does not end.
   */
  guardRun?(state: 'open' | 'closed'): Promise<void>;
  /**
   * Present if the runtime runs applications, see {@link SandboxRuntime.runsApplications}. Throws `image-missing` (it never pulls), `check-malformed` for a
   * command that the image does not have, and whatever a start throws.
   */
  startApplication?(request: ApplicationRequest, signal: AbortSignal): Promise<Application>;
  dispose(): Promise<void>;
}

export interface SandboxFile {
  readonly name: string;
  /** Exact size; undefined if it is known only at the end of the stream. */
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

/** The resource limits of an existing sandbox, of any process. */
export interface SandboxLoad {
  readonly runId: string;
  readonly drill: string;
  readonly memoryBytes: number;
  readonly cpus: number;
}

/** Total capacity for the sandboxes of one runtime, including running ones. */
export interface Capacity {
  /** Same as {@link SandboxRuntime.containerEngine}. */
  readonly containerEngine?: string;
  /** The existing sandboxes. Absent if only the store knows them. */
  readonly sandboxes?: readonly SandboxLoad[];
  /** Memory of the machine, or the part that this process may use, whichever is less. */
  readonly memoryBytes: number;
  /** CPUs, by the same rule; may be fractional. */
  readonly cpus: number;
  /**
   * Bytes that an unprivileged user can write now where the sandboxes keep their data. undefined if unknown: the engine is on another machine, or this process
   * runs in a container and cannot see the engine's directories.
   */
  readonly freeDiskBytes: number | undefined;
}

/** Creates sandboxes of one kind, and removes those of dead owners. */
export interface SandboxRuntime {
  /** The kind's name; several runtimes share it if the settings name several container engines. */
  readonly name: string;
  /** Address of its container engine, without a password. Absent if the settings name none: it is discovered on demand, or there is none. */
  readonly containerEngine?: string;
  /** Whether its sandboxes can start applications next to the server. Default: no. */
  readonly runsApplications?: boolean;
  /** One sentence for `doctor` and `plan`; throws `engine-unreachable`, `tool-missing` or `sandbox-refused` when it cannot create a sandbox. */
  check(signal: AbortSignal): Promise<string>;
  /** Like `check`, but without trying what each start finds out anyway: throws only what is known without a trial. */
  requireUsable?(signal: AbortSignal): Promise<void>;
  /**
   * Measured on each call, since disks fill up and machines are resized; reserves nothing.
   * Throws `engine-unreachable`, or the signal's reason.
   */
  capacity(signal: AbortSignal): Promise<Capacity>;
  /**
   * Checks whether the image (docker) or the binaries (local) are available, and changes nothing.
   * @returns undefined for an image that must be pulled first. Throws `tool-missing`, `engine-unreachable`.
   */
  findImage(
    request: Pick<SandboxRequest, 'image' | 'server'>,
    signal: AbortSignal,
  ): Promise<{ name: string; id: string } | undefined>;
  /**
   * Like `findImage`, but pulls the image when allowed. Not part of recovery time.
   * @returns what it found. Throws `image-missing` / `tool-missing` with a hint.
   */
  ensureImage(
    request: Pick<SandboxRequest, 'image' | 'server'>,
    signal: AbortSignal,
  ): Promise<{ name: string; id: string }>;
  /** Throws `image-missing`, `sandbox-refused`, `engine-unreachable`, `disk-full`; leaves nothing behind when it throws. */
  start(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox>;
  /**
   * Removes resources with our labels whose lease has expired at `now`, whose owner is known to be dead, or whose run ended in this process
   * without being removed (the engine was down). Never removes anything else. Throws the signal's reason.
   */
  sweep(now: Date, signal: AbortSignal): Promise<readonly Swept[]>;
}
