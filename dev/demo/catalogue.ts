/** Demo data of the catalogue: areas, authorities, services, responsibilities, an online service, a portal. */
import type { Tx } from '../../kernel/database/database';
import { derivedId } from '../../kernel/ids';
import { publish } from '../../schema/events';
import { type DemoService, RESIDENCE, SERVICES, SITUATIONS } from './catalogue.services';
import {
  authorityIdOf,
  departmentIdOf,
  MUSTERSTADT,
  NEIGHBOUR,
  OPERATOR_AUTHORITY_ID,
  type Place,
  TRADE_REGISTRATION,
} from './facts';

const SINCE = '2026-01-01';
const WRITTEN = `${SINCE}T08:00:00Z`;
const STATE = '01';
const DISTRICT = '01099';
const SECOND_ARS = `${MUSTERSTADT.associationArs}002`;
const FILES = ['application/pdf', 'image/jpeg', 'image/png'];
const LARGEST = 10 * 1024 * 1024;

/** Idempotent. Where the real areas and services were imported before, only what the import does not bring is added. */
export async function seedCatalogue(tx: Tx, place: Place): Promise<void> {
  await seedAreas(tx, place);
  await seedAuthorities(tx, place);
  await seedServices(tx);
  await seedResponsibilities(tx, place);
  await seedOnlineService(tx);
  await seedPortal(tx, place);
}

