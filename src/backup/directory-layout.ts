/** How a tool that dumps into a directory names its files. Such a directory is one backup in a listing. */
export interface DirectoryLayout {
  /** The file that the tool writes last; without it the dump is unfinished. */
  readonly mark: string;
  /** A member that must exist too, when `mark` alone is not distinctive; names are relative to the directory. */
  readonly needs?: RegExp;
  /** The key of a directory that is distinctive by itself: `needs` is not asked there. */
  readonly place?: RegExp;
  /** What `mark` says while the backup is still being taken, of a tool that writes it at the beginning already. */
  readonly running?: RegExp;
  /** A member that is written before `mark`, with a name that only this tool uses. Default: none tells a dump that was begun. */
  readonly begun?: RegExp;
  /** Names of its members; a folder with any other file is not a dump of this tool. Default: names tell nothing, so none is known. */
  readonly member?: RegExp;
  /**
   * For a directory whose backup needs what is stored elsewhere too: a log, other backups.
   * @returns the folder below which all of that is, empty or with a closing `/`: a source must not begin further down.
   */
  readonly rootOf?: (directory: string) => string | undefined;
  /**
   * For a directory that is one of several in a repository.
   * @returns the folders of the repository, in which nothing but such directories is a backup; the first tells series of backups apart.
   */
  readonly repository?: (directory: string) => readonly [string, ...string[]] | undefined;
  /**
   * Members that stand for one backup each, of a directory that holds many: a drill whose `match` names their folder chooses among them, and
   * otherwise the directory is one backup. Their files are no backup by themselves: the format reads the rest of the directory from the source.
   */
  readonly entries?: { readonly folder: string; readonly name: RegExp };
  /**
   * For a tool that writes no file of a fixed name, in place of {@link mark}.
   * @returns the directory of the backup that a file belongs to, empty or with a closing `/`; undefined: it belongs to none.
   */
  readonly folderOf?: (key: string) => string | undefined;
  /** Any folder that a drill's `match` names with a closing slash is a backup. Known to drills of its own engine only. Default: no. */
  readonly anyFolder?: true;
}
