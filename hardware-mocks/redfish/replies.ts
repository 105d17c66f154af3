/** What a Redfish service answers, before the fault plan and the manners have their say. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonMap = { readonly [name: string]: Json };

export interface MockReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonMap;
  /** The reply tells a power state. */
  readonly tellsPower?: boolean;
  /** The reply answers an order that was taken. */
  readonly ordered?: boolean;
}

export const found = (body: JsonMap, more: Omit<MockReply, 'status' | 'body'> = {}): MockReply => ({ status: 200, body, ...more });

const USUAL_ID: Readonly<Record<number, string>> = {
  400: 'Base.1.8.InvalidOperationForSystemState',
  401: 'Base.1.8.NoValidSession',
  403: 'Base.1.8.InsufficientPrivilege',
  404: 'Base.1.8.ResourceMissingAtURI',
  405: 'Base.1.8.OperationNotAllowed',
  409: 'Base.1.8.InvalidOperationForSystemState',
  412: 'Base.1.8.PreconditionFailed',
  500: 'Base.1.8.InternalError',
  503: 'Base.1.8.ServiceTemporarilyUnavailable',
};

/** The error body of the specification (DSP0266, error responses). */
export function failed(
  status: number,
  says: string,
  id = USUAL_ID[status] ?? 'Base.1.8.GeneralError',
  headers: Readonly<Record<string, string>> = {},
): MockReply {
  const info = { MessageId: id, Message: says, Severity: 'Critical', Resolution: 'None.' };
  return { status, headers, body: { error: { code: id, message: says, '@Message.ExtendedInfo': [info] } } };
}

export function collection(path: string, type: string, members: readonly string[]): JsonMap {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}.${type}`,
    Name: type,
    Members: members.map((member) => ({ '@odata.id': member })),
    'Members@odata.count': members.length,
  };
}
