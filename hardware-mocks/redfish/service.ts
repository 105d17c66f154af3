/** The tree of resources of one Redfish service, and its actions. Knows no sockets. */
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import { ACCOUNT_SERVICE, accountResource } from './account-service.ts';
import type { Accounts, RedfishUser, Session } from './accounts.ts';
import {
  type Box,
  carryOut,
  etagOf,
  type MockStrip,
  type MockSystem,
  orderRefusal,
  outletBox,
  outletResource,
  RESET_TYPES,
  resetAction,
  STRIPS,
  SYSTEMS,
  systemBox,
  systemResource,
} from './boxes.ts';
import type { RedfishManners } from './manners.ts';
import { collection, failed, found, type JsonMap, type MockReply } from './replies.ts';
import { Tasks } from './tasks.ts';
import type { Wanted } from '../relay.ts';

export interface MockRequest {
  readonly method: string;
  /** Without a slash at its end, but for the root. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

interface ServiceOptions {
  readonly systems: readonly MockSystem[];
  readonly strips: readonly MockStrip[];
  readonly vendor: string | undefined;
  readonly product: string | undefined;
}

const ROOT = '/redfish/v1';
const SESSIONS = `${ROOT}/SessionService/Sessions`;

/** Everything that may be asked without a login (DSP0266, 13.3). */
const OPEN: readonly string[] = ['/redfish', ROOT, `${ROOT}/odata`, `${ROOT}/$metadata`];

export class Service {
  readonly #options: ServiceOptions;
  readonly #accounts: Accounts;
  readonly #faults: Faulty;
  readonly #clock: MockClock;
  readonly #manners: RedfishManners;
  readonly #tasks: Tasks;
  readonly #systems: readonly (readonly [MockSystem, Box])[];
  readonly #outlets: ReadonlyMap<MockStrip, readonly Box[]>;
  #refusedForTag = 0;

  constructor(options: ServiceOptions, accounts: Accounts, faults: Faulty, clock: MockClock, manners: RedfishManners) {
    this.#options = options;
    this.#accounts = accounts;
    this.#faults = faults;
    this.#clock = clock;
    this.#manners = manners;
    this.#tasks = new Tasks(clock);
    this.#systems = options.systems.map((system) => [system, systemBox(system)]);
    this.#outlets = new Map(options.strips.map((strip) => [strip, [...strip.outlets].map(([id, relay]) => outletBox(strip, id, relay))]));
  }

