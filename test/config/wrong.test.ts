import { describe, expect, it } from 'vitest';
import { type DriverLookup, formatProblem, parseConfiguration } from '../../src/config/index.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD, WRONG } from './wrong-cases.ts';

const drivers: DriverLookup = {
  names: sampleDrivers.names,
  find: (word, module) =>
    word === './broken.js' ? Promise.reject(new Error('broken on purpose\nwith a stack')) : sampleDrivers.find(word, module),
};

const load = (text: string) => parseConfiguration(text, 'bailiff.yaml', { drivers, environment: ENVIRONMENT });

describe('a wrong configuration is named by line, column and path', () => {
  it('the file that the cases change is good', async () => {
    const loaded = await load(GOOD);
    expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([]);
  });

  it.each(WRONG)('$title', async ({ change: [from, to], code, at, says, next }) => {
    expect(GOOD.split(from).length, 'the text to change stands in the good file').toBeGreaterThan(1);
    const loaded = await load(GOOD.replace(from, to));
    const problems = loaded.ok ? [] : loaded.problems;
    const lines = problems.map(formatProblem);
    const found = problems.find((problem) => problem.code === code && `${problem.line}:${problem.column} ${problem.path}`.trim() === at);
    expect(found, lines.join('\n')).toBeDefined();
    expect(found?.says).toMatch(says);
    if (next !== undefined) expect(found?.next).toMatch(next);
    expect(lines.join('\n')).not.toMatch(/hunter2|4711|secret-value|Invalid input/);
  });

  it('reports everything at once, sorted by line, each problem once', async () => {
    const text = GOOD.replace('cluster: orders', 'cluster: a b')
      .replace('kind: serial', 'kind: x')
      .replace('device: pdu-a, outlet: 4', 'device: pdu-x, outlet: 4')
      .replace('driver: ipmi\n', 'driver: nope\n')
      .replace('key: { env: PDU }', 'key: hunter2')
      .replace('timeout: 90s', 'timeout: 90s, mode: x, dely: 3s');
    const loaded = await load(text);
    const places = loaded.ok ? [] : loaded.problems.map(({ line, path }) => `${line} ${path}`);
    expect(places).toEqual([
      '1 cluster',
      '8 nodes.db1.links[1].kind',
      '11 nodes.db1.fence[1][0].device',
      '20 devices.db1-bmc.driver',
      '32 devices.pdu-b.auth.key',
      '34 policy.mode',
      '34 policy.dely',
    ]);
  });

  it('a device with a problem of its own is not also reported as unknown', async () => {
    const loaded = await load(GOOD.replace('driver: ipmi\n', 'driver: nope\n'));
    expect(loaded.ok ? [] : loaded.problems.map(({ code }) => code)).toEqual(['unknown-driver']);
  });
});
