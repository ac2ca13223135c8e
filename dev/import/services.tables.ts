/** What the source does not say about services: small tables of ours. */

/** Themenfeld of the OZG catalogue → life topic. */
export const TOPIC_OF: Readonly<Record<string, string>> = {
  'Arbeit & Ruhestand': 'WORK_RETIREMENT',
  'Bauen & Wohnen': 'BUILDING_HOUSING',
  Bildung: 'EDUCATION',
  'Ein- & Auswanderung': 'IMMIGRATION_EMIGRATION',
  'Engagement & Hobby': 'ENGAGEMENT_LEISURE',
  'Familie & Kind': 'FAMILY_CHILD',
  'Forschung & Förderung': 'RESEARCH_FUNDING',
  Gesundheit: 'HEALTH',
  'Mobilität & Reisen': 'MOBILITY_TRAVEL',
  Querschnitt: 'CROSS_CUTTING',
  'Recht & Ordnung': 'LAW_ORDER',
  'Steuern & Zoll': 'TAXES_CUSTOMS',
  Umwelt: 'ENVIRONMENT',
  'Unternehmensführung & -entwicklung': 'BUSINESS',
};

/** The situations of businesses (Geschäftslagen); all others are those of citizens (Lebenslagen). */
export const BUSINESS_SITUATIONS: ReadonlySet<string> = new Set([
  'Abfall & Umweltschutz',
  'Anlagen & Stoffe',
  'Arbeitgeber sein',
  'Arbeitssicherheit',
  'Aus-, Weiterbildung & Sachkunde',
  'Auslandsgeschäft',
  'Ausschreibungen & öffentliche Aufträge',
  'Bauen & Immobilien',
  'Finanzierung & Förderung',
  'Forschung & Entwicklung',
  'Geschäftsauflösung & Unternehmensübergang',
  'Logistik & Transport',
  'Querschnitt Unternehmen',
  'Statistik- & Berichtspflichten',
  'Steuern & Abgaben',
  'Unternehmensstart & Gewerbezulassung',
  'Veranstaltungen',
]);

/** Beginning of a LeiKa key → trust level the applicant needs; the longest counts, and without one it is HIGH. */
const TRUST: readonly (readonly [prefix: string, trust: string])[] = [
  ['99050012', 'SUBSTANTIAL'], // Gewerbe
  ['99025002', 'SUBSTANTIAL'], // Gaststättengewerbe
  ['99036008', 'SUBSTANTIAL'], // Kraftfahrzeug
  ['99107021', 'SUBSTANTIAL'], // Unterhaltsvorschuss
  ['99107023', 'SUBSTANTIAL'], // Wohngeld
  ['99027002', 'SUBSTANTIAL'], // Geburtsurkunde
  ['99102013', 'LOW'], // Hundesteuer
  ['99108001', 'LOW'], // Bewohnerparkausweis
];

export const trustOf = (leikaKey: string): string =>
  TRUST.filter(([prefix]) => leikaKey.startsWith(prefix)).sort((a, b) => b[0].length - a[0].length)[0]?.[1] ?? 'HIGH';
