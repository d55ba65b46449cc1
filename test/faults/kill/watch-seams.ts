import type { Readable } from 'node:stream';
import type { Toolbox } from '../../../src/cli/toolbox.ts';
import type { Server } from '../../../src/engines/engine.ts';
import type { Restored } from '../../../src/engines/format.ts';
import type { SandboxRuntime } from '../../../src/sandbox/sandbox.ts';
import type { KillPoints } from './kill-points.ts';

/** The result of a method is itself a seam, and is watched under this name. */
const GIVES: Readonly<Record<string, string>> = {
  'engine.inspect': 'backup',
  'backup.provision': 'restoration',
  'server.openCheckSession': 'session',
  'runtime.start': 'sandbox',
};

/** What the server receives once it answers. */
const RESTORES = new Set(['backup.provision', 'restoration.run']);

/** A part of an object, watched as if its methods were those of the object. */
const PARTS = new Set(['server.sql', 'server.files', 'server.commands']);

/** A query that changes nothing, and is made too often to be of interest. */
const QUIET = new Set(['sandbox.connect', 'source.requests', 'engine.imageFor', 'store.getBaseline']);

const WRITES: Readonly<Record<string, 'claim' | 'addStage' | 'finish'>> = {
  'store.claim': 'claim',
  'store.claimDue': 'claim',
  'store.addStage': 'addStage',
  'store.finish': 'finish',
};

/** The toolbox with a kill point before and after every call of a seam: store, source, runtime, sandbox, engine, server, session. */
export function watchToolbox(tools: Toolbox, given: readonly SandboxRuntime[], points: KillPoints): Toolbox {
  const runtimes = given.map((runtime) => watch('runtime', runtime, points));
  return {
    ...tools,
    openStore: async (settings, onError) =>
      watch('store', await points.around('store.open', () => tools.openStore(settings, onError)), points),
    runtimes: async () => runtimes,
    drillServices: (settings, store) => {
      const services = tools.drillServices(settings, store);
      return {
        ...services,
        openSource: async (spec) => {
          const source = await points.around('source.open', () => services.openSource(spec));
          return watch('source', source, points);
        },
        engineOf: async (type) => watch('engine', await services.engineOf(type), points),
        chooseRuntime: async (_name, signal) => {
          const [runtime] = runtimes;
          if (!runtime) throw new Error('a runtime is wanted');
          points.beside = 'check';
          await runtime.check(signal);
          points.beside = undefined;
          return runtime;
        },
      };
    },
  };
}

/** The object itself, but with kill points in its methods. */
function watch<T extends object>(seam: string, object: T, points: KillPoints): T {
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      const name = `${seam}.${typeof key === 'symbol' ? 'dispose' : key}`;
      if (PARTS.has(name) && typeof value === 'object' && value !== null) return watch(seam, value, points);
      if (typeof value !== 'function' || QUIET.has(name)) return value;
      return (...args: unknown[]) => {
        const given = RESTORES.has(name) ? args.map((arg) => watchBooted(arg, points)) : args;
        return call(name, () => Reflect.apply(value, target, given), args, points);
      };
    },
  });
}

/** Options of a restore, with the server that it boots being watched. */
function watchBooted(options: unknown, points: KillPoints): unknown {
  if (typeof options !== 'object' || options === null || !('onBooted' in options)) return options;
  const onBooted = options.onBooted as (server: Server) => void;
  return { ...options, onBooted: (server: Server) => onBooted(watch('server', server, points)) };
}

function call(name: string, work: () => unknown, args: readonly unknown[], points: KillPoints): unknown {
  const label = name === 'sandbox.exec' ? `${name} ${commandOf(args[0])}` : name;
  const write = WRITES[name];
  const about = write === undefined ? '' : aboutWhat(write, args);
  // Choosing a runtime runs alongside `locate`, so the stage in which it ends varies.
  if (name === 'runtime.check') return work();
  points.hit(`${label}:before`);
  if (write) points.note({ kind: 'begun', write, about });
  const result = work();
  if (name === 'source.list') return watchList(result as AsyncIterable<unknown>, points);
  if (!(result instanceof Promise)) return result;
  return result.then((value: unknown) => {
    if (write) points.note({ kind: 'done', write, about });
    if (name === 'runtime.sweep') points.note({ kind: 'cleaned' });
    points.hit(`${label}:after`);
    if (name === 'source.read') watchBytes(value as Readable, points);
    if (name === 'restoration.run') {
      const restored = value as Restored;
      return { ...restored, server: watch('server', restored.server, points) };
    }
    const seam = GIVES[name];
    return seam !== undefined && typeof value === 'object' && value !== null ? watch(seam, value, points) : value;
  });
}

function aboutWhat(write: 'claim' | 'addStage' | 'finish', args: readonly unknown[]): string {
  if (write === 'addStage') return (args[1] as { readonly name: string }).name;
  return (args[0] as { readonly id: string }).id;
}

/** Only the name of the program: its directory has a random name. */
function commandOf(argv: unknown): string {
  const [file = ''] = argv as readonly string[];
  return file.split('/').at(-1) ?? file;
}

async function* watchList(list: AsyncIterable<unknown>, points: KillPoints): AsyncIterable<unknown> {
  for await (const item of list) {
    points.hit('source.list:item');
    yield item;
  }
}

/** A kill point with each chunk that the store returns. */
function watchBytes(stream: Readable, points: KillPoints): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    points.hit(chunk === null ? 'source.read:end' : 'source.read:bytes');
    return push(chunk, encoding);
  };
}
