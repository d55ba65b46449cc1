import { z } from 'zod';
import {
  EXPECTATION_KEYS,
  EXPECTATION_KINDS,
  type Expectation,
  readExpectation,
} from '../verify/expectations/registry.ts';
import { explainInexactNumber, type Scalar } from '../verify/expectations/scalar.ts';
import { listWords, mapping } from './fields.ts';

const shape: Record<string, z.ZodType<Expectation | undefined>> = Object.fromEntries(
  EXPECTATION_KEYS.map((key) => [key, readExpectation(key).optional()]),
);

const explicit = mapping(shape)
  .superRefine((value, context) => {
    const given = Object.keys(value);
    if (given.length === 0)
      context.addIssue({ code: 'custom', message: `says nothing to expect (one of: ${EXPECTATION_KEYS.join(', ')})` });
    if (given.length > 1)
      context.addIssue({
        code: 'custom',
        message: `has ${listWords(given, 'and')}; a check expects one thing, so write a check for each`,
      });
  })
  .meta({ minProperties: 1, maxProperties: 1 });

const plainValue = z.union([z.string(), z.number(), z.boolean()]).superRefine((value, context) => {
  const message = explainInexactNumber(value);
  if (message) context.addIssue({ code: 'custom', message });
});

/** `expect: 599` is short for `{ equals: 599 }`; kinds without a value are written as a single word. */
export const expectationSchema = z
  .union([explicit, plainValue], { error: `must be a value, or a mapping with one of ${EXPECTATION_KEYS.join(', ')}` })
  .transform((file): Expectation => {
    if (typeof file === 'object') return Object.values(file).find((given) => given !== undefined) ?? equalTo(null);
    const word = EXPECTATION_KEYS.find((key) => key === file && EXPECTATION_KINDS[key].canStandAlone);
    return word === undefined ? equalTo(file) : readExpectation(word).parse(true);
  });

function equalTo(value: Scalar): Expectation {
  return EXPECTATION_KINDS.equals.resolve(value);
}
