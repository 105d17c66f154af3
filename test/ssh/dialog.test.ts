/** One command on a terminal, character by character: whose answer it is, where it ends, and what is said to a question. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TerminalAccess } from '../../drivers/ssh/dialect.ts';
import { apcAos } from '../../drivers/ssh/dialects/apc-aos.ts';
import { raritanPx } from '../../drivers/ssh/dialects/raritan-px.ts';
import { type Command, Dialog, type Step } from '../../drivers/ssh/dialog.ts';

const terminal = ({ access }: { readonly access: { readonly kind: string } }): TerminalAccess => {
  if (access.kind !== 'terminal') throw new TypeError('no terminal');
  return access as TerminalAccess;
};
const APC = terminal(apcAos);
const status: Command = { text: 'olStatus 1', plug: '1' };
const off = raritanPx.orders.off;
if (off?.confirm === undefined) throw new Error('raritan-px asks nothing');
const cut: Command = { text: 'power outlets 4 off', plug: '4', confirm: off.confirm };

/** Everything but waiting, when the text arrives in these pieces. */
function steps(access: TerminalAccess, command: Command, pieces: readonly string[], before = ''): readonly Step[] {
  const dialog = new Dialog(access, command, before);
  return pieces.map((piece) => dialog.feed(piece)).filter(({ step }) => step !== 'wait');
}

describe('an answer', () => {
  const ANSWER = 'olStatus 1\r\nE000: Success\r\n 1: Outlet 1: Off\r\napc>';

  it('ends at the prompt, without echo and prompt, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: ANSWER.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), ANSWER.length];
        const pieces = at.slice(1).map((end, index) => ANSWER.slice(at[index], end));
        expect(
          steps(APC, status, pieces)
            .filter(({ step }) => step === 'answer')
            .at(-1),
        ).toEqual({
          step: 'answer',
          lines: ['E000: Success', '1: Outlet 1: Off'],
        });
      }),
    );
  });

  it.each([
    ['of the command before', 'olStatus 2\r\nE000: Success\r\n 2: Outlet 2: Off\r\napc>'],
    ['without any echo', 'E000: Success\r\n 1: Outlet 1: Off\r\napc>'],
    ['whose echo has lost its beginning', 'Status 1\r\nE000: Success\r\n 1: Outlet 1: Off\r\napc>'],
    ['whose echo has lost its end', 'olStatus\r\nE000: Success\r\n 1: Outlet 1: Off\r\napc>'],
    ['of another outlet that begins alike', 'olStatus 11\r\nE000: Success\r\n 1: Outlet 1: Off\r\napc>'],
    ['behind words that are no prompt', 'alert: olStatus 1\r\nE000: Success\r\n 1: Outlet 1: Off\r\napc>'],
  ])('%s is out of step', (_title, text) => {
    expect(steps(APC, status, [text]).map(({ step }) => step)).toEqual(['out-of-step']);
  });

  it('may have prompts of before, and the prompt itself, in front of its echo', () => {
    expect(steps(APC, status, ['\r\napc>\r\n', 'apc>olStatus 1\r\nE000: Success\r\napc>'])).toEqual([
      { step: 'answer', lines: ['E000: Success'] },
    ]);
    expect(steps(APC, status, ['apc>']).length).toBe(0);
  });
});

describe('a question', () => {
  const ask = (plug: string): string => `power outlets 4 off\r\nDo you wish to turn outlet ${plug} off? [y/n]`;

  it('about our outlet is answered with yes, once', () => {
    expect(steps(terminal(raritanPx), cut, [ask('4'), 'y\r\n', '# '])).toEqual([
      { step: 'send', text: 'y\r' },
      { step: 'answer', lines: [] },
    ]);
    expect(steps(terminal(raritanPx), cut, [ask('4'), `y\r\n${ask('4')}`]).length).toBe(1);
  });

  it.each(['5', '40', '14'])('about outlet %s instead is answered with no', (plug) => {
    const dialog = new Dialog(terminal(raritanPx), cut);
    expect(dialog.feed(ask(plug))).toEqual({ step: 'send', text: 'n\r' });
    expect(dialog.declined).toBe(plug);
  });

  it('that is not the one expected is not answered', () => {
    expect(steps(terminal(raritanPx), cut, ['power outlets 4 off\r\nDo you wish to turn ALL outlets off? [y/n]'])).toEqual([]);
  });
});

it('a pager without end is not answered for ever', () => {
  const access: TerminalAccess = { ...APC, more: { ask: /^--More--$/, answer: ' ' } };
  const dialog = new Dialog(access, status);
  const sent = Array.from({ length: 200 }, () => dialog.feed('line\r\n--More--')).filter(({ step }) => step === 'send');
  expect(sent.length).toBe(64);
});
