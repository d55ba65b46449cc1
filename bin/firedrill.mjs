#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that a too old one is told so in a sentence instead of a syntax error.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';

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
  const { main } = await loadProgram();
  // The process ends when nothing is left to do. Nothing forces it to: a handle that keeps it alive is a fault, and the tests that start it time out.
  process.exitCode = await main(process.argv.slice(2), process);
}

/**
 * `imports` of package.json says which: the bundle, which starts twice as fast, or with `--conditions=development`, as `npm run firedrill` has it, src/.
 * An installation from a checkout without the development tools has no bundle and runs src/.
 */
async function loadProgram() {
  try {
    return await import('#program');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || existsSync(new URL('../dist/main.mjs', import.meta.url))) throw error;
    return import('../src/main.ts');
  }
}
