import { type Configuration, isPerson } from '../config/index.ts';
import type { Policy, PolicyNode } from '../core/index.ts';

/** How long a good assessment allows orders: long enough for a slow level, short enough that "we were not blind" is still news. */
const VALID_FOR = 15_000;
/** A machine's BMC may need a while to take an order after its power came back. */
const ON_TIMEOUT = 30_000;
const GRACE_AFTER_CRASH = 10_000;

/** What the core decides by, from what the operator wrote. */
export function policyOf(configuration: Configuration): Policy {
  const { policy, verify, self, cluster } = configuration;
  const nodes = [...configuration.nodes.values()].map((node): [string, PolicyNode] => [
    node.name,
    {
      votes: node.votes,
      levels: node.fence.map((level) =>
        level.map(({ device, outlet }) => {
          const configured = configuration.devices.get(device);
          if (configured === undefined) throw new Error(`fence level names ${device}, which the configuration does not have`);
          const { evidence, confirm, answerWithin, lateness } = configured;
          return {
            device,
            plug: outlet,
            evidence,
            readings: confirm.readings,
            gap: confirm.gap,
            lateness,
            ...(answerWithin === undefined ? {} : { answerWithin }),
            ...(isPerson(configured) ? { manual: true } : {}),
          };
        }),
      ),
    },
  ]);
  return {
    cluster,
    self: { id: self.id, ...(self.node === undefined ? {} : { node: self.node }) },
    nodes: Object.fromEntries(nodes),
    arbiters: Object.fromEntries(configuration.arbiters.map(({ id, runsOn }) => [id, runsOn === undefined ? {} : { runsOn }])),
    verify: { need: verify.need, within: verify.within, listenAgain: verify.listenAgain, validFor: Math.max(VALID_FOR, 2 * verify.within) },
    ...(policy.lease === 'required' ? { lease: { margin: policy.leaseMargin } } : {}),
    mode: policy.mode,
    delay: policy.delay,
    timeout: policy.timeout,
    answerWithin: policy.answerWithin,
    poll: policy.confirm.poll,
    approvalWindow: policy.approvalWindow,
    storm: policy.storm,
    allowBiasedArbiter: policy.allowBiasedArbiter,
    tieBreaker: policy.tieBreaker ?? 'none',
    offTime: policy.offTime,
    onTimeout: ON_TIMEOUT,
    graceAfterCrash: GRACE_AFTER_CRASH,
  };
}
