import type { FilesSite } from './site.ts';

/**
 * Lets checks read what a tool restored with the permissions of its original owner: root reads its files whatever their permissions, and the sandbox has no
 * root. Links are not followed.
 */
export async function makeReadable({ sandbox, directory, signal }: FilesSite): Promise<void> {
  await sandbox.exec(['chmod', '-R', 'u+rwX', directory], {
    signal,
    env: { LC_ALL: 'C' },
  });
}
