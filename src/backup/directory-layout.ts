/** How a tool that dumps into a directory names its files. Such a directory is one backup in a listing. */
export interface DirectoryLayout {
  /** The file that the tool writes last; without it the dump is unfinished. */
  readonly mark: string;
  /** A member that must exist too, when `mark` alone is not distinctive; names are relative to the directory. */
  readonly needs?: RegExp;
  /** Matches the key of a directory that is distinctive by itself; `needs` is not checked there. */
  readonly place?: RegExp;
  /** Content of `mark` while the backup is still being taken, for tools that write it at the start. */
  readonly running?: RegExp;
  /** A member written before `mark`, with a name that only this tool uses. Default: an unfinished dump cannot be recognised. */
  readonly begun?: RegExp;
  /** Matches the names of its members; a folder with any other file is not a dump by this tool. Default: member names are not distinctive. */
  readonly member?: RegExp;
  /**
   * For a directory whose backup also needs files stored elsewhere: a log, other backups.
   * @returns the folder that contains all of them, empty or with a trailing `/`: the source must not start any deeper.
   */
  readonly rootOf?: (directory: string) => string | undefined;
  /**
   * For a directory that is one of several in a repository.
   * @returns the folders of the repository, where nothing but such directories is a backup; the first distinguishes series of backups.
   */
  readonly repository?: (directory: string) => readonly [string, ...string[]] | undefined;
  /** What the tool calls one series of backups, of which a repository may hold several: the last part of the first folder names it. */
  readonly seriesNoun?: string;
  /**
   * Members that represent one backup each, in a directory that contains many: a drill whose `match` names their folder chooses among them; otherwise the
   * directory is one backup. Such a file is not a backup by itself: the format reads the rest of the directory from the source.
   */
  readonly entries?: { readonly folder: string; readonly name: RegExp };
  /**
   * For tools that write no file with a fixed name, instead of {@link mark}.
   * @returns the directory of the backup that a file belongs to, empty or with a trailing `/`; undefined: it belongs to none.
   */
  readonly folderOf?: (key: string) => string | undefined;
  /** Any folder that a drill's `match` names with a trailing slash is a backup. Applies only to drills of this engine. Default: no. */
  readonly anyFolder?: true;
}
