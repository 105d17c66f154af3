/** A check that cannot fail is worthless: each rule is shown a violation that it must find, and a neighbour that it must let pass. */
import { describe, expect, it } from 'vitest';
import { checkArrows, checkOneFileEach } from './arrows.ts';
import { checkEnd } from './end.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkProse } from './prose.ts';
import { checkPurity } from './purity.ts';
import { checkProblems, checkRooms } from './rooms.ts';
import { checkPath, checkSizes } from './shape.ts';
import { printViolation, readSource } from './source.ts';
import { checkWords, splitName } from './words.ts';

const arrows = (path: string, text: string): string[] => checkArrows(readSource(path, text)).map(printViolation);
const words = (path: string, text: string): string[] => checkWords(readSource(path, text)).map(({ what }) => what);
const purity = (text: string): number => checkPurity(readSource('src/core/step.ts', text)).length;

describe('arrows', () => {
  it('names file, line, import and rule', () => {
    expect(
      arrows('src/core/step.ts', "import type { A } from '../vocabulary/a.ts';\nimport { run } from '../coordinator/loop.ts';"),
    ).toEqual(["src/core/step.ts:2: import of '../coordinator/loop.ts' (src/core may not import src/coordinator)"]);
  });

  it.each([
    ['a static import', 'src/core/step.ts', "import { readFile } from 'node:fs';"],
    ['a type import', 'src/vocabulary/verdict.ts', "import type { State } from '../core/state.ts';"],
    ['an import in a type', 'src/vocabulary/verdict.ts', "export type A = import('../core/state.ts').State;"],
    ['a re-export', 'src/vocabulary/index.ts', "export * from '../core/state.ts';"],
    ['a named re-export', 'src/probes/index.ts', "export { open } from '../store/journal.ts';"],
    ['a dynamic import', 'src/store/journal.ts', "export const a = import('../probes/panel.ts');"],
    ['a dynamic import by template', 'src/store/journal.ts', 'export const a = import(`../probes/panel.ts`);'],
    ['a computed import', 'drivers/ipmi/driver.ts', 'export const load = (name: string) => import(name);'],
    ['a require', 'src/coordinator/loop.ts', "const fs = require('node:fs');"],
    ['an import equals', 'src/core/step.ts', "import fs = require('node:fs');"],
    ['a port that knows another port', 'src/notify/mail.ts', "import type { Journal } from '../store/journal.ts';"],
    ['a port that knows the core', 'src/intake/http.ts', "import { step } from '../core/step.ts';"],
    ['a value taken from the ports', 'src/store/journal.ts', "import { portsOpen } from '../coordinator/ports.ts';"],
    ['a driver that knows another', 'drivers/ssh/driver.ts', "import { crc } from '../ipmi/codec/crc.ts';"],
    ['a driver that knows the core', 'drivers/ipmi/driver.ts', "import { step } from '../../src/core/step.ts';"],
    ["a mock that knows a driver's session", 'hardware-mocks/bmc/bmc.ts', "import { open } from '../../drivers/ipmi/session/open.ts';"],
    ['a mock that knows the core', 'hardware-mocks/lab.ts', "import type { State } from '../src/core/state.ts';"],
    ['a mock that knows a client', 'hardware-mocks/pdu/pdu.ts', "import { client } from '../../drivers/snmp-pdu/client.ts';"],
    ['commander outside of the CLI', 'src/main.ts', "import { Command } from 'commander';"],
    ['pino outside of the log', 'src/main.ts', "import { pino } from 'pino';"],
    ['zod in the core', 'src/core/policy.ts', "import * as z from 'zod/mini';"],
    ['ssh2 in another driver', 'drivers/ipmi/transport.ts', "import { Client } from 'ssh2';"],
    ['a package without a home', 'src/main.ts', "import pad from 'left-pad';"],
    ['a file outside of the project', 'src/cli/bailiff.ts', "import { x } from '../../../elsewhere/x.ts';"],
    ['a face that knows the core', 'src/cli/fence.ts', "import type { State } from '../core/state.ts';"],
    ['a face that knows the store', 'src/cli/pending.ts', "import { readJournal } from '../store/index.ts';"],
    ['a face that knows the loop', 'src/cli/status.ts', "import { Loop } from '../coordinator/loop.ts';"],
    ['a face of the journal that knows the store', 'src/cli/journal.ts', "import { verifyJournal } from '../store/index.ts';"],
    ['a service that knows its store', 'src/service/local.ts', "import { openJournal } from '../store/index.ts';"],
    ['a service that knows Node', 'src/service/local.ts', "import { readFile } from 'node:fs';"],
    ['a file in no zone', 'src/gizmo/gizmo.ts', 'export const a = 1;'],
  ])('finds %s', (_what, path, text) => {
    expect(arrows(path, text)).toHaveLength(1);
  });

  it.each([
    ['src/core/step.ts', "import type { A } from '../vocabulary/a.ts'; import { hold } from './hold.ts';"],
    ['src/coordinator/loop.ts', "import { step } from '../core/step.ts'; import type { Store } from './ports.ts';"],
    ['src/store/journal.ts', "import type { Store } from '../coordinator/ports.ts'; import { open } from 'node:fs/promises';"],
    ['src/store/journal.ts', "import { type Store } from '../coordinator/ports.ts';"],
    ['src/config/schema.ts', "import * as z from 'zod/mini'; import { settingJsonSchema } from '../../drivers/kit/settings.ts';"],
    ['src/cli/fence.ts', "import { Command } from 'commander'; import { openOneShot } from '../main/oneshot.ts';"],
    ['src/cli/journal.ts', "import { verifyJournal } from '../main/journal.ts'; import { giveUp } from './io.ts';"],
    ['src/service/local.ts', "import { step } from '../core/step.ts'; import type { Store } from '../coordinator/ports.ts';"],
    ['drivers/registry.ts', "export const load = (name: string) => import(name); export const a = import('./ipmi/driver.ts');"],
    ['drivers/snmp-pdu/client.ts', "import snmp from 'net-snmp'; import type { Problem } from '../kit/contract.ts';"],
    ['hardware-mocks/bmc/bmc.ts', "import { decode } from '../../drivers/ipmi/codec/rmcp.ts'; import { Machine } from '../machine.ts';"],
    ['test/core/step.test.ts', "import { step } from '../../src/core/step.ts'; import { it } from 'vitest';"],
  ])('lets %s pass', (path, text) => {
    expect(arrows(path, text)).toEqual([]);
  });

  it('finds a second file that knows the one library of a driver', () => {
    const sources = ['client', 'walk'].map((name) => readSource(`drivers/snmp-pdu/${name}.ts`, "import snmp from 'net-snmp';"));
    expect(checkOneFileEach(sources).map(({ path }) => path)).toEqual(['drivers/snmp-pdu/walk.ts']);
    expect(checkOneFileEach(sources.slice(1))).toEqual([]);
  });
});

