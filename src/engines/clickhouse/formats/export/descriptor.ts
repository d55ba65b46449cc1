import type { FormatDescriptor } from '../../../format.ts';
import { folderOfExport, isCertainExport } from './export-names.ts';

/** What `clickhouse-client --query 'SELECT * FROM shop.orders FORMAT Native'` prints, a file for each table in a folder. */
export const tableExport: FormatDescriptor = {
  name: 'clickhouse-export',
  product: 'an export of ClickHouse tables',
  claims: isCertainExport,
  /** No file is written last: a folder that is still in progress looks like a whole one. */
  layout: { mark: '/', folderOf: folderOfExport },
  load: async () => (await import('./export-format.ts')).exportFormat,
};
