/** A tool that dumps into a directory, recognised by its file names. Such a directory is one backup. */
export interface DirectoryDump {
  /** The file that the tool writes last; without it the dump is unfinished. */
  readonly mark: string;
  /** A member that must exist too, when `mark` alone is not distinctive; names are relative to the directory. */
  readonly needs?: RegExp;
  /** A member that is written before `mark`, with a name that only this tool uses. */
  readonly begun: RegExp;
  /** Names of its members; a folder with any other file is not a dump of this tool. */
  readonly member: RegExp;
}

/**
 * pg_dump's directory format; mydumper (its manual, "Output Files": `metadata.partial` until it has finished); MySQL Shell's dump utilities
 * (`@.json` first, `@.done.json` last).
 */
const DUMPS: readonly DirectoryDump[] = [
  {
    mark: 'toc.dat',
    begun: /^(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?$/,
    member: /^(?:(?:\d+|blob_\d+)\.dat(?:\.(?:gz|lz4|zst))?|blobs(?:_\d+)?\.toc)$/,
  },
  {
    mark: 'metadata',
    needs: /^[^/]+-schema(?:-create)?\.sql(?:\.\w+)?$/,
    begun: /^metadata\.partial$|-schema-create\.sql(?:\.\w+)?$|^[^/.]+\.[^/]+-schema\.sql(?:\.\w+)?$/,
    member: /^metadata\.partial$|\.(?:sql|dat)(?:\.\w+)?$|-(?:checksum|metadata)$/,
  },
  { mark: '@.done.json', needs: /^@\.json$/, begun: /^@\.json$/, member: /@|\.(?:tsv|json|sql|idx)(?:\.\w+)?$/ },
];

export const MARKS: readonly string[] = DUMPS.map(({ mark }) => mark);

/** @param name file name, without its folder. */
export function findDirectoryDump(name: string): DirectoryDump | undefined {
  return DUMPS.find(({ mark }) => mark === name);
}

/** @param names of all files in a folder, relative to it. @returns the tool whose unfinished dump they form, or undefined. */
export function findUnfinishedDump(names: readonly string[]): DirectoryDump | undefined {
  return DUMPS.find(
    ({ mark, begun, member }) =>
      !names.includes(mark) && names.some((name) => begun.test(name)) && names.every((name) => member.test(name)),
  );
}
