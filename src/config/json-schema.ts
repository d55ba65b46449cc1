import { z } from 'zod';
import { drillSchema } from './drill-schema.ts';
import { settingsSchema } from './settings-schema.ts';

export const SCHEMAS = ['drill', 'settings'] as const;
export type SchemaName = (typeof SCHEMAS)[number];

/** A node of the schemas from {@link toJsonSchema}, limited to the keys that we use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * The JSON Schema of a file, derived from the schema that validates it. Draft 7, because editors' YAML support knows it best.
 * It is an editing aid; `firedrill validate` checks more than JSON Schema can express.
 */
export function toJsonSchema(name: SchemaName): JsonSchema {
  const title = name === 'drill' ? 'Firedrill drill' : 'Firedrill settings';
  const schema = name === 'drill' ? drillSchema : settingsSchema;
  return z.toJSONSchema(schema.meta({ title }), {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      // Examples are as written by hand; zod drops them if a schema transforms its input.
      const examples = z.globalRegistry.get(zodSchema)?.['examples'];
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  }) as JsonSchema;
}

/** The schema as printed and as stored next to drills. */
export function formatJsonSchema(name: SchemaName): string {
  return `${JSON.stringify(toJsonSchema(name), undefined, 2)}\n`;
}
