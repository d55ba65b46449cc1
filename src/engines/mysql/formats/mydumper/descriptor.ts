import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';

/** A directory of mydumper. */
export function mydumper(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mydumper',
    product: 'a MySQL or MariaDB dump',
    claims: (content) => content.kind === 'directory' && isMydumper(content.members),
    load: async () => (await import('./mydumper-format.ts')).mydumperFormat(flavor),
  };
}

function isMydumper(members: ReadonlyMap<string, unknown>): boolean {
  return (
    members.has('metadata') && [...members.keys()].some((name) => /-schema(?:-create)?\.sql(?:\.\w+)?$/.test(name))
  );
}
