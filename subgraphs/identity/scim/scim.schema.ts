/**
 * The attributes of SCIM that are known here (RFC 7643), as tables: which are kept, which only shown, and which a directory
 * may send although nobody keeps them. Names are not case-exact, and may be written out with their schema.
 */
import { scimError } from './scim.errors';

export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'complex';
  readonly description: string;
  readonly many?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  /** Shown, and never written. */
  readonly readOnly?: boolean;
  /** Written, and never shown. */
  readonly writeOnly?: boolean;
  /** A list whose elements are added and removed, and never changed. */
  readonly fixed?: boolean;
  readonly parts?: readonly Attribute[];
}

export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
  /** Attributes of the standard that nobody keeps: a directory sends them beside what counts. */
  readonly ignored: readonly string[];
}

export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: string;
  readonly core: Schema;
  readonly extensions: readonly Schema[];
}

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** SCIM has no date of birth; it is needed to recognise a person's own cases (four eyes). */
export const PERSON = 'urn:ietf:params:scim:schemas:extension:amtsgraph:2.0:User';

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});
const complex = (
  name: string,
  description: string,
  parts: readonly Attribute[],
  more: Partial<Attribute> = {},
): Attribute => ({ name, type: 'complex', description, parts, ...more });
const readOnly = true;

/** Of every resource. */
const COMMON: readonly Attribute[] = [
  text('schemas', 'The schemas of the resource.', { type: 'reference', many: true, readOnly }),
  text('id', 'The opaque id of the resource.', { caseExact: true, readOnly }),
  complex(
    'meta',
    'What the service says of the resource.',
    [
      text('resourceType', 'Its type.', { caseExact: true, readOnly }),
      text('created', 'When it was made.', { type: 'dateTime', readOnly }),
      text('location', 'Its address.', { type: 'reference', readOnly }),
      text('version', 'Its version.', { caseExact: true, readOnly }),
    ],
    { readOnly },
  ),
];

export const USER: ResourceType = {
  name: 'User',
  endpoint: '/Users',
  core: {
    id: 'urn:ietf:params:scim:schemas:core:2.0:User',
    name: 'User',
    description: 'A person of the authority’s staff.',
    attributes: [
      text('userName', 'The name at the directory.', { required: true }),
      text('externalId', 'The id at the directory.', { caseExact: true }),
      text('displayName', 'The name to show; made of the other names when it is left out.'),
      complex('name', 'The names by which a person’s own account is recognised.', [
        text('formatted', 'The whole name.'),
        text('familyName', 'The family name.'),
        text('givenName', 'The given name.'),
      ]),
      text('active', 'False for who has left: access ends at once.', { type: 'boolean' }),
      complex(
        'emails',
        'Addresses; only the primary one is kept, else the first.',
        [
          text('value', 'The address.'),
          text('display', 'Not kept.'),
          text('type', 'Such as work.'),
          text('primary', 'True for the one that counts.', { type: 'boolean' }),
        ],
        { many: true },
      ),
      complex('roles', 'What the person may do, as the groups say.', [text('value', 'The role.', { readOnly })], {
        many: true,
        readOnly,
      }),
      complex('groups', 'Not shown: see the groups.', [text('value', 'The group.', { readOnly })], {
        many: true,
        readOnly,
      }),
    ],
    ignored: [
      'nickName',
      'profileUrl',
      'title',
      'userType',
      'preferredLanguage',
      'locale',
      'timezone',
      'password',
      'phoneNumbers',
      'ims',
      'photos',
      'addresses',
      'entitlements',
      'x509Certificates',
      'name.middleName',
      'name.honorificPrefix',
      'name.honorificSuffix',
    ],
  },
  extensions: [
    {
      id: ENTERPRISE,
      name: 'EnterpriseUser',
      description: 'Where the person works.',
      attributes: [text('department', 'The id of a department of the authority.')],
      ignored: ['employeeNumber', 'costCenter', 'organization', 'division', 'manager'],
    },
    {
      id: PERSON,
      name: 'Person',
      description: 'Who the person is (four eyes).',
      attributes: [
        text('dateOfBirth', 'Day of birth, as YYYY-MM-DD with 00 for what is unknown; written, never read.', {
          writeOnly: true,
        }),
      ],
      ignored: [],
    },
  ],
};

