/** The notice (Bescheid) as a letter, with what § 37 and § 39 VwVfG ask of it. */
import { dayOf } from '../../../kernel/clock';
import type { Application } from '../application/application.entity';
import { germanDay } from '../deadlines/calendar';
import type { Letter } from '../letters/letter';
import { DecisionOutcome } from './decision.entity';

/** What was decided, and who signs. */
export interface Notice {
  readonly outcome: DecisionOutcome;
  readonly reasoning: string;
  readonly legalRemedy: string;
  readonly decidedAt: Date;
  /** § 37 (3) VwVfG: the name of who decided stands in the notice. */
  readonly signer: string;
}

const OPERATIVE: Readonly<Record<DecisionOutcome, (of: string) => string>> = {
  GRANTED: of => `Ihrem Antrag ${of} wird entsprochen.`,
  PARTLY_GRANTED: of => `Ihrem Antrag ${of} wird teilweise entsprochen; im Übrigen wird er abgelehnt.`,
  REFUSED: of => `Ihr Antrag ${of} wird abgelehnt.`,
  SETTLED: of => `Das Verfahren über Ihren Antrag ${of} ist erledigt.`,
  DEEMED_GRANTED: of => `Ihr Antrag ${of} gilt als genehmigt, weil die Entscheidungsfrist abgelaufen ist.`,
};

export function noticeLetter(application: Application, notice: Notice): Letter {
  const { serviceTitle, areaName, reference, submittedAt, applicantName, authorityName } = application;
  const sender = authorityName ?? '';
  const of = `„${serviceTitle}“ (${areaName})${submittedAt ? ` vom ${germanDay(dayOf(submittedAt))}` : ''}`;
  return {
    sender,
    recipient: applicantName ?? '',
    particulars: [
      ['Aktenzeichen', reference ?? ''],
      ['Datum', germanDay(dayOf(notice.decidedAt))],
    ],
    subject: `Bescheid: ${serviceTitle}`,
    salutation: `Guten Tag ${applicantName ?? ''},`,
    parts: [
      { heading: 'Entscheidung', text: OPERATIVE[notice.outcome](of) },
      { heading: 'Begründung', text: notice.reasoning },
      { heading: 'Rechtsbehelfsbelehrung', text: notice.legalRemedy },
    ],
    signature: [sender, `Im Auftrag ${notice.signer}`],
    remark: 'Dieser Bescheid wurde elektronisch erlassen und ist ohne Unterschrift wirksam.',
  };
}
