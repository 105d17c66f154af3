/**
 * For `bailiff check`: every reference IP and every link of every node asked once, now, read only. What was heard is told with what it
 * proves; what would keep a fencing from being carried out, or make it rest on weak answers alone, is a finding.
 */
import type { Deadline } from '../coordinator/ports.ts';
import type { Observation, Problem } from '../vocabulary/index.ts';
import { isThisMachine } from './address.ts';
import type { Scope } from './ports.ts';
import { askRound, type PanelSettings, scopeOf } from './panel.ts';
import { atMost } from './probe.ts';
import { linkSteps, referenceSteps } from './plan.ts';

/** One way to ask a reference IP for which no port is configured. */
interface Way {
  readonly way: 'icmp socket' | 'ping';
  readonly usable: boolean;
  /** What was found: which ping it is, or why it cannot be used. */
  readonly says: string;
}

interface AskedReference {
  readonly address: string;
  readonly seen: Observation;
  /** One sentence: what this answer proves, or why there is none. */
  readonly proves: string;
}

interface AskedLink {
  readonly node: string;
  readonly link: string;
  readonly seen: Observation;
  readonly proves: string;
}

/** `stops`: as things stand now, every fencing would be withheld. Otherwise it is a weakness that a person should know of. */
interface Finding extends Problem {
  readonly stops: boolean;
}

export interface Everything {
  readonly ways: readonly Way[];
  readonly referenceIps: readonly AskedReference[];
  readonly links: readonly AskedLink[];
  readonly findings: readonly Finding[];
}

interface EverythingSettings extends PanelSettings {
  /** How many reference IPs must answer before anything is shot. */
  readonly need: number;
}

/**
 * Asks everything in parallel within `within.ms`; never rejects for what the network does. Our own links are left out. A link that needs
 * a sentinel is `unable` and no finding; a silent link is none either: nodes may be down when somebody looks.
 */
export const probeEverything = async (settings: EverythingSettings, within: Deadline): Promise<Everything> => {
  const scope = scopeOf(settings);
  const asked = askRound(scope, (round) => [...referenceSteps(scope, round), ...linkSteps(scope, () => true)], within, settings.atOnce);
  const [{ observations }, socket, ping] = await Promise.all([asked, whichSocket(scope, within.ms), whichPing(scope, within.ms)]);
  const referenceIps = observations.flatMap((seen) =>
    seen.probe === 'reference-ip' ? [{ address: seen.address, seen, proves: provedByReference(seen) }] : [],
  );
  const links = observations.flatMap((seen) =>
    seen.probe === 'link' ? [{ node: seen.of, link: seen.link, seen, proves: provedByLink(seen) }] : [],
  );
  const ways = [socket, ping];
  return { ways, referenceIps, links, findings: findingsOf(settings, referenceIps, ways) };
};

const whichSocket = async ({ native, clock }: Scope, ms: number): Promise<Way> => {
  const way = 'icmp socket';
  const tried = await atMost(native.settled(), clock, { ms, signal: new AbortController().signal });
  const sockets = tried ?? 'no ICMP socket: whether koffi can be loaded did not show in time';
  if (typeof sockets === 'string') return { way, usable: false, says: sockets };
  const socket = sockets.open(4, () => undefined);
  if (typeof socket === 'string') return { way, usable: false, says: socket };
  socket.close();
  return { way, usable: true, says: `icmp (${socket.kind} socket)` };
};

/** The first line names it: "ping from iputils 20221126", "BusyBox v1.35.0 ...", "ping (GNU inetutils) 2.4". */
const whichPing = async ({ run, clock }: Scope, ms: number): Promise<Way> => {
  const child = run('ping', ['-V']);
  const cancel = clock.after(ms, () => child.end());
  const { failed, said, complaint } = await child.ended;
  cancel();
  if (failed === 'ENOENT') return { way: 'ping', usable: false, says: 'ping is not installed (Debian package iputils-ping)' };
  if (failed !== undefined) return { way: 'ping', usable: false, says: `ping could not be run (${failed})` };
  const named = /iputils[- ]\S+|BusyBox v\S+|GNU inetutils[)] \S+/.exec(`${said}\n${complaint}`)?.[0];
  return { way: 'ping', usable: true, says: `ping (${(named ?? 'of a kind that is not known here').replace(')', '')})` };
};

const provedByReference = ({ answer, grade, via, says }: Observation): string => {
  const how = via === undefined ? '' : ` (${via})`;
  const why = says === undefined ? '' : `: ${says}`;
  if (answer === 'silent') return `did not answer${how}${why}`;
  if (answer === 'unable') return `could not be asked${how}${why}`;
  if (via === 'loopback') return `answers${how}${why}`;
  if (grade === 'weak') return `something answers in its name${how}${why}`;
  return `answers itself${how}`;
};

const provedByLink = (seen: Observation): string => {
  const why = seen.says === undefined ? '' : `: ${seen.says}`;
  if (seen.answer === 'silent') return `did not answer${why}`;
  if (seen.answer === 'unable') return `was not asked${why}`;
  return seen.grade === 'weak' ? `no sign of life${why}` : `the node answers (${seen.via ?? 'link'})`;
};

const findingsOf = ({ need, referenceIps: all }: EverythingSettings, asked: readonly AskedReference[], ways: readonly Way[]): Finding[] => {
  const unheard = asked.filter(({ seen }) => seen.answer !== 'heard');
  const heard = asked.length - unheard.length;
  const findings: Finding[] = unheard.map(({ address, seen, proves }) => ({
    ...(seen.answer === 'silent' ? referenceSilent(address, proves) : referenceNotAsked(address, proves)),
    stops: false,
  }));
  if (heard < need) findings.push({ ...tooFewReferences(heard, all.length, need), stops: true });
  const outside = asked.filter(({ seen }) => seen.answer === 'heard' && !isThisMachine('address' in seen ? seen.address : ''));
  if (outside.length > 0 && outside.every(({ seen }) => seen.grade === 'weak'))
    findings.push({ ...onlyWeak(ways.map(({ says }) => says).join('; ')), stops: false });
  return findings;
};

const referenceSilent = (address: string, proves: string): Problem => ({
  code: 'reference-silent',
  says: `The reference IP ${address} ${proves}.`,
  next: 'See whether it is up and answers from this machine; where it answers no ping by its rules, name a service of it: { kind: tcp, address, port }.',
});

const referenceNotAsked = (address: string, proves: string): Problem => ({
  code: 'reference-not-asked',
  says: `The reference IP ${address} ${proves}.`,
  next: 'Mend what is named; until then this address counts as one that does not answer.',
});

const tooFewReferences = (heard: number, of: number, need: number): Problem => ({
  code: 'too-few-references',
  says: `Only ${heard} of ${of} reference IPs answered now, and ${need} must: every fencing would be withheld as blind.`,
  next: 'Look at our own network first, then at the addresses that did not answer.',
});

const onlyWeak = (ways: string): Problem => ({
  code: 'only-weak-answers',
  says: `No reference IP answers by itself: only refusals came, which a firewall may send in its name (${ways}).`,
  next: 'Install the Debian package iputils-ping, or name a service that accepts: { kind: tcp, address, port }.',
});
