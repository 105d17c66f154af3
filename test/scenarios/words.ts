/** The words of a scenario: each line that begins with `>` becomes events for the core. */
import { CORE_VERSION } from '../../src/core/index.ts';
import type { Event, Policy, PolicyNode, PolicyOutlet, Timer } from '../../src/core/index.ts';
import type { Claim, Heard, Observation, Outlet, Override, PowerState, Problem } from '../../src/vocabulary/index.ts';

type Bare = Event extends infer E ? (E extends Event ? Omit<E, 'at'> : never) : never;

export interface Line {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

export function parseLine(text: string): Line {
  const parts = text.trim().split(/\s+/);
  const isOption = (part: string): boolean => /^[a-z-]+=/.test(part);
  const options = parts
    .filter(isOption)
    .map((part): [string, string] => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]);
  return { words: parts.filter((part) => !isOption(part)), options: new Map(options) };
}

const list = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(','));

const outletOf = (text: string): Outlet => {
  const [device = '', plug = ''] = text.split(':');
  return { device, plug };
};

/** `db1=bmc1|pdu-a:4+pdu-b:4` : levels with |, outlets of a level with +, `~` before a device that runs on the target, `@` before a person. */
function nodeOf(levels: string): PolicyNode {
  const outlet = (text: string): PolicyOutlet => ({
    ...outletOf(text.replace(/^[~@]/, '')),
    evidence: text.startsWith('~') ? 'target' : 'device',
    ...(text.startsWith('@') ? { manual: true } : {}),
    readings: 2,
    gap: 25,
  });
  return { votes: 1, levels: levels === 'none' ? [] : levels.split('|').map((level) => level.split('+').map(outlet)) };
}

/** `> policy db1=bmc1 db2=bmc2 need=1 delay=0 mode=automatic storm=1 ...`; every option has a default. */
export function policyFrom(line: Line): Policy {
  const option = (name: string, fallback: string): string => line.options.get(name) ?? fallback;
  const number = (name: string, fallback: number): number => Number(option(name, String(fallback)));
  const nodes = [...line.options].filter(([name]) => /^[a-z]+[0-9]+$/.test(name) || name.startsWith('node-'));
  const asNodes = line.words
    .filter((word) => word.includes('='))
    .map((word): [string, PolicyNode] => {
      const at = word.indexOf('=');
      return [word.slice(0, at), nodeOf(word.slice(at + 1))];
    });
  return {
    cluster: 'orders',
    self: { id: 'witness-1', ...(line.options.has('self') ? { node: option('self', '') } : {}) },
    nodes: Object.fromEntries([...asNodes, ...nodes.map(([name, levels]): [string, PolicyNode] => [name, nodeOf(levels)])]),
    arbiters: { 'arb-1': line.options.has('arbiter-on') ? { runsOn: option('arbiter-on', '') } : {} },
    verify: { need: number('need', 1), within: 3000, listenAgain: number('listen-again', 0), validFor: number('valid', 15_000) },
    ...(line.options.has('lease-margin') ? { lease: { margin: number('lease-margin', 0) } } : {}),
    mode: option('mode', 'automatic') === 'approval' ? 'approval' : 'automatic',
    delay: number('delay', 0),
    timeout: number('timeout', 60_000),
    answerWithin: 5000,
    poll: 1000,
    approvalWindow: number('window', 3_600_000),
    storm: { targets: number('storm', 1), within: 600_000 },
    allowBiasedArbiter: option('biased', 'no') === 'yes',
    tieBreaker: option('tie', 'reference-ips') === 'none' ? 'none' : 'reference-ips',
    offTime: 5000,
    onTimeout: 30_000,
    graceAfterCrash: 10_000,
  };
}

function problem(code: string): Problem {
  return {
    code,
    says: `The device says ${code}.`,
    next: 'See the device.',
    ...(code.endsWith('!') ? { code: code.slice(0, -1), lasting: true } : {}),
  };
}

function observation(word: string): Observation {
  const [what = '', answer = ''] = word.split('=');
  const [by, rest] = what.includes('@') ? (what.split('@') as [string, string]) : ['self', what];
  const heard = answer as Heard;
  const [of, link] = rest.split('/');
  if (link === undefined) return { probe: 'reference-ip', by, address: rest, answer: heard, tookMs: 2 };
  return { probe: 'link', by, of: of ?? '', link, answer: heard, tookMs: 2 };
}

function timer(line: Line): Timer {
  const [, , kind = '', level = '1', wanted = 'off'] = line.words;
  if (kind === 'level') return { kind, level: Number(level) - 1, wanted: wanted === 'on' ? 'on' : 'off' };
  if (kind === 'hold' || kind === 'approval' || kind === 'off-time' || kind === 'listen') return { kind };
  throw new Error(`no timer is called ${kind}`);
}

