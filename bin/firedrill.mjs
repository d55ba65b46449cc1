#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that a too old one is told so in a sentence instead of a syntax error.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';

const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGTERM'];
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);
// Commands that read drills and history, and no backup.
const STREAMS_NOTHING = ['history', 'list', 'next', 'report', 'show', 'validate'];
if (['--version', '-V'].includes(process.argv[2]) && process.argv.length === 3) showVersion();
else if (major < wanted) {
  const node = findNode();
  if (node) await startAgain(node);
  else {
    process.stderr.write(
      `firedrill needs Node ${wanted} or later, and this is Node ${process.versions.node}. The one that npm installs with it is missing: install it again without --omit=optional, or put Node ${wanted} first in PATH.\n`,
    );
    process.exitCode = 64;
  }
} else {
  if (process.channel) takeSignalsOnce();
  // What streams through dies young: a nursery that does not grow keeps memory flat, some 60 MB lower, whatever the size of a backup.
  // Its buffers lie outside of the heap, but count as garbage of it: with V8's own growth, a stream of 500 MB had the whole heap marked 50 times,
  // which took more processor time than the load itself.
  if (!STREAMS_NOTHING.includes(process.argv[2]))
    v8.setFlagsFromString('--semi-space-growth-factor=1 --heap-growing-percent=50');
  // Compiled code is kept in the user's own cache, where nobody else can put any: halves the time to start. After the flags, because what was compiled
  // under others is thrown away: now each has a directory of its own.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'firedrill'));
  const { main } = await loadProgram();
  // The process ends when nothing is left to do. Nothing forces it to: a handle that keeps it alive is a fault, and the tests that start it time out.
  process.exitCode = await main(process.argv.slice(2), process);
}

/** Answers before anything of the program is loaded, with any Node: scripts ask for it often. */
function showVersion() {
  process.stdout.on('error', () => undefined); // whoever asked has gone
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
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

/** The Node that npm installed with this program. @returns undefined where there is none, as when optional packages were left out. */
function findNode() {
  const require = module.createRequire(import.meta.url);
  for (const name of [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]) {
    for (const directory of require.resolve.paths(name) ?? []) {
      const node = join(directory, name, 'bin', 'node');
      if (existsSync(node)) return node;
    }
  }
  return undefined;
}

/**
 * Ends as the program does. It stays in our process group, so that a terminal stops and continues both; killed with SIGKILL, we leave it running.
 * Each signal that we get is told to it by message, because only so can it know ours from one that a terminal, `timeout` or systemd sent to both.
 * For systemd, the program may notify as we may: the unit needs `NotifyAccess=all` with any Node, since a tool does it, which is not the main process.
 */
async function startAgain(node) {
  const { spawn } = await import('node:child_process');
  const env = { ...process.env };
  // Meant for the process that systemd started; without it, WATCHDOG_USEC holds for whoever reads it.
  if (env.WATCHDOG_PID === String(process.pid)) delete env.WATCHDOG_PID;
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio, env });
  // One that has just ended needs no signal: its end is ours.
  for (const signal of SIGNALS) process.on(signal, () => child.connected && child.send({ signal }, () => undefined));
  child.on('error', (error) => {
    process.stderr.write(`firedrill cannot start ${node}: ${error.message}\n`);
    process.exitCode = 64;
  });
  child.on('exit', (code, signal) => {
    for (const name of SIGNALS) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 2;
  });
}

/**
 * What startAgain() tells and what the system sends are the same signal when each came once within two seconds; the later of the two is dropped.
 * They are paired one to one, so a second Ctrl-C counts, however soon it comes.
 */
function takeSignalsOnce() {
  const emit = process.emit;
  let unpaired = [];
  const isRepeat = (source, signal) => {
    const now = performance.now();
    unpaired = unpaired.filter((one) => now - one.at < 2000);
    const twin = unpaired.findIndex((one) => one.signal === signal && one.source !== source);
    if (twin === -1) unpaired.push({ source, signal, at: now });
    else unpaired.splice(twin, 1);
    return twin !== -1;
  };
  process.emit = (name, ...args) =>
    SIGNALS.includes(name) && isRepeat('system', name) ? true : emit.call(process, name, ...args);
  process.on('message', (message) => {
    const signal = message?.signal;
    if (!SIGNALS.includes(signal) || isRepeat('message', signal)) return;
    const isHeard = emit.call(process, signal, signal, constants.signals[signal]);
    if (!isHeard) process.kill(process.pid, signal);
  });
  process.channel.unref();
}
