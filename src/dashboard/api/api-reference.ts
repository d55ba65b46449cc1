import { describeApi } from './openapi.ts';

/** The parts of an OpenAPI 3.1 schema that are used. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

interface Media {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}

interface ApiDocument {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const SCHEMA_REF = '#/components/schemas/';
/** Responses common to all operations, listed once. */
const COMMON = new Set(['400', '401', '403', '429']);
/** Values of path parameters in examples. */
const EXAMPLES: Readonly<Record<string, string>> = { name: 'orders', id: '20261128-033000-k3v9xq' };

/** The API documentation in Markdown: each operation with an example, its parameters and responses, then the objects. */
export function formatApiReference(): string {
  const { info, paths, components } = readDocument();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => formatOperation(method, path, operation)),
  );
  const objects = Object.entries(components.schemas).map(([name, schema]) => `### ${name}\n\n${formatFields(schema)}`);
  return [
    '# HTTP API',
    'This page is generated from the OpenAPI document that `firedrill serve` serves at `/api/v1/openapi.json`.',
    `${info.description} Send one as \`Authorization: Bearer fdr_…\`; without tokens, a loopback address needs none.`,
    'Every operation can return 400 (invalid request), 401 (no token, or an unknown one), 403 (not allowed) and 429 (too many wrong tokens). An error is a [Problem](#problem).',
    '## Operations',
    ...operations,
    '## Objects',
    ...objects,
  ].join('\n\n');
}

/** Converted through JSON, as clients see it. */
function readDocument(): ApiDocument {
  return JSON.parse(JSON.stringify(describeApi(''))) as ApiDocument;
}

function formatOperation(method: string, path: string, operation: Operation): string {
  const { summary = '', parameters = [], requestBody, responses } = operation;
  const body = schemaOf(requestBody);
  const inQuery = parameters.filter((one) => one.in === 'query');
  const answers = Object.entries(responses).filter(([status]) => !COMMON.has(status));
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${summary}.`,
    `\`\`\`sh\n${exampleOf(method, path, body)}\n\`\`\``,
    ...(inQuery.length === 0 ? [] : [formatParameters(inQuery)]),
    ...(body && Object.keys(body).length > 0 ? [`Body: ${typeOf(body)}.`] : []),
    `Returns ${answers.map(([status, answer]) => formatAnswer(status, answer)).join('; ')}.`,
  ].join('\n\n');
}

function formatAnswer(status: string, answer: Media): string {
  const [type = ''] = Object.keys(answer.content ?? {});
  const schema = schemaOf(answer);
  const isError = Number(status) >= 400;
  if (isError) return `${status}: ${lowerFirst(answer.description ?? '')}`;
  return `${status} with ${type === 'application/json' && schema ? typeOf(schema) : `\`${type}\``}`;
}

function schemaOf(media: Media | undefined): Schema | undefined {
  return Object.values(media?.content ?? {})[0]?.schema;
}

function exampleOf(method: string, path: string, body: Schema | undefined): string {
  const url = `http://127.0.0.1:8377/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? name)}`;
  const verb = method === 'get' ? '' : ` --request ${method.toUpperCase()}`;
  const json = body && Object.keys(body).length > 0 ? ` --json '${JSON.stringify(sampleOf(body))}'` : '';
  return `curl --header "Authorization: Bearer $FIREDRILL_TOKEN"${verb}${json} ${url}`;
}

/** The required fields with values of the right type. */
function sampleOf(schema: Schema): unknown {
  const whole = resolve(schema);
  if (whole.example !== undefined) return whole.example;
  if (whole.enum) return whole.enum[0];
  if (whole.type === 'integer' || whole.type === 'number') return 30;
  if (whole.type === 'boolean') return true;
  if (whole.type === 'array') return [];
  if (!whole.properties) return whole.format === 'date-time' ? '2026-12-01T02:00:00Z' : 'planned work';
  const required = new Set(whole.required ?? []);
  const needed = Object.entries(whole.properties).filter(([name]) => required.has(name));
  return Object.fromEntries(needed.map(([name, field]) => [name, sampleOf(field)]));
}

function formatParameters(parameters: NonNullable<Operation['parameters']>): string {
  const rows = parameters.map(
    ({ name, schema, description = '' }) =>
      `| \`${name}\` | ${typeOf(schema)} | ${cell(description)}${fallbackOf(schema)} |`,
  );
  return ['| parameter | type | |', '| --- | --- | --- |', ...rows].join('\n');
}

function formatFields(schema: Schema): string {
  const rows = listFields(schema, '').map(
    ({ name, type, description }) => `| \`${name}\` | ${type} | ${cell(description)} |`,
  );
  return ['| field | type | |', '| --- | --- | --- |', ...rows].join('\n');
}

function listFields(schema: Schema, prefix: string): { name: string; type: string; description: string }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([field, value]) => {
    const name = prefix + field;
    const nested = value.items?.properties ? listFields(value.items, `${name}[].`) : listFields(value, `${name}.`);
    return [{ name, type: typeOf(value), description: value.description ?? '' }, ...nested];
  });
}

function typeOf(schema: Schema): string {
  const name = schema.$ref?.slice(SCHEMA_REF.length);
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  const types = [schema.type ?? 'any'].flat();
  const isNullable = types.includes('null');
  const values = schema.enum?.filter((value) => value !== null).map((value) => `\`${String(value)}\``);
  const [type = 'any'] = types.filter((one) => one !== 'null');
  const own = values
    ? values.join(', ')
    : type === 'array'
      ? `list of ${typeOf(schema.items ?? {})}`
      : nameOf(type, schema.format);
  return isNullable ? `${own} or null` : own;
}

function nameOf(type: string, format: string | undefined): string {
  if (format === 'date-time') return 'instant';
  if (format === 'date') return 'day';
  return type === 'integer' ? 'whole number' : type;
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.slice(SCHEMA_REF.length);
  return name === undefined ? schema : (readDocument().components.schemas[name] ?? {});
}

function fallbackOf(schema: Schema): string {
  return schema.default === undefined ? '' : ` Default: \`${String(schema.default)}\`.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
