/** The configured parameters against what the agent says it takes. Agents ignore what they do not know, so a misspelling has no effect. */
import { OWN_NAMES, sameName } from './input.ts';
import type { Metadata, Parameter } from './metadata.ts';

/** Not for a device's settings: they ask for another answer than the one that is waited for. */
const NOT_OURS = new Set(['action', 'help', 'version']);
const PLUGS: readonly string[] = ['plug', 'port'];

interface Given {
  /** Name to value. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names whose values are secrets. */
  readonly secrets: readonly string[];
  /** The name by which the plug is given, where outlets have names. */
  readonly plugParameter?: string;
}

/** What does not fit, one sentence each. */
export function parameterFaults(metadata: Metadata, given: Given): readonly string[] {
  const { parameters, secrets, plugParameter } = given;
  const names = [...Object.keys(parameters), ...secrets, ...(plugParameter === undefined ? [] : [plugParameter])];
  const faults: string[] = [];
  for (const name of names) {
    const known = metadata.parameters.find((each) => sameName(each.name, name));
    if (known === undefined) {
      faults.push(`it has no parameter ${name}`);
      continue;
    }
    const value = parameters[name];
    const fault = value === undefined ? undefined : formFault(known, value);
    if (fault !== undefined) faults.push(`parameter ${name} ${fault}`);
  }
  for (const parameter of metadata.parameters) {
    if (!parameter.required || parameter.deprecated || NOT_OURS.has(parameter.name)) continue;
    if (names.some((name) => sameName(name, parameter.name) || sameName(name, parameter.obsoletes ?? parameter.name))) continue;
    faults.push(
      PLUGS.includes(parameter.name)
        ? `it needs the name of an outlet: set outlets: true`
        : `it needs the parameter ${parameter.name} (${parameter.says})`,
    );
  }
  return faults;
}

function formFault({ type, options }: Parameter, value: string): string | undefined {
  switch (type) {
    case 'integer':
    case 'second':
      return /^-?\d+$/.test(value) ? undefined : 'must be a whole number';
    case 'boolean':
      return /^(?:1|yes|on|true|0|no|off|false)$/i.test(value) ? undefined : 'must be true or false';
    case 'select':
      return options.length === 0 || options.some((option) => option.toLowerCase() === value.toLowerCase())
        ? undefined
        : `must be one of ${options.join(', ')}`;
    default:
      return undefined;
  }
}

/** The agent's parameters in one line, for people: those of today's spelling, the required ones marked. */
export function parameterHelp(metadata: Metadata): string {
  return metadata.parameters
    .filter(({ name, deprecated }) => !deprecated && !NOT_OURS.has(name) && !OWN_NAMES.includes(name))
    .map(({ name, required, type, options }) => {
      const form = type === 'select' ? options.join('|') : type === 'string' ? '' : type;
      return `${name}${required ? '!' : ''}${form === '' ? '' : ` (${form})`}`;
    })
    .join(', ');
}