async function seedAreas(tx: Tx, place: Place): Promise<void> {
  const invented = place === MUSTERSTADT;
  const areas = [
    [STATE, 'Schleswig-Holstein', 'STATE', null],
    [DISTRICT, 'Kreis Musterland', 'DISTRICT', STATE],
    ...(invented
      ? [
          [place.associationArs, place.associationName, 'ASSOCIATION', DISTRICT],
          [place.municipalityArs, place.municipalityName, 'MUNICIPALITY', place.associationArs],
          [SECOND_ARS, 'Musterdorf', 'MUNICIPALITY', place.associationArs],
        ]
      : []),
    [NEIGHBOUR.associationArs, NEIGHBOUR.associationName, 'ASSOCIATION', DISTRICT],
    [NEIGHBOUR.municipalityArs, NEIGHBOUR.municipalityName, 'MUNICIPALITY', NEIGHBOUR.associationArs],
  ];
  for (const area of areas) {
    await tx.query(
      `INSERT INTO area (ars, name, level, parent_ars) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      area,
    );
  }
  // 00991 is Musterstadt alone, 00992 fits two places
  const postcodes = [
    ['00992', NEIGHBOUR.municipalityArs],
    ...(invented
      ? [
          ['00991', place.municipalityArs],
          ['00992', SECOND_ARS],
        ]
      : []),
  ];
  for (const postcode of postcodes) {
    await tx.query(`INSERT INTO postcode (postcode, ars) VALUES ($1, $2) ON CONFLICT DO NOTHING`, postcode);
  }
}

interface DemoAuthority {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly ars: string;
  readonly parentId: string | null;
  readonly contact?: Record<string, string>;
  readonly isPointOfSingleContact?: boolean;
}

const STORY_CONTACT = {
  address: 'Am Markt 1, 00991 Musterstadt',
  phone: '+49 0000 991-0',
  email: 'info@amt-musterstadt.example',
  website: 'https://amt-musterstadt.example',
  openingHours: 'Mo–Fr 8–12 Uhr, Do auch 14–18 Uhr',
};
const stateId = authorityIdOf(STATE);

function authoritiesOf(place: Place): DemoAuthority[] {
  const districtId = authorityIdOf(place.associationArs.slice(0, 5));
  const storyId = authorityIdOf(place.associationArs);
  const department = (word: string, name: string): DemoAuthority => ({
    id: departmentIdOf(place.associationArs, word),
    name,
    kind: 'DEPARTMENT',
    ars: place.associationArs,
    parentId: storyId,
  });
  return [
    { id: stateId, name: 'Land Schleswig-Holstein', kind: 'STATE', ars: STATE, parentId: null },
    {
      id: OPERATOR_AUTHORITY_ID,
      name: 'ITV.SH',
      kind: 'STATE',
      ars: STATE,
      parentId: stateId,
      isPointOfSingleContact: true,
      contact: { email: 'ea@itvsh.example', website: 'https://itvsh.example' },
    },
    { id: authorityIdOf(DISTRICT), name: 'Kreis Musterland', kind: 'DISTRICT', ars: DISTRICT, parentId: stateId },
    {
      id: authorityIdOf(NEIGHBOUR.associationArs),
      name: NEIGHBOUR.associationName,
      kind: 'ASSOCIATION',
      ars: NEIGHBOUR.associationArs,
      parentId: authorityIdOf(DISTRICT),
      contact: { address: 'Seeweg 2, 00992 Beispielsee', email: 'info@amt-beispielsee.example' },
    },
    // there already when it was imported
    {
      id: storyId,
      name: place.associationName,
      kind: 'ASSOCIATION',
      ars: place.associationArs,
      parentId: districtId,
      ...(place === MUSTERSTADT && { contact: STORY_CONTACT }),
    },
    department('ordnungsamt', 'Ordnungsamt'),
    department('buergerbuero', 'Bürgerbüro'),
  ];
}

async function seedAuthorities(tx: Tx, place: Place): Promise<void> {
  for (const authority of authoritiesOf(place)) {
    const made: unknown[] = await tx.query(
      `INSERT INTO authority (id, version, name, kind, ars, parent_id, contact, is_point_of_single_contact)
       VALUES ($1, 1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
      [
        authority.id,
        authority.name,
        authority.kind,
        authority.ars,
        authority.parentId,
        JSON.stringify(authority.contact ?? {}),
        authority.isPointOfSingleContact ?? false,
      ],
    );
    if (made.length === 0) continue;
    await publish(tx, 'authority.changed', authority.id, {
      authorityId: authority.id,
      parentId: authority.parentId,
      name: authority.name,
      kind: authority.kind,
    });
  }
  // each area is run by the authority named after it, a municipality of an Amt by the Amt
  await tx.query(
    `UPDATE area SET administered_by_id = authority.id FROM authority
     WHERE area.administered_by_id IS NULL AND starts_with(area.ars, $1) AND authority.kind IN ('ASSOCIATION', 'DISTRICT')
       AND (authority.ars = area.ars OR (length(area.ars) = 12 AND authority.ars = area.parent_ars))`,
    [DISTRICT],
  );
  await tx.query(`UPDATE area SET administered_by_id = $1 WHERE ars = $2 AND administered_by_id IS NULL`, [
    stateId,
    STATE,
  ]);
}

const text = ([de, en]: readonly [string, string]) => ({ de, en });
/** The import derives the ids of situations in the same way. */
const situationId = (name: string) => derivedId('life-situation', name);

async function seedServices(tx: Tx): Promise<void> {
  for (const [de, en, topic, audience] of SITUATIONS) {
    await tx.query(
      `INSERT INTO life_situation (id, life_topic, name, audience) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE life_situation.name <> excluded.name`,
      [situationId(de), topic, JSON.stringify({ de, en }), audience],
    );
  }
  for (const service of SERVICES) await seedService(tx, service);
}

/** Our texts follow an imported version, as an editor's would. */
async function seedService(tx: Tx, service: DemoService): Promise<void> {
  const id = derivedId('demo-service-version', service.leikaKey);
  const [there]: unknown[] = await tx.query(`SELECT FROM service_version WHERE id = $1`, [id]);
  if (there) return;
  await tx.query(`INSERT INTO service (leika_key) VALUES ($1) ON CONFLICT DO NOTHING`, [service.leikaKey]);
  await tx.query(
    `UPDATE service_version SET state = 'SUPERSEDED', version = version + 1, changed_at = $2, valid_to = $3::date - 1
     WHERE leika_key = $1 AND state = 'PUBLISHED'`,
    [service.leikaKey, WRITTEN, SINCE],
  );
  const leikaType = service.handledBy === 'district' ? '2' : '2/3';
  await tx.query(
    `INSERT INTO service_version (id, version, state, valid_from, changed_at, published_at, leika_key, number, title,
       summary, life_topic, life_situation_ids, audiences, programme, leika_type, on_booster_list,
       single_contact_possible, required_trust_level, required_documents, legal_basis, synonyms, recommendations)
     SELECT $1, 1, 'PUBLISHED', $2, $3, $3, $4, coalesce(max(number), 0) + 1, $5, $6, $7, $8, $9, 'FEDERATED', $10,
       $11, $12, $13, $14, $15, $16, $17
     FROM service_version WHERE leika_key = $4`,
    [
      id,
      SINCE,
      WRITTEN,
      service.leikaKey,
      JSON.stringify(text(service.title)),
      JSON.stringify(text(service.summary)),
      service.lifeTopic,
      service.situations.map(situationId),
      service.audiences,
      leikaType,
      service.onBoosterList ?? false,
      service.singleContactPossible ?? false,
      service.trust,
      JSON.stringify(
        (service.documents ?? []).map(({ code, name, mandatory }) => ({
          code,
          name: text(name),
          mandatory,
          mimeTypes: FILES,
          maxByteSize: LARGEST,
        })),
      ),
      service.legalBasis,
      service.synonyms,
      JSON.stringify(
        (service.recommendations ?? []).map(({ leikaKey, reason }) => ({ leikaKey, reason: text(reason) })),
      ),
    ],
  );
}

/** Nobody is responsible for the trade registration at the place of the story yet: the story enters it. */
async function seedResponsibilities(tx: Tx, place: Place): Promise<void> {
  const district = place.associationArs.slice(0, 5);
  const areas: Record<DemoService['handledBy'], readonly string[]> = {
    association: [place.associationArs, NEIGHBOUR.associationArs],
    district: [district],
    state: [STATE],
    nobody: [NEIGHBOUR.associationArs],
  };
  for (const { leikaKey, handledBy } of SERVICES) {
    for (const ars of areas[handledBy]) {
      await tx.query(
        `INSERT INTO responsibility (id, version, state, valid_from, changed_at, published_at, leika_key, ars, authority_id,
           channel, processing_days)
         VALUES ($1, 1, 'PUBLISHED', $2, $3, $3, $4, $5, $6, 'CASE_CLOUD', 14) ON CONFLICT DO NOTHING`,
        [derivedId('demo-responsibility', leikaKey, ars), SINCE, WRITTEN, leikaKey, ars, authorityIdOf(ars)],
      );
    }
  }
}

/** Made once for the state, for every municipality to use (Einer für Alle). The form is seeded by applications. */
async function seedOnlineService(tx: Tx): Promise<void> {
  const id = derivedId('online-service', 'gewerbeanmeldung');
  await tx.query(
    `INSERT INTO online_service (id, version, name, leika_keys, offered_by_ars, reusable)
     VALUES ($1, 1, 'Gewerbeanmeldung online', $2, $3, true) ON CONFLICT DO NOTHING`,
    [id, [TRADE_REGISTRATION], STATE],
  );
  await tx.query(
    `INSERT INTO online_service_version (id, version, state, valid_from, changed_at, published_at, online_service_id, ars,
       number, form_id, settings, overridable_paths)
     VALUES ($1, 1, 'PUBLISHED', $2, $3, $3, $4, $5, 1, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [
      derivedId('online-service-version', 'gewerbeanmeldung', '1'),
      SINCE,
      WRITTEN,
      id,
      STATE,
      derivedId('form', 'gewerbeanmeldung'),
      JSON.stringify({
        contact: { email: 'gewerbe@itvsh.example', phone: '+49 0000 100' },
        texts: { welcome: { de: 'Hier zeigen Sie Ihr Gewerbe an.', en: 'Notify your trade here.' } },
      }),
      ['/contact/email', '/contact/phone', '/fee/amountMinor', '/texts/welcome'],
    ],
  );
}

async function seedPortal(tx: Tx, place: Place): Promise<void> {
  const id = derivedId('portal', place.portalHost);
  await tx.query(
    `INSERT INTO portal (id, version, name, host, generation, state, authority_id, featured_leika_keys)
     VALUES ($1, 1, $2, $3, 'V2', 'ONLINE', $4, $5) ON CONFLICT DO NOTHING`,
    [
      id,
      `Bürgerportal ${place.municipalityName}`,
      place.portalHost,
      authorityIdOf(place.associationArs),
      [TRADE_REGISTRATION, RESIDENCE],
    ],
  );
  await tx.query(`INSERT INTO portal_area (portal_id, ars) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
    id,
    place.associationArs,
  ]);
}
