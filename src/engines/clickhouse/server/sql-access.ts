import { DrillError } from '../../../support/errors.ts';
import type { CheckSession, SqlAccess } from '../../sql-access.ts';
import { readTsv } from '../sql/read-tsv.ts';
import type { LocalProgram } from './local-program.ts';
import { checkError } from './server-errors.ts';

/** Queries of checks. What needs more of ClickHouse than a query is refused. */
export function sqlAccess(program: LocalProgram): SqlAccess {
  return {
    openCheckSession: async (database) => openSession(program, database),
    openCatalog: () => {
      throw unsupported('kinds of checks that read the catalogue');
    },
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

/** Read-only, and exact: decimals keep their zeros, instants are in UTC. `readonly=1` also refuses url(), file() and writes. */
function openSession(program: LocalProgram, database: string): CheckSession {
  return {
    query: async (sql, { timeoutMs, maxRows, signal }) => {
      const options = {
        ...(database === '' ? {} : { database }),
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
        const result = readTsv(await program.ask(sql, { options, signal }), maxRows);
        return { ...result, tookMs: performance.now() - startedAt };
      } catch (error) {
        throw checkError(error, timeoutMs);
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
