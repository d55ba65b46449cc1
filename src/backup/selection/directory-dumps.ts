/** A tool that dumps into a directory, told by its files' names: what makes the files of a directory one backup. */
export interface DirectoryDump {
  /** The file that the tool writes last: without it the dump is not finished. */
  readonly mark: string;
  /** A member that must be there too, where other things have a file of that name; names are relative to the directory. */
  readonly needs?: RegExp;
  /** A member that is there before the mark is, and that nothing else is called. */
  readonly begun: RegExp;
  /** What its members are called: a folder that holds anything else is no dump of this tool. */
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

/** @param name of a file, without its folder. */
export function findDirectoryDump(name: string): DirectoryDump | undefined {
  return DUMPS.find(({ mark }) => mark === name);
}

/** @param names of all files of a folder, without it. @returns the dump that they are members of, when what it writes last is not there. */
export function findUnfinishedDump(names: readonly string[]): DirectoryDump | undefined {
  return DUMPS.find(
    ({ mark, begun, member }) =>
      !names.includes(mark) && names.some((name) => begun.test(name)) && names.every((name) => member.test(name)),
  );
}
