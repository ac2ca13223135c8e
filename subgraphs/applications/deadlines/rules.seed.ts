/**
 * The dated rules we know, with their source; the migration writes them as rows and from then on the rows are the truth.
 * Not legal advice: whoever runs the platform has them checked and changes the rows.
 */
import { derivedId } from '../../../kernel/ids';
import { DeadlineKind, type LegalRuleRow } from './deadline.entity';

export const LEGAL_RULES: readonly LegalRuleRow[] = [
  {
    id: derivedId('legal-rule', 'processing'),
    kind: DeadlineKind.PROCESSING,
    citation: '§ 31 Abs. 1 und 3 VwVfG, §§ 187, 188, 193 BGB',
    textDe:
      'Die Bearbeitungsfrist der Leistung läuft ab den vollständigen Unterlagen, steht still, solange Unterlagen fehlen, und endet an einem Werktag.',
    textEn:
      'The working time of the service runs from complete documents, stands still while documents are missing, and ends on a working day.',
    validFrom: '1977-01-01',
    validTo: null,
    parameters: { unit: 'CALENDAR_DAYS', endsOnWorkingDay: true, atRiskDays: 2 },
  },
  {
    id: derivedId('legal-rule', 'document-request'),
    kind: DeadlineKind.DOCUMENT_REQUEST,
    citation: '§ 26 Abs. 2, § 31 Abs. 2 VwVfG',
    textDe: 'Die Behörde nennt den Tag, bis zu dem fehlende Unterlagen nachzureichen sind.',
    textEn: 'The authority names the day by which missing documents are to be handed in.',
    validFrom: '1977-01-01',
    validTo: null,
    parameters: { atRiskDays: 2 },
  },
  {
    id: derivedId('legal-rule', 'notification-mailbox'),
    kind: DeadlineKind.DEEMED_NOTIFICATION,
    citation: '§ 9 Abs. 1 OZG',
    textDe:
      'Ein im Postfach bereitgestellter Bescheid gilt am dritten Tag nach der Bereitstellung als bekannt gegeben.',
    textEn: 'A notice in the mailbox counts as notified on the third day after it was made available.',
    validFrom: '2024-07-24',
    validTo: null,
    parameters: { days: 3, way: 'MAILBOX' },
  },
  {
    // the 4th day follows the longer postal times of the Postrechtsmodernisierungsgesetz, in force since 2025
    id: derivedId('legal-rule', 'notification-letter'),
    kind: DeadlineKind.DEEMED_NOTIFICATION,
    citation: '§ 110 Abs. 2 LVwG SH',
    textDe: 'Ein abgesandter Bescheid gilt am vierten Tag nach der Absendung als bekannt gegeben.',
    textEn: 'A notice that was sent counts as notified on the fourth day after sending.',
    validFrom: '2025-01-01',
    validTo: null,
    parameters: { days: 4, way: 'LETTER' },
  },
  {
    id: derivedId('legal-rule', 'objection'),
    kind: DeadlineKind.OBJECTION,
    citation: '§ 70 Abs. 1 VwGO, §§ 187, 188, 193 BGB',
    textDe: 'Der Widerspruch ist innerhalb eines Monats nach der Bekanntgabe zu erheben.',
    textEn: 'An objection must be raised within one month of the notification.',
    validFrom: '1960-04-01',
    validTo: null,
    parameters: { months: 1, endsOnWorkingDay: true },
  },
  {
    id: derivedId('legal-rule', 'retention'),
    kind: DeadlineKind.RETENTION,
    citation: 'Aktenplan der Behörde, § 6 LArchG SH',
    textDe:
      'Der Vorgang wird bis zum Ende des zehnten Jahres nach seinem Abschluss aufbewahrt und dann dem Archiv angeboten.',
    textEn: 'The case is kept until the end of the tenth year after it ended, and is then offered to the archive.',
    validFrom: '1992-08-11',
    validTo: null,
    parameters: { years: 10, endOfYear: true },
  },
  {
    id: derivedId('legal-rule', 'draft-deletion'),
    kind: DeadlineKind.DRAFT_DELETION,
    citation: '§ 8a OZG',
    textDe: 'Ein Entwurf wird 30 Tage nach der letzten Änderung gelöscht.',
    textEn: 'A draft is deleted 30 days after its last edit.',
    validFrom: '2024-07-24',
    validTo: null,
    parameters: { days: 30 },
  },
];
