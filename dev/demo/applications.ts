/** Demo data of the applications subgraph: the form of the trade registration, written by us after § 14 GewO. */
import type { Tx } from '../../kernel/database/database';
import { derivedId } from '../../kernel/ids';
import { formHash } from '../../subgraphs/applications/forms/form.service';
import type { Place } from './facts';

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Gewerbeanmeldung',
  type: 'object',
  properties: {
    familyName: { type: 'string', title: 'Familienname', minLength: 1, maxLength: 120 },
    givenName: { type: 'string', title: 'Vornamen', minLength: 1, maxLength: 120 },
    // no format: of some it is known in part only, as 1990-05-00
    birthdate: { type: 'string', title: 'Geburtsdatum', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    birthplace: { type: 'string', title: 'Geburtsort', maxLength: 120 },
    street: { type: 'string', title: 'Straße und Hausnummer des Betriebs', minLength: 1, maxLength: 120 },
    postcode: { type: 'string', title: 'Postleitzahl', pattern: '^[0-9]{5}$' },
    town: { type: 'string', title: 'Ort', minLength: 1, maxLength: 120 },
    email: { type: 'string', title: 'E-Mail-Adresse', format: 'email', maxLength: 254 },
    phone: { type: 'string', title: 'Telefon', maxLength: 40 },
    trade: { type: 'string', title: 'Angemeldete Tätigkeit', minLength: 3, maxLength: 1000 },
    startsOn: { type: 'string', title: 'Beginn der Tätigkeit', format: 'date' },
    sideline: { type: 'boolean', title: 'Wird der Betrieb nur im Nebenerwerb geführt?' },
    employees: { type: 'integer', title: 'Zahl der Beschäftigten', minimum: 0, maximum: 100000 },
  },
  required: ['familyName', 'street', 'town', 'trade', 'startsOn'],
  additionalProperties: false,
};

const uiSchema = {
  groups: [
    {
      title: { de: 'Angaben zur Person', en: 'About you' },
      fields: ['familyName', 'givenName', 'birthdate', 'birthplace', 'email', 'phone'],
    },
    {
      title: { de: 'Angaben zum Betrieb', en: 'About the business' },
      fields: ['trade', 'startsOn', 'street', 'postcode', 'town', 'sideline', 'employees'],
    },
  ],
  widgets: { trade: 'textarea', startsOn: 'date', birthdate: 'date' },
};

/** When it was written; fixed, so that the same seed is the same data. */
const REGISTERED = '2026-01-05T09:00:00+01:00';

export async function seedApplications(tx: Tx, _place: Place): Promise<void> {
  await tx.query(
    `INSERT INTO form (id, title, schema, ui_schema, hash, registered_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING`,
    [
      derivedId('form', 'gewerbeanmeldung'),
      schema.title,
      JSON.stringify(schema),
      JSON.stringify(uiSchema),
      formHash(schema, uiSchema),
      REGISTERED,
    ],
  );
}
