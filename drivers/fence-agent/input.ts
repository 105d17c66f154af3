/**
 * What an agent is told on its standard input: one `name=value` line each (ClusterLabs FenceAgentAPI, section "Input/Output").
 * There is no escaping in it, so a value that would be read as something else is refused, never bent.
 */
export const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Names that this driver itself gives, or that would change what a reading is about. */
export const OWN_NAMES: readonly string[] = ['action', 'option', 'nodename', 'plug', 'port'];

/** Parameters of the catalogue whose value is a secret: among `parameters` they would stand in the open, and not be taken out of what is told. */
const SECRET_NAME = /(?:^|[_-])(?:password|passwd|community|hexadecimal[_-]kg|secret[_-]?key|api[_-]?key|token)$/i;

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** `-` and `_` are the same to agents. */
export const sameName = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_');

/** What is wrong with a value, in words that do not repeat it; undefined where an agent reads it as it is. */
export function valueFault(value: string): string | undefined {
  if (/[\r\n\u2028\u2029\u0085\v\f\x1c-\x1e]/.test(value)) return 'holds the end of a line, so its rest would be read as another parameter';
  if (value.includes('\0')) return 'holds a zero byte';
  if (value.trim() !== value) return 'begins or ends with a blank, which agents take away';
  if (value.length > 1 && value.startsWith('"') && value.endsWith('"')) return 'stands in double quotes, which agents take away';
  return undefined;
}

/** Lines in the order of the names, so that two runs say the same. `action` comes first. */
export function inputLines(action: string, parameters: Readonly<Record<string, string>>): string {
  const rest = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [['action', action], ...rest].map(([name, value]) => `${name}=${value}\n`).join('');
}
