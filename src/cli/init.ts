import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { formatJsonSchema } from '../config/json-schema.ts';
import { checkDrillText } from '../config/load-drills.ts';
import { problemsError } from '../config/problem.ts';
import { loadSettings } from '../config/settings.ts';
import { showPath } from '../config/show-path.ts';
import { DrillError, EXIT } from '../support/errors.ts';
import { askMissing, type InitAnswers, type InitOptions } from './init-questions.ts';
import { draftDrill } from './init-text.ts';
import type { Io } from './io.ts';

/**
 * `firedrill init`: writes a first drill, with comments, and beside it the JSON Schema that editors complete from. On a terminal it
 * asks for what no flag gave. What it writes is valid, and its checks are able to fail.
 * Throws `usage` for a flag that is missing or wrong and for a drill that exists already: nothing is ever written over.
 */
export async function initCommand(io: Io, options: InitOptions): Promise<number> {
  const { drillsDir } = await loadSettings({ file: options.config, cwd: io.cwd, env: io.env });
  const answers = await askMissing(io, options);
  const file = resolve(io.cwd, drillsDir, `${answers.name}.yaml`);
  const shown = showPath(file, io.cwd);
  const text = draftDrill({ ...answers, source: fromDrill(answers.source, dirname(file), io.cwd) });
  const problems = await checkDrillText(file, text, io);
  if (problems.length > 0) throw problemsError(problems);
  await writeNew(file, shown, text);
  await writeFile(join(dirname(file), 'drill.schema.json'), formatJsonSchema('drill'));
  io.stdout.write(`wrote ${shown}\n`);
  io.stdout.write(`Look at its checks, then try it: firedrill plan ${shown}, and firedrill run ${shown}\n`);
  return EXIT.passed;
}

/** A person types a directory as seen from the shell; a drill file names it as seen from itself. */
function fromDrill(source: InitAnswers['source'], directory: string, cwd: string): string {
  if (!/^\.\.?(\/|$)/.test(source)) return source;
  const path = relative(directory, resolve(cwd, source));
  return path.startsWith('..') ? path : `./${path}`;
}

async function writeNew(file: string, shown: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const why = exists
      ? 'exists already'
      : `cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    throw new DrillError('usage', `${shown} ${why}`, {
      hint: exists ? 'Take another --name, or change that file by hand.' : 'Check the directory and its permissions.',
      cause: error,
    });
  }
}