function verdictFrom(line: Line, at: number, draw: () => string): Bare {
  const [, first = '', second = '', third = ''] = line.words;
  const option = (name: string): string | undefined => line.options.get(name);
  const targets = list(third);
  const votes = (option('votes') ?? '').split('/').map(Number);
  const verdict = {
    id: first,
    cluster: option('cluster') ?? 'orders',
    epoch: Number(option('epoch') ?? '1'),
    claim: second as Claim,
    targets,
    survivors: list(option('survivors')),
    ...(votes.length === 2 ? { votes: { for: votes[0] ?? 0, total: votes[1] ?? 0 } } : {}),
    issuer: option('issuer') ?? 'arb-1',
    ...(option('issuer-host') === undefined ? {} : { issuerHost: option('issuer-host') ?? '' }),
    issuedAt: Number(option('issued') ?? '0') + at,
    expiresAt: at + Number(option('valid') ?? '60000'),
    reason: option('reason') ?? 'quorum',
  };
  return { kind: 'verdict', verdict, operations: targets.map(draw) };
}

const idOf = (line: Line): { readonly id?: string } => {
  const id = line.options.get('id');
  return id === undefined ? {} : { id };
};

function orderedFrom(line: Line): Bare {
  const [, operation = '', number = '', outlet = '', what = ''] = line.words;
  const [result = '', code = 'no-answer'] = what.split('/');
  const order = result === 'accepted' ? ({ result } as const) : { result: result as 'rejected', why: problem(code) };
  return { kind: 'ordered', operation, number: Number(number), outlet: outletOf(outlet), order };
}

function readFrom(line: Line, at: number): Bare {
  const [, operation = '', number = '', outlet = '', what = ''] = line.words;
  const [power = '', code] = what.split('/');
  const took = Number(line.options.get('took') ?? '10');
  const reading = {
    power: power as PowerState,
    source: 'test',
    startedAt: at - took,
    endedAt: at,
    ...(code === undefined && power !== 'unknown' ? {} : { why: problem(code ?? 'no-answer') }),
  };
  return { kind: 'read', operation, number: Number(number), outlet: outletOf(outlet), reading };
}

/** The events of one line. Words: see the stories. */
export function eventFrom(text: string, at: number, draw: () => string): Bare {
  const line = parseLine(text);
  const [word = '', first = '', second = ''] = line.words;
  const option = (name: string): string | undefined => line.options.get(name);
  switch (word) {
    case 'start': {
      const hold = line.words.includes('hold') ? { hold: true as const } : {};
      return { kind: 'restored', policy: policyFrom(line), core: Number(option('core') ?? CORE_VERSION), ...hold };
    }
    case 'resume':
      return { kind: 'resumed', operations: line.words.slice(1) };
    case 'clock':
      return { kind: 'clock-jumped', by: Number(first) };
    case 'epoch':
      return { kind: 'epoch-set', epoch: Number(first), by: option('by') ?? 'anna', reason: 'restored' };
    case 'broke':
      return { kind: 'broke', promise: first, says: 'it would order blind', ...(second === '' ? {} : { operation: second }) };
    case 'verdict':
      return verdictFrom(line, at, draw);
    case 'command': {
      const operation = draw();
      const override = list(option('override')) as Override[];
      const origin = option('origin') === 'program' ? 'program' : 'person';
      const command = {
        id: option('id') ?? `c-${operation}`,
        action: first as 'off',
        target: second,
        by: option('by') ?? 'anna',
        origin,
        reason: option('reason') ?? 'tested',
        override,
      } as const;
      return { kind: 'command', command, operation };
    }
    case 'assessed':
      return {
        kind: 'assessed',
        operation: first,
        round: Number(second),
        assessment: { startedAt: at, endedAt: at, observations: text.trim().split(/\s+/).slice(3).map(observation) },
      };
    case 'ordered':
      return orderedFrom(line);
    case 'read':
      return readFrom(line, at);
    case 'due':
      return { kind: 'due', operation: first, timer: timer(line) };
    case 'approve':
      return { kind: 'approved', ...idOf(line), operation: first, by: option('by') ?? 'anna', reason: 'seen' };
    case 'deny':
      return { kind: 'denied', ...idOf(line), operation: first, by: option('by') ?? 'anna', reason: 'no' };
    case 'lease':
      return first === 'lost' ? { kind: 'lease-lost' } : { kind: 'lease-held', until: at + Number(first) };
    case 'journal-fails':
      return {
        kind: 'journal-failed',
        ...(first === 'lost' ? { lost: true as const } : {}),
        problem: { code: 'journal-unwritable', says: 'no space left on device', next: 'Free the disk.' },
      };
    default:
      throw new Error(`a scenario has no word ${word}`);
  }
}
