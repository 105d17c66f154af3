import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONFIG_CODES, formatProblem, lintConfiguration, parseConfiguration } from '../../src/config/index.ts';
import { LINT } from './lint-cases.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

async function lint(text: string) {
  const loaded = await parseConfiguration(text, 'bailiff.yaml', { drivers: sampleDrivers, files: 'leave', environment: ENVIRONMENT });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return lintConfiguration(loaded.configuration, loaded.where, 'bailiff.yaml', OWN);
}

/** What the machine of these tests calls its own. */
const OWN = new Set(['127.0.0.1', '192.0.2.200', '2001:db8::c8', 'fe80::c8']);

describe('lint', () => {
  it('has nothing to say of the good file', async () => {
    expect((await lint(GOOD)).map(formatProblem)).toEqual([]);
  });

  it.each(LINT)('$title', async ({ changes, code, severity, at, says }) => {
    const text = changes.reduce((before, [from, to]) => {
      expect(before).toContain(from);
      return before.replace(from, to);
    }, GOOD);
    const findings = await lint(text);
    const found = findings.find((finding) => finding.code === code && `${finding.line} ${finding.path}` === at);
    expect(found, findings.map(formatProblem).join('\n')).toMatchObject({ severity });
    expect(found?.says).toMatch(says);
    expect(found?.next.length).toBeGreaterThan(5);
  });

  it('does not compare loopback addresses of links and devices: there a rack is simulated', async () => {
    const text = GOOD.replace('192.0.2.11:7101', '127.0.0.1:7101').replace('host: 198.51.100.11', 'host: 127.0.0.1');
    expect((await lint(text)).map(({ code }) => code)).toEqual([]);
  });

  it('takes an outlet that stands in two levels of one node for no mistake', async () => {
    const text = GOOD.replace(
      '      - [ { device: db1-bmc } ]\n',
      '      - [ { device: db1-bmc } ]\n      - [ { device: pdu-a, outlet: 4 } ]\n',
    );
    expect((await lint(text)).map(({ code }) => code)).toEqual([]);
  });

  it('marks warnings as warnings in print', async () => {
    const [first] = await lint(GOOD.replace('need: 1', 'need: 0').replace('tieBreaker: reference-ips, ', ''));
    expect(first === undefined ? '' : formatProblem(first)).toMatch(/^bailiff\.yaml:33:\d+ warning: verify\.need: .*\. Name independent/);
  });
});

describe('codes', () => {
  it('are all expected by name in a test here', () => {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const tests = readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
      .join('\n');
    expect(Object.keys(CONFIG_CODES).filter((code) => !tests.includes(`'${code}`))).toEqual([]);
  });
});
