import { DrillError } from '../../../support/errors.ts';
import type { CheckSession, SqlAccess } from '../../sql-access.ts';
import { clickhouseCatalog } from '../catalog/clickhouse-catalog.ts';
import { quoteName } from '../sql/quoting.ts';
import { readTsv } from '../sql/read-tsv.ts';
import type { ClickHouseProgram } from './program.ts';
import { checkError } from './server-errors.ts';

/** Queries of checks. Hashes, proofs and applications are not supported; drill files are rejected early where possible (`offers`). */
export function sqlAccess(program: ClickHouseProgram): SqlAccess {
  return {
    openCheckSession: async (database) => openSession(program, database),
    openCatalog: clickhouseCatalog,
    hasher: {
      rules: 'none',
      listTables: () => Promise.reject(unsupported('fingerprints')),
      readKeys: () => Promise.reject(unsupported('fingerprints')),
      digest: () => Promise.reject(unsupported('fingerprints')),
    },
    openDamageSession: () => Promise.reject(unsupported('proofs')),
    openNetworkLogin: () => Promise.reject(unsupported('applications')),
  };
}

function unsupported(what: string): DrillError {
  return new DrillError('check-malformed', `ClickHouse is not supported by ${what}`, {
    hint: 'Write it as a `sql` check.',
  });
}

/** Read-only, and exact: decimals retain their zeros, instants are in UTC. `readonly=1` also rejects url(), file() and writes. */
function openSession(program: ClickHouseProgram, database: string): CheckSession {
  const use = database === '' ? '' : `USE ${quoteName(database)};\n`;
  return {
    query: async (sql, { timeoutMs, maxRows, signal }) => {
      const options = {
        date_time_output_format: 'iso',
        output_format_decimal_trailing_zeros: 1,
        max_result_rows: maxRows + 1,
        result_overflow_mode: 'break',
        max_execution_time: Math.max(1, Math.ceil(timeoutMs / 1000)),
        'output-format': 'TabSeparatedWithNamesAndTypes',
        readonly: 1,
      };
      const startedAt = performance.now();
      try {
        const result = readTsv(await program.ask(`${use}${sql}`, { options, signal }), maxRows);
        return { ...result, tookMs: performance.now() - startedAt };
      } catch (error) {
        throw checkError(error, timeoutMs);
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
