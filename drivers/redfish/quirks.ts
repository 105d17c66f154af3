/**
 * Where Redfish services differ from the specification, as data. A quirk that changes what we send is named in the settings
 * (`quirks: [connection-close]`); what messages mean is known for all devices at once, because their ids are unmistakable; advice is
 * given by `check` to whom it fits.
 */

export interface Quirks {
  /** Ask for the connection to be closed after each answer. */
  readonly closeConnection: boolean;
  /** Never send If-Match. */
  readonly noEtag: boolean;
}

const QUIRKS: readonly {
  readonly name: string;
  readonly says: string;
  readonly seenOn: string;
  readonly quirks: Partial<Quirks>;
}[] = [
  {
    name: 'connection-close',
    says: 'the device answers badly on connections that are kept open',
    seenOn: 'several BMCs, unnamed: the Python library sushy asks for Connection: close on every request for their sake',
    quirks: { closeConnection: true },
  },
  {
    name: 'no-etag',
    says: 'the device tells entity tags that it does not take itself',
    seenOn: 'Gigabyte BMCs (as recorded in sushy)',
    quirks: { noEtag: true },
  },
];

export const QUIRK_NAMES: readonly string[] = QUIRKS.map(({ name }) => name);

/** All named quirks together. Unknown names have been refused with the settings. */
export function quirksOf(names: readonly string[]): Quirks {
  const named = QUIRKS.filter(({ name }) => names.includes(name)).map(({ quirks }) => quirks);
  return { closeConnection: named.some((each) => each.closeConnection === true), noEtag: named.some((each) => each.noEtag === true) };
}

/** What an error message means beyond its HTTP status. */
export type Meaning = 'no-session' | 'busy' | 'already' | 'must-change-password';

/** In the order in which they are tried, on the message's id first, then on its text. */
export const MESSAGES: readonly { readonly pattern: RegExp; readonly means: Meaning; readonly seenOn: string }[] = [
  {
    pattern: /\bRAC0218\b|maximum (?:number of )?(?:user )?sessions/i,
    means: 'no-session',
    seenOn: 'Dell iDRAC 8 and 9: all sessions taken',
  },
  { pattern: /\bSessionLimitExceeded$/, means: 'no-session', seenOn: 'the DMTF Base registry' },
  {
    pattern: /\bPasswordChangeRequired$/,
    means: 'must-change-password',
    seenOn: 'the DMTF Base registry; OpenBMC with an expired password',
  },
  { pattern: /\bSYS518\b/, means: 'busy', seenOn: 'Dell iDRAC: try again later' },
  {
    pattern: /\b(?:ServiceTemporarilyUnavailable|ServiceInUnknownState|ResourceInUse|ResourceInStandby)$/,
    means: 'busy',
    seenOn: 'the DMTF Base registry',
  },
  { pattern: /\bInvalidOperationForSystemState$/, means: 'already', seenOn: 'HPE iLO 4, 5 and 6: the power already is as ordered' },
  { pattern: /\balready (?:powered )?(?:on|off)\b|power is off\b/i, means: 'already', seenOn: 'Dell iDRAC, HPE iLO' },
];

/** Said by `check` of a device that fits, where `fits` is compared with the vendor, product and model that it names, and its own URI. */
export const ADVICE: readonly { readonly fits: RegExp; readonly says: string; readonly seenOn: string }[] = [
  {
    fits: /\/redfish\/v1\/Systems\/system$|openbmc/i,
    says:
      'looks like OpenBMC, which reads Off for every state of the machine that it does not know, such as right after the BMC itself ' +
      'started: set confirm: { readings: 3, gap: 5s } for this device',
    seenOn: 'OpenBMC bmcweb (redfish-core/lib/systems.hpp computes PowerState from the host state, everything else is Off)',
  },
  {
    fits: /\bidrac\b|\bdell\b/i,
    says: 'iDRAC has few sessions, shared with its web pages: keep auth: basic',
    seenOn: 'Dell iDRAC 8 and 9',
  },
  {
    fits: /\bsupermicro\b/i,
    says: 'Supermicro boards may need a licence (SFT-OOB-LIC or SFT-DCMS-SINGLE) for parts of Redfish: see that ForceOff is offered below',
    seenOn: 'Supermicro X10 to X12',
  },
];
