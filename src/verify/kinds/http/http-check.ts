import { z } from 'zod';
import { expectationSchema } from '../../../config/expectation-schema.ts';
import {
  checkMapping,
  cpuLimit,
  expandable,
  memorySize,
  name as nameSchema,
  oneOf,
  wholeNumber,
} from '../../../config/fields.ts';
import { parseDurationMs, parseSizeBytes } from '../../../support/quantities.ts';
import { defineCheckKind } from '../../check-kind.ts';
import type { Expectation } from '../../expectations/registry.ts';
import type { HttpCheck } from './http-spec.ts';
import { describeExpected, judgeAnswer } from './judge-answer.ts';
import { tellsLogin } from './placeholders.ts';
import { runApplication } from './run-application.ts';

const TIMEOUT = '2m';

export const httpCheck = defineCheckKind({
  key: 'http',
  needs: 'logins',
  schema: checkMapping(
    {
      http: z
        .string({ error: 'must be a path such as /health' })
        .regex(/^\/[\x21-\x7e]*$/, { error: 'must be a path such as /health, with other characters encoded' })
        .describe('The path to request from the application (`GET`), with its query string.')
        .meta({ examples: ['/health'] }),
      image: expandable('the name of an image')
        .refine((text) => !text.includes('$'), { error: 'is not a place for ${…}: write the name of the image' })
        .describe('The application’s image, pulled before recovery time starts to count.')
        .meta({ examples: ['registry.example.com/shop:1.42'] }),
      command: z
        .array(z.string({ error: 'must be text' }), {
          error: 'must be a list: the program, then each of its arguments',
        })
        .min(1, { error: 'is empty; must be a list: the program, then each of its arguments' })
        .optional()
        .describe('A program and its arguments, without a shell. Default: what the image runs.')
        .meta({ examples: [['node', 'server.js']] }),
      env: z
        .record(
          z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' }),
          z.string({ error: 'must be text' }).refine((text) => !/\$\{\w+\}/.test(text), {
            error: '"${…}" is not replaced here: the application needs no secret',
          }),
          { error: 'must be a mapping of variables' },
        )
        .describe(
          'The application’s environment. `{host}`, `{port}`, `{user}`, `{password}` and `{database}` are replaced by those of the restored database.',
        )
        .meta({ examples: [{ DATABASE_URL: 'postgres://{user}:{password}@{host}:{port}/{database}' }] }),
      port: wholeNumber(1, 65_535).describe('The port on which the application listens, on loopback or all addresses.'),
      access: oneOf(['write', 'read'])
        .default('write')
        .describe(
          'What the application’s account may do: `write`, for applications that change tables or rows when they start, or `read`. Either way it runs after all other checks, on a throw-away copy.',
        ),
      status: wholeNumber(100, 599).default(200).describe('The expected HTTP status. Redirects are not followed.'),
      expect: expectationSchema.optional().describe('What the body is, as one text. Default: anything.'),
      json: z
        .record(z.string().regex(/^\//, { error: 'must be a JSON pointer such as /orders/count' }), expectationSchema, {
          error: 'must be a mapping of JSON pointers',
        })
        .default({})
        .describe('What values of a body in JSON are, by their JSON pointers.')
        .meta({ examples: [{ '/orders/count': { min: 1 } }] }),
      memory: memorySize().default('512m').describe('Memory limit of the application.'),
      cpus: cpuLimit().default(1).describe('CPU limit of the application.'),
      pids: wholeNumber(16, 100_000).default(512).describe('Limit on processes and threads of the application.'),
      database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    },
    { timeout: TIMEOUT },
  ),
  resolve({ name, http, json, memory, timeout, ...file }): HttpCheck | undefined {
    const { image, command, env, port, access, status, expect, cpus, pids, database } = file;
    const values: readonly (readonly [string, Expectation])[] = Object.entries(json);
    const memoryBytes = parseSizeBytes(memory) ?? Number.NaN;
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return {
      kind: 'http',
      name,
      path: http,
      ...{ image, command, env, port, access, status, expect, json: values, memoryBytes, cpus, pids, database },
      timeoutMs,
    };
  },
  turnOf: () => 'last',
  images: ({ image }) => [image],
  findVacuous({ env }) {
    if (tellsLogin(env)) return undefined;
    const message = 'has no {user} and {password}, so the application could not reach the restored database';
    return { path: ['env'], message };
  },
  describe: (check, { takenAt }) => describeExpected(check, { takenAt }),
  async run(check, context) {
    const { takenAt } = context;
    const expected = describeExpected(check, { takenAt });
    const { outcome, image } = await runApplication(check, context);
    const details = [`application image ${image.name} (${image.id})`];
    if ('answer' in outcome) return { expected, ...judgeAnswer(outcome.answer, check, { takenAt }), details };
    return { expected, passed: false, actual: outcome.ended, details };
  },
});