  answer(request: MockRequest): MockReply {
    const { method, path, headers } = request;
    const open = this.#openAnswer(request);
    if (open !== undefined) return open;
    const entry = this.#accounts.enter({ token: headers['x-auth-token'], authorization: headers['authorization'] });
    if (entry === 'locked-out') return failed(401, 'The account is locked.', 'Base.1.8.AccountForSessionNoLongerExists');
    if (entry === 'none' || entry === 'refused')
      return failed(401, 'There is no valid session.', undefined, { 'WWW-Authenticate': 'Basic realm="Redfish"' });
    const { answersAll, messageId, retryAfter } = this.#manners;
    const wait = { 'Retry-After': String(retryAfter ?? 1) };
    if (answersAll !== undefined) return failed(answersAll, 'Not now.', messageId, answersAll === 503 ? wait : {});
    if (this.#faults.busy()) return failed(503, 'The service is busy.', messageId, wait);
    if (method === 'DELETE') return this.#logout(path);
    if (method === 'POST') return this.#action(request, entry.user);
    if (method !== 'GET') return failed(405, 'This method is not known here.');
    const account = accountResource(path, this.#accounts.users, entry.user, this.#manners.tellsRights);
    return this.#tasks.look(path) ?? this.#resource(path, entry.session) ?? account ?? failed(404, `There is nothing at ${path}.`);
  }

  #openAnswer({ method, path, body }: MockRequest): MockReply | undefined {
    if (method === 'POST' && (path === SESSIONS || path === `${SESSIONS}/Members`)) return this.#login(body);
    if (method !== 'GET' || !OPEN.includes(path)) return undefined;
    return path === ROOT ? found(this.#root()) : found(path === '/redfish' ? { v1: `${ROOT}/` } : { value: [] });
  }

  #root(): JsonMap {
    const { vendor, product, strips } = this.#options;
    return {
      '@odata.id': `${ROOT}/`,
      '@odata.type': '#ServiceRoot.v1_15_0.ServiceRoot',
      Id: 'RootService',
      Name: 'Root Service',
      RedfishVersion: '1.17.0',
      UUID: '92384634-2938-2342-8820-489239905423',
      ...(vendor === undefined ? {} : { Vendor: vendor }),
      ...(product === undefined ? {} : { Product: product }),
      Systems: { '@odata.id': SYSTEMS },
      Chassis: { '@odata.id': `${ROOT}/Chassis` },
      Managers: { '@odata.id': `${ROOT}/Managers` },
      SessionService: { '@odata.id': `${ROOT}/SessionService` },
      ...(this.#manners.tellsRights === 'nothing' ? {} : { AccountService: { '@odata.id': ACCOUNT_SERVICE } }),
      TaskService: { '@odata.id': `${ROOT}/TaskService` },
      ...(strips.length === 0 ? {} : { PowerEquipment: { '@odata.id': `${ROOT}/PowerEquipment` } }),
      Links: { Sessions: { '@odata.id': SESSIONS } },
    };
  }

  #resource(path: string, session: Session | undefined): MockReply | undefined {
    const fixed: Readonly<Record<string, () => JsonMap>> = {
      [SYSTEMS]: () =>
        collection(
          SYSTEMS,
          'ComputerSystemCollection',
          this.#systems.map(([, box]) => box.path),
        ),
      [`${ROOT}/Chassis`]: () => collection(`${ROOT}/Chassis`, 'ChassisCollection', []),
      [`${ROOT}/Managers`]: () => collection(`${ROOT}/Managers`, 'ManagerCollection', []),
      [`${ROOT}/SessionService`]: () => ({
        '@odata.id': `${ROOT}/SessionService`,
        '@odata.type': '#SessionService.v1_1_9.SessionService',
        Id: 'SessionService',
        Name: 'Sessions',
        ServiceEnabled: true,
        SessionTimeout: 600,
        Sessions: { '@odata.id': SESSIONS },
      }),
      [SESSIONS]: () =>
        collection(
          SESSIONS,
          'SessionCollection',
          this.#accounts.sessions.map(({ id }) => `${SESSIONS}/${id}`),
        ),
      [`${ROOT}/TaskService`]: () => ({
        '@odata.id': `${ROOT}/TaskService`,
        '@odata.type': '#TaskService.v1_2_0.TaskService',
        Id: 'TaskService',
        Name: 'Tasks',
        ServiceEnabled: true,
      }),
      [`${ROOT}/PowerEquipment`]: () => ({
        '@odata.id': `${ROOT}/PowerEquipment`,
        '@odata.type': '#PowerEquipment.v1_2_0.PowerEquipment',
        Id: 'PowerEquipment',
        Name: 'Power',
        RackPDUs: { '@odata.id': STRIPS },
      }),
      [STRIPS]: () =>
        collection(
          STRIPS,
          'PowerDistributionCollection',
          this.#options.strips.map(({ id }) => `${STRIPS}/${id}`),
        ),
    };
    if (session !== undefined && path === `${SESSIONS}/${session.id}`) {
      return found({
        '@odata.id': path,
        '@odata.type': '#Session.v1_5_0.Session',
        Id: session.id,
        Name: 'Session',
        UserName: session.user.name,
      });
    }
    const body = Object.hasOwn(fixed, path) ? fixed[path]?.() : undefined;
    return body === undefined ? (this.#system(path) ?? this.#strip(path)) : found(body);
  }

  #system(path: string): MockReply | undefined {
    const at = this.#systems.findIndex(([, box]) => path === box.path || path === `${box.path}/ResetActionInfo`);
    if (at < 0) return undefined;
    if (path.endsWith('/ResetActionInfo')) {
      const parameter = { Name: 'ResetType', Required: true, DataType: 'String', AllowableValues: this.#manners.resetTypes ?? RESET_TYPES };
      return found({
        '@odata.id': path,
        '@odata.type': '#ActionInfo.v1_1_2.ActionInfo',
        Id: 'ResetActionInfo',
        Name: 'Reset',
        Parameters: [parameter],
      });
    }
    const shown = this.#systems[(at + this.#faults.answerPlugOffset()) % this.#systems.length];
    if (shown === undefined) return undefined;
    const [system, box] = shown;
    return found(systemResource(system, box, this.#faults, this.#manners), { tellsPower: true, headers: { ETag: etagOf(box) } });
  }

  #strip(path: string): MockReply | undefined {
    for (const [strip, boxes] of this.#outlets) {
      const base = `${STRIPS}/${strip.id}`;
      if (path === base) {
        return found({
          '@odata.id': base,
          '@odata.type': '#PowerDistribution.v1_3_2.PowerDistribution',
          Id: strip.id,
          Name: strip.id,
          EquipmentType: 'RackPDU',
          Manufacturer: 'bailiff',
          Model: 'mock',
          SerialNumber: strip.serial ?? `SN-${strip.id}`,
          Outlets: { '@odata.id': `${base}/Outlets` },
        });
      }
      if (path === `${base}/Outlets`)
        return found(
          collection(
            path,
            'OutletCollection',
            boxes.map((box) => box.path),
          ),
        );
      const at = boxes.findIndex((box) => box.path === path);
      if (at < 0) continue;
      const box = boxes[(at + this.#faults.answerPlugOffset()) % boxes.length];
      const relay = box === undefined ? undefined : strip.outlets.get(box.id);
      if (box === undefined || relay === undefined) return undefined;
      return found(outletResource(strip, box, relay, this.#faults, this.#manners), { tellsPower: true, headers: { ETag: etagOf(box) } });
    }
    return undefined;
  }

  #login(body: string): MockReply {
    const { UserName, Password } = fieldsOf(body);
    const entry = this.#accounts.login(typeof UserName === 'string' ? UserName : '', typeof Password === 'string' ? Password : '');
    if (typeof entry === 'string') return failed(401, 'The user name or the password is wrong.');
    const session = this.#accounts.open(entry.user);
    if (session === undefined) {
      return failed(503, 'RAC0218: The maximum number of user sessions is reached.', 'IDRAC.2.4.RAC0218', { 'Retry-After': '30' });
    }
    const path = `${SESSIONS}/${session.id}`;
    const headers = { 'X-Auth-Token': session.token, Location: path };
    return {
      status: 201,
      headers,
      body: { '@odata.id': path, '@odata.type': '#Session.v1_5_0.Session', Id: session.id, Name: 'Session', UserName: session.user.name },
    };
  }

  #logout(path: string): MockReply {
    const id = path.startsWith(`${SESSIONS}/`) ? path.slice(SESSIONS.length + 1) : '';
    return this.#accounts.end(id) ? { status: 204 } : failed(404, `There is no session at ${path}.`);
  }

  #action(request: MockRequest, user: RedfishUser): MockReply {
    const system = this.#systems.find(([, box]) => request.path === `${box.path}/Actions/ComputerSystem.Reset`);
    const strip = [...this.#outlets].find(([, boxes]) => boxes.some((box) => request.path === `${box.path}/Outlet.PowerControl`));
    if (system === undefined && strip === undefined) return failed(404, `There is no action at ${request.path}.`);
    if (user.role === 'ReadOnly') return failed(403, 'The privileges of this user are insufficient.');
    return system === undefined ? this.#switchOutlet(request, strip?.[0], strip?.[1] ?? []) : this.#reset(request, ...system);
  }

  #reset(request: MockRequest, { machine }: MockSystem, box: Box): MockReply {
    const { ResetType } = fieldsOf(request.body);
    const type = typeof ResetType === 'string' ? ResetType : '';
    const known = this.#manners.resetTypes ?? RESET_TYPES;
    const reset = known.includes(type) ? resetAction(type, machine) : undefined;
    if (reset === undefined)
      return failed(400, `The value ${type} for ResetType is not in the list.`, 'Base.1.8.ActionParameterNotSupported');
    const run = (meant: Box): void => this.#systems.find(([, each]) => each === meant)?.[0].machine.order(reset.action);
    return this.#ordered(
      request,
      box,
      reset.wanted,
      this.#systems.map(([, each]) => each),
      run,
    );
  }

  #switchOutlet(request: MockRequest, strip: MockStrip | undefined, boxes: readonly Box[]): MockReply {
    const box = boxes.find((each) => request.path.startsWith(`${each.path}/`));
    const state = fieldsOf(request.body)['PowerState'];
    if (box === undefined || strip === undefined || (state !== 'On' && state !== 'Off'))
      return failed(400, 'PowerState must be On or Off.', 'Base.1.8.ActionParameterNotSupported');
    if (strip.held?.has(box.id) === true) return failed(409, 'The power control of this outlet is locked.', 'Base.1.8.OperationNotAllowed');
    const wanted = state === 'On' ? 'on' : 'off';
    return this.#ordered(request, box, wanted, boxes, (meant) => strip.outlets.get(meant.id)?.order(wanted));
  }

  #ordered(request: MockRequest, box: Box, wanted: Wanted, boxes: readonly Box[], run: (box: Box) => void): MockReply {
    const tagged = this.#tagRefusal(request, box);
    if (tagged !== undefined) return tagged;
    const refusal = orderRefusal(box, wanted, this.#manners);
    if (refusal !== undefined) return refusal;
    const carry = carryOut({ boxes, box, wanted, run }, this.#faults, this.#clock);
    const { orderAnswer = 204 } = this.#manners;
    if (orderAnswer === 202) return this.#tasks.begin(carry, this.#manners);
    carry();
    return orderAnswer === 200
      ? found({ '@Message.ExtendedInfo': [{ MessageId: 'Base.1.8.Success', Message: 'Success.' }] }, { ordered: true })
      : { status: 204, ordered: true };
  }

  #tagRefusal({ headers }: MockRequest, box: Box): MockReply | undefined {
    const { precondition } = this.#manners;
    if (precondition === undefined) return undefined;
    const brought = headers['if-match']?.replace(/^W\//, '') === etagOf(box).replace(/^W\//, '');
    if (precondition === 'with-etag' ? brought : this.#refusedForTag >= precondition) return undefined;
    this.#refusedForTag += 1;
    return failed(412, 'The precondition failed.');
  }
}

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
