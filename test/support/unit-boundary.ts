import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import { Server, Socket } from 'node:net';
import workerThreads from 'node:worker_threads';

const attempts: string[] = [];

/**
 * Makes everything that starts a process or a thread, or opens a socket, throw in this process. Each attempt is also
 * recorded for {@link takeAttempts}: code under test may catch the error.
 */
export function forbidProcessesAndSockets(): void {
  forbid(childProcess, ['execSync', 'execFileSync', 'spawnSync'], 'starts a process');
  forbid(ChildProcess.prototype, ['spawn'], 'starts a process'); // used by spawn, exec, execFile and fork
  forbid(workerThreads, ['Worker'], 'starts a thread');
  forbid(Socket.prototype, ['connect'], 'opens a socket'); // also used by node:tls, node:http and fetch
  forbid(Server.prototype, ['listen'], 'opens a socket');
  forbid(dgram, ['createSocket', 'Socket'], 'opens a socket');
  syncBuiltinESMExports(); // for `import { spawn } from 'node:child_process'`
}

/** @returns why each attempt since the last call was refused. */
export function takeAttempts(): readonly string[] {
  return attempts.splice(0);
}

function forbid(target: object, names: readonly string[], what: string): void {
  for (const name of names) {
    const refuse = function refuse(): never {
      const sentence = `A unit test ${what} (${name}). Rename its file to *.integration.test.ts, or to *.docker.test.ts if it needs an engine.`;
      attempts.push(sentence);
      throw new Error(sentence);
    };
    Object.defineProperty(target, name, { value: refuse, configurable: true, writable: true, enumerable: true });
  }
}
