/** A tool that dumps into a directory, told by its files' names: what makes the files of a directory one backup. */
export interface DirectoryDump {
  /** The file that the tool writes last: without it the dump is not finished. */
  readonly mark: string;
  /** A member that must be there too, where other things have a file of that name; names are relative to the directory. */
  readonly needs?: RegExp;
  /** A member that is there before the mark is. */
  readonly begun: RegExp;
}

/**
 * pg_dump's directory format; mydumper (its manual, "Output Files": `metadata.partial` until it has finished); MySQL Shell's dump utilities
 * (`@.json` first, `@.done.json` last).
 */
const DUMPS: readonly DirectoryDump[] = [
  { mark: 'toc.dat', begun: /\.dat(?:\.\w+)?$/ },
  { mark: 'metadata', needs: /^[^/]+-schema(?:-create)?\.sql(?:\.\w+)?$/, begun: /^metadata\.partial$/ },
  { mark: '@.done.json', needs: /^@\.json$/, begun: /^@\.json$/ },
];

export const MARKS: readonly string[] = DUMPS.map(({ mark }) => mark);

/** @param name of a file, without its folder. */
export function findDirectoryDump(name: string): DirectoryDump | undefined {
  return DUMPS.find(({ mark }) => mark === name);
}

/** @returns the dump that a file of this name belongs to, when no finished one owns it. */
export function findUnfinishedDump(name: string): DirectoryDump | undefined {
  return DUMPS.find(({ begun }) => begun.test(name));
}
