import type { EngineType } from '../../support/vocabulary.ts';

/** A server's programs on this host. */
export interface ServerInstall {
  readonly engine: EngineType;
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
