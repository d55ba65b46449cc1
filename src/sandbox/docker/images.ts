import { DrillError } from '../../support/errors.ts';
import { toShell } from '../../support/shell.ts';
import { type DockerEngine, send } from './engine.ts';
import { asEngineError, statusOf } from './engine-errors.ts';

export interface FoundImage {
  readonly name: string;
  /** `sha256:…`: identifies the image even when its tag moves. */
  readonly id: string;
}

/** Finds the image on the engine, and pulls it only if it is missing. @throws DrillError `image-missing`, `engine-unreachable`, `disk-full`. */
export async function ensureImage(engine: DockerEngine, name: string, signal: AbortSignal): Promise<FoundImage> {
  const present = await findImage(engine, name, signal);
  if (present) return { name, id: present };
  await pull(engine, name, signal);
  const id = await findImage(engine, name, signal);
  if (!id) throw explainMissing(engine, name, 'it is still missing after the pull');
  return { name, id };
}

/** @returns the image's id, or undefined when the engine does not have it. */
export async function findImage(engine: DockerEngine, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const image = await send(() => engine.docker.getImage(name).inspect(), signal);
    return image.Id;
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) === 404) return undefined;
    throw asEngineError(error, `looking for the image ${name}`);
  }
}

export function explainMissing(engine: DockerEngine, name: string, why: string): DrillError {
  return new DrillError('image-missing', `the engine at ${engine.uri} has no image ${name}: ${why}`, {
    hint: `Run \`${toShell([...engine.client, 'pull', name])}\`, or name an image that it can get under \`images:\` in the settings, for example \`${name}: registry.example.com/${name}\`.`,
  });
}

async function pull(engine: DockerEngine, name: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.pull(withTag(name), signal);
  } catch (error) {
    signal.throwIfAborted();
    const known = asEngineError(error, 'pulling');
    if (known.code === 'disk-full' || known.code === 'engine-unreachable') throw known;
    throw explainMissing(engine, name, known.message.replace(/^.*? failed at /, ''));
  }
}

/** Adds a tag if there is none: without one, the engine would pull every tag. */
function withTag(name: string): string {
  return /[:@]/.test(name.slice(name.lastIndexOf('/') + 1)) ? name : `${name}:latest`;
}
