import childProcess from 'node:child_process';
import fs from 'node:fs';
import type http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KillPoints } from './kill-points.ts';

type Call = (...args: unknown[]) => unknown;

/**
 * Kill points inside calls of a seam: after each change to files of a sandbox, after each process that was started, after each statement that writes to the
 * store, and during each request to the engine. Only what the process does is watched; nothing is changed.
 */
export function watchSystem(points: KillPoints, temporary: string): void {
  watchFiles(points, temporary);
  watchProcesses(points, temporary);
  watchStatements(points);
  watchRequests(points);
  syncBuiltinESMExports();
}

/** Sandboxes that are not below TMPDIR because its path is too long, or because they are in memory. */
const ELSEWHERE = /^\/(tmp|dev\/shm)\/(fdlocal|fd)-\d/;

function watchFiles(points: KillPoints, temporary: string): void {
  const calls = fs.promises as unknown as Record<string, Call>;
  for (const name of ['mkdir', 'mkdtemp', 'writeFile', 'rename', 'chmod', 'chown', 'symlink', 'rm', 'cp']) {
    const original = calls[name];
    if (!original) throw new Error(`node:fs has no ${name}`);
    calls[name] = async (...args: unknown[]) => {
      const path = String(name === 'rename' || name === 'symlink' || name === 'cp' ? args[1] : args[0]);
      if (!isWatched(path, temporary)) return original(...args);
      const label = `fs.${name} ${roleOf(path, temporary)}`;
      if (name === 'rm') hitHalfRemoved(points, path, temporary);
      if (name === 'writeFile') points.hit(`${label}:half`, () => writeHalf(path, args[1]));
      const result = await original(...args);
      points.hit(label);
      return result;
    };
  }
}

function isWatched(path: string, temporary: string): boolean {
  return path.startsWith(temporary) || ELSEWHERE.test(path);
}

/** By Node or by rm(1): what is left when the machine, or both of them, die in the middle. */
function hitHalfRemoved(points: KillPoints, path: string, temporary: string): void {
  if (fs.existsSync(path)) points.hit(`fs.rm ${roleOf(path, temporary)}:half`, () => removeHalf(path));
}

/** As in `box/owner.json`, `box/data`: names without their random parts. */
function roleOf(path: string, temporary: string): string {
  return path
    .replace(`${temporary}/`, '')
    .replace(/^.*?fdlocal-\d[\w-]+/, 'box')
    .replace(/^.*?fd-\d[\w-]+/, 'dir')
    .replace(/\/support\/.*/, '/support');
}

/** The worst order: what says whose it is goes first. */
function removeHalf(path: string): void {
  const entries = fs.readdirSync(path).sort((a, b) => Number(b === 'owner.json') - Number(a === 'owner.json'));
  for (const entry of entries.slice(0, Math.ceil(entries.length / 2))) {
    fs.rmSync(join(path, entry), { recursive: true, force: true });
  }
}

function writeHalf(path: string, content: unknown): void {
  const text = String(content);
  fs.writeFileSync(path, text.slice(0, text.length / 2), { mode: 0o600 });
}

const TOOLS = ['initdb', 'postgres', 'pg_ctl', 'psql', 'mysqld', 'mariadbd', 'unshare', 'nsenter'];

function watchProcesses(points: KillPoints, temporary: string): void {
  const calls = childProcess as unknown as Record<'spawn', Call>;
  const { spawn } = calls;
  calls.spawn = (...args: unknown[]) => {
    const argv = [args[0], ...(Array.isArray(args[1]) ? args[1] : [])].map(String);
    const removed = argv[0] === 'rm' ? argv.at(-1) : undefined;
    if (removed !== undefined && isWatched(removed, temporary)) hitHalfRemoved(points, removed, temporary);
    const result = spawn(...args);
    // A command started in a sandbox is wrapped by others: the last known name is the relevant one.
    const tool = argv.map((word) => basename(word)).findLast((word) => TOOLS.includes(word));
    points.hit(`spawn ${tool ?? basename(argv[0] ?? '')}`);
    return result;
  };
}

function watchStatements(points: KillPoints): void {
  const prototype = StatementSync.prototype as unknown as Record<string, Call>;
  for (const name of ['run', 'all', 'get']) {
    const original = prototype[name];
    if (!original) throw new Error(`a statement has no ${name}`);
    prototype[name] = function (this: StatementSync, ...args: unknown[]) {
      return around(this.sourceSQL, () => original.apply(this, args));
    };
  }
  const database = DatabaseSync.prototype as unknown as Record<'exec', Call>;
  const { exec } = database;
  database.exec = function (this: DatabaseSync, ...args: unknown[]) {
    return around(String(args[0]), () => exec.apply(this, args));
  };

  function around(sql: string, work: () => unknown): unknown {
    const [, words] =
      /^\s*(begin immediate|insert into "?\w+|update "?\w+|delete from "?\w+|create \w+ "?\w+|commit)/i.exec(sql) ?? [];
    if (words === undefined) return work();
    const label = `sql ${words.toLowerCase().replaceAll('"', '')}`;
    if (label === 'sql commit') points.hit(`${label}:before`);
    const result = work();
    if (label !== 'sql commit') points.hit(label);
    return result;
  }
}

/** Between the request and the answer, the engine acts without anyone being informed. */
function watchRequests(points: KillPoints): void {
  const calls = createRequire(import.meta.url)('node:http') as unknown as Record<'request', Call>;
  const { request } = calls;
  calls.request = (...args: unknown[]) => {
    const result = request(...args) as http.ClientRequest;
    const { method = 'GET', path = '' } = args[0] as http.RequestOptions;
    const label = `engine ${method} ${String(path)
      .replace(/\?.*/, '')
      .replace(/^\/v[\d.]+/, '')
      .replace(/\/[0-9a-f]{64}/, '/ID')}`;
    if (method !== 'GET') {
      result.once('finish', () => points.hit(`${label}:sent`));
      result.once('response', () => points.hit(`${label}:answered`));
    }
    return result;
  };
}
