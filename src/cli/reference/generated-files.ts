import { PassThrough } from 'node:stream';
import { formatJsonSchema } from '../../config/json-schema.ts';
import { formatApiReference } from '../../dashboard/api/api-reference.ts';
import { createProgram } from '../program.ts';
import type { Toolbox } from '../toolbox.ts';
import { formatManPage } from './man-page.ts';
import { formatReference } from './reference.ts';

/** The repository's generated files, by path; a test compares the committed ones with them. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const { command } = createProgram(unusedTools());
  return new Map([
    ['man/firedrill.1', formatManPage(command)],
    ['docs/reference.md', formatReference(command)],
    ['docs/api.md', `${formatApiReference()}\n`],
    ['drills/drill.schema.json', formatJsonSchema('drill')],
  ]);
}

/** Dependencies for a command line that is only described, never run; using them throws. */
export function unusedTools(): Toolbox {
  const refuse = (): never => {
    throw new Error('commands do not run while the reference is generated');
  };
  return {
    io: {
      stdout: { write: () => true },
      stderr: { write: () => true },
      stdin: new PassThrough(),
      env: {},
      cwd: '/',
      interrupt: new AbortController().signal,
      service: { hurry: new AbortController().signal, takeOver: refuse },
      terminal: undefined,
    },
    clock: { now: refuse, monotonicMs: refuse },
    version: '0.0.0',
    backups: { clock: { now: refuse, monotonicMs: refuse }, openSource: refuse, keysOf: refuse, engineOf: refuse },
    runbooksDir: '/',
    redact: refuse,
    loadSettings: refuse,
    openStore: refuse,
    openStoreCopy: refuse,
    createNotifier: refuse,
    createHeartbeat: refuse,
    loadOptions: refuse,
    drillServices: refuse,
    runtimes: refuse,
  };
}
