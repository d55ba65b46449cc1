import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupFiles } from '../backup-files.ts';
import { pack, unpackWhatCanBe } from '../recipes/compressors.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { RealServer, Restored } from './real-server.ts';
import { makeScratch } from './scratch.ts';
import { startServer } from './start-server.ts';

/** A backup as made by its tool, and what its own tools restore from it. */
export interface WholeBackup {
  readonly recipe: Recipe;
  readonly files: BackupFiles;
  readonly restored: Restored;
  /** The query that returned the fingerprint. */
  readonly fingerprintSql: string;
}

/** Real servers, each started when first needed, and the backups made by them. Restores into one server run one after the other. */
export interface Servers extends AsyncDisposable {
  whole(recipe: Recipe): Promise<WholeBackup>;
  /** Like {@link whole}, for backups that their own tools cannot restore as they are. */
  files(recipe: Recipe): Promise<BackupFiles>;
  /** @param whole the backup that these files were made from, and whose fingerprint is taken of them. */
  restore(whole: WholeBackup, files: BackupFiles): Promise<Restored>;
}

export async function makeServers(): Promise<Servers> {
  const scratch = await makeScratch();
  const servers = new Map<string, Promise<RealServer>>();
  const dumps = new Map<string, Promise<BackupFiles>>();
  const backups = new Map<string, Promise<WholeBackup>>();
  const queues = new Map<string, Promise<unknown>>();

  const serverOf = ({ product, version }: Recipe): Promise<RealServer> => {
    const key = `${product}-${version}`;
    const starting = servers.get(key) ?? startIn(join(scratch.path, key), product, version);
    servers.set(key, starting);
    return starting;
  };
  const inTurn = <T>({ product, version }: Recipe, job: () => Promise<T>): Promise<T> => {
    const key = `${product}-${version}`;
    const turn = (queues.get(key) ?? Promise.resolve()).then(job, job);
    queues.set(key, turn);
    return turn;
  };
  /** @param sql undefined: derived from what this backup contains. */
  const restore = async (recipe: Recipe, files: BackupFiles, sql?: string) => {
    const server = await serverOf(recipe);
    const unpacked = [...files].map(([name, bytes]) => ({ name, ...unpackWhatCanBe(recipe.compressor, bytes) }));
    const plain = new Map(unpacked.map(({ name, output }) => [name, output]));
    return inTurn(recipe, async () => {
      const complaint = await server.restore(recipe, plain);
      const fingerprintSql = sql ?? (await server.fingerprintSql(recipe));
      const fingerprint = await server.ask(recipe, fingerprintSql);
      return {
        fingerprint,
        fingerprintSql,
        complaint: unpacked.find((each) => each.complaint !== undefined)?.complaint ?? complaint,
      };
    });
  };
  const dump = async (recipe: Recipe): Promise<BackupFiles> => {
    const server = await serverOf(recipe);
    const dumped = await inTurn(recipe, () => server.dump(recipe));
    return new Map([...dumped].map(([name, bytes]) => [name, pack(recipe.compressor, bytes)]));
  };
  const filesOf = (recipe: Recipe): Promise<BackupFiles> => {
    const making = dumps.get(recipe.name) ?? dump(recipe);
    dumps.set(recipe.name, making);
    return making;
  };
  const make = async (recipe: Recipe): Promise<WholeBackup> => {
    const files = await filesOf(recipe);
    const { fingerprintSql, ...restored } = await restore(recipe, files);
    return { recipe, files, restored, fingerprintSql };
  };
  return {
    files: filesOf,
    restore: (whole, files) => restore(whole.recipe, files, whole.fingerprintSql),
    whole: (recipe) => {
      const making = backups.get(recipe.name) ?? make(recipe);
      backups.set(recipe.name, making);
      return making;
    },
    [Symbol.asyncDispose]: async () => {
      const started = await Promise.allSettled(servers.values());
      for (const each of started) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

async function startIn(directory: string, product: Recipe['product'], version: string): Promise<RealServer> {
  await mkdir(directory);
  await chmod(directory, 0o777);
  return startServer(product, version, directory);
}
