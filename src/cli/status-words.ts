/** What `bailiff status` says beneath its table, in sentences that stand alone: who reads them may have been woken a minute ago. */
import type { Known, Mark, Phase, UnderWay } from '../service/status.ts';
import { ago, clockTime, counted } from '../service/words.ts';
import type { Io } from './io.ts';

export interface NodeTold {
  readonly name: string;
  readonly levels: number;
  readonly mark?: Mark | undefined;
  /** It is marked fenced and reads on. */
  readonly contradicted: boolean;
  /** `nothing`: none of its devices said on or off. `nobody`: it has none that could, only people. */
  readonly read: 'something' | 'nothing' | 'nobody';
}

export function nodeLines(io: Io, told: NodeTold, now: number): string[] {
  const { name, levels, mark, contradicted, read } = told;
  if (contradicted) {
    const says = `fenced-but-on: ${name} was fenced, and READS ON: treat it as running. Nothing of ours switched it on.`;
    return [io.paint('bad', says), `  next: bailiff fence ${name} cuts it again; bailiff unfence ${name} takes it for running`];
  }
  if (mark !== undefined) return markLines(name, mark, now);
  if (levels === 0) return [`${name} has no fence levels: nothing can cut its power`];
  if (read === 'nobody') return [`${name}: only a person can cut its power, and nothing can read it: go and look`];
  if (read === 'nothing')
    return [io.paint('doubt', `${name}: unknown is not off: treat it as running until a device or a person says more`)];
  return [];
}

function markLines(name: string, { since, how, operation, lifting }: Mark, now: number): string[] {
  const proof = how === 'confirmed' ? 'its power was read off' : 'a person said that it is down';
  const first = `${name} is fenced since ${clockTime(since)} (${ago(now - since)}): ${proof} (bailiff story ${operation})`;
  const then =
    lifting === undefined
      ? `  bailiff leaves it off until: bailiff unfence ${name}`
      : `  It was ordered on since, and is not proven to be back (bailiff story ${lifting}): bailiff unfence ${name} tries again`;
  return [first, then];
}

const AIM = { off: 'is being fenced', reboot: 'is being rebooted', on: 'is being powered on', attest: 'is said to be down' } as const;

const DOES: Readonly<Record<Phase, string>> = {
  verify: 'the evidence is being weighed, nothing is ordered yet',
  hold: 'the configured delay runs, nothing is ordered yet',
  pending: 'a person must approve, nothing is ordered yet',
  recheck: 'the evidence is being weighed once more before the next order',
  shoot: 'its devices are being ordered',
  confirm: 'its power is being read',
  rest: 'it is proven off, and waits to be powered on again',
};

/** How far it is, and what comes next. */
function waitWords({ what, over }: NonNullable<UnderWay['waiting']>): readonly [how: string, next: string] {
  const wish = what === 'approval' ? DOES.pending : 'a person must cut its power and say so';
  return over === undefined
    ? [wish, 'it waits for a person: bailiff pending']
    : [`nobody has decided it, and ${over}`, 'bailiff resume ends it'];
}

/** An operation that has not ended: what it is about, who wanted it, how far it is, and what moves it on. */
export function openLines(io: Io, one: UnderWay, now: number): string[] {
  const { operation, action, target, phase, by, reason, startedAt, over, waiting } = one;
  const [how, next] =
    waiting === undefined ? ([DOES[phase], 'bailiff resume, if no process works on it any more'] as const) : waitWords(waiting);
  return [
    io.paint(
      'doubt',
      `open: ${target} ${AIM[action]} since ${clockTime(startedAt)} (${ago(now - startedAt)}), for ${by} (${reason}): ${how}`,
    ),
    ...(over === undefined ? [] : [`  Nothing more will be ordered for it: ${over}`]),
    `  next: ${next} (operation ${operation})`,
  ];
}

/** Where the policy needs a lease. `until`: milliseconds since 1970; undefined where none was given. */
export function leaseLine(until: number | undefined, now: number): string {
  if (until !== undefined && until > now) return `lease: in force until ${clockTime(until)}`;
  const why = until === undefined ? 'nobody has given us one' : `ours ran out at ${clockTime(until)}`;
  return `lease: none is in force (${why}), and the policy needs one (policy.lease): nothing can be ordered now`;
}

/** What is true of the whole cluster: the lease, what is open, who was called. */
export function knownLines(io: Io, { lease, open, calls }: Known, now: number): string[] {
  return [
    ...(lease === undefined ? [] : [leaseLine(lease.until, now)]),
    ...open.flatMap((one) => openLines(io, one, now)),
    ...(calls.length > 0 ? [io.paint('doubt', `${counted(calls.length, 'call')} for a person: bailiff pending`)] : []),
  ];
}
