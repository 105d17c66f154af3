/** A service of a few lines that says just what a test wants: what it answers is written down here byte by byte, not by the mock. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { checkSettings, type DriverModule, type DriverTools, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/redfish/driver.ts';

export const SYSTEM = '/redfish/v1/Systems/1';
export const RESET = `${SYSTEM}/Actions/ComputerSystem.Reset`;
export const SESSIONS = '/redfish/v1/SessionService/Sessions';

export interface Heard {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly socket: Socket;
}

/** What goes on the wire; undefined: the usual answer; 'nothing': none. */
export type Says = (heard: Heard) => string | Buffer | undefined;

export const http = (status: number, body: unknown = '', headers: Readonly<Record<string, string>> = {}): string => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Said\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${lines.join('')}\r\n${text}`;
};

export const system = (more: object = {}): object => ({
  '@odata.id': SYSTEM,
  Id: '1',
  SerialNumber: 'SN-1',
  PowerState: 'On',
  Actions: { '#ComputerSystem.Reset': { target: RESET, 'ResetType@Redfish.AllowableValues': ['On', 'ForceOff'] } },
  ...more,
});

function usual({ method, path }: Heard): string {
  if (method !== 'GET') return http(204);
  if (path === '/redfish/v1/')
    return http(200, {
      '@odata.id': path,
      Systems: { '@odata.id': '/redfish/v1/Systems' },
      Links: { Sessions: { '@odata.id': SESSIONS } },
    });
  if (path === '/redfish/v1/Systems') return http(200, { '@odata.id': path, Members: [{ '@odata.id': SYSTEM }] });
  return path === SYSTEM ? http(200, system()) : http(404);
}

export interface PlainService {
  readonly port: number;
  readonly heard: readonly Heard[];
  /** A driver for it, by plain HTTP; closed with the service. */
  open(settings?: Readonly<Record<string, unknown>>, tools?: DriverTools, module?: DriverModule): PowerDriver;
  end(): Promise<void>;
}

export async function plainService(says: Says): Promise<PlainService> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let left = '';
    socket.on('data', (bytes) => {
      left += bytes.toString('latin1');
      for (let one = requestIn(left); one !== undefined; one = requestIn(left)) {
        left = left.slice(one.length);
        const request = { ...one.request, socket };
        heard.push(request);
        const answer = says(request) ?? usual(request);
        if (answer !== 'nothing' && !socket.destroyed) socket.write(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const opened: PowerDriver[] = [];
  return {
    port,
    heard,
    open: (more = {}, tools = watchedTools(realClock), module = driver) => {
      const raw = { host: '127.0.0.1', port, insecure: true, username: 'fencer', password: Secret.fixed('fenc-er-pass'), ...more };
      const { settings, problems } = checkSettings(module.settings, raw);
      if (problems[0] !== undefined) throw new Error(`${problems[0].path} ${problems[0].says}`);
      const device = module.open('bmc', settings, tools);
      opened.push(device);
      return device;
    },
    end: async () => {
      await Promise.all(opened.map((each) => each.close()));
      for (const socket of sockets) socket.destroy();
      const gone = once(server, 'close');
      server.close();
      await gone;
    },
  };
}

/** The first whole request of the text, and how much of it that is. */
function requestIn(text: string): { readonly request: Omit<Heard, 'socket'>; readonly length: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  return text.length < length ? undefined : { request: { method, path, headers, body: text.slice(end + 4, length) }, length };
}
