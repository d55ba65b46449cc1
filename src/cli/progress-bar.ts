import type { Prediction } from '../run/contract.ts';
import { describePrediction } from '../run/prediction/prediction-words.ts';

/** Width of the widest bar; a narrow terminal gets a smaller one, and below the minimum none. */
const WIDEST = 30;
const NARROWEST = 10;

/** `████████░░░░░░░░` for a fraction from 0 to 1. */
export function shareBar(ratio: number, width: number): string {
  const done = Math.round(Math.min(1, Math.max(0, ratio)) * width);
  return '█'.repeat(done) + '░'.repeat(width - done);
}

/**
 * Recovery time so far, against the RTO: `██████▒▒▒▒░░░░░│ 4:10 of 15:00, likely 9:30 (8:50–10:40)`. The lighter part extends to the likely finish; the tick
 * is the RTO. Shows as much of the text as fits, and a bar in the remaining space.
 */
export function finishText(prediction: Prediction, width: number): string {
  const text = describePrediction(prediction);
  const room = Math.min(WIDEST, width - text.length - 3);
  return room < NARROWEST ? text : `${finishBar(prediction, room)} ${text}`;
}

function finishBar({ elapsedMs, rtoMs, finish }: Prediction, width: number): string {
  const scaleMs = Math.max(1, rtoMs, elapsedMs, finish?.likelyMs ?? 0);
  const at = (ms: number) => Math.min(width, Math.round((ms / scaleMs) * width));
  const [done, likely, target] = [at(elapsedMs), at(finish?.likelyMs ?? 0), Math.min(width - 1, at(rtoMs))];
  return Array.from({ length: width }, (_, cell) => {
    if (cell === target) return '│';
    if (cell < done) return '█';
    return cell < likely ? '▒' : '░';
  }).join('');
}
