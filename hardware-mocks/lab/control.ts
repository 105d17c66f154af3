/**
 * The lab's own socket, for hands in another process: JSON lines over a Unix socket, one reply per line. Every buffer is bounded, a client
 * that sends nonsense is told so and keeps nobody waiting.
 */
import { chmod } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Problem } from '../../src/vocabulary/index.ts';
import { faultPlanFromWords, NO_FAULTS, readFaultPlan } from '../faults.ts';
import type { Lab } from '../lab.ts';
import { BadDescription, Fields } from './fields.ts';
import { TcpFace } from '../tcp-face.ts';

export type LabReply = { readonly ok: true; readonly truth?: unknown } | { readonly ok: false; readonly problem: Problem };

/** `fault` takes a whole plan, or words as typed (`['loss', 'in=0.3']`); neither of them heals the device. */
export type LabRequest =
  | { readonly do: 'truth' }
  | { readonly do: 'power'; readonly what: string; readonly wanted: 'on' | 'off' }
  | { readonly do: 'fault'; readonly device: string; readonly plan?: unknown; readonly words?: readonly string[] }
  | { readonly do: 'down' };

const MAX_LINE = 65_536;
const MAX_REPLY = 16 * 1024 * 1024;
const MAX_CLIENTS = 16;
const IDLE_MS = 60_000;

export interface LabControl {
  readonly path: string;
  /** Settles when somebody asked for the lab to go down. The lab itself is still up then. */
  readonly downAsked: Promise<void>;
  close(): Promise<void>;
}

/** Listens at `path` (readable by its owner only). */
export async function controlLab(lab: Lab, path: string): Promise<LabControl> {
  let askDown: () => void = () => {};
  const downAsked = new Promise<void>((resolve) => {
    askDown = resolve;
  });
  const face = new TcpFace({
    admits: (open) => open < MAX_CLIENTS,
    taken: (client) => serve(client, (line) => answerLine(lab, line, askDown)),
  });
  await face.listen({ path });
  await chmod(path, 0o600);
  return { path, downAsked, close: () => face.stop() };
}

function serve(client: Socket, answer: (line: string) => LabReply): void {
  let pending = '';
  client.setEncoding('utf8');
  client.setTimeout(IDLE_MS, () => client.destroy());
  client.on('error', () => client.destroy());
  client.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') client.write(`${JSON.stringify(answer(line.slice(0, MAX_LINE + 1)))}\n`);
    if (pending.length > MAX_LINE)
      client.end(`${JSON.stringify(refuse(`a line has at most ${MAX_LINE} characters`))}\n`, () => client.destroy());
  });
}

/** The reply to one line. Never throws on what a line says. */
export function answerLine(lab: Lab, line: string, askDown: () => void): LabReply {
  if (line.length > MAX_LINE) return refuse(`a line has at most ${MAX_LINE} characters`);
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return refuse('the line is not JSON');
  }
  try {
    const fields = new Fields(raw, 'request');
    const wish = fields.oneOf('do', 'truth', 'power', 'fault', 'down');
    const reply = wish === undefined ? refuse('request.do is missing') : obey(lab, wish, fields, askDown);
    return reply;
  } catch (problem) {
    if (problem instanceof BadDescription) return refuse(problem.message);
    throw problem;
  }
}

function obey(lab: Lab, wish: LabRequest['do'], fields: Fields, askDown: () => void): LabReply {
  switch (wish) {
    case 'truth':
      fields.done();
      return { ok: true, truth: lab.truth };
    case 'power': {
      const what = fields.needText('what');
      const wanted = fields.oneOf('wanted', 'on', 'off');
      fields.done();
      return wanted === undefined ? refuse('request.wanted is missing') : replyTo(lab.power(what, wanted));
    }
    case 'fault': {
      const device = fields.needText('device');
      const plan = fields.raw('plan');
      const words = fields.list('words', 200, (word) => String(word).slice(0, 200));
      fields.done();
      const checked = plan !== undefined ? readFaultPlan(plan) : words !== undefined ? faultPlanFromWords(words) : { value: NO_FAULTS };
      return replyTo('problem' in checked ? checked.problem : lab.fault(device, checked.value));
    }
    case 'down':
      fields.done();
      askDown();
      return { ok: true };
  }
}

function replyTo(problem: Problem | undefined): LabReply {
  return problem === undefined ? { ok: true } : { ok: false, problem };
}

function refuse(says: string): LabReply {
  return {
    ok: false,
    problem: { code: 'bad-lab-request', says: `lab: ${says}`, next: 'Ask for truth, power, fault or down.', lasting: true },
  };
}

function unreachable(path: string, says: string): LabReply {
  return { ok: false, problem: { code: 'lab-unreachable', says: `lab at ${path}: ${says}`, next: 'Start it with bailiff lab up.' } };
}

/** Asks a running lab, from any process. Always settles within `withinMs`. */
export function askLab(path: string, request: LabRequest, withinMs = 5000): Promise<LabReply> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    const settle = (reply: LabReply): void => {
      socket.destroy();
      resolve(reply);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(withinMs, () => settle(unreachable(path, 'it did not answer in time')));
    socket.on('error', (problem) => settle(unreachable(path, problem.message)));
    socket.on('close', () => settle(unreachable(path, 'it closed the connection')));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) settle(JSON.parse(text.slice(0, end)) as LabReply);
      else if (text.length > MAX_REPLY) settle(unreachable(path, 'its answer is too long'));
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}
