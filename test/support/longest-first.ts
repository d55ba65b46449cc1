import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first, in a CI that has run nothing before and so knows no durations; the others follow in Vitest's own order. */
export const LONGEST = [
  'field/cases.integration',
  'faults/kill-matrix.integration',
  'compose/compose.docker',
  'field/corpus.docker',
  'engines/mysql/formats.docker',
  'engines/postgres/pgbackrest.docker',
  'e2e/files.docker',
  'engines/postgres/postgres.integration',
  'engines/postgres/formats.docker',
  'engines/postgres/log-archive.docker',
  'e2e/serve.integration',
  'engines/mysql/mariadb-backup.docker',
  'engines/mysql/data-directory.docker',
  'e2e/sakila-mysql.docker',
  'engines/clickhouse/freeze.docker',
  'dashboard/browser.integration',
  'engines/mysql/encrypted-tables.docker',
  'engines/mysql/log/replay.docker',
  'engines/postgres/dropped-database.docker',
  'engines/postgres/base-backup.docker',
  'engines/postgres/barman-cloud.docker',
  'e2e/interrupt.integration',
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
