import type { ExportedFormat } from '../format-kind.ts';

export const xlsx: ExportedFormat = {
  extensions: ['xlsx'],
  mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  title: 'XLSX of its runs',
  from: 'runs',
  isBinary: true,
  async *write(runs) {
    const { writeWorkbook } = await import('../render/workbook.ts');
    const { REGISTER_HEADS, registerRow } = await import('../render/register.ts');
    yield* writeWorkbook('Runs', REGISTER_HEADS, rowsOf(runs, registerRow));
  },
};

async function* rowsOf<Run, Row>(
  runs: AsyncIterable<readonly Run[]>,
  toRow: (run: Run) => Row,
): AsyncIterable<readonly Row[]> {
  for await (const some of runs) yield some.map(toRow);
}
