import { checkTexts } from '../support/check-instants.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { RunEvent } from './contract.ts';

/** One line about an event, for people who watch the run; undefined for events that are shown in another way, such as progress. */
export function describeEvent(
  event: RunEvent,
): { readonly level: 'info' | 'warn' | 'error'; readonly text: string } | undefined {
  switch (event.type) {
    case 'backup-chosen':
      return info(`backup ${event.backup.key}, ${formatBytes(event.backup.sizeBytes)}`);
    case 'server-started':
      return info(`server ${event.version} started`);
    case 'access-chosen':
      return info(event.how);
    case 'checksums-matched':
      return info(event.matched.join('; '));
    case 'restore-error':
      return { level: 'error', text: event.message };
    case 'warning':
      return { level: 'warn', text: event.message };
    case 'log':
      return { level: event.level, text: event.message };
    case 'check': {
      const { passed, name } = event.check;
      const { expected, actual } = checkTexts(event.check);
      const text = `check ${name}: ${passed ? 'passed' : `expected ${expected}, got ${actual}`}`;
      return { level: passed ? 'info' : 'error', text };
    }
    case 'stage-ended': {
      const { stage, durationMs, outcome, summary } = event;
      if (outcome === 'skipped') return undefined;
      const said = outcome === 'ok' ? summary : outcome;
      return info(`${nameStage(stage)} took ${formatDuration(durationMs)}${said === undefined ? '' : `: ${said}`}`);
    }
    default:
      return undefined;
  }
}

function info(text: string): { readonly level: 'info'; readonly text: string } {
  return { level: 'info', text };
}
