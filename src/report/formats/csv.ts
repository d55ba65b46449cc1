import type { ExportedFormat } from '../format-kind.ts';

export const csv: ExportedFormat = {
  extensions: ['csv'],
  mediaType: 'text/csv; charset=utf-8',
  title: 'CSV of its runs',
  from: 'runs',
  async *write(runs) {
    const { csvHead, csvRows } = await import('../render/csv.ts');
    yield csvHead();
    for await (const some of runs) yield csvRows(some);
  },
};
