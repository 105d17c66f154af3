/** Every refusal and withholding the core can give, in plain words, with what to do next. docs/ERRORS.md lists the codes. */
import type { Override, Problem } from '../vocabulary/index.ts';

const problem = (code: string, says: string, next: string): Problem => ({ code, says, next });

/** Nodes that a text names; of the others it says how many they are. A text with thousands of names helps nobody, and is kept with the state. */
export const MOST_NAMES = 20;

export const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;

/** A time as people say it: `10 min`, `90 s`. */
const spoken = (ms: number): string => (ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`);

/** Texts speak of NODE where the target is not known; where it is, an operator can copy the command. */
export const addressed = (told: Problem, target: string): Problem => ({ ...told, next: told.next.replaceAll('NODE', target) });

export const refusals = {
  otherCluster: (named: string, ours: string) =>
    problem('other-cluster', `The verdict is for cluster ${named}; this is ${ours}.`, 'Send it to the coordinator of that cluster.'),
  unknownIssuer: (issuer: string) =>
    problem(
      'unknown-issuer',
      `Issuer ${issuer} is not among the configured arbiters.`,
      'Add it under arbiters with its public key, or check who sent this.',
    ),
  staleEpoch: (epoch: number, current: number) =>
    problem(
      'stale-epoch',
      `The verdict is of epoch ${epoch}, but epoch ${current} was already admitted.`,
      'Nothing was switched. The arbiter must issue a new verdict with a higher epoch.',
    ),
  expired: (id: string, until: number, now: number) =>
    problem(
      'verdict-expired',
      `Verdict ${id} expired ${spoken(now - until)} ago, by the clock of this machine.`,
      'Nothing was switched. The arbiter must look again and issue a new verdict.',
    ),
  future: (id: string, issued: number, now: number) =>
    problem(
      'issued-in-the-future',
      `Verdict ${id} claims to be issued in the future: in ${spoken(issued - now)}, by the clock of this machine.`,
      'Set the clocks of the arbiter and of this machine, then issue it again.',
    ),
  unknownTarget: (node: string) =>
    problem('unknown-target', `${node} is not a node of this cluster.`, 'Check the name against the configuration.'),
  unknownSurvivor: (node: string) =>
    problem('unknown-survivor', `Survivor ${node} is not a node of this cluster.`, 'Check the name against the configuration.'),
  both: (node: string) =>
    problem(
      'target-is-survivor',
      `${node} is named both as target and as survivor.`,
      'Nothing was switched. Look at the arbiter: it contradicts itself.',
    ),
  targetTwice: () => problem('target-twice', 'The verdict names a target twice.', 'Nothing was switched. Look at the arbiter.'),
  unreasoned: () =>
    problem('reason-missing', 'The command has no name or no reason.', 'Say who orders it and why: --by NAME --reason TEXT.'),
  noTargets: () => problem('no-target', 'The verdict names no target.', 'Nothing was switched. Look at the arbiter.'),
  notFenceable: (node: string) =>
    problem(
      'not-fenceable',
      `${node} has no fence levels, so nothing can cut its power.`,
      'Add a device under nodes.*.fence, or cut it by hand and attest.',
    ),
  self: (node: string) =>
    problem(
      'target-is-self',
      `This coordinator runs on ${node} itself and cannot prove its own death.`,
      'Let the coordinator of the surviving side carry this out.',
    ),
  notMajority: (votes: number, total: number) =>
    problem(
      'not-a-majority',
      `The survivors hold ${votes} of ${total} votes.`,
      'Nothing was switched. Survivors must be a majority, or a tie-breaker must be configured.',
    ),
  biased: (issuer: string, node: string) =>
    problem(
      'biased-arbiter',
      `Arbiter ${issuer} runs on ${node}, which is a contender in its own verdict.`,
      'Run the arbiter on a third machine, or set policy.allowBiasedArbiter.',
    ),
  survivorProtected: (node: string, epoch: number) =>
    problem(
      'survivor-protected',
      `${node} is a survivor of epoch ${epoch}; both sides must not be shot.`,
      'Wait until the other side is dealt with (unfence it where it is fenced), or for a verdict of a higher epoch. A person may pass --override survivor.',
    ),
  markedFenced: (node: string) =>
    problem(
      'marked-fenced',
      `${node} is marked fenced, and a program asks for a reboot, which would power it on.`,
      'Nothing was switched. A person lifts the mark: bailiff unfence NODE --reason …',
    ),
  epochTooLarge: (epoch: number, most: number) =>
    problem(
      'epoch-too-large',
      `The verdict is of epoch ${epoch}; the highest that can be followed by another one is ${most}.`,
      'Nothing was switched. Look at the arbiter: an epoch counts verdicts or tells a time, and is no random number.',
    ),
  commandAltered: (id: string) =>
    problem(
      'command-altered',
      `Command ${id} came before with other content.`,
      'Nothing was switched for this one. Give every command an id of its own.',
    ),
  brokeBefore: (what: string) =>
    problem(
      'promise-broken',
      `${what} has stopped this coordinator twice by breaking a promise; it is not tried a third time.`,
      'Nothing was switched for this one. Report it with the journal; fence by hand if it cannot wait.',
    ),
  mayComeBack: (node: string) =>
    problem(
      'may-come-back',
      `An order that powers ${node} on was overtaken and may still act, so the statement that it is down is not taken.`,
      'Look again in a few seconds, then attest again.',
    ),
  nodeReadsOn: (node: string, devices: string) =>
    problem(
      'node-reads-on',
      `${node} reads on (${devices}), so the statement that it is down is not taken.`,
      'Look again. If the reading is wrong, a second person may attest within ten minutes.',
    ),
  contradicts: (id: string, others: readonly string[]) =>
    problem(
      'contradicts-verdict',
      `Verdict ${id} contradicts ${listed(others)} of the same epoch, which came first and was acted on.`,
      'Nothing more is switched. Find out why the arbiter said two things.',
    ),
  altered: (id: string) =>
    problem(
      'verdict-altered',
      `Verdict ${id} came before with other content.`,
      'Nothing was switched for this one. An id must never be used twice, also where only the times of the verdict are others.',
    ),
  operationOpen: (node: string, action: string, id: string) =>
    problem(
      'operation-open',
      `Operation ${id} (${action}) is open on ${node}.`,
      `See bailiff story ${id}. Wait for it, or deny it if it is pending; where nobody works on it any more, bailiff resume ends it.`,
    ),
  tooMany: (what: string) =>
    problem(
      'too-much-at-once',
      `Too many ${what} are open.`,
      'Wait for some to end, then ask anew; a verdict needs a new id. This bound protects the coordinator.',
    ),
  notPending: (id: string) => problem('not-pending', `Operation ${id} does not wait for a person.`, 'See bailiff pending.'),
  nodeHeard: (node: string, where: string) =>
    problem(
      'node-still-heard',
      `${node} is still heard (on ${where}), so the statement that it is down is not taken.`,
      'Look again. If the links are wrong, a second person may attest within ten minutes.',
    ),
} as const;

export const withholdings = {
  blind: (heard: number, of: number, need: number, unheard: readonly string[]) =>
    problem(
      'blind',
      `Only ${heard} of ${of} reference IPs answered us; ${need} are needed. We may be the isolated side.${unheard.length === 0 ? '' : ` Not heard: ${unheard.join('; ')}.`}`,
      'Nothing was switched. Look at our own network first.',
    ),
  targetAlive: (target: string, where: string) =>
    problem(
      'target-alive',
      `The verdict says ${target} is dead, but it is heard on ${where}.`,
      'Nothing was switched. Ask the arbiter why it calls the node dead.',
    ),
  noSplit: (target: string, where: string) =>
    problem(
      'no-split',
      `The verdict says ${target} is cut off, but ${where}.`,
      'Nothing was switched. Look at the link the arbiter judged by.',
    ),
  wrongSide: (target: string, survivor: string) =>
    problem(
      'wrong-side',
      `${target} reaches the reference IPs and the survivor ${survivor} does not.`,
      'Nothing was switched. The verdict may have picked the healthy side.',
    ),
  contradictory: (id: string, others: readonly string[]) =>
    problem(
      'contradictory-verdicts',
      others.length === 1
        ? `Verdicts ${id} and ${listed(others)} of one epoch contradict each other; both are withheld.`
        : `Verdict ${id} contradicts ${listed(others)} of the same epoch; all are withheld.`,
      'Nothing was switched. A person must decide; look at the arbiter.',
    ),
  storm: (targets: readonly string[], limit: number, within: number, lifts: readonly Override[]) =>
    problem(
      'storm-limit',
      `${targets.length} targets (${listed(targets)}) within ${spoken(within)}; the limit is ${limit}.`,
      `Nothing more is switched. A person decides: bailiff fence NODE --reason … --override ${lifts.join(' ')}.`,
    ),
  quorum: (left: number, total: number, dark: readonly string[], lifts: readonly Override[]) =>
    problem(
      'quorum-floor',
      `After this only ${left} of ${total} votes would be left.${dark.length === 0 ? '' : ` Off, or maybe off: ${listed(dark)}.`}`,
      `Nothing was switched. A person decides: bailiff fence NODE --reason … --override ${lifts.join(' ')}.`,
    ),
  lease: () =>
    problem(
      'lease-lost',
      'Our right to act has run out.',
      'Nothing more is ordered. Another coordinator may act; look at the lease store.',
    ),
  noLease: () =>
    problem(
      'no-lease',
      'The policy wants a lease, and nobody has given us one since we started.',
      'Nothing was switched. Look at the lease store; another coordinator may be acting.',
    ),
  clockJumped: (by: number) =>
    problem(
      'clock-jumped',
      `The clock jumped by ${by < 0 ? '-' : ''}${spoken(Math.abs(by))}: the machine slept, or its clock was set. What was known before is out of date.`,
      'Nothing more is ordered for this one. See how the node is (bailiff status), then issue a new verdict or command.',
    ),
  coreChanged: (before: number, now: number) =>
    problem(
      'core-changed',
      `It was begun by a program whose journal means other things (version ${before}, this one is ${now}).`,
      'See how the node is (bailiff status), then order it anew.',
    ),
  epochSet: (epoch: number, now: number, by: string) =>
    problem(
      'superseded',
      `The verdict was of epoch ${epoch}; meanwhile ${by} set the epoch to ${now}.`,
      'Nothing was switched. Issue a new verdict.',
    ),
  deadlineOver: () =>
    problem(
      'deadline-over',
      'The deadline of the operation has passed.',
      'Nothing more is ordered without a new verdict or command. See how the node is: bailiff status.',
    ),
  expiredMidway: () =>
    problem(
      'verdict-expired',
      'The verdict expired while it was carried out.',
      'Nothing more is ordered without a new verdict or command. See how the node is: bailiff status.',
    ),
  expiredWhileHeld: () =>
    problem(
      'verdict-expired',
      'The verdict expired while it was held.',
      'Nothing was switched. The arbiter must look again and issue a new verdict.',
    ),
  denied: (by: string, reason: string) => problem('denied', `${by} denied it: ${reason}`, 'Nothing was switched.'),
  approvalExpired: () => problem('approval-expired', 'Nobody approved in time.', 'Nothing was switched. Issue a new verdict or command.'),
  journal: (says: string) =>
    problem(
      'journal-unwritable',
      `The journal cannot be written: ${says}`,
      'Nothing was switched. Free the disk, then issue a new verdict or command.',
    ),
  overtaken: (wish: string) =>
    problem('overtaken', `${wish} orders this node off.`, 'The node is being fenced; unfence it again afterwards.'),
  topologyChanged: (target: string) =>
    problem(
      'topology-changed',
      `The configuration of ${target} was changed while this was under way.`,
      'See how the node is (bailiff status), then order it anew.',
    ),
  superseded: (epoch: number, current: number) =>
    problem(
      'superseded',
      `The verdict was of epoch ${epoch}; meanwhile epoch ${current} was admitted.`,
      'Nothing was switched for this one. The newer verdict counts.',
    ),
  deadline: () =>
    problem(
      'deadline-before-order',
      'The deadline passed before anything could be ordered.',
      'Nothing was switched. Give more time (--timeout), or see what was slow: bailiff story.',
    ),
} as const;

export const endings = {
  stillOn: (outlets: string) =>
    problem(
      'still-on',
      `Ordered off, but read on: ${outlets}.`,
      'Treat the node as running. Cut it by hand, then bailiff attest NODE; look at the device.',
    ),
  rejected: (outlets: string) =>
    problem(
      'order-rejected',
      `No level could cut the power: ${outlets}.`,
      'Nothing was cut: treat the node as running. Mend the device (bailiff check), or cut it by hand, then bailiff attest NODE.',
    ),
  unproven: (outlets: string) =>
    problem(
      'not-proven',
      `Ordered, but no reading could prove it: ${outlets}.`,
      'Treat the node as running. Look at it, then bailiff attest NODE, or repair the device and fence again.',
    ),
  courtesy: (device: string) =>
    problem(
      'cannot-confirm',
      `${device} can never confirm: it runs on the target itself, or its off is no proof.`,
      'Add a level whose device is outside the node, or attest.',
    ),
  person: (device: string) =>
    problem(
      'person-needed',
      `${device} is a person: they were called.`,
      'When the node is down: bailiff attest NODE --by NAME --reason TEXT.',
    ),
  personOn: (device: string) =>
    problem(
      'person-needed',
      `${device} is a person: they were called to restore the power, and nothing can read whether it is back.`,
      'Switch the node on by hand.',
    ),
  overEvidence: (node: string, against: readonly string[], who: readonly string[]) =>
    problem(
      'attested-over-evidence',
      `${who.join(' and ')} state that ${node} is down, although ${against.join(', and ')}.`,
      'Make sure which of them is right before anything takes over: both cannot be.',
    ),
  onFailed: (outlets: string) =>
    problem(
      'on-failed',
      `The node was proven off, but did not come back on: ${outlets.replace(/\.$/, '')}.`,
      'Switch it on by hand or with bailiff unfence NODE.',
    ),
  stillOff: (outlets: string) =>
    problem('still-off', `Ordered on, but not read on: ${outlets}.`, 'Look at the device; then bailiff unfence NODE again.'),
  interrupted: (says: string) =>
    problem(
      'journal-unwritable',
      `An order was sent, but the rest cannot be recorded: ${says}`,
      'Treat the node as running until bailiff status NODE says off. Free the disk, then fence again.',
    ),
  unrecorded: (says: string) =>
    problem(
      'journal-unwritable',
      `Nothing was ordered so far, but not even that can be recorded: ${says}`,
      'Free the disk. The next start may take it up again while the verdict is valid: bailiff resume gives the final answer, bailiff status NODE tells the power.',
    ),
  halfDone: (off: readonly string[], left: readonly string[], why: string) =>
    problem(
      'half-done',
      `${listed(off)} is off; ${listed(left)} was not shot: ${why}`,
      `Treat ${listed(left)} as running. A person decides: bailiff unfence, or a new verdict.`,
    ),
  noLongerOff: (target: string, on: { readonly by: string; readonly operation: string } | undefined) =>
    problem(
      'no-longer-off',
      `${target} was proven off, and ${on === undefined ? 'its mark was lifted' : `${on.by} ordered it on (operation ${on.operation})`} before the whole was done.`,
      'Treat it as running. Do not take over before it is fenced again.',
    ),
  parked: (target: string, promise: string, says: string) =>
    problem(
      'promise-broken',
      `The operation on ${target} broke promise ${promise} in two lives of this coordinator (${says}); it is parked.`,
      'Treat the node as running until bailiff status NODE says off. Fence it anew or by hand, and report this with the journal.',
    ),
  stoppedMidway: (why: string) =>
    problem('stopped-midway', `It was stopped midway: ${why}`, 'Treat the node as running. See why it was stopped, then fence again.'),
} as const;
