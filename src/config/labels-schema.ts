import { z } from 'zod';
import { LABEL_NAME } from '../support/vocabulary.ts';
import { name } from './fields.ts';

/** `labels:` in a drill file: for selecting it, besides owner and tier. */

const MAX_LABELS = 20;
const MAX_VALUE = 100;

const KEY_RULE =
  'a label’s name is 1 to 63 lower-case letters, digits, dots, dashes and underscores, beginning with a letter';

export const labelsSchema = z
  .record(z.string(), name('text such as payments'), { error: 'must be a mapping such as { service: payments }' })
  .superRefine((labels, context) => {
    const entries = Object.entries(labels);
    const report = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', path, message });
    if (entries.length > MAX_LABELS) report(`has ${entries.length} labels; at most ${MAX_LABELS}`);
    for (const [key, value] of entries) {
      if (!LABEL_NAME.test(key)) report(`is not a label: ${KEY_RULE}`, [key]);
      else if (value.length > MAX_VALUE) report(`is longer than ${MAX_VALUE} characters`, [key]);
    }
  })
  .describe(
    'Labels to select drills by, in addition to owner and tier: `firedrill silence add --label service=payments`. Up to 20 names, each with a text value.',
  )
  .meta({ examples: [{ service: 'payments', region: 'eu-west' }] });