describe('the end of the process', () => {
  const end = (path: string, text: string): string[] => checkEnd(readSource(path, text)).map(({ what }) => what);

  it.each([
    'process.exit(0);',
    'process.exitCode = 0;',
    "process['exitCode'] = 0;",
    'process.abort();',
    'export const code = process.exitCode;',
  ])('finds %s', (text) => {
    expect(end('src/cli/fence.ts', text)).toHaveLength(1);
    expect(end('drivers/ipmi/driver.ts', text)).toHaveLength(1);
  });

  it('leaves it to the one place, and to scripts, and lets others have words like these', () => {
    expect(end('src/cli/ending.ts', 'process.exitCode = 70; process.exit();')).toEqual([]);
    expect(end('scripts/bench.mjs', 'process.exit(1);')).toEqual([]);
    expect(end('src/cli/fence.ts', 'channel.exit(0); io.ends(0); if (child.exitCode === 0) process.emitWarning("x");')).toEqual([]);
  });
});

describe('purity', () => {
  it.each([
    'export async function a() {}',
    'export const a = async () => 1;',
    'export const a = Date.now();',
    'export const a = new Date();',
    'export const a = Math.random();',
    "export const a = Math['random']();",
    'setTimeout(() => undefined, 1);',
    'export const a = crypto.randomUUID();',
    'export const a = process.env;',
    'export const a = { process };',
    'export let a: Promise<number>;',
    'export const a = globalThis;',
  ])('finds %s', (text) => {
    expect(purity(text)).toBeGreaterThan(0);
  });

  it('lets names of members pass, and arithmetic', () => {
    expect(purity('export const a = (order: { process: number }) => Math.max(order.process, 1);')).toBe(0);
  });
});

