/**
 * A small judge of JSON Schema (draft 2020-12): the keywords that the configuration's schema uses, written from the specification. A
 * keyword that it does not know is an error, so that nothing is passed over in silence.
 */
type Schema = Readonly<Record<string, unknown>>;

const NOTES = new Set(['$schema', 'title', 'description', 'default']);

const isMap = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const TYPE_TESTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMap,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const hasType = (type: unknown, value: unknown): boolean => {
  const test = TYPE_TESTS[String(type)];
  if (test === undefined) throw new Error(`unknown type ${String(type)}`);
  return test(value);
};

type Keyword = (argument: unknown, value: unknown, schema: Schema) => boolean;

const length = (value: string): number => [...value].length;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const onMaps =
  (test: (argument: unknown, value: Schema, schema: Schema) => boolean): Keyword =>
  (argument, value, schema) =>
    !isMap(value) || test(argument, value, schema);
const onTexts =
  (test: (argument: unknown, value: string) => boolean): Keyword =>
  (argument, value) =>
    typeof value !== 'string' || test(argument, value);
const onNumbers =
  (test: (limit: number, value: number) => boolean): Keyword =>
  (limit, value) =>
    typeof value !== 'number' || test(Number(limit), value);
const onLists =
  (test: (argument: unknown, value: readonly unknown[]) => boolean): Keyword =>
  (argument, value) =>
    !Array.isArray(value) || test(argument, value);

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (type, value) => (Array.isArray(type) ? type : [type]).some((one) => hasType(one, value)),
  const: (wanted, value) => same(wanted, value),
  enum: (choices, value) => list(choices).some((choice) => same(choice, value)),
  anyOf: (schemas, value) => list(schemas).some((schema) => accepts(schema, value)),
  oneOf: (schemas, value) => list(schemas).filter((schema) => accepts(schema, value)).length === 1,
  allOf: (schemas, value) => list(schemas).every((schema) => accepts(schema, value)),
  not: (schema, value) => !accepts(schema, value),
  required: onMaps((keys, value) => list(keys).every((key) => Object.hasOwn(value, String(key)))),
  properties: onMaps((shapes, value) =>
    Object.entries(value).every(([key, inner]) => !isMap(shapes) || !Object.hasOwn(shapes, key) || accepts(shapes[key], inner)),
  ),
  additionalProperties: onMaps((shape, value, { properties }) =>
    Object.entries(value).every(([key, inner]) => (isMap(properties) && Object.hasOwn(properties, key)) || accepts(shape, inner)),
  ),
  propertyNames: onMaps((shape, value) => Object.keys(value).every((key) => accepts(shape, key))),
  minProperties: onMaps((least, value) => Object.keys(value).length >= Number(least)),
  maxProperties: onMaps((most, value) => Object.keys(value).length <= Number(most)),
  items: onLists((shape, value) => value.every((item) => accepts(shape, item))),
  minItems: onLists((least, value) => value.length >= Number(least)),
  maxItems: onLists((most, value) => value.length <= Number(most)),
  pattern: onTexts((pattern, value) => new RegExp(String(pattern), 'u').test(value)),
  minLength: onTexts((least, value) => length(value) >= Number(least)),
  maxLength: onTexts((most, value) => length(value) <= Number(most)),
  minimum: onNumbers((least, value) => value >= least),
  maximum: onNumbers((most, value) => value <= most),
};

export function accepts(schema: unknown, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isMap(schema)) throw new Error('a schema must be a map or a boolean');
  return Object.entries(schema).every(([keyword, argument]) => {
    if (NOTES.has(keyword)) return true;
    const test = KEYWORDS[keyword];
    if (test === undefined) throw new Error(`the judge does not know ${keyword}`);
    return test(argument, value, schema);
  });
}
