import { stringify } from 'yaml';
import type { JsonSchema } from '../../config/json-schema.ts';

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly description: string;
}

/**
 * The keys of a file in sections, from its JSON Schema: top-level keys first, then each mapping or list with its contents. Nested keys are shown by path. Each
 * section starts with an example, assembled from those in the schema.
 */
export function formatSchemaSections(schema: JsonSchema): string {
  const required = new Set(schema.required ?? []);
  const keys = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    property,
    rows: listKeys({ properties: { [name]: property }, required: required.has(name) ? [name] : [] }, ''),
  }));
  const alone = keys.filter(({ rows }) => rows.length === 1);
  const large = keys.filter(({ rows }) => rows.length > 1);
  return [formatSection('General', alone), ...large.map((key) => formatSection(`\`${key.name}\``, [key]))].join('\n\n');
}

interface KeyRows {
  readonly name: string;
  readonly property: JsonSchema;
  readonly rows: readonly Row[];
}

function formatSection(title: string, keys: readonly KeyRows[]): string {
  const rows = keys.flatMap((key) => key.rows);
  const lines = rows.map(
    ({ key, type, fallback, description }) => `| \`${key}\` | ${type} | ${fallback} | ${escapeCell(description)} |`,
  );
  const table = ['| key | type | default | what it says |', '| --- | --- | --- | --- |', ...lines].join('\n');
  return [`### ${title}`, `\`\`\`yaml\n${formatExample(keys)}\`\`\``, table].join('\n\n');
}

/** The first example of each key; a key that has several is shown with each. */
function formatExample(keys: readonly KeyRows[]): string {
  const [only, ...others] = keys;
  const examples =
    only && others.length === 0 ? (only.property.examples ?? []).map((one) => ({ [only.name]: one })) : [];
  const general = Object.fromEntries(
    keys.flatMap(({ name, property: { examples: [first] = [] } }) => (first === undefined ? [] : [[name, first]])),
  );
  return (examples.length > 0 ? examples : [general])
    .map((example) => stringify(example, { lineWidth: 120 }))
    .join('# or\n');
}

function listKeys(schema: JsonSchema, prefix: string): Row[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = prefix + name;
    const row = {
      key,
      type: describeType(property),
      fallback: describeDefault(property, required.has(name)),
      description: property.description ?? '',
    };
    return [row, ...listNested(property, key)];
  });
}

function listNested(property: JsonSchema, key: string): Row[] {
  const items = mappingsIn(property);
  if (items.length > 0) return onceEach(items.flatMap((item) => listKeys(item, `${key}[].`)));
  const branches = [property, ...(property.anyOf ?? [])];
  const named = property.additionalProperties;
  const values = typeof named === 'object' ? [named, ...(named.oneOf ?? [])] : [];
  return [
    ...branches.flatMap((branch) => (branch.properties ? listKeys(branch, `${key}.`) : [])),
    ...values.flatMap((value) => (value.properties ? listKeys(value, `${key}.NAME.`) : [])),
  ];
}

/** The mappings that a list may contain, one for each kind of item. */
function mappingsIn(property: JsonSchema): readonly JsonSchema[] {
  const { items } = property;
  if (items === undefined || isTuple(items)) return [];
  return [items, ...(items.anyOf ?? [])].filter(({ properties }) => properties !== undefined);
}

/** Keys shared by several kinds are the same in each, so they are listed once. */
function onceEach(rows: readonly Row[]): Row[] {
  return rows.filter((row, index) => rows.findIndex(({ key }) => key === row.key) === index);
}

function isTuple(items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] {
  return Array.isArray(items);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  null: 'nothing',
};

function describeType(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.anyOf) return joinTypes(schema.anyOf.map(describeType));
  if (schema.type === 'array') {
    const { items } = schema;
    if (items === undefined) return 'list';
    return isTuple(items)
      ? `list of ${items.length}: ${items.map(describeType).join(', ')}`
      : `list of ${describeType(items)}`;
  }
  if (schema.pattern?.includes('ms|s|m')) return 'duration';
  if (schema.pattern?.includes('bkmgt')) return 'size';
  const types: readonly string[] = [schema.type ?? ''].flat();
  const name = joinTypes(types.map((type) => TYPE_NAMES[type] ?? 'anything'));
  return schema.type === 'integer' && isBounded(schema) ? `${name}, ${schema.minimum} to ${schema.maximum}` : name;
}

/** Text, numbers and the rest together are shown as `value`. */
function joinTypes(types: readonly string[]): string {
  const words = new Set(types);
  const scalars = ['text', 'number', 'true or false'];
  if (!scalars.every((scalar) => words.has(scalar))) return [...words].join(' or ');
  return [...[...words].filter((word) => !scalars.includes(word) && word !== 'nothing'), 'value'].join(' or ');
}

function isBounded({ minimum, maximum }: JsonSchema): boolean {
  return (
    minimum !== undefined &&
    minimum > Number.MIN_SAFE_INTEGER &&
    maximum !== undefined &&
    maximum < Number.MAX_SAFE_INTEGER
  );
}

function describeDefault(schema: JsonSchema, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (schema.default === undefined || schema.type === 'object') return '';
  return Array.isArray(schema.default) && schema.default.length > 0
    ? schema.default.map(code).join(', ')
    : code(schema.default);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
