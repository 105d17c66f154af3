/**
 * What an agent says of itself, from the answer to `action=metadata` (ClusterLabs FenceAgentAPI, "Agent metadata"; the shape is that of
 * fence-agents' lib/metadata.rng). A small reader of this one shape: elements and attributes, no entities beyond XML's own, no nesting
 * to follow. Its input is bounded by what is kept of an agent's output.
 */

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  /** The older spelling of another parameter. */
  readonly deprecated: boolean;
  /** The older spelling of this one. */
  readonly obsoletes?: string;
  /** string, boolean, integer, second, select; other words are kept as they are. */
  readonly type: string;
  readonly options: readonly string[];
  readonly default?: string;
  readonly says: string;
}

export interface Metadata {
  readonly name: string;
  readonly says: string;
  readonly parameters: readonly Parameter[];
  readonly actions: readonly string[];
}

const MOST_PARAMETERS = 512;
const ELEMENT = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g;
const ATTRIBUTE = /([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The metadata, or in words why the text is none. */
export function parseMetadata(text: string): Metadata | string {
  const found: { name?: string; says: string; parameters: Parameter[]; actions: string[] } = { says: '', parameters: [], actions: [] };
  const without = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  let open: { -readonly [key in keyof Parameter]: Parameter[key] } | undefined;
  for (const element of without.matchAll(ELEMENT)) {
    const [whole, closing, tag = '', inside = ''] = element;
    if (closing === '/') {
      if (tag === 'parameter') open = undefined;
      continue;
    }
    const attributes = attributesOf(inside);
    const named = attributes.get('name') ?? '';
    if (tag === 'resource-agent') {
      found.name ??= named;
      found.says ||= attributes.get('shortdesc') ?? '';
    } else if (tag === 'action' && named !== '') found.actions.push(named);
    else if (tag === 'parameter' && named !== '') {
      open = parameterOf(named, attributes);
      found.parameters.push(open);
      if (found.parameters.length > MOST_PARAMETERS) return `it has more than ${MOST_PARAMETERS} parameters`;
      if (whole.endsWith('/>')) open = undefined;
    } else if (open !== undefined) describe(open, tag, attributes, without, element.index + whole.length);
  }
  if (found.name === undefined || found.name === '') return 'there is no <resource-agent name="…"> in it';
  if (found.actions.length === 0) return 'it names no actions';
  return { name: found.name, says: found.says, parameters: found.parameters, actions: found.actions };
}

const attributesOf = (inside: string): ReadonlyMap<string, string> =>
  new Map([...inside.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name, decoded(double ?? single ?? '')]));

function parameterOf(name: string, attributes: ReadonlyMap<string, string>): Parameter {
  const obsoletes = attributes.get('obsoletes');
  return {
    name,
    required: attributes.get('required') === '1',
    deprecated: attributes.get('deprecated') === '1',
    ...(obsoletes === undefined ? {} : { obsoletes }),
    type: 'string',
    options: [],
    says: '',
  };
}

function describe(
  open: { -readonly [key in keyof Parameter]: Parameter[key] },
  tag: string,
  attributes: ReadonlyMap<string, string>,
  text: string,
  after: number,
): void {
  if (tag === 'content') {
    open.type = attributes.get('type') ?? open.type;
    const preset = attributes.get('default');
    if (preset !== undefined) open.default = preset;
  } else if (tag === 'option') open.options = [...open.options, attributes.get('value') ?? ''];
  else if (tag === 'shortdesc' && open.says === '') {
    const end = text.indexOf('<', after);
    open.says = decoded(text.slice(after, end === -1 ? after : end))
      .trim()
      .replaceAll(/\s+/g, ' ');
  }
}

/** Numeric references are kept as they are: nothing that is compared needs them. */
const decoded = (text: string): string => text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
