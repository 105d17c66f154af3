/**
 * One word, one meaning (docs/GLOSSARY.md): words that must not appear in the names we declare. Names of others' interfaces, keys of
 * object literals and names taken over by shorthand (`const { host } = url`) are not ours to choose and are not looked at.
 */
import { childrenOf, isNode, type Node, type Source, type Violation, walk } from './source.ts';

interface Name {
  readonly name: string;
  readonly start: number;
  /** For a member: the names of all members beside it. */
  readonly beside: readonly string[];
}

interface Word {
  /** What to say instead. */
  readonly say: string;
  /** Only when the word before it (`before`) or after it (`after`) is one of these; a word alone is then free. */
  readonly beside?: { readonly before: readonly string[] };
  /** Free when followed by one of these words, for the reason given. */
  readonly unlessFollowedBy?: { readonly words: readonly string[] | 'any'; readonly why: string };
  /** Free when the word before it is one of these, for the reason given. */
  readonly unlessAfter?: { readonly words: readonly string[]; readonly why: string };
  /** Free as a whole name when it stands for one half of a pair, for the reason given. */
  readonly unlessPaired?: { readonly fits: (path: string, beside: readonly string[]) => boolean; readonly why: string };
  /** Free in these places, for the reason given. */
  readonly unlessIn?: { readonly paths: RegExp; readonly why: string };
}

const ofPower = { before: ['power', 'outlet', 'plug', 'relay', 'chassis'] };

