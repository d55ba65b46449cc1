import { PassThrough, type Readable, Writable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { explainKilled } from '../../../support/tool-killed.ts';
import type { RestoredFile, RestoredFiles } from '../../restored-files.ts';
import { normalise } from '../tree/tree-entry.ts';
import { FIND_FORMAT, parseListing } from './parse-listing.ts';

/** Restored files in a directory of a sandbox, read only by programs in there; needs GNU find, `cat` and `sha256sum` in the image. */
export function restoredTree(sandbox: Pick<Sandbox, 'exec'>, directory: string): RestoredFiles {
  const programs = new TreePrograms(sandbox, directory);
  return {
    lstat: async (path, signal) => {
      for await (const file of programs.find(pathWithin(path), ['-maxdepth', '0'], signal)) return file;
      return undefined;
    },
    list: (path, signal) => programs.find(pathWithin(path), ['-mindepth', '1'], signal),
    hash: (path, signal) => programs.hash(pathWithin(path), signal),
    read: async (path, signal) => programs.read(pathWithin(path), signal),
    run: (argv, options) =>
      sandbox.exec(['sh', '-c', 'cd "$1" && shift && exec "$@"', 'run', directory, ...argv], options),
  };
}

/** @throws DrillError `check-malformed` for a path that leads outside. */
function pathWithin(path: string): string {
  const clean = path.startsWith('/') ? undefined : normalise(path);
  if (clean !== undefined) return clean;
  throw new DrillError('check-malformed', `${JSON.stringify(toPrintable(path, 120))} leads out of what was restored`, {
    hint: 'Write a path below the folder that was restored, without a leading `/` and without `..`.',
  });
}

/** Exit code for a path that is missing, or that leads through a link. */
const MISSING = 44;
const NOT_A_FILE = 45;

/**
 * Changes into the folder of the path, and stops if that is not where its name says: a link on the way would lead elsewhere. `$1` is the root, `$2` the path's
 * folder, `$3` its last part.
 */
const ENTER = `
set -u
root=$1 folder=$2 name=$3
shift 3
cd "$root" || exit 1
root=$(pwd -P)
[ -z "$folder" ] || cd "./$folder" 2> /dev/null || exit ${MISSING}
[ "$(pwd -P; printf x)" = "$root\${folder:+/$folder}
x" ] || exit ${MISSING}
`;

class TreePrograms {
  readonly #sandbox: Pick<Sandbox, 'exec'>;
  readonly #directory: string;

  constructor(sandbox: Pick<Sandbox, 'exec'>, directory: string) {
    this.#sandbox = sandbox;
    this.#directory = directory;
  }

  async *find(path: string, options: readonly string[], signal: AbortSignal): AsyncGenerator<RestoredFile> {
    const script = `${ENTER}
      [ -e "./$name" ] || [ -L "./$name" ] || exit ${MISSING}
      exec find -P "./$name" "$@" -printf '${FIND_FORMAT}'`;
    const stopping = new AbortController();
    const stdout = new PassThrough({ highWaterMark: 2 ** 18 });
    const either = AbortSignal.any([signal, stopping.signal]);
    const ended = this.#sandbox.exec(this.#argv(script, path, options), { stdout, signal: either, env: ENV });
    const failed = ended.then(
      ({ exitCode, stderr }) => {
        if (exitCode !== 0 && exitCode !== MISSING) throw explain(path, exitCode, stderr);
      },
      (error: unknown) => {
        stdout.destroy();
        throw error;
      },
    );
    failed.catch(() => undefined); // raised once the listing ends
    try {
      yield* parseListing(stdout as AsyncIterable<Buffer>, path);
      await failed;
    } catch (error) {
      await failed;
      throw error;
    } finally {
      stopping.abort();
    }
  }

  async hash(path: string, signal: AbortSignal): Promise<string> {
    const script = `${ENTER}${REGULAR} exec sha256sum < "./$name"`;
    const { exitCode, stdout, stderr } = await this.#sandbox.exec(this.#argv(script, path), { signal, env: ENV });
    const found = /^[0-9a-f]{64}/.exec(stdout)?.[0];
    if (exitCode === 0 && found !== undefined) return found;
    throw explain(path, exitCode, stderr);
  }

  read(path: string, signal: AbortSignal): Readable {
    const content = new PassThrough({ highWaterMark: 2 ** 18 });
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        if (content.write(chunk)) done();
        else content.once('drain', () => done());
      },
    });
    const stopping = new AbortController();
    content.once('close', () => stopping.abort(new Error('its reader has stopped')));
    const either = AbortSignal.any([signal, stopping.signal]);
    const script = `${ENTER}${REGULAR} exec cat < "./$name"`;
    this.#sandbox.exec(this.#argv(script, path), { stdout, signal: either, env: ENV }).then(
      ({ exitCode, stderr }) => {
        if (exitCode === 0) content.end();
        else content.destroy(explain(path, exitCode, stderr));
      },
      (error: unknown) => content.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return content;
  }

  #argv(script: string, path: string, options: readonly string[] = []): string[] {
    const slash = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
    return ['sh', '-c', script, 'restored', this.#directory, folder, name === '' ? '.' : name, ...options];
  }
}

const ENV = { LC_ALL: 'C' };

const REGULAR = `
[ -e "./$name" ] || [ -L "./$name" ] || exit ${MISSING}
[ ! -L "./$name" ] && [ -f "./$name" ] || exit ${NOT_A_FILE}
`;

function explain(path: string, exitCode: number, stderr: string): DrillError {
  const killed = explainKilled('sh', exitCode);
  if (killed) return killed;
  const shown = JSON.stringify(toPrintable(path, 120));
  if (exitCode === MISSING) return new DrillError('wrong-data', `${shown} was not restored`);
  if (exitCode === NOT_A_FILE) return new DrillError('wrong-data', `${shown} is not a regular file`);
  if (exitCode === 126 || exitCode === 127 || /unrecognized|unknown predicate/i.test(stderr)) {
    return new DrillError('tool-missing', 'the sandbox lacks GNU find, `cat` or `sha256sum`', {
      hint: 'Set `engine.image` to one that has findutils and coreutils, such as one based on Debian.',
    });
  }
  const said = toPrintable(stderr.trim().split('\n').at(-1) ?? '', 200);
  if (/permission denied/i.test(stderr)) {
    return new DrillError('check-malformed', `${shown} is not readable for the sandbox’s user: ${said}`, {
      hint: 'Let the last program of the restore make it readable: `[chmod, -R, u+rwX, "{data}"]`.',
    });
  }
  return new DrillError('wrong-data', `${shown} cannot be read${said === '' ? '' : `: ${said}`}`);
}
