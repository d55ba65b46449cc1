import type { FormatDescriptor } from '../../../format.ts';
import { folderOfExport, isCertainExport } from './export-names.ts';

/** Output of `clickhouse-client --query 'SELECT * FROM shop.orders FORMAT Native'`, one file per table in a folder. */
export const tableExport: FormatDescriptor = {
  name: 'clickhouse-export',
  product: 'an export of ClickHouse tables',
  claims: isCertainExport,
  /** No file is written last: an unfinished folder looks like a complete one. */
  layout: { mark: '/', folderOf: folderOfExport },
  load: async () => (await import('./export-format.ts')).exportFormat,
};