/** Verbs are listed with the forms that names use. */
export const forbidden: Readonly<Record<string, Word>> = {
  ...forms(['kill', 'kills', 'killed', 'killing', 'killer'], {
    say: 'fence (a node), end (a process)',
    unlessIn: { paths: /^test\/(?:e2e|store)\/|^drivers\/fence-agent\//, why: "SIGKILL to a process is the system's word" },
  }),
  ...forms(['ban', 'banned'], { say: 'fence' }),
  ...forms(['stonith', 'shoot_node'], {
    say: 'fence; STONITH is for prose',
    unlessFollowedBy: { words: ['admin'], why: 'stonith_admin is a program' },
  }),
  ...forms(['victim', 'victims', 'loser', 'losers'], { say: 'target, or losing side' }),
  ...forms(['winner', 'winners'], { say: 'survivor' }),
  ...forms(['host', 'hosts'], {
    say: 'node (of the cluster), address (of a device), machine (the mock)',
    unlessFollowedBy: { words: ['key', 'keys', 'verifier', 'hash', 'name', 'port'], why: "SSH's host key; DNS's host name; host:port" },
    unlessAfter: {
      words: ['known', 'local', 'issuer'],
      why: "SSH's known_hosts, localhost; issuerHost is a field of the published verdict",
    },
    unlessPaired: {
      fits: (path, beside) => beside.includes('port') || (beside.length === 0 && !/^src\/(?:core|coordinator|vocabulary)\//.test(path)),
      why: 'host and port are the two halves of a network address',
    },
  }),
  ...forms(['agent', 'agents'], {
    say: 'driver, device or sentinel',
    unlessIn: {
      paths: /^src\/agent\/|^(?:drivers|hardware-mocks)\/(?:snmp-pdu|pdu|ssh|fence-agent)\/|^(?:test|bench)\//,
      why: "Pacemaker's, SNMP's and SSH's word for their own part",
    },
    unlessAfter: { words: ['fence', 'ssh', 'snmp', 'http', 'https', 'user'], why: 'they say whose agent it is' },
  }),
  ...forms(['provider', 'providers', 'plugin', 'plugins'], { say: 'driver or device' }),
  ...forms(['port', 'ports'], { say: 'outlet or plug; a port is TCP or UDP', beside: { before: ['outlet', 'plug', 'pdu', 'power'] } }),
  ...forms(['leg', 'legs'], { say: 'feed' }),
  ...forms(['mapping', 'mappings'], {
    say: 'topology',
    unlessIn: { paths: /^src\/config\/|^test\/config\//, why: "YAML's word for its own" },
  }),
  ...forms(['judge'], {
    say: 'arbiter or issuer',
    unlessFollowedBy: { words: 'any', why: 'a verb: judgeReply() weighs something that is no verdict' },
    unlessIn: { paths: /^(?:drivers|hardware-mocks|src\/probes|test)\//, why: 'no verdict is near: keys and errors are judged there' },
  }),
  ...forms(['job', 'jobs', 'task', 'tasks'], {
    say: 'operation',
    unlessIn: { paths: /^(?:drivers|hardware-mocks|test)\/(?:[^/]+\/)*redfish\//, why: "Redfish's TaskService" },
  }),
  ...forms(['lock', 'locks', 'locked', 'locking'], {
    say: 'lease (a right until a time), lockOut (a device that refuses logins), lockFile (of a folder)',
    unlessFollowedBy: { words: ['out', 'file', 'path'], why: 'they say what kind of lock' },
  }),
  ...forms(['gateway', 'gateways'], { say: 'reference IP' }),
  ...forms(['keepalive', 'keepalives'], {
    say: 'heartbeat',
    unlessIn: { paths: /(?:^|\/)(?:ssh|redfish|ipmi)\//, why: "the protocols' own keepalive" },
  }),
  ...forms(['status', 'statuses'], {
    say: 'power state, or reading',
    beside: ofPower,
    unlessIn: { paths: /\/codec\//, why: "names of the specification's own fields" },
  }),
  ...forms(['ack', 'acks'], {
    say: 'reading',
    unlessIn: { paths: /^(?:drivers|hardware-mocks|test)\//, why: "RMCP's and TCP's acknowledgement" },
  }),
  ...forms(['sleep', 'sleeps', 'sleeping'], { say: 'hold (before a shot), wait (on a clock)' }),
  ...forms(['suicide'], { say: 'self-fencing' }),
  ...forms(['notifier', 'notifiers', 'herald', 'heralds'], { say: 'notify, replies' }),
  ...forms(['armory'], { say: 'device pool' }),
  ...forms(['dice'], { say: 'random' }),
};

function forms(words: readonly string[], word: Word): Record<string, Word> {
  return Object.fromEntries(words.map((form) => [form, word]));
}

/** 'ipmiHostName', 'IPMI_HOST', 'host-name' -> words in lower case. */
export function splitName(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** The words of one name that must not be said there, each with what to say instead. */
export function forbiddenWords(name: string, path: string, beside: readonly string[] = []): { word: string; say: string }[] {
  const words = splitName(name);
  return words.flatMap((word, index) => {
    const rule = Object.hasOwn(forbidden, word) ? forbidden[word] : undefined;
    if (rule === undefined) return [];
    const before = words[index - 1] ?? '';
    const after = words[index + 1] ?? '';
    const free =
      (rule.beside !== undefined && !rule.beside.before.includes(before)) ||
      (words.length === 1 && rule.unlessPaired?.fits(path, beside) === true) ||
      (after !== '' && (rule.unlessFollowedBy?.words === 'any' || rule.unlessFollowedBy?.words.includes(after) === true)) ||
      rule.unlessAfter?.words.includes(before) === true ||
      rule.unlessIn?.paths.test(path) === true;
    return free ? [] : [{ word, say: rule.say }];
  });
}

const declarations = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'TSModuleDeclaration',
]);
const members = new Set([
  'PropertyDefinition',
  'MethodDefinition',
  'AccessorProperty',
  'TSPropertySignature',
  'TSMethodSignature',
  'TSAbstractMethodDefinition',
]);

/** The identifiers that a pattern (of a variable or parameter) brings in; those taken over by shorthand are left out. */
function patternNames(pattern: Node): Node[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'Property':
      return pattern['shorthand'] === true || !isNode(pattern['value']) ? [] : patternNames(pattern['value']);
    case 'AssignmentPattern':
      return isNode(pattern['left']) ? patternNames(pattern['left']) : [];
    case 'ObjectPattern':
    case 'ArrayPattern':
    case 'RestElement':
    case 'TSParameterProperty':
      return childrenOf(pattern)
        .filter(({ type }) => type !== 'TSTypeAnnotation')
        .flatMap(patternNames);
    default:
      return [];
  }
}

/** The identifiers that one node declares. */
function declaredBy(node: Node): Node[] {
  const at = (key: string): Node[] => (isNode(node[key]) ? [node[key]] : []);
  const parameters = Array.isArray(node['params']) ? node['params'].filter(isNode).flatMap(patternNames) : [];
  if (node.type === 'VariableDeclarator') return at('id').flatMap(patternNames);
  if (declarations.has(node.type)) return [...at('id'), ...parameters];
  if (node.type === 'ArrowFunctionExpression') return parameters;
  if (members.has(node.type)) return node['computed'] === true ? [] : at('key');
  return [];
}

function keyName(member: Node): string[] {
  const key = member['key'];
  const name = isNode(key) ? (key['name'] ?? key['value']) : undefined;
  return typeof name === 'string' ? [name] : [];
}

/** Every name that a file declares. */
export function declaredNames({ program }: Source): Name[] {
  const found: Name[] = [];
  walk(program, (node, above) => {
    const parent = above.at(-1);
    const beside = members.has(node.type) && parent !== undefined ? childrenOf(parent).flatMap(keyName) : [];
    for (const declared of declaredBy(node)) {
      const name = declared['name'] ?? declared['value'];
      if (typeof name === 'string') found.push({ name, start: declared.start, beside });
    }
  });
  return found;
}

/** Every declared name of one file, and the file's own, that says a word it must not. */
export function checkWords(source: Source): Violation[] {
  const { path } = source;
  const names = [
    ...declaredNames(source).map(({ name, start, beside }) => ({ name, beside, line: source.lineOf(start) })),
    { name: path.split('/').pop() ?? path, beside: [], line: 1 },
  ];
  return names.flatMap(({ name, beside, line }) =>
    forbiddenWords(name, path, beside).map(({ word, say }) => ({ path, line, what: `'${name}' says '${word}'`, rule: `say ${say}` })),
  );
}
