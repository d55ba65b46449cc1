import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest files, longest first, for a CI that knows no durations yet; the others follow in Vitest's own order. */
export const LONGEST = [
  'compose/compose.docker',
  'field/cases.integration',
  'engines/postgres/pgbackrest.docker',
  'engines/clickhouse/native-backup.docker',
  'field/cases.docker',
  'e2e/physical-refusals.integration',
  'engines/postgres/log-archive.docker',
  'faults/kill-matrix.integration',
  'engines/mysql/formats.docker',
  'engines/mysql/mariadb-backup.docker',
  'engines/mysql/data-directory.docker',
  'engines/mysql/log/replay.docker',
  'engines/postgres/postgres.integration',
  'engines/postgres/formats.docker',
  'field/corpus.docker',
  'daemon/fleet-soak.integration',
  'dashboard/browser.integration',
  'e2e/files.docker',
  'engines/clickhouse/freeze.docker',
  'engines/clickhouse/export.docker',
  'e2e/pages.integration',
  'engines/mysql/log/just-before.docker',
  'verify/kinds.docker',
  'engines/postgres/base-backup.docker',
  'engines/mysql/encrypted-tables.docker',
  'e2e/remote-engine.docker',
  'verify/restored/physical-integrity.docker',
  'engines/postgres/barman-cloud.docker',
  'engines/postgres/dropped-database.docker',
  'faults/kill-matrix.docker',
  'e2e/bad-input-restore.integration',
  'engines/clickhouse/backup-tool.docker',
  'e2e/serve.integration',
  'e2e/sakila.docker',
  'faults/kill-store.integration',
  'e2e/sakila-mysql.docker',
  'engines/etcd/etcd.docker',
  'backup/drivers/rclone/rclone-source.integration',
  'recipes/recipes.integration',
  'e2e/interrupt.integration',
  'engines/mysql/loading.integration',
  'engines/contract.docker',
  'sandbox/docker-remote.docker',
  'engines/postgres/recovery/lost-tables.integration',
  'mutations/mutations.integration',
  'e2e/prove.integration',
] as const;

/** Starts long files first, so that none of them runs alone at the end while the other workers are idle. */
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
