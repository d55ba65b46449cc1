import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, longest first, in a CI that has run nothing before and so knows no durations; the others follow in Vitest's own order. */
export const LONGEST = [
  'engines/mysql/formats.docker',
  'field/cases.integration',
  'compose/compose.docker',
  'faults/kill-matrix.integration',
  'field/corpus.docker',
  'e2e/files.docker',
  'engines/postgres/log-archive.docker',
  'e2e/sakila.docker',
  'engines/postgres/postgres.integration',
  'engines/postgres/formats.docker',
  'dashboard/browser.integration',
  'e2e/serve.integration',
  'engines/mysql/data-directory.docker',
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
