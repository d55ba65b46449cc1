import type { Tone } from '../record/history-view.ts';
import type { StageOutcome } from '../record/run-record.ts';
import { html, type Markup } from '../support/html.ts';
import type { StandingState } from '../support/vocabulary.ts';

/** A state as a word and a symbol in addition to its colour, so that it does not depend on the colour alone. */
export function badge(state: StandingState, tone: Tone): Markup {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${STATE_WORDS[state]}</span>`;
}

export const STATE_WORDS: Readonly<Record<StandingState, string>> = {
  broken: 'broken file',
  never: 'never drilled',
  failed: 'failed',
  'no-new-backup': 'no new backup',
  overdue: 'overdue',
  errored: 'errored',
  interrupted: 'interrupted',
  running: 'running',
  passed: 'passed',
};

/** A sentence to show next to its badge, without the first words, which the badge already has. */
export function besideBadge(state: StandingState, sentence: string): string {
  const said = `${STATE_WORDS[state]}: `;
  return sentence.startsWith(said) ? sentence.slice(said.length) : sentence;
}

const SIGNS: Readonly<Record<Tone, string>> = { bad: '✖', warn: '!', busy: '▶', good: '✔' };

export function outcomeBadge(outcome: StageOutcome): Markup {
  const tone = OUTCOME_TONES[outcome];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${tone === 'idle' ? '–' : SIGNS[tone]}</span> ${outcome}</span>`;
}

const OUTCOME_TONES: Readonly<Record<StageOutcome, Tone | 'idle'>> = {
  ok: 'good',
  failed: 'bad',
  errored: 'bad',
  interrupted: 'warn',
  skipped: 'idle',
};

export function checkBadge(passed: boolean): Markup {
  return html`<span class="badge ${passed ? 'good' : 'bad'}"><span aria-hidden="true">${passed ? '✔' : '✖'}</span> ${passed ? 'passed' : 'failed'}</span>`;
}
