import type { FormatDescriptor } from '../../../format.ts';
import { textOf } from '../../../recognition/content-head.ts';

const HEADER = /^-- (?:PostgreSQL database (?:cluster )?dump|Adminer(?:Evo)? \S+ PostgreSQL .* dump)\r?$/m;

/** SQL text: from pg_dump, pg_dumpall or Adminer, or written by hand. */
export const plainSql: FormatDescriptor = {
  name: 'postgres-plain-sql',
  product: 'a PostgreSQL dump',
  claims: (content) => content.kind === 'object' && HEADER.test(textOf(content.head)),
  load: async () => (await import('./plain-format.ts')).plainFormat,
};
