import { dirname, isAbsolute, resolve } from 'node:path';
import { defineSource } from '../../source-driver.ts';

export interface DirectorySpec {
  readonly type: 'directory';
  /** Absolute path. */
  readonly path: string;
  /** The path as written in the drill file, for the record; the same on every machine. */
  readonly written?: string;
}

export const directory = defineSource({
  type: 'directory',
  schemes: [],
  title: 'a directory',
  example: 'a directory such as ./backups',
  usage: ['`./directory` (relative to this file)', '`/absolute/directory`'],
  keys: {},
  texts: [],
  secrets: [],
  credentials: [],
  traits: { atomicObjects: false },
  parse(path, { drillFile, examples, report }): DirectorySpec | undefined {
    if (path.startsWith('~')) {
      report('url', `"~" is not replaced; write $\{HOME}${path.slice(1)}`);
      return undefined;
    }
    if (!isAbsolute(path) && !/^\.\.?(\/|$)/.test(path)) {
      report('url', `must be ${examples}; a directory begins with ./ or ../ or /`);
      return undefined;
    }
    return { type: 'directory', path: resolve(dirname(drillFile), path), written: path };
  },
  describe: ({ path }) => path,
  forRecord: ({ path, written }) => ({ type: 'directory', path: written ?? path }),
  siblings: async ({ path }) => {
    const parent = dirname(path);
    // for the root directory, everything on the machine would be a sibling
    const around = dirname(parent) === parent ? undefined : ({ type: 'directory', path: parent } as const);
    return { around, others: [], problem: undefined };
  },
  open: async ({ path }) => (await import('./directory-source.ts')).openDirectorySource(path),
});
