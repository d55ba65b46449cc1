import { extname, resolve } from 'node:path';
import { readRequestEvidence } from '../../report/read-request-evidence.ts';
import { type EvidenceFormat, renderRequestEvidence } from '../../report/request-evidence.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import type { Toolbox } from '../toolbox.ts';
import { writeOut } from '../write-out.ts';

export interface EvidenceRequestsOptions {
  readonly config: string | undefined;
  readonly sinceMs: number;
  /** A part of an endpoint's name. */
  readonly endpoint: string | undefined;
  readonly format: EvidenceFormat | undefined;
  readonly out: string | undefined;
}

/**
 * `firedrill evidence requests`: the data for a provider support ticket.
 * @throws DrillError `usage` if no endpoint matches, or the file name does not determine the format.
 */
export async function evidenceRequestsCommand(tools: Toolbox, options: EvidenceRequestsOptions): Promise<number> {
  const { io, clock } = tools;
  const format = options.format ?? formatOf(options.out);
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const evidence = await readRequestEvidence(store, { ...options, now: clock.now() });
  if (options.endpoint !== undefined && evidence.endpoints.length === 0) {
    const known = evidence.otherEndpoints.join(', ');
    throw new DrillError(
      'usage',
      `--endpoint ${JSON.stringify(options.endpoint)} matches no store of the last 30 days`,
      {
        hint: known === '' ? 'No request to a store has been recorded yet.' : `There are: ${known}.`,
      },
    );
  }
  const text = tools.redact(renderRequestEvidence(evidence, format, tools.version));
  if (options.out === undefined) {
    io.stdout.write(text);
    return EXIT.passed;
  }
  await writeOut(resolve(io.cwd, options.out), options.out, [text], tools);
  return EXIT.passed;
}

function formatOf(out: string | undefined): EvidenceFormat {
  const extension = extname(out ?? '');
  if (out === undefined || extension === '.md') return 'md';
  if (extension === '.json') return 'json';
  throw new DrillError('usage', `--out ${out}: cannot tell the format from its name`, {
    hint: 'End it in .md or .json, or add --format.',
  });
}
