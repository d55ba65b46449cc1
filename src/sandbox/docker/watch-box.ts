import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { type Abortable, ask } from './engine.ts';
import { asEngineError } from './engine-errors.ts';

/** Follows what the engine says about one box; nothing is polled. */
export interface BoxWatch {
  /** Aborted with `sandbox-died`, `out-of-memory` or `engine-unreachable`, unless {@link BoxWatch.stop} came first. */
  readonly gone: AbortSignal;
  /** Resolves when the engine reports the end of this exec. */
  exitOf(execId: string): Promise<number>;
  declareOutOfMemory(): void;
  stop(): void;
}

interface EngineEvent {
  readonly Action?: string;
  readonly timeNano?: number;
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
}

/** Subscribes to the events of a container; call it before the container starts, so that none is missed. */
export async function watchBox(
  docker: Dockerode,
  container: { readonly id: string; readonly memoryBytes: number },
  signal: AbortSignal,
): Promise<BoxWatch> {
  const { id, memoryBytes } = container;
  const gone = new AbortController();
  const exits = new ExecExits();
  const declareOutOfMemory = () => gone.abort(explainOutOfMemory(memoryBytes));
  let isStopped = false;
  let lastNano = 0;

  function onEvent(event: EngineEvent): void {
    lastNano = event.timeNano ?? lastNano;
    const { execID, exitCode } = event.Actor?.Attributes ?? {};
    if (event.Action === 'exec_die' && execID) exits.add(execID, Number(exitCode ?? -1));
    else if (event.Action === 'oom') declareOutOfMemory();
    else if (event.Action === 'die' || event.Action === 'destroy') gone.abort(explainDeath(id));
  }

  async function subscribe(more?: Abortable): Promise<Readable> {
    const options: Dockerode.GetEventsOptions = {
      ...more,
      filters: { type: ['container'], container: [id], event: ['oom', 'die', 'destroy', 'exec_die'] },
    };
    if (lastNano > 0) options.since = Math.floor(lastNano / 1e9);
    const stream = (await docker.getEvents(options)) as Readable;
    stream.on('error', () => undefined); // its close tells the same
    createInterface({ input: stream })
      .on('line', (line) => onEvent(JSON.parse(line)))
      .on('error', () => undefined);
    stream.once('close', () => void resubscribe());
    if (isStopped) stream.destroy();
    return stream;
  }

  /** The stream ended without our doing: the engine stopped, or only the connection broke, which is worth one more try. */
  async function resubscribe(): Promise<void> {
    if (isStopped || gone.signal.aborted) return;
    try {
      events = await subscribe();
      const { State } = await docker.getContainer(id).inspect();
      if (!State.Running) gone.abort(explainDeath(id));
    } catch (error) {
      gone.abort(asEngineError(error, 'watching the sandbox'));
    }
  }

  let events: Readable | undefined;
  const stop = () => {
    isStopped = true; // a stream that is still on its way is destroyed when it comes: it would keep this process alive
    events?.destroy();
  };
  try {
    events = await ask(subscribe, signal, 'following events');
  } catch (error) {
    stop();
    throw error;
  }
  return { gone: gone.signal, exitOf: (execId) => exits.of(execId), declareOutOfMemory, stop };
}

/** Ends of execs, whether they are asked for before or after they come. */
class ExecExits {
  private readonly known = new Map<string, PromiseWithResolvers<number>>();

  add(execId: string, exitCode: number): void {
    this.entry(execId).resolve(exitCode);
  }

  of(execId: string): Promise<number> {
    return this.entry(execId).promise;
  }

  private entry(execId: string): PromiseWithResolvers<number> {
    const entry = this.known.get(execId) ?? Promise.withResolvers<number>();
    this.known.set(execId, entry);
    return entry;
  }
}

function explainOutOfMemory(memoryBytes: number): DrillError {
  return new DrillError(
    'out-of-memory',
    `the sandbox used more than its memory limit of ${formatBytes(memoryBytes)}, and the kernel ended a process in it`,
    {
      hint: 'Raise `sandbox.memory` in the drill; restoring large indexes wants more than the finished database does.',
    },
  );
}

export function explainDeath(id: string): DrillError {
  return new DrillError(
    'sandbox-died',
    `the sandbox container ${id.slice(0, 12)} was stopped or removed by somebody else`,
    {
      hint: 'Look for a clean-up job or a person that removes containers on the machine of the engine, and run the drill again.',
    },
  );
}
