/**
 * Every default and every bound of the configuration, each with its reason. Durations are written as in the file, so that the schema, the
 * guide and the loader show the same text.
 */

export const DEFAULTS = {
  /** Beside the configuration file: a first try needs no root. Packages set /var/lib/bailiff. */
  stateDir: './state',
  /** One node, one vote. */
  votes: 1,
  verify: {
    /** One independent answer proves that we are not cut off; a stricter number is a choice. (Without reference IPs: 0.) */
    need: 1,
    /** Three one-second pings; a longer round delays every takeover. */
    within: '3s',
    /** Long enough for a missed heartbeat interval of one second to come in, short against a takeover. */
    listenAgain: '2s',
  },
  policy: {
    /** A fencing that waits for a person at night is an outage; `approval` is for the first weeks. */
    mode: 'automatic',
    /** Races are settled by the epoch and the arbiter, not by a delay. */
    delay: '0s',
    /** What Pacemaker gives a fencing action by default, so that both end together. */
    timeout: '60s',
    /** One node at a time: a second verdict within ten minutes is more often a broken network than a second broken node. */
    storm: { targets: 1, within: '10m' },
    /** A judge that is a party cannot see its own isolation. */
    allowBiasedArbiter: false,
    /** A person has to be woken and to look; after an hour the facts have changed. */
    approvalWindow: '1h',
    confirm: {
      /** One reading may be a relay that bounces or a BMC that answers early. */
      readings: 2,
      /** Longer than the bounce of a relay, short against a network round trip to a BMC. */
      gap: '25ms',
      /** Questions begin 100 ms apart and thin out to this: BMCs need 1 s to 6 s to cut, some far longer, and all are easily overloaded. */
      poll: '1s',
    },
    /** A BMC over a lossy network answers within this; slower devices (fence agents that wait by themselves) say so under `devices`. */
    answerWithin: '5s',
    /** Power supplies hold their charge for some seconds; a board that never lost its standby voltage may not reset. */
    offTime: '5s',
    /** One coordinator per state folder needs none; who runs two on one cluster says so. */
    lease: 'none',
    /** An order takes a moment to reach its device, and two clocks drift apart: nobody orders in the last moments of a lease. */
    leaseMargin: '2s',
  },
  device: {
    /** A BMC cuts 1 s to 4 s after it took the order, and a network delivers a datagram late: until then an order may still act. */
    lateness: '5s',
  },
} as const;

export const LIMITS = {
  /** A cluster of 10,000 nodes with two levels each, written by a program, is 3 MiB. */
  fileBytes: 8 * 1024 * 1024,
  /** Values after aliases are expanded: a file at its size limit without aliases stays below it. */
  values: 1_000_000,
  depth: 24,
  problems: 200,
  secretBytes: 64 * 1024,
  nodes: 10_000,
  devices: 20_480,
  links: 8,
  levels: 9,
  outletsPerLevel: 16,
  referenceIps: 16,
  arbiters: 16,
  votes: 255,
  /** sun_path of Linux is 108 bytes with its closing zero. */
  socketPathBytes: 107,
} as const;

/** Bounds of durations: [shortest, longest], as written. */
export const SPANS = {
  within: ['100ms', '60s'],
  listenAgain: ['0s', '5m'],
  delay: ['0s', '1h'],
  timeout: ['1s', '1h'],
  stormWithin: ['1s', '168h'],
  approvalWindow: ['1s', '168h'],
  gap: ['0ms', '10s'],
  poll: ['10ms', '60s'],
  answerWithin: ['100ms', '5m'],
  offTime: ['0s', '10m'],
  leaseMargin: ['0s', '5m'],
  lateness: ['0s', '10m'],
} as const satisfies Record<string, readonly [string, string]>;
