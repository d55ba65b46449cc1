import { z } from 'zod';
import { drillSchema } from './drill-schema.ts';
import { settingsSchema } from './settings-schema.ts';

export const SCHEMAS = ['drill', 'settings'] as const;
export type SchemaName = (typeof SCHEMAS)[number];

/** A node of the schemas that {@link toJsonSchema} gives, as far as we look into it. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
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
 * The JSON Schema of a file, from the schema that validates it. Draft 7: the one that editors' YAML support knows best.
 * It is a help while typing; `firedrill validate` knows more than JSON Schema can say.
 */
export function toJsonSchema(name: SchemaName): JsonSchema {
  const title = name === 'drill' ? 'Firedrill drill' : 'Firedrill settings';
  const schema = name === 'drill' ? drillSchema : settingsSchema;
  return z.toJSONSchema(schema.meta({ title }), { io: 'input', target: 'draft-7' }) as JsonSchema;
}

/** As it is printed and as it is stored beside drills. */
export function formatJsonSchema(name: SchemaName): string {
  return `${JSON.stringify(toJsonSchema(name), undefined, 2)}\n`;
}
