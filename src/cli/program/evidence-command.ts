import { InvalidArgumentError, Option } from 'commander';
import { REQUESTS_KEPT_MS } from '../../record/request-store.ts';
import { EVIDENCE_FORMATS, type EvidenceFormat } from '../../report/request-evidence.ts';
import { type Define, OK_OR_USAGE } from './define.ts';
import { duration } from './option-values.ts';

const DAY_MS = 86_400_000;

/** Commands that write files for third parties, such as a provider's support. */
export function defineEvidenceCommand({ add, addGroup, done, tools }: Define): void {
  const evidence = addGroup('evidence', 'evidence: files for a support ticket');
  add(
    'requests',
    'write a summary of a backup store’s request errors, for a support ticket with its provider',
    'firedrill evidence requests --since 24h --out ticket.md',
    OK_OR_USAGE,
    evidence,
  )
    .option('--since <duration>', 'include requests and runs within this time, at most 30d (default: 24h)', since)
    .option('--endpoint <text>', 'only stores whose endpoint contains this')
    .addOption(new Option('--format <format>', 'default: from the name of --out, else md').choices(EVIDENCE_FORMATS))
    .option('-o, --out <file>', 'write to this file instead of standard output')
    .action((options: { config?: string; since?: number; endpoint?: string; format?: EvidenceFormat; out?: string }) =>
      done(
        import('../commands/evidence-requests.ts').then(({ evidenceRequestsCommand }) =>
          evidenceRequestsCommand(tools, {
            config: options.config,
            sinceMs: options.since ?? DAY_MS,
            endpoint: options.endpoint,
            format: options.format,
            out: options.out,
          }),
        ),
      ),
    );
}

function since(text: string): number {
  const ms = duration(text);
  if (ms > REQUESTS_KEPT_MS) throw new InvalidArgumentError('Requests are kept for 30 days; write at most 30d.');
  return ms;
}
