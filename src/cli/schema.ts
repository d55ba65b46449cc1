import { formatJsonSchema, SCHEMAS } from '../config/json-schema.ts';
import { DrillError, EXIT } from '../support/errors.ts';
import type { Io } from './io.ts';

/** `firedrill schema [drill|settings]`: the JSON Schema, for editors and for checks elsewhere. Throws `usage` for another name. */
export async function schemaCommand(io: Pick<Io, 'stdout'>, options: { readonly which: string }): Promise<number> {
  const which = SCHEMAS.find((name) => name === options.which);
  if (!which) {
    throw new DrillError('usage', `there is no schema named ${JSON.stringify(options.which)}`, {
      hint: `Use one of ${SCHEMAS.join(', ')}, as in \`firedrill schema drill\`.`,
    });
  }
  io.stdout.write(formatJsonSchema(which));
  return EXIT.passed;
}
