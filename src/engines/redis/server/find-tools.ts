import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { Product } from '../product.ts';

const FIND =
  '"$1" --version || exit 127; shift; for tool; do command -v "$tool" >/dev/null || { echo "$tool" >&2; exit 127; }; done';

/**
 * @returns the server's version: `8.1.1`.
 * @throws DrillError `tool-missing` if the sandbox lacks the server, its client or its check tool.
 */
export async function findTools(sandbox: Sandbox, product: Product, signal: AbortSignal): Promise<string> {
  const { server, client, checkTool, aofCheckTool, title, banner } = product;
  const argv = findInServerDirs(sandbox, ['sh', '-c', FIND, 'find', server, client, checkTool, aofCheckTool]);
  const { stdout, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  const version = banner.exec(stdout)?.[1];
  const missing =
    version === undefined
      ? server
      : [client, checkTool, aofCheckTool].find((tool) => stderr.split('\n').includes(tool));
  if (version !== undefined && missing === undefined) return version;
  throw new DrillError('tool-missing', `no \`${missing}\` of ${title} in ${sandbox.provenance.name}`, {
    hint: `Name an image of ${title} in \`engine.image\`, with its server, client and check tools.`,
    details: stderr.split('\n').filter(Boolean).slice(-3),
  });
}
