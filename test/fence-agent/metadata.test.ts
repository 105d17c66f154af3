/** The reader of agents' metadata: the shape that agents print, and anything else without a throw. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadata } from '../../drivers/fence-agent/metadata.ts';
import { parameterFaults } from '../../drivers/fence-agent/parameters.ts';
import { AGENTS } from './lamps.ts';

const lamp = await readFile(join(AGENTS, 'fence_lamp.xml'), 'utf8');

describe('metadata', () => {
  it('is read as it stands', () => {
    const metadata = parseMetadata(lamp);
    if (typeof metadata === 'string') throw new Error(metadata);
    expect(metadata).toMatchObject({ name: 'fence_lamp', says: 'Fence agent for lamps & files' });
    expect(metadata.actions).toEqual(['on', 'off', 'status', 'list-status', 'monitor', 'metadata']);
    expect(metadata.parameters.find(({ name }) => name === 'color')).toEqual({
      name: 'color',
      required: false,
      deprecated: false,
      type: 'select',
      options: ['red', 'green'],
      default: 'red',
      says: 'Color',
    });
    expect(metadata.parameters.find(({ name }) => name === 'password')).toMatchObject({ obsoletes: 'passwd', type: 'string' });
  });

  it('takes either spelling of a parameter, and - for _', () => {
    const metadata = parseMetadata(lamp);
    if (typeof metadata === 'string') throw new Error(metadata);
    const faults = (parameters: Readonly<Record<string, string>>) =>
      parameterFaults(metadata, { parameters: { device: '/d', ...parameters }, secrets: ['passwd'], plugParameter: 'port' });
    expect(faults({ 'power-wait': '3' })).toEqual([]);
    expect(faults({ power_wait: '3', missing: '' })).toEqual(['it has no parameter missing']);
  });

  it('is read in either kind of quotes, and between comments', () => {
    const text = `<!-- a --><resource-agent name='fence_"x"'><!-- b --><actions><action name='off'/></actions></resource-agent><!-- c -->`;
    expect(parseMetadata(text)).toEqual({ name: 'fence_"x"', says: '', parameters: [], actions: ['off'] });
  });

  it.each([
    ['', 'there is no <resource-agent'],
    ['usage: fence_x [-h]', 'there is no <resource-agent'],
    ['<resource-agent name="x"></resource-agent>', 'it names no actions'],
    ['<!-- <resource-agent name="x"><actions><action name="off"/></actions> -->', 'there is no <resource-agent'],
    [`<resource-agent name="x">${'<parameter name="p"/>'.repeat(600)}<action name="off"/>`, 'more than 512 parameters'],
  ])('%.40s is none', (text, says) => {
    expect(parseMetadata(text)).toContain(says);
  });

  it('never throws and never lasts, whatever it is given', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      "'",
      ' ',
      '=',
      'parameter',
      'resource-agent',
      'name="a"',
      '<!--',
      '-->',
      '&amp;',
      '\n',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 400 }), (parts) => {
        const parsed = parseMetadata(parts.join(''));
        expect(['string', 'object']).toContain(typeof parsed);
      }),
    );
    for (const evil of ['<a ', '<a b="', '<a b="c" ', '<!--', "<a b='", '<parameter name="p" ']) {
      expect(typeof parseMetadata(evil.repeat((64 * 1024) / evil.length))).toBe('string');
    }
  });
});
