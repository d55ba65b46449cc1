/** How to find an engine's programs on a host: their names, their usual directories, how many numbers make a major version. */
export interface LocalBinaries {
  readonly server: string;
  readonly clientTool: string;
  /** Matches the server's `--version` output; the first group is the version. */
  readonly versionPattern: RegExp;
  readonly majorNumbers: number;
  /** `*` matches one directory level. */
  readonly directories: readonly string[];
  /** Hint for when none is found. */
  readonly install: (major: string) => string;
  /** Finds servers installed by npm. */
  readonly findPackaged?: () => Promise<readonly ServerInstall[]>;
}

/** An engine that the local runtime can look for. */
export interface LocalEngine {
  readonly type: string;
  /** Display name: `PostgreSQL`. */
  readonly title: string;
  /** undefined: there is no server to look for; it uses programs of the host. */
  readonly localBinaries?: LocalBinaries;
}

/** A server's programs on this host. */
export interface ServerInstall {
  /** {@link LocalEngine.type} */
  readonly engine: string;
  /** As the binary reports it: `17.11`. */
  readonly version: string;
  readonly binDir: string;
  /** Origin, shown after the version: `in /usr/lib/postgresql/17/bin`, `from npm`. */
  readonly from: string;
  /** Directories that the programs need, in addition to the system's. */
  readonly installRoots: readonly string[];
  /** Shared-library links that an incomplete install lacks. */
  readonly libraryLinks: readonly LibraryLink[];
  /** Whether the engine's client tools are installed next to the server. */
  readonly hasClientTools: boolean;
}

/** The missing name of a shared library, and the file that it should link to. */
export interface LibraryLink {
  readonly name: string;
  readonly target: string;
}
