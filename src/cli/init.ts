import { stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { formatJsonSchema } from '../config/json-schema.ts';
import { readDrillText } from '../config/load-drills.ts';
import { problemsError } from '../config/problem.ts';
import { loadSettings } from '../config/settings.ts';
import { showPath } from '../config/show-path.ts';
import { EXIT } from '../support/errors.ts';
import { askMissing, type InitAnswers, type InitOptions } from './init-questions.ts';
import { draftDrill } from './init-text.ts';
import type { Io } from './io.ts';
import { type Look, type LookServices, lookAtBackups } from './look-at-backups.ts';
import { printable } from './style.ts';
import { existsAlready, writeNewFile } from './write-new-file.ts';

/**
 * `firedrill init`: writes a first drill, with comments, and beside it the JSON Schema that editors complete from. On a terminal it
 * asks for what no flag gave. The drill is valid, and its checks are able to fail. Problems with the given backups that would break a run are
 * reported, but the drill is written all the same.
 * Throws `usage` for a missing or invalid flag and for a drill that already exists: nothing is ever overwritten.
 */
export async function initCommand(io: Io, options: InitOptions, services?: LookServices): Promise<number> {
  const { drillsDir } = await loadSettings({ file: options.config, cwd: io.cwd, env: io.env });
  const answers = await askMissing(io, options);
  const file = resolve(io.cwd, drillsDir, `${answers.name}.yaml`);
  const shown = showPath(file, io.cwd);
  const text = draftDrill({ ...answers, source: fromDrill(answers.source, dirname(file), io.cwd) });
  const { drill, problems } = await readDrillText(file, text, io);
  if (problems.length > 0 || !drill) throw problemsError(problems);
  await requireNew(file, shown);
  const look = services && (await lookAtBackups(drill, services, io.interrupt));
  await writeNewFile(file, shown, text);
  await writeFile(join(dirname(file), 'drill.schema.json'), formatJsonSchema('drill'));
  io.stdout.write(`wrote ${shown}\n`);
  if (look) tellLook(io, look, shown);
  io.stdout.write(`Review its checks, then try it: firedrill plan ${shown}, and firedrill run ${shown}\n`);
  return EXIT.passed;
}

/** A user types a directory relative to the shell; a drill file names it relative to itself. */
function fromDrill(source: InitAnswers['source'], directory: string, cwd: string): string {
  if (!/^\.\.?(\/|$)/.test(source)) return source;
  const path = relative(directory, resolve(cwd, source));
  return path.startsWith('..') ? path : `./${path}`;
}

function tellLook(io: Io, { found, problems }: Look, shown: string): void {
  if (found !== undefined) io.stdout.write(`newest backup: ${printable(found)}\n`);
  for (const { sentence, hint } of problems) {
    io.stderr.write(`WARNING: ${printable(sentence)}\n`);
    if (hint !== undefined) io.stderr.write(`HINT: ${printable(hint)}\n`);
  }
  if (problems.length > 0) io.stderr.write(`Change that in ${shown}.\n`);
}

/** Runs before the backups are checked, so that a file that cannot be written is reported without a wait. */
async function requireNew(file: string, shown: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw existsAlready(shown);
}
