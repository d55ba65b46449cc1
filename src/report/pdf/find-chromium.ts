import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { DrillError } from '../../support/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that packages install it under; any Chromium-based browser prints the same. */
const NAMES = [
  'chromium',
  'chromium-browser',
  'chromium-headless-shell',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge-stable',
];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The program in `FIREDRILL_CHROMIUM`, or the first Chromium on the PATH. @returns undefined when there is none. */
export function findChromium(env: Environment): string | undefined {
  const named = env['FIREDRILL_CHROMIUM'];
  if (named) return isProgram(named) ? named : undefined;
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  const onPath = NAMES.flatMap((name) => directories.map((directory) => join(directory, name)));
  return [...onPath, ...MAC_APPS].find(isProgram);
}

/** @throws DrillError `tool-missing`. */
export function requireChromium(env: Environment): string {
  const found = findChromium(env);
  if (found !== undefined) return found;
  const named = env['FIREDRILL_CHROMIUM'];
  throw new DrillError(
    'tool-missing',
    named ? 'FIREDRILL_CHROMIUM is not a program' : 'a PDF is printed by Chromium or Chrome, and neither was found',
    {
      hint: 'Install chromium, or set FIREDRILL_CHROMIUM to its path; or use --format html and print it from a browser.',
    },
  );
}

/** Whether a PDF can be printed: as root only if the user has allowed Chromium's sandbox to be off. */
export function canPrint(env: Environment, isRoot: boolean): boolean {
  return findChromium(env) !== undefined && (!isRoot || isSandboxOff(env));
}

export function isSandboxOff(env: Environment): boolean {
  return env['FIREDRILL_CHROMIUM_SANDBOX'] === 'off';
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // missing, or not executable for us
  }
}
