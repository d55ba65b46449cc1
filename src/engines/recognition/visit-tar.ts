import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';

/** A member of a tar, read as it streams past. */
export type TarEntry = Readable & { readonly header: Header };

/** Headers without a magic number are those of tar before POSIX, and of labels. The option is documented, and missing in the library's types. */
const OPTIONS: Parameters<typeof extract>[0] & { readonly allowUnknownFormat: boolean } = { allowUnknownFormat: true };

/**
 * Visits the members of a tar in order, and destroys the source at the end.
 * @param visit reads or skips the member. @returns whether to stop.
 * @returns what is wrong with the tar, if it cannot be read to the end. Throws the error that the source was destroyed with, and what `visit` throws.
 */
export async function visitTar(
  source: Readable,
  visit: (entry: TarEntry) => Promise<boolean>,
): Promise<Error | undefined> {
  const entries = extract(OPTIONS);
  let failure: unknown;
  let thrown: { readonly error: unknown } | undefined;
  source.on('error', (error) => {
    failure = error;
    entries.destroy(error);
  });
  source.pipe(entries);
  const visitSafely = async (entry: TarEntry): Promise<boolean> => {
    try {
      return await visit(entry);
    } catch (error) {
      if (!entries.destroyed) thrown = { error };
      throw error;
    }
  };
  try {
    for await (const entry of entries) {
      const isEnough = await visitSafely(entry as unknown as TarEntry);
      entry.resume();
      if (isEnough) break;
    }
    return undefined;
  } catch (error) {
    if (failure !== undefined) throw failure;
    if (thrown) throw thrown.error;
    return error as Error;
  } finally {
    source.destroy();
  }
}
