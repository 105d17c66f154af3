/** Who may change what is believed: the configuration, keys, certificates, and what drivers trust. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driversFrom, loadConfiguration, type DescribedDriver } from '../../src/config/index.ts';
import { changeableByOthers } from '../../src/config/guarded.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

let folder = '';
const make = (name: string, mode: number, text = 'x'): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-guard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mayChangeGroups = process.getuid?.() === 0;

describe('a file that is believed', () => {
  it.each([0o600, 0o644, 0o640, 0o444])('of mode %o is ours', (mode) => {
    expect(changeableByOthers(make('a', mode))).toBeUndefined();
  });

  it.each([0o666, 0o646, 0o602, 0o777])('of mode %o is open to everybody', (mode) => {
    const path = make('a', mode);
    expect(changeableByOthers(path)).toEqual({
      says: `${path} may be changed by everybody (mode ${mode.toString(8)})`,
      next: `run: chmod go-w ${path}`,
    });
  });

  it('may be written by our own group: umask 002 makes it so', () => {
    const path = make('a', 0o664);
    if (statSync(path).gid !== process.getgid?.()) return;
    expect(changeableByOthers(path)).toBeUndefined();
  });

  it.runIf(mayChangeGroups)('of a strange group is theirs, where they may write', () => {
    const path = make('a', 0o664);
    chownSync(path, 0, 4711);
    expect(changeableByOthers(path)).toEqual({
      says: `${path} may be changed by group 4711 (mode 664)`,
      next: `run: chmod g-w ${path}`,
    });
    chmodSync(path, 0o644);
    expect(changeableByOthers(path)).toBeUndefined();
  });

  it.runIf(mayChangeGroups)('of the private group of its owner is that of its owner alone', () => {
    const path = make('a', 0o664);
    chownSync(path, 4711, 4711);
    expect(changeableByOthers(path)).toBeUndefined();
  });

  it('stands in a folder in which nobody else may put another one in its place', () => {
    const path = make('a', 0o600);
    chmodSync(folder, 0o777);
    expect(changeableByOthers(path)?.says).toBe(`the folder ${folder}, in which it stands, may be written by everybody (mode 777)`);
    chmodSync(folder, 0o1777);
    expect(changeableByOthers(path)).toBeUndefined();
  });

  it('is judged where it is, not where a link to it is', () => {
    mkdirSync(join(folder, 'there'));
    const path = make('there/a', 0o666);
    symlinkSync(path, join(folder, 'link'));
    expect(changeableByOthers(join(folder, 'link'))?.says).toContain(path);
    expect(changeableByOthers(join(folder, 'nowhere'))).toBeUndefined();
  });
});

describe('a configuration', () => {
  const load = async (text: string, files: 'check' | 'leave' = 'check', drivers = sampleDrivers) => {
    const loaded = await loadConfiguration(make('bailiff.yaml', 0o644, text), { drivers, files, environment: ENVIRONMENT });
    return loaded.ok ? [] : loaded.problems.map(({ code, path, line }) => `${line} ${code} ${path}`);
  };

  it('that everybody may change is an error, whatever stands in it', async () => {
    const file = make('bailiff.yaml', 0o646, GOOD);
    const loaded = await loadConfiguration(file, { drivers: sampleDrivers, environment: ENVIRONMENT });
    expect(loaded).toMatchObject({
      ok: false,
      problems: [{ code: 'changeable-by-others', line: 1, path: '', next: `run: chmod go-w ${file}` }],
    });
    expect((await loadConfiguration(file, { drivers: sampleDrivers, files: 'leave' })).ok).toBe(true);
  });

  it('names keys and certificates that everybody may change', async () => {
    for (const name of ['a.pub', 'c.pem', 'ca.pem']) make(name, 0o666);
    make('k', 0o600);
    const tls = 'tls: { certificate: { file: c.pem }, key: { file: k }, clientCa: { file: ca.pem } }';
    const text = `${GOOD}arbiters: [{ id: a, publicKey: { file: a.pub } }]\nlisten: { http: { address: 192.0.2.1:7443, ${tls} } }\n`;
    expect(await load(text)).toEqual([
      '35 changeable-by-others arbiters[0].publicKey',
      '36 changeable-by-others listen.http.tls.certificate',
      '36 changeable-by-others listen.http.tls.clientCa',
    ]);
    expect(await load(text, 'leave')).toEqual([]);
  });

  it('names what a driver trusts, and the module of a driver', async () => {
    make('known', 0o666);
    make('mine.js', 0o666);
    const trusting: DescribedDriver = {
      name: 'trusting',
      plugs: 'none',
      evidence: 'device',
      settings: { knownHosts: { kind: 'string', says: 'keys', isPath: true } },
    };
    const both = { ...driversFrom([trusting]), find: () => trusting };
    const text = (driver: string): string =>
      `cluster: c\nself: { id: s }\nnodes: { a: { fence: [ [ { device: d } ] ] } }\ndevices: { d: { driver: ${driver}, knownHosts: known } }\n`;
    expect(await load(text('trusting'), 'check', both)).toEqual(['4 changeable-by-others devices.d.knownHosts']);
    expect(await load(text('./mine.js'), 'check', both)).toEqual([
      '4 changeable-by-others devices.d.driver',
      '4 changeable-by-others devices.d.knownHosts',
    ]);
  });
});
