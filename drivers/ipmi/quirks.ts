/**
 * Where BMCs differ from the specification. Data only: each has to be named in the settings (`quirks: [opensesspriv]`), nothing is
 * guessed, because a wrong guess looks like a wrong password. Names are those of FreeIPMI and ipmitool where they have one.
 */

export interface Quirks {
  /** Take messages whose checksum is wrong; the integrity code of the packet still counts. */
  readonly ignoreChecksums: boolean;
  /** Ask for user and privilege together: RAKP 1 and Open Session then carry the same privilege byte, whichever of them is hashed. */
  readonly plainRole: boolean;
  /** Hash the role without the name-only bit. */
  readonly unhashedLookup: boolean;
  /** Send and hash the user name zero padded to 16 bytes. */
  readonly paddedUser: boolean;
  /** Take a RAKP 4 code from a BMC that should send none (cipher suite 0). */
  readonly strayCheckValue: boolean;
  /** Cut the RAKP 4 code by the integrity algorithm instead of the authentication algorithm. */
  readonly checkValueByIntegrity: boolean;
}

export const NO_QUIRKS: Quirks = {
  ignoreChecksums: false,
  plainRole: false,
  unhashedLookup: false,
  paddedUser: false,
  strayCheckValue: false,
  checkValueByIntegrity: false,
};

interface QuirkEntry {
  readonly name: string;
  readonly says: string;
  /** Devices and firmware on which it was met, as FreeIPMI's and ipmitool's documentation record them. */
  readonly seenOn: string;
  readonly quirks: Partial<Quirks>;
}

const QUIRKS: readonly QuirkEntry[] = [
  {
    name: 'nochecksumcheck',
    says: 'the BMC sends wrong message checksums',
    seenOn: 'Supermicro X9SCM-iiF, X9DRi-F, X9DRFR',
    quirks: { ignoreChecksums: true },
  },
  {
    name: 'opensesspriv',
    says: 'the BMC hashes the privilege of Open Session instead of the role of RAKP 1',
    seenOn:
      'Sun Fire 4100/4200/4500 with ILOM, Inventec 5441 and Dell Xanadu II, Supermicro X8DTH and X8DTG, Intel S5500WBV and S2600JF, ' +
      'Quanta QSSC-S4R, Dell C5220',
    quirks: { plainRole: true },
  },
  {
    name: 'intelplus',
    says: 'the BMC hashes the role of RAKP 1 without the name-only bit',
    seenOn: 'Intel boards that ipmitool calls intelplus',
    quirks: { unhashedLookup: true },
  },
  {
    name: 'i82571spt',
    says: 'the BMC hashes the role without the name-only bit, and wants a user name of 16 padded bytes',
    seenOn: 'Intel 82571 network controller with pass-through management',
    quirks: { unhashedLookup: true, paddedUser: true },
  },
  {
    name: 'paddedusername',
    says: 'the BMC wants a user name of 16 padded bytes',
    seenOn: 'Intel SE7520AF2 with the Server Management Module (part of FreeIPMI workaround intel20)',
    quirks: { paddedUser: true },
  },
  {
    name: 'intel20',
    says: 'the BMC wants a padded user name and cuts the RAKP 4 code by the integrity algorithm',
    seenOn: 'Intel SE7520AF2 with the Server Management Module',
    quirks: { paddedUser: true, checkValueByIntegrity: true },
  },
  {
    name: 'integritycheckvalue',
    says: 'the BMC sends a RAKP 4 code with cipher suite 0',
    seenOn: 'Supermicro X8DTG and X8DTU, Intel S5500WBV and S2600JF',
    quirks: { strayCheckValue: true },
  },
];

export const QUIRK_NAMES: readonly string[] = QUIRKS.map(({ name }) => name);

/** All named quirks together. Unknown names have been refused with the settings. */
export function quirksOf(names: readonly string[]): Quirks {
  const named = QUIRKS.filter(({ name }) => names.includes(name)).map(({ quirks }) => quirks);
  return Object.assign({}, NO_QUIRKS, ...named) as Quirks;
}
