import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { DrillError } from '../../support/errors.ts';
import { type Abortable, answerDeadline, ask } from './engine.ts';
import { asEngineError, EngineError } from './engine-errors.ts';
import { readJsonLines } from './json-lines.ts';
import { explainDeath, explainOutOfMemory, explainRestart, takesConnections } from './why-gone.ts';

/** Follows the engine's events for one sandbox, without polling. */
export interface ContainerWatch {
  /** Aborted with `sandbox-died`, `out-of-memory` or `engine-unreachable`, unless {@link ContainerWatch.stop} came first. */
  readonly gone: AbortSignal;
  /** Resolves when the engine reports the end of this exec. */
  exitOf(execId: string): Promise<number>;
  declareOutOfMemory(): void;
  /** Explains why the sandbox is gone although it should be running. */
  explain(): Promise<DrillError>;
  stop(): void;
}

/** Timeout for operations that take milliseconds unless the engine hangs. */
const ENGINE_TIMEOUT_MS = 10_000;

interface EngineEvent {
  readonly Action?: string;
  readonly timeNano?: number;
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
}

/** Subscribes to a container's events. Call it before the container starts, so that no event is missed. */
export async function watchContainer(
  docker: Dockerode,
  container: { readonly id: string; readonly memoryBytes: number },
  signal: AbortSignal,
): Promise<ContainerWatch> {
  const { id, memoryBytes } = container;
  const gone = new AbortController();
  const exits = new ExecExits();
  const stopped = new AbortController();
  const declare = (reason: DrillError) => {
    if (!stopped.signal.aborted) gone.abort(reason);
  };
  const declareOutOfMemory = () => gone.abort(explainOutOfMemory(memoryBytes));
  let isBroken = false;
  let lastNano = 0;

  function onEvent(event: EngineEvent): void {
    lastNano = event.timeNano ?? lastNano;
    const { execID, exitCode } = event.Actor?.Attributes ?? {};
    if (event.Action === 'exec_die' && execID) exits.add(execID, Number(exitCode ?? -1));
    else if (event.Action === 'oom') declareOutOfMemory();
    else if (event.Action === 'die' || event.Action === 'destroy') void onEnd();
  }

  /** An engine that is shutting down stops its containers first, and still sends events while doing so. */
  async function onEnd(): Promise<void> {
    declare(await explain());
  }

  async function explain(): Promise<DrillError> {
    isBroken ||= !(await takesConnections(docker, stopped.signal));
    return isBroken ? explainRestart(id) : explainDeath(id);
  }

  async function subscribe(more?: Abortable): Promise<Readable> {
    const options: Dockerode.GetEventsOptions = {
      ...more,
      filters: { type: ['container'], container: [id], event: ['oom', 'die', 'destroy', 'exec_die'] },
    };
    if (lastNano > 0) options.since = Math.floor(lastNano / 1e9);
    const stream = (await docker.getEvents(options)) as Readable;
    stream.on('error', () => undefined); // handled through its close event
    const read = readJsonLines((event) => onEvent(event as EngineEvent));
    stream.on('data', (piece: Buffer) => {
      try {
        read(piece);
      } catch (error) {
        declare(asEngineError(error, 'watching the sandbox'));
        stream.destroy();
      }
    });
    stream.once('close', () => void resubscribe());
    if (stopped.signal.aborted) stream.destroy();
    return stream;
  }

  /** The stream ended unexpectedly: the engine stopped, or only the connection broke, which is worth one retry. */
  async function resubscribe(): Promise<void> {
    if (stopped.signal.aborted || gone.signal.aborted) return;
    isBroken = true;
    const doing = 'watching the sandbox';
    const signal = AbortSignal.any([stopped.signal, answerDeadline(ENGINE_TIMEOUT_MS, doing)]);
    try {
      events = await ask(subscribe, signal, doing);
      const { State } = await ask((options) => docker.getContainer(id).inspect(options), signal, doing);
      if (!State.Running) throw explainRestart(id);
      isBroken = false;
    } catch (error) {
      const isMissing = error instanceof EngineError && error.httpStatus === 404;
      declare(isMissing ? explainRestart(id) : asEngineError(error, doing));
    }
  }

  let events: Readable | undefined;
  const stop = () => {
    stopped.abort(); // a stream that has yet to arrive is destroyed on arrival: it would keep this process alive
    events?.destroy();
  };
  try {
    events = await ask(subscribe, signal, 'following events');
  } catch (error) {
    stop();
    throw error;
  }
  return { gone: gone.signal, exitOf: (execId) => exits.of(execId), declareOutOfMemory, explain, stop };
}

/** Exit codes of execs, whether requested before or after they arrive. */
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
