/** The AccountService of a Redfish service: users and what their roles may do (DSP0266, privilege model). */
import type { RedfishUser } from './accounts.ts';
import type { RedfishManners } from './manners.ts';
import { collection, failed, found, type JsonMap, type MockReply } from './replies.ts';

export const ACCOUNT_SERVICE = '/redfish/v1/AccountService';

const ACCOUNTS = `${ACCOUNT_SERVICE}/Accounts`;
const ROLES = `${ACCOUNT_SERVICE}/Roles`;
const PRIVILEGES: Readonly<Record<string, readonly string[]>> = {
  Operator: ['Login', 'ConfigureComponents', 'ConfigureSelf'],
  ReadOnly: ['Login', 'ConfigureSelf'],
};

/** Nobody here may configure users, so that each reads their own account only. */
export function accountResource(
  path: string,
  users: readonly RedfishUser[],
  reader: RedfishUser,
  rights: RedfishManners['tellsRights'],
): MockReply | undefined {
  if (rights === 'nothing') return undefined;
  const ids = users.map((_user, index) => `${ACCOUNTS}/${index + 1}`);
  if (path === ACCOUNT_SERVICE)
    return found(resource(path, 'AccountService.v1_15_0.AccountService', { Accounts: at(ACCOUNTS), Roles: at(ROLES) }));
  if (path === ACCOUNTS) return found(collection(ACCOUNTS, 'ManagerAccountCollection', ids));
  const user = users[ids.indexOf(path)];
  if (user !== undefined)
    return user === reader ? found(accountOf(path, user, rights)) : failed(403, 'The account is that of another user.');
  const role = Object.keys(PRIVILEGES).find((name) => path === `${ROLES}/${name}`);
  if (role === undefined) return undefined;
  return found(resource(path, 'Role.v1_3_1.Role', { RoleId: role, AssignedPrivileges: PRIVILEGES[role] ?? [], OemPrivileges: [] }));
}

function accountOf(path: string, { name, role = 'Operator' }: RedfishUser, rights: RedfishManners['tellsRights']): JsonMap {
  return resource(path, 'ManagerAccount.v1_12_0.ManagerAccount', {
    UserName: name,
    RoleId: role,
    ...(rights === 'role-only' ? {} : { Links: { Role: at(`${ROLES}/${role}`) } }),
    ...(rights === 'with-oem' ? { Oem: { Maker: { Privileges: { VirtualPowerAndReset: true } } } } : {}),
  });
}

const at = (path: string): JsonMap => ({ '@odata.id': path });

const resource = (path: string, type: string, more: JsonMap): JsonMap => ({
  '@odata.id': path,
  '@odata.type': `#${type}`,
  Id: path.split('/').at(-1) ?? '',
  Name: 'Accounts',
  ...more,
});