export const GROUP: ResourceType = {
  name: 'Group',
  endpoint: '/Groups',
  core: {
    id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
    name: 'Group',
    description: 'A role; its members hold it.',
    attributes: [
      text('displayName', 'The name of the role.', { required: true }),
      complex(
        'members',
        'Who holds the role.',
        [
          text('value', 'The id of a user.', { required: true }),
          text('display', 'The user’s name.'),
          text('type', 'User.'),
          text('$ref', 'The user’s address; its last part is the id.', { type: 'reference' }),
        ],
        { many: true, fixed: true },
      ),
    ],
    ignored: ['externalId'],
  },
  extensions: [],
};

export const TYPES = [USER, GROUP] as const;
export const schemasOf = ({ core, extensions }: ResourceType): readonly Schema[] => [core, ...extensions];

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
export const partNamed = (parts: readonly Attribute[] | undefined, name: string): Attribute | undefined =>
  parts?.find(part => sameName(part.name, name));

/** An extension as the attribute that holds its own. */
const asAttribute = ({ id, description, attributes }: Schema): Attribute => complex(id, description, attributes);

/** The way to an attribute, from the resource down; empty for the resource itself, null for what nobody keeps. */
export type Way = readonly Attribute[] | null;

/** @returns undefined for a name that is none */
export function wayTo(type: ResourceType, name: string): Way | undefined {
  const schema = schemasOf(type).find(
    ({ id }) => sameName(name.slice(0, id.length), id) && /^[:.]?$/.test(name.charAt(id.length)),
  );
  const { core } = type;
  if (!schema) return within([...COMMON, ...core.attributes], core.ignored, name);
  const rest = name.slice(schema.id.length + 1);
  const holder = schema === core ? [] : [asAttribute(schema)];
  if (rest === '') return holder;
  const way = within(schema === core ? [...COMMON, ...core.attributes] : schema.attributes, schema.ignored, rest);
  return way && [...holder, ...way];
}

function within(attributes: readonly Attribute[], ignored: readonly string[], name: string): Way | undefined {
  const [first = '', second, ...more] = name.split('.');
  if (ignored.some(one => sameName(one, first) || sameName(one, `${first}.${second}`))) return null;
  const attribute = partNamed(attributes, first);
  if (!attribute || second === undefined) return attribute && [attribute];
  const part = partNamed(attribute.parts, second);
  return part && more.length === 0 ? [attribute, part] : undefined;
}

/** A body's own list of schemas, where it has one, must name the type's. */
export function demandSchema(given: unknown, id: string): void {
  if (given === undefined) return;
  const names = Array.isArray(given) ? given.map(String) : [];
  if (!names.some(name => sameName(name, id))) throw scimError(400, 'invalidSyntax', `schemas: ${id} is expected.`);
}

const describeAttribute = (attribute: Attribute): object => ({
  name: attribute.name,
  type: attribute.type,
  multiValued: attribute.many ?? false,
  description: attribute.description,
  required: attribute.required ?? false,
  caseExact: attribute.caseExact ?? false,
  mutability: attribute.readOnly ? 'readOnly' : attribute.writeOnly ? 'writeOnly' : 'readWrite',
  returned: attribute.writeOnly ? 'never' : 'default',
  uniqueness: attribute.name === 'userName' ? 'server' : 'none',
  ...(attribute.type === 'reference' && { referenceTypes: ['User'] }),
  ...(attribute.parts && { subAttributes: attribute.parts.map(describeAttribute) }),
});

/** As a directory reads it (RFC 7643 § 7). */
export const describeSchema = ({ id, name, description, attributes }: Schema, base: string): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  description,
  attributes: attributes.map(describeAttribute),
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
});

export const describeType = ({ name, endpoint, core, extensions }: ResourceType, base: string): object => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: name,
  name,
  endpoint,
  description: core.description,
  schema: core.id,
  ...(extensions.length > 0 && { schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })) }),
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
});
