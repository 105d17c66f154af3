/**
 * Two entries of the configuration that are one device: by the address to which their names lead, or by what they tell of themselves. The
 * configuration alone shows only what is written alike. Cutting one node by such an entry cuts the other one too.
 */
import type { Identity } from '../../drivers/kit/contract.ts';
import { outletName, type Problem } from '../vocabulary/index.ts';

/** One device as it was met. */
export interface Met {
  readonly device: string;
  /** Its addresses, names resolved, each in one spelling. */
  readonly addresses: readonly string[];
  readonly port?: number;
  /** What of the address is meant; '' for the device as a whole. */
  readonly inside?: string;
  readonly identity?: Identity;
  readonly uses: readonly Use[];
}

/** An outlet in a level of a node. `place`: the outlet as the device itself calls it. */
export interface Use {
  readonly node: string;
  readonly level: number;
  readonly plug: string;
  readonly place: string;
}

/** By device: what is wrong with its sharing. Problem: `outlet-shared`. */
export function sharedDevices(met: readonly Met[]): ReadonlyMap<string, readonly Problem[]> {
  const all = met.map((one): Told => ({ ...one, guid: telling(one.identity?.guid), serial: tellingSerial(one.identity?.serial) }));
  const problems = new Map<string, Problem[]>();
  const report = (one: Met, other: Met, problem: Problem): void => {
    for (const { device } of [one, other]) problems.set(device, [...(problems.get(device) ?? []), problem]);
  };
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const same = sameness(one, other);
      const clash = same === undefined ? undefined : clashOf(one, other);
      if (same !== undefined && clash !== undefined) report(one, other, shared(one, other, same, clash));
    }
  }
  return problems;
}

/** With what its identity is worth. */
interface Told extends Met {
  /** In one text for all byte orders. */
  readonly guid: string | undefined;
  readonly serial: string | undefined;
}

/** Why two entries are one device, in words; undefined where nothing says so. */
function sameness(one: Told, other: Told): string | undefined {
  // Blades behind one address, and boards that share the serial number of their chassis, are told apart by their GUIDs.
  if (one.guid !== undefined && other.guid !== undefined)
    return one.guid === other.guid ? `both tell the GUID ${one.identity?.guid ?? one.guid}` : undefined;
  const address = one.addresses.find((each) => other.addresses.includes(each));
  const parts = one.inside === other.inside || one.inside === '' || other.inside === '';
  const [port, otherPort] = [one.port, other.port];
  // 0: the default of a foreign agent, which may be that port.
  const ports = port !== undefined && otherPort !== undefined && (port === otherPort || port === 0 || otherPort === 0);
  if (address !== undefined && ports && parts) return `both lead to ${address}${port === otherPort && port !== 0 ? `, port ${port}` : ''}`;
  const [maker, otherMaker] = [one.identity?.maker, other.identity?.maker];
  const makers = maker === undefined || otherMaker === undefined || maker === otherMaker;
  return one.serial !== undefined && one.serial === other.serial && makers ? `both tell the serial number ${one.serial}` : undefined;
}

/** Several levels of one node may use one device; two nodes may not use one outlet, and neither may two outlets of one level be one. */
function clashOf(one: Met, other: Met): { readonly a: Use; readonly b: Use } | undefined {
  for (const a of one.uses) {
    const b = other.uses.find((use) => use.place === a.place && (use.node !== a.node || use.level === a.level));
    if (b !== undefined) return { a, b };
  }
  return undefined;
}

function shared(one: Met, other: Met, same: string, { a, b }: { readonly a: Use; readonly b: Use }): Problem {
  const [left, right] = [outletName({ device: one.device, plug: a.plug }), outletName({ device: other.device, plug: b.plug })];
  const harm =
    a.node === b.node
      ? `level ${a.level + 1} of ${a.node} would cut one feed twice and leave another one on`
      : `cutting ${a.node} would cut ${b.node}, and cutting ${b.node} would cut ${a.node}`;
  return {
    code: 'outlet-shared',
    says: `${left} (${a.node}) and ${right} (${b.node}) are one: ${same}; ${harm}.`,
    next: 'Look which of the two is wrong, and mend its address. Until then fence neither node.',
  };
}

/** What makers put in where nobody set one: such a GUID is that of many machines. */
const COMMON_GUIDS: ReadonlySet<string> = new Set(
  [
    '03000200040005000006000700080009',
    '00020003000400050006000700080009',
    '123456781234567890abcddeefaabbcc',
    '12345678123456781234567812345678',
    '11111111222233334444555555555555',
    '4c4c454400002010802080c04f202020',
    '0123456789abcdef0123456789abcdef',
    '000102030405060708090a0b0c0d0e0f',
    'feedbeefdeadfacefeedbeefdeadface',
  ].map((guid) => plainGuid(guid)),
);

/** A GUID that some maker gave to one machine. */
function telling(guid: string | undefined): string | undefined {
  if (guid === undefined || !/^[0-9a-f]{32}$/.test(guid)) return undefined;
  // One or two bytes over and over: zeros, FF, FE, and whatever an empty flash shows.
  const bytes = new Set(guid.match(/../g));
  const plain = plainGuid(guid);
  return bytes.size <= 2 || COMMON_GUIDS.has(plain) ? undefined : plain;
}

/**
 * One text for all byte orders of one GUID: IPMI sends it last byte first (IPMI 2.0, 20.8), SMBIOS stores its first three fields the other
 * way round (SMBIOS 3.x, 7.2.1), and firmware mixes both up.
 */
export function plainGuid(guid: string): string {
  const seen = new Set<string>();
  const open = [guid.toLowerCase()];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    open.push(backwards(one), backwards(one.slice(0, 8)) + backwards(one.slice(8, 12)) + backwards(one.slice(12, 16)) + one.slice(16));
  }
  return [...seen].toSorted()[0] ?? guid;
}

function backwards(hex: string): string {
  return (hex.match(/../g) ?? []).toReversed().join('');
}

const PLACEHOLDER =
  /^(?:|to be filled.*|default string|system serial number|chassis serial number|none|null|n\/?a|not (?:specified|applicable|available|provided)|unknown|empty|oem|invalid|sernum|serial ?(?:number|no)?|(.)\1*|0?123456789?0?|x+)$/i;

/** A serial number that some maker gave to one device. */
function tellingSerial(serial: string | undefined): string | undefined {
  const plain = serial?.trim();
  return plain === undefined || plain.length < 3 || PLACEHOLDER.test(plain) ? undefined : plain;
}
