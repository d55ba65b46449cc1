/** What is known of an engine's programs on a host: what they are called, where systems put them, how many numbers make a major version. */
export interface LocalBinaries {
  readonly server: string;
  readonly clientTool: string;
  /** Of what the server prints for `--version`; the first group is the version. */
  readonly versionPattern: RegExp;
  readonly majorNumbers: number;
  /** `*` stands for one level of directories. */
  readonly directories: readonly string[];
  /** What to do where none is found. */
  readonly install: (major: string) => string;
  /** Servers that npm brought. */
  readonly findPackaged?: () => Promise<readonly ServerInstall[]>;
}

/** An engine that the local runtime can look for. */
export interface LocalEngine {
  readonly type: string;
  /** As people call it: `PostgreSQL`. */
  readonly title: string;
  readonly localBinaries: LocalBinaries;
}

/** A server's programs on this host. */
export interface ServerInstall {
  /** {@link LocalEngine.type} */
  readonly engine: string;
  /** As the binary says: `17.11`. */
  readonly version: string;
  readonly binDir: string;
  /** For people, behind the version: `in /usr/lib/postgresql/17/bin`, `from npm`. */
  readonly from: string;
  /** Directories outside the system's own ones that the programs need. */
  readonly installRoots: readonly string[];
  /** Shared libraries whose names an unfinished install lacks. */
  readonly libraryLinks: readonly LibraryLink[];
  /** Whether the engine's client tools are beside the server. */
  readonly hasClientTools: boolean;
}

/** A shared library's missing name, and the file that it should lead to. */
export interface LibraryLink {
  readonly name: string;
  readonly target: string;
}
