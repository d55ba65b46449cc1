import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first, in a CI that has run nothing before and so knows no durations; the others follow in Vitest's own order. */
export const LONGEST = [
  'faults/kill-matrix.integration',
  'field/cases.integration',
  'e2e/physical-refusals.integration',
  'compose/compose.docker',
  'engines/postgres/log-archive.docker',
  'engines/postgres/pgbackrest.docker',
  'engines/clickhouse/native-backup.docker',
  'field/corpus.docker',
  'dashboard/browser.integration',
  'engines/mysql/mariadb-backup.docker',
  'engines/mysql/log/replay.docker',
  'engines/mysql/data-directory.docker',
  'engines/postgres/formats.docker',
  'e2e/sakila-mysql.docker',
  'engines/clickhouse/freeze.docker',
  'engines/postgres/base-backup.docker',
  'e2e/serve.integration',
  'e2e/bad-input-hostile.integration',
  'faults/kill-store.integration',
  'e2e/prove.integration',
  'engines/mysql/encrypted-tables.docker',
  'engines/postgres/barman-cloud.docker',
  'engines/mysql/formats.docker',
  'engines/postgres/dropped-database.docker',
  'e2e/sakila.docker',
  'e2e/remote-engine.docker',
  'e2e/provider-watch.docker',
  'engines/postgres/postgres.integration',
  'e2e/pages.integration',
  'e2e/bad-input-checks.integration',
  'e2e/files.docker',
  'e2e/bad-input-restore.integration',
  'e2e/interrupt.integration',
  'e2e/drop-database.integration',
  'engines/postgres/recovery/lost-tables.integration',
  'daemon/fleet-soak.integration',
  'field/cases.docker',
  'faults/kill-matrix.docker',
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
