import type { DirectoryLayout } from '../../../../backup/directory-layout.ts';
import type { FormatDescriptor } from '../../../format.ts';

const NONE = /(?!)/;

/** Source of the layout: restic's doc/design.rst, "Repository Layout". */
const LAYOUT: DirectoryLayout = { mark: 'config', needs: /^keys\/[0-9a-f]{64}$/, begun: NONE, member: NONE };

/** A restic repository. Which of its snapshots is restored is chosen from restic's own list, once it is staged. */
export const restic: FormatDescriptor = {
  name: 'restic',
  product: 'a restic repository',
  claims: (content) =>
    content.kind === 'directory' &&
    content.members.has('config') &&
    [...content.members.keys()].some((name) => /^keys\/[0-9a-f]{64}$/.test(name)),
  layout: LAYOUT,
  load: async () => (await import('./restic-format.ts')).resticFormat,
};
