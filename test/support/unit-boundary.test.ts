import { execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer as createWebServer, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { takeAttempts } from './unit-boundary.ts';

it.each<[string, () => unknown, string]>([
  ['spawn', () => spawn('true'), 'starts a process'],
  ['fork', () => fork('nothing.js'), 'starts a process'],
  ['spawnSync', () => spawnSync('true'), 'starts a process'],
  ['execSync', () => execSync('true'), 'starts a process'],
  ['execFileSync', () => execFileSync('true'), 'starts a process'],
  ['a library that starts a process', () => execa('true'), 'starts a process'],
  ['Worker', () => new Worker('0', { eval: true }), 'starts a thread'],
  ['connect', () => connect(1, '127.0.0.1'), 'opens a socket'],
  ['connect over TLS', () => connectSecurely(1, '127.0.0.1'), 'opens a socket'],
  ['connect to a path', () => connect('/nowhere.sock'), 'opens a socket'],
  ['get', () => get('http://127.0.0.1:1/', { agent: false }), 'opens a socket'],
  ['fetch', () => fetch('http://127.0.0.1:9999/'), 'opens a socket'],
  ['listen', () => createServer().listen(0), 'opens a socket'],
  ['listen with HTTP', () => createWebServer().listen('/tmp/nowhere.sock'), 'opens a socket'],
  ['createSocket', () => createSocket('udp4'), 'opens a socket'],
])('a unit test cannot call %s, and fails if it tries', async (_name, attempt, what) => {
  await expect((async () => await attempt())()).rejects.toThrow();
  expect(takeAttempts()).toEqual([
    expect.stringMatching(
      new RegExp(`^A unit test ${what} \\(\\w+\\)\\. Rename its file to \\*\\.integration\\.test\\.ts`),
    ),
  ]);
});
