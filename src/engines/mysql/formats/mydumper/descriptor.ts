import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';
import type { Flavor } from '../../flavor.ts';

const BEGUN = /^metadata\.partial$|-schema-create\.sql(?:\.\w+)?$|^[^/.]+\.[^/]+-schema\.sql(?:\.\w+)?$/;

/** Source: mydumper's manual, "Output Files": the file is named `metadata.partial` until the dump is finished. */
const LAYOUT: DirectoryLayout = {
  mark: 'metadata',
  needs: /^[^/]+-schema(?:-create)?\.sql(?:\.\w+)?$/,
  begun: BEGUN,
  member: /^metadata\.partial$|\.(?:sql|dat)(?:\.\w+)?$|-(?:checksum|metadata)$/,
};

/** A directory of mydumper. */
export function mydumper(flavor: Flavor): FormatDescriptor {
  return {
    name: 'mydumper',
    product: 'a MySQL or MariaDB dump',
    claims: (content) => content.kind === 'directory' && isMydumper(content.members),
    layout: LAYOUT,
    ownsTar: (names) => names.filter((name) => BEGUN.test(name.slice(name.lastIndexOf('/') + 1))).length > 1,
    load: async () => (await import('./mydumper-format.ts')).mydumperFormat(flavor),
  };
}

function isMydumper(members: ReadonlyMap<string, unknown>): boolean {
  return (
    members.has('metadata') && [...members.keys()].some((name) => /-schema(?:-create)?\.sql(?:\.\w+)?$/.test(name))
  );
}