describe('words', () => {
  it('splits names as they are written', () => {
    expect(splitName('ipmiHostName')).toEqual(['ipmi', 'host', 'name']);
    expect(splitName('BMCHost2')).toEqual(['bmc', 'host']);
    expect(splitName('SHOOT_DELAY')).toEqual(['shoot', 'delay']);
  });

  it.each([
    ['a variable', 'const victim = 1;'],
    ['a function', 'function killNode() {}'],
    ['a parameter', 'const f = (losers: number) => losers;'],
    ['a renamed part of a pattern', 'const { a: winner } = b;'],
    ['a type', 'type FenceJob = 1;'],
    ['a property of an interface', 'interface A { powerStatus: string }'],
    ['a node that is called host', 'interface Arbiter { id: string; host: string }'],
    ['a member of a class', 'class A { #keepalive = 1; }'],
    ['a method', 'class A { suicide() {} }'],
    ['an outlet that is called port', 'const outletPort = 1;'],
    ['a driver that is called plugin', 'interface A { readonly pluginName: string }'],
  ])('finds %s', (_what, text) => {
    expect(words('src/main.ts', text)).toHaveLength(1);
  });

  it.each([
    ['names of others', 'const { host } = url; connect({ host: address, port: 1 });'],
    ['a network address', 'interface Address { host: string; port: number }'],
    ["SSH's host key", 'const hostKey = 1;'],
    ['an exit status', 'const status = 1; const statusCode = 2;'],
    ['AbortSignal and signal', 'const signal: AbortSignal = x;'],
    ['words inside of words', 'const skilled = 1; const banner = 2; const legal = 3;'],
    ['an own lock-out', 'const lockOut = 1; const lockFile = 2;'],
  ])('lets %s pass', (_what, text) => {
    expect(words('src/main.ts', text)).toEqual([]);
  });

  it("lets Pacemaker's word pass in its own folder only", () => {
    expect(words('src/agent/fence_bailiff.ts', 'const agentName = 1;')).toEqual([]);
    expect(words('src/sentinel/sentinel.ts', 'const agentName = 1;')).toHaveLength(1);
  });

  it("looks at a file's own name", () => {
    expect(words('src/core/victim.ts', 'export {};')).toHaveLength(1);
  });
});

describe('sizes and names of files', () => {
  const lines = (count: number): string => 'a();\n'.repeat(count);
  const sizes = (text: string): number => checkSizes(readSource('src/main.ts', text)).length;

  it('finds a long file and a long function', () => {
    expect(sizes(lines(401))).toBe(1);
    expect(sizes(lines(400))).toBe(0);
    expect(sizes(`function f() {\n${lines(79)}}`)).toBe(1);
    expect(sizes(`const f = () => {\n${lines(78)}};`)).toBe(0);
    expect(sizes(`class A {\n m() {\n${lines(79)}}\n}`)).toBe(1);
  });

  it('takes a group of tests for a table of contents, and each test for a function', () => {
    expect(sizes(`describe('x', () => {\n${lines(100)}});`)).toBe(0);
    expect(sizes(`describe.each([1])('x', () => {\n${lines(100)}});`)).toBe(0);
    expect(sizes(`it('x', () => {\n${lines(100)}});`)).toBe(1);
  });

  it('finds drawers', () => {
    expect(checkPath('src/utils/time.ts')).toHaveLength(1);
    expect(checkPath('src/core/helpers.ts')).toHaveLength(1);
    expect(checkPath('drivers/ipmi/misc.test.ts')).toHaveLength(1);
    expect(checkPath('drivers/ipmi/codec/rakp.ts')).toEqual([]);
  });
});

