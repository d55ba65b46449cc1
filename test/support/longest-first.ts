import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first, in a CI that has run nothing before and so knows no durations; the others follow in Vitest's own order. */
export const LONGEST = [
  'field/cases.integration',
  'compose/compose.docker',
  'faults/kill-matrix.integration',
  'engines/postgres/log-archive.docker',
  'field/corpus.docker',
  'engines/mysql/mariadb-backup.docker',
  'engines/mysql/log/replay.docker',
  'engines/mysql/data-directory.docker',
  'engines/postgres/pgbackrest.docker',
  'engines/postgres/formats.docker',
  'e2e/sakila-mysql.docker',
  'dashboard/browser.integration',
  'engines/clickhouse/freeze.docker',
  'engines/postgres/base-backup.docker',
  'engines/clickhouse/native-backup.docker',
  'e2e/serve.integration',
  'engines/mysql/encrypted-tables.docker',
  'engines/postgres/barman-cloud.docker',
  'engines/mysql/formats.docker',
  'engines/postgres/dropped-database.docker',
  'e2e/sakila.docker',
  'engines/postgres/postgres.integration',
  'e2e/interrupt.integration',
  'e2e/files.docker',
  'field/cases.docker',
  'faults/kill-store.integration',
  'faults/kill-matrix.docker',
  'e2e/pages.integration',
  'e2e/interrupt.docker',
] as const;

/** Starts long files first, so that none of them runs alone at the end while the other workers have nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const places = new Map<string, number>(LONGEST.map((name, place) => [`test/${name}.test.ts`, place]));
    const placeOf = ({ moduleId }: TestSpecification): number =>
      places.get(relative(this.ctx.config.root, moduleId).split(sep).join('/')) ?? LONGEST.length;
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
  }
}
