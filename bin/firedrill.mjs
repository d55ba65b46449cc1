#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that a too old one is told so in a sentence instead of a syntax error.
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < wanted) {
  process.stderr.write(
    `firedrill needs Node ${wanted} or later and this is Node ${process.versions.node}: start it with \`npx firedrill\` in its checkout, where npm ci has put the right one.\n`,
  );
  process.exitCode = 64;
} else {
  // Compiled code is kept in the user's own cache, where nobody else can put any: halves the time to start.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'firedrill'));
  // What streams through dies young: a nursery that does not grow keeps memory flat, some 60 MB lower, whatever the size of a backup. A report streams nothing.
  if (process.argv[2] !== 'report') v8.setFlagsFromString('--semi-space-growth-factor=1');
  const { main } = await import(pathToFileURL(chooseProgram()).href);
  process.exitCode = await main(process.argv.slice(2), process);
  endSoon();
}

/**
 * By itself when nothing is left to do. What a library or a stuck engine still holds open does not keep a finished command, and the job that
 * waits for it, from ending; only a reader who has not yet taken the output does.
 */
function endSoon() {
  const patienceMs = 3000;
  const look = () => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    else setTimeout(look, patienceMs).unref();
  };
  setTimeout(look, patienceMs).unref();
}

/** The bundle, which starts twice as fast, unless a file of src/ has changed since it was made. */
function chooseProgram() {
  const bundle = join(root, 'dist', 'main.mjs');
  const source = join(root, 'src', 'main.ts');
  if (!existsSync(source)) return bundle;
  const madeMs = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (madeMs === 0) return source;
  const files = readdirSync(join(root, 'src'), { recursive: true }).map((name) => join(root, 'src', name));
  const changedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return files.some((file) => changedMs(file) > madeMs) ? source : bundle;
}
