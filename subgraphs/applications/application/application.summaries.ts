/** Each step of an application's history in words, and whether the applicant's history shows it. */
import type { Text } from '../../../kernel/language';
import type { HistoryAction } from './application.states';

interface Step extends Text {
  /**
   * `yes`, `no`, or only when the public status changes by it. A decision never shows: its notice does
   * (DOMAIN §0: before NOTIFIED an applicant sees no decision on any path).
   */
  readonly shown: 'yes' | 'no' | 'with status';
}

export const STEPS: Readonly<Record<HistoryAction, Step>> = {
  createDraft: { shown: 'yes', de: 'Antrag begonnen', en: 'Application begun' },
  changeDraft: { shown: 'yes', de: 'Angaben geändert', en: 'Answers changed' },
  deleteDraft: { shown: 'yes', de: 'Entwurf gelöscht', en: 'Draft deleted' },
  expireDraft: {
    shown: 'yes',
    de: 'Entwurf nach 30 Tagen ohne Änderung gelöscht (§ 8a OZG)',
    en: 'Draft deleted after 30 days without a change (§ 8a OZG)',
  },
  requestUpload: { shown: 'yes', de: 'Datei angekündigt', en: 'File announced' },
  submitApplication: { shown: 'yes', de: 'Antrag abgesendet', en: 'Application submitted' },
  receive: { shown: 'yes', de: 'Bei der Behörde eingegangen', en: 'Arrived at the authority' },
  exhaustDelivery: { shown: 'no', de: 'Konnte nicht zugestellt werden', en: 'Could not be delivered' },
  retryDelivery: { shown: 'no', de: 'Zustellung neu begonnen', en: 'Delivery started again' },
  abandonDelivery: { shown: 'no', de: 'Zustellung aufgegeben', en: 'Delivery given up' },
  claimApplication: { shown: 'with status', de: 'In Bearbeitung genommen', en: 'Taken into work' },
  assignApplication: { shown: 'with status', de: 'Zugewiesen', en: 'Assigned' },
  forwardApplication: { shown: 'yes', de: 'Weitergeleitet', en: 'Forwarded' },
  requestDocuments: { shown: 'yes', de: 'Unterlagen nachgefordert', en: 'Documents requested' },
  answerDocumentRequest: { shown: 'yes', de: 'Unterlagen nachgereicht', en: 'Documents handed in' },
  reviewDocumentRequest: { shown: 'yes', de: 'Nachgereichte Unterlagen geprüft', en: 'Documents checked' },
  cancelDocumentRequest: { shown: 'yes', de: 'Nachforderung zurückgenommen', en: 'Document request taken back' },
  documentRequestOverdue: {
    shown: 'yes',
    de: 'Frist für Unterlagen abgelaufen',
    en: 'The time to hand in documents is over',
  },
  confirmCompleteness: { shown: 'yes', de: 'Vollständigkeit festgestellt', en: 'Found complete' },
  extendDeadline: { shown: 'yes', de: 'Frist verlängert', en: 'Deadline extended' },
  deadlineChanged: { shown: 'yes', de: 'Frist geändert', en: 'Deadline changed' },
  startHandover: { shown: 'no', de: 'An das Fachverfahren übergeben', en: 'Handed to the line-of-business system' },
  handoverChanged: {
    shown: 'no',
    de: 'Antwort des Fachverfahrens',
    en: 'Answer of the line-of-business system',
  },
  confirmFourEyes: {
    shown: 'no',
    de: 'Bestätigt, dass es nicht der eigene Antrag ist (Vier-Augen-Prinzip)',
    en: 'Confirmed that it is not the own application (four eyes)',
  },
  decideApplication: { shown: 'no', de: 'Entschieden', en: 'Decided' },
  notify: { shown: 'yes', de: 'Bescheid bereitgestellt', en: 'Notice made available' },
  closeApplication: { shown: 'yes', de: 'Abgeschlossen', en: 'Closed' },
  withdrawApplication: { shown: 'yes', de: 'Zurückgenommen', en: 'Withdrawn' },
  addNote: { shown: 'no', de: 'Interner Vermerk', en: 'Internal note' },
  addFollowUp: { shown: 'no', de: 'Wiedervorlage', en: 'Follow-up' },
  archive: { shown: 'yes', de: 'An das Archiv abgegeben', en: 'Transferred to the archive' },
  destroy: { shown: 'yes', de: 'Inhalt vernichtet', en: 'Content destroyed' },
};
