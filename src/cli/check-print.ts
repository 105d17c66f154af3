/** What `bailiff check` found, for tired eyes: what is not fit stands out, with what to do, and the last line says it all. */
import { formatProblem } from '../config/index.ts';
import type { Everything } from '../probes/index.ts';
import type { Problem } from '../vocabulary/index.ts';
import type { Report } from './check.ts';
import { type CheckedDevice, isFit } from './check-devices.ts';
import type { CheckedKey } from './check-keys.ts';
import type { CheckedLevel, CheckedNode } from './check-levels.ts';
import { canSee } from './check-probes.ts';
import type { Io, Style } from './io.ts';
import { counted } from '../service/words.ts';
import type { StateFolder } from '../main/state-folder.ts';
import { table } from './table.ts';

const MARGIN = '           ';

/** `wrong`: what is not fit, by name. */
export function printReport(io: Io, report: Report, wrong: readonly string[]): void {
  for (const finding of report.findings) io.out(io.paint(finding.severity === 'error' ? 'bad' : 'doubt', formatProblem(finding)));
  if (report.state !== undefined) printState(io, report.state);
  for (const key of report.keys) printKey(io, key);
  if (report.probes !== undefined) printProbes(io, report.probes, report.names);
  for (const one of report.devices) printDevice(io, one);
  printNodes(io, report.nodes);
  printEnd(io, report, wrong);
}

const fitness = (io: Io, fit: boolean): string => (fit ? io.paint('good', 'fit    ') : io.paint('bad', 'not fit'));

function printState(io: Io, state: StateFolder): void {
  io.out(`${fitness(io, state.ok)}  state folder ${state.folder}`);
  for (const found of state.found) io.out(`${MARGIN}${found}`);
  if (state.problem !== undefined) problemLines(io, state.problem);
  for (const warning of state.warnings) problemLines(io, warning, 'doubt');
}

function printKey(io: Io, { arbiter, file, fingerprint, problem, warning }: CheckedKey): void {
  io.out(`${fitness(io, problem === undefined)}  arbiter ${arbiter}, key ${file}`);
  if (fingerprint !== undefined) io.out(`${MARGIN}Ed25519, ${fingerprint}`);
  if (problem !== undefined) problemLines(io, problem);
  if (warning !== undefined) problemLines(io, warning, 'doubt');
}

function printProbes(io: Io, probes: Everything, names: readonly Problem[]): void {
  const { referenceIps, links, ways, findings } = probes;
  const heard = referenceIps.filter(({ seen }) => seen.answer === 'heard').length;
  io.out(
    referenceIps.length === 0
      ? `${fitness(io, canSee(probes))}  reference IPs: none, so that an isolated coordinator does not notice it`
      : `${fitness(io, canSee(probes))}  reference IPs: ${heard} of ${referenceIps.length} answered`,
  );
  for (const { address, proves } of referenceIps) io.out(`${MARGIN}${address} ${proves}`);
  if (referenceIps.length > 0) io.out(`${MARGIN}ways to ask from here: ${ways.map(({ says }) => says).join('; ')}`);
  for (const { stops, ...finding } of findings) problemLines(io, finding, stops ? 'bad' : 'doubt');
  if (links.length === 0 && names.length === 0) return;
  const alive = links.filter(({ seen }) => seen.answer === 'heard' && seen.grade !== 'weak').length;
  io.out(`${fitness(io, names.length === 0)}  links: ${alive} of ${links.length} heard now`);
  for (const { node, link, proves } of links) io.out(`${MARGIN}${node} on ${link}: ${proves}`);
  for (const problem of names) problemLines(io, problem);
}

function printDevice(io: Io, one: CheckedDevice): void {
  const { device, driver, addresses = [], health, outlets, problems } = one;
  const where = addresses.length === 0 ? '' : ` at ${addresses.join(', ')}`;
  io.out(`${fitness(io, isFit(one))}  ${device} (${driver})${where}`);
  for (const found of health.found) io.out(`${MARGIN}${found}`);
  if (health.problem !== undefined) problemLines(io, health.problem);
  for (const problem of problems) problemLines(io, problem);
  for (const outlet of outlets) {
    io.out(`${MARGIN}${outlet.plug === '' ? 'power' : `outlet ${outlet.plug}`} of ${outlet.nodes.join(', ')}: ${outlet.power}`);
    if (outlet.problem !== undefined) problemLines(io, outlet.problem);
    if (outlet.warning !== undefined) problemLines(io, outlet.warning, 'doubt');
  }
}

/** Every outlet of a level must be proven, so that the one that cannot be used says it all. */
const canEnd = ({ ends, unusable }: CheckedLevel): string =>
  unusable === undefined ? ENDS[ends] : `${ends === 'attested' ? ENDS.attested : 'unconfirmed'}: ${unusable.join(', ')} cannot be used`;

const ENDS = { confirmed: 'confirmed', attested: 'attested by a person', unconfirmed: 'unconfirmed: it proves nothing' } as const;

function printNodes(io: Io, nodes: readonly CheckedNode[]): void {
  if (nodes.length === 0) return;
  const rows = nodes.flatMap(({ node, levels }) =>
    levels.length === 0
      ? [[node, '-', 'none', io.paint('doubt', 'no level'), '-']]
      : levels.map((one) => [
          node,
          String(one.level),
          one.outlets.join(' + '),
          one.fit ? io.paint('good', 'fit') : io.paint('bad', 'not fit'),
          io.paint(one.ends === 'confirmed' ? 'good' : 'doubt', canEnd(one)),
        ]),
  );
  for (const line of table(['node', 'level', 'outlets', 'now', 'can end'], rows)) io.out(line);
  for (const { problem, warning } of nodes) {
    if (problem !== undefined) problemLines(io, problem);
    if (warning !== undefined) problemLines(io, warning, 'doubt');
  }
}

function printEnd(io: Io, { findings, devices, probes }: Report, wrong: readonly string[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const found = `${counted(errors, 'error')} and ${counted(findings.length - errors, 'warning')} in the configuration`;
  const bad = devices.filter((one) => !isFit(one)).length;
  io.out(`${counted(devices.length, 'device')} asked, ${bad} not fit; ${found}.`);
  if (wrong.length > 0) io.out(io.paint('bad', `Not fit for fencing: ${wrong.join(', ')}.`));
  else if (errors > 0) io.out(io.paint('bad', 'Not fit for fencing: the configuration has an error.'));
  else if (probes !== undefined) io.out(io.paint('good', 'Fit for fencing.'));
}

function problemLines(io: Io, { code, says, next }: Problem, style: Style = 'bad'): void {
  io.out(`${MARGIN}${io.paint(style, code)}: ${says}`);
  io.out(`${MARGIN}next: ${next}`);
}
