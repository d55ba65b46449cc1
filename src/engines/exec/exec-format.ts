import type { BackupContent } from '../../backup/content.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { NO_VERSION } from '../../support/versions.ts';
import type { LoadOutcome } from '../engine.ts';
import type { BackupFormat, OpenBackup, ProvisionOptions, Restored, RunOptions } from '../format.ts';
import type { ExecOptions } from './exec-options.ts';
import { execServer } from './exec-server.ts';
import { exportData } from './export-step.ts';
import { readEnvironment, runStep, type StepEnvironment } from './run-step.ts';
import { type RunningServer, startServer } from './server-step.ts';
import { stageBackup } from './stage-backup.ts';

/** Any backup: only the drill’s programs know its format. */
export const execFormat: BackupFormat = {
  recognise(content, options) {
    if (!isExecOptions(options)) return undefined;
    return async () => openBackup(content, options);
  },
};

/** Created by `resolveExec` when the drill was read. */
function isExecOptions(options: unknown): options is ExecOptions {
  return typeof options === 'object' && options !== null && 'restore' in options && 'exportBytes' in options;
}

function openBackup(content: BackupContent, options: ExecOptions): OpenBackup {
  return {
    facts: {
      engine: 'exec',
      format: content.kind === 'directory' ? 'directory' : 'file',
      serverVersion: NO_VERSION,
      dumpedBy: NO_VERSION,
      roles: [],
      database: undefined,
      tableCount: undefined,
    },
    needs: { major: NO_VERSION, extensions: [], ...(options.network && { network: options.network }) },
    isLogical: true,
    async provision(sandbox, { signal }: ProvisionOptions) {
      const environment = readEnvironment(options.env, process.env);
      for (const argv of options.prepare)
        await runStep(sandbox, 'prepare', argv, { environment, limitMs: options.prepareMs, signal });
      return { run: (run) => restore(content, options, { sandbox, environment, run }) };
    },
  };
}

interface Restoring {
  readonly sandbox: Sandbox;
  readonly environment: StepEnvironment;
  readonly run: RunOptions;
}

async function restore(content: BackupContent, options: ExecOptions, restoring: Restoring): Promise<Restored> {
  const { sandbox, environment, run } = restoring;
  const { signal, phases } = run;
  const tell = (doing: string) =>
    run.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio: undefined, step: 'unknown' });
  phases.enter('fetch');
  await stageBackup(content, options, { sandbox, signal });
  const isFirst = options.startServer === 'before-restore';
  let running = isFirst ? await boot() : undefined;
  for (const [index, argv] of options.restore.entries()) {
    tell(`restoring: program ${index + 1} of ${options.restore.length}`);
    try {
      await runStep(sandbox, 'restore', argv, { environment, signal });
    } catch (error) {
      await running?.assertAnswers(signal); // a server that died is why its client failed
      throw error;
    }
  }
  if (options.server && !isFirst) running = await boot();
  const server = execServer(sandbox, environment, running);
  run.onBooted(server);
  if (options.export) tell('exporting');
  await exportData(sandbox, options, { environment, signal });
  running?.assertRunning();
  const outcome: LoadOutcome = { database: 'data', errorCount: 0, errors: [], ignoredCount: 0, warnings: [] };
  run.onLoaded(outcome);
  return { server, outcome };

  async function boot(): Promise<RunningServer> {
    phases.enter('boot');
    return startServer(sandbox, options, { environment, signal });
  }
}