describe('leftovers and prose', () => {
  const leftovers = (text: string): number => checkLeftovers(readSource('src/main.ts', text)).length;

  it('finds notes, silenced checkers and tests that are switched off', () => {
    expect(leftovers(`// ${'TO'}DO: later`)).toBe(1);
    expect(leftovers(`/* ${'FIX'}ME */`)).toBe(1);
    expect(leftovers(`// @ts-${'ignore'}\na();`)).toBe(1);
    expect(leftovers('// biome-ignore lint/x/y')).toBe(1);
    expect(leftovers(`it.${'skip'}('x', () => {});`)).toBe(1);
    expect(leftovers(`describe.${'only'}('x', () => {});`)).toBe(1);
    expect(leftovers("// biome-ignore lint/x/y: the form is the device's own\nit('x', () => {});")).toBe(0);
  });

  it.each([
    `see /${'work'}/main/README.md`,
    `as in ../${'shared'}/notes`,
    'see design/PRODUCT.md',
    `run ${'farm'}-bench`,
    'closes issue 12',
    'made with a language model',
  ])('finds "%s"', (text) => {
    expect(checkProse('README.md', `one line\n${text}`)).toMatchObject([{ line: 2 }]);
  });

  it('lets the project speak of itself', () => {
    expect(checkProse('README.md', 'An IPMI session; docs/ARCHITECTURE.md; the issuer of a verdict; at /run/bailiff; network')).toEqual([]);
  });
});

describe('the rooms of a driver', () => {
  const needed = ['drivers/x/driver.ts', 'drivers/x/settings.ts', 'drivers/x/problems.ts'];
  const found = (files: readonly string[], readme = ''): string[] =>
    checkRooms([...needed, ...files], () => readme).map(({ path }) => path);

  it('lets the rooms pass, and what has a row', () => {
    expect(found(['drivers/x/client.ts', 'drivers/kit/anything.ts', 'drivers/registry.ts'])).toEqual([]);
    expect(found(['drivers/x/README.md', 'drivers/x/codec/a.ts', 'drivers/x/b.ts'], '| `codec/`, `b.ts` | bytes |')).toEqual([]);
  });

  it('finds a part without a row, a row without a part, and a driver without a room', () => {
    expect(found(['drivers/x/wiring.ts', 'drivers/x/codec/a.ts'])).toEqual(['drivers/x/wiring.ts', 'drivers/x/codec/']);
    expect(found(['drivers/x/README.md'], '| `gone.ts` | nothing |')).toEqual(['drivers/x/README.md']);
    expect(checkRooms(['drivers/x/driver.ts'], () => '').map(({ rule }) => rule)).toEqual(['it has a settings.ts', 'it has a problems.ts']);
  });

  it('finds a problem that is made outside of problems.ts', () => {
    const text = "export const a = { code: 'x-lost', says: 'lost', next: 'look' };\nexport const b = { code: a.code, says: '', next: '' };";
    const lines = (path: string): number[] => checkProblems(readSource(path, text)).map(({ line }) => line);
    expect(lines('drivers/x/client.ts')).toEqual([1]);
    expect([...lines('drivers/x/problems.ts'), ...lines('drivers/registry.ts'), ...lines('src/core/step.ts')]).toEqual([]);
  });
});
