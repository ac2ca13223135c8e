/** What a person of the staff may do: roles, and the one table of what each role allows. */
import { registerEnumType } from 'type-graphql';
import { CASEWORK } from '../../../kernel/membership';

export enum StaffRole {
  CASEWORKER = 'CASEWORKER',
  TEAM_LEAD = 'TEAM_LEAD',
  CATALOGUE_EDITOR = 'CATALOGUE_EDITOR',
  SHOP_BUYER = 'SHOP_BUYER',
  OPERATOR = 'OPERATOR',
  CASHIER = 'CASHIER',
  ARCHIVIST = 'ARCHIVIST',
  AUDITOR = 'AUDITOR',
  ADMINISTRATOR = 'ADMINISTRATOR',
}
registerEnumType(StaffRole, {
  name: 'StaffRole',
  description: 'What a person of the staff may do.',
  valuesConfig: {
    CASEWORKER: { description: 'Handles cases (Sachbearbeitung).' },
    TEAM_LEAD: { description: 'Leads a department (Teamleitung).' },
    CATALOGUE_EDITOR: { description: 'Edits the catalogue (Redaktion).' },
    SHOP_BUYER: { description: 'Orders in the shop.' },
    OPERATOR: { description: 'Runs the platform and the shop (ITV.SH).' },
    CASHIER: { description: 'Handles payments (Kasse).' },
    ARCHIVIST: { description: 'Appraises for the archive (Archiv).' },
    AUDITOR: { description: 'Reads the access log (Revision, Datenschutz).' },
    ADMINISTRATOR: { description: 'Manages the staff (Administration).' },
  },
});

/** Who works with cases reads them; who runs the platform sees deliveries, never cases. */
export const SCOPES: Readonly<Record<StaffRole, readonly string[]>> = {
  [StaffRole.CASEWORKER]: ['staff:read', 'staff:work', 'staff:decide'],
  [StaffRole.TEAM_LEAD]: ['staff:read', 'staff:work', 'staff:decide', 'payment:read'],
  [StaffRole.CATALOGUE_EDITOR]: ['catalogue:edit', 'catalogue:publish'],
  [StaffRole.SHOP_BUYER]: ['shop:order'],
  [StaffRole.OPERATOR]: ['ops:deliveries', 'shop:operate', 'catalogue:edit', 'catalogue:publish'],
  [StaffRole.CASHIER]: ['staff:read', 'payment:read', 'payment:refund', 'payment:reconcile'],
  [StaffRole.ARCHIVIST]: ['archive:offer', 'archive:appraise'],
  [StaffRole.AUDITOR]: ['staff:read', 'audit:read'],
  [StaffRole.ADMINISTRATOR]: ['staff:read', 'staff:admin'],
};

export const scopesOfRoles = (roles: readonly StaffRole[]): string[] =>
  [...new Set(roles.flatMap(role => SCOPES[role] ?? []))].sort();

/** One's own, and the casework of those one covers for (Vertretung). */
export const scopesWith = (roles: readonly StaffRole[], covered: readonly StaffRole[]): string[] =>
  [...new Set([...scopesOfRoles(roles), ...scopesOfRoles(covered).filter(scope => CASEWORK.includes(scope))])].sort();
