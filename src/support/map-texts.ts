/** Returns a copy in which every text is replaced, at any depth. For plain data: objects, lists, dates, numbers and texts. */
export function mapTexts<Value>(value: Value, replace: (text: string) => string): Value {
  if (typeof value === 'string') return replace(value) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => mapTexts(one, replace)) as Value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, replace)])) as Value;
}
