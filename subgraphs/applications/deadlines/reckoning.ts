/**
 * The legal clock (Fristenuhr): all deadlines of a case as a pure function of what happened, the dated rules, the
 * holidays and the day. Nothing is stored that cannot be worked out again.
 */
import { addDays, dayOf } from '../../../kernel/clock';
import { derivedId } from '../../../kernel/ids';
import type { Text } from '../../../kernel/language';
import { daysBetween, endOf, germanDay, type Holidays, type Stop, workingDayFrom } from './calendar';
import { DeadlineKind, DeadlineState, type LegalRuleRow, type NotificationWay } from './deadline.entity';

/** What happened in a case, as far as the law counts days by it. */
export interface CaseFacts {
  readonly applicationId: string;
  /** Each state the case took, oldest first; the last one is the present one. */
  readonly states: readonly { readonly state: string; readonly at: Date }[];
  /** The last edit of a draft. */
  readonly editedAt: Date;
  /** Frozen at submission; null when the service has no promised time. */
  readonly processingDays: number | null;
  readonly completeAt: Date | null;
  readonly requests: readonly RequestFacts[];
  readonly notification: { readonly way: NotificationWay; readonly at: Date } | null;
  readonly extensions: readonly { readonly deadlineId: string; readonly days: number; readonly reason: string }[];
}

export interface RequestFacts {
  readonly id: string;
  /** When the present round began. */
  readonly askedAt: Date;
  /** The day the authority has named. */
  readonly dueOn: string;
  /** It was named with reference to § 31 (3) VwVfG, so it holds although it may be no working day. */
  readonly fixedDay?: boolean;
  /** The last day as the applicant was told it; left out: worked out by the law of today. */
  readonly endsOn?: string | null;
  /** When the present round was answered. */
  readonly answeredAt: Date | null;
  readonly canceled: boolean;
  /** When it was taken back or accepted. */
  readonly closedAt?: Date | null;
  /** Rounds before the present one, oldest first: their answers were not accepted. */
  readonly earlier?: readonly Round[];
}

/** One asking of a request, and its answer. */
type Round = Pick<RequestFacts, 'askedAt' | 'dueOn' | 'fixedDay' | 'endsOn' | 'answeredAt'>;

export interface ReckonedDeadline {
  readonly id: string;
  readonly kind: DeadlineKind;
  readonly state: DeadlineState;
  /** When it was done, in time or late; null while it is to be done. */
  readonly doneOn: string | null;
  readonly startsOn: string | null;
  readonly dueOn: string | null;
  readonly pausedSince: Date | null;
  readonly pausedDays: number;
  readonly extensionDays: number;
  readonly extensionReason: string | null;
  readonly atRisk: boolean;
  readonly rule: LegalRuleRow;
  readonly steps: readonly { readonly date: string | null; readonly text: Text }[];
}

export interface Law {
  readonly rules: readonly LegalRuleRow[];
  /** Of the state the case lies in. */
  readonly holidays: Holidays;
}

/** One deadline of a kind, and of a thing where a case has several of the kind. */
export const deadlineId = (applicationId: string, kind: DeadlineKind, of = ''): string =>
  derivedId('deadline', applicationId, kind, of);

/** The rule in force on a day; null where no rule is written down, and then there is no such deadline. */
export function ruleOn(
  rules: readonly LegalRuleRow[],
  kind: DeadlineKind,
  day: string,
  way?: NotificationWay,
): LegalRuleRow | null {
  return (
    rules.find(
      rule =>
        rule.kind === kind &&
        rule.validFrom <= day &&
        (rule.validTo === null || rule.validTo >= day) &&
        (way === undefined || rule.parameters.way === way),
    ) ?? null
  );
}

/** @param today the day in Europe/Berlin it is seen from */
export function deadlinesOf(facts: CaseFacts, law: Law, today: string): ReckonedDeadline[] {
  const notification = deemedNotification(facts, law, today);
  return [
    draftDeletion(facts, law, today),
    processing(facts, law, today),
    ...facts.requests.flatMap(request => [
      documentRequest(facts, request, law, today),
      ...missedRounds(facts, request, law, today),
    ]),
    notification,
    notification && objection(facts, notification.dueOn!, law, today),
    retention(facts, law, today),
  ].filter(deadline => deadline !== null);
}

const ACTED_ON = [DeadlineKind.PROCESSING, DeadlineKind.DOCUMENT_REQUEST, DeadlineKind.DRAFT_DELETION];
const RUNS = [DeadlineState.RUNNING, DeadlineState.MISSED];

/** The nearest day by which somebody must act, or should have acted; null when nothing is to be done. */
export function nextDueOn(deadlines: readonly ReckonedDeadline[]): string | null {
  const days = deadlines
    .filter(({ kind, state, doneOn }) => ACTED_ON.includes(kind) && RUNS.includes(state) && doneOn === null)
    .map(({ dueOn }) => dueOn!);
  return days.sort()[0] ?? null;
}

const lastOf = (facts: CaseFacts) => facts.states.at(-1)?.state;
const firstTime = (facts: CaseFacts, ...states: string[]): Date | null =>
  facts.states.find(({ state }) => states.includes(state))?.at ?? null;

const NONE = {
  doneOn: null,
  startsOn: null,
  dueOn: null,
  pausedSince: null,
  pausedDays: 0,
  extensionDays: 0,
  extensionReason: null,
  atRisk: false,
};

/** RUNNING up to its last day; what is done in time is MET. */
function stateBy(dueOn: string, doneOn: string | null, today: string): DeadlineState {
  if (doneOn !== null) return doneOn <= dueOn ? DeadlineState.MET : DeadlineState.MISSED;
  return today <= dueOn ? DeadlineState.RUNNING : DeadlineState.MISSED;
}

const nears = (state: DeadlineState, dueOn: string, rule: LegalRuleRow, today: string): boolean =>
  state === DeadlineState.RUNNING && daysBetween(today, dueOn) <= (rule.parameters.atRiskDays ?? -1);

const NEXT_DAY: Text = {
  de: 'Der Tag des Ereignisses zählt nicht mit (§ 187 Abs. 1 BGB).',
  en: 'The day of the event itself does not count (§ 187 (1) BGB).',
};

/**
 * The steps at the end of a period, and its last day.
 * @param known the last day where it is known: as somebody was told it, whatever becomes of holidays and of the case,
 *   or as the stops of the clock leave it
 */
function lastDay(end: string, rule: LegalRuleRow, text: Text, holidays: Holidays, known?: string | null) {
  const steps = [{ date: end, text }];
  const dueOn = known ?? (rule.parameters.endsOnWorkingDay ? workingDayFrom(end, holidays) : end);
  if (dueOn === end) return { dueOn, steps };
  const name = holidays.get(end);
  steps.push({
    date: dueOn,
    text: {
      de: `Der ${germanDay(end)} ist kein Werktag${name ? ` (${name})` : ''}; die Frist endet am nächsten Werktag (§ 31 Abs. 3 VwVfG, § 193 BGB).`,
      en: `${end} is no working day${name ? ` (${name})` : ''}; the period ends on the next one (§ 31 (3) VwVfG, § 193 BGB).`,
    },
  });
  return { dueOn, steps };
}

/** § 8a OZG: a draft is deleted 30 days after its last edit. */
function draftDeletion(facts: CaseFacts, law: Law, today: string): ReckonedDeadline | null {
  if (lastOf(facts) !== 'DRAFT') return null;
  const edited = dayOf(facts.editedAt);
  const rule = ruleOn(law.rules, DeadlineKind.DRAFT_DELETION, edited);
  if (!rule) return null;
  const { dueOn, steps } = lastDay(
    endOf(edited, rule.parameters, law.holidays),
    rule,
    { de: `${rule.parameters.days} Tage ohne Änderung.`, en: `${rule.parameters.days} days without a change.` },
    law.holidays,
  );
  return {
    ...NONE,
    id: deadlineId(facts.applicationId, DeadlineKind.DRAFT_DELETION),
    kind: DeadlineKind.DRAFT_DELETION,
    state: stateBy(dueOn, null, today),
    startsOn: addDays(edited, 1),
    dueOn,
    rule,
    steps: [
      { date: edited, text: { de: 'Der Entwurf wurde zuletzt geändert.', en: 'The draft was last edited.' } },
      { date: addDays(edited, 1), text: NEXT_DAY },
      ...steps,
    ],
  };
}

/** The authority's working time: starts when the documents are complete and stands still while documents are missing. */
function processing(facts: CaseFacts, law: Law, today: string): ReckonedDeadline | null {
  const submittedAt = firstTime(facts, 'SUBMITTED');
  if (facts.processingDays === null || submittedAt === null) return null;
  const id = deadlineId(facts.applicationId, DeadlineKind.PROCESSING);
  const kind = DeadlineKind.PROCESSING;
  const endedAt = firstTime(facts, 'DECIDED', 'WITHDRAWN');
  if (facts.completeAt === null) {
    const rule = ruleOn(law.rules, kind, dayOf(submittedAt));
    if (!rule || endedAt) return null;
    const text = {
      de: 'Die Frist beginnt, wenn die Unterlagen vollständig sind.',
      en: 'It starts once the documents are complete.',
    };
    return { ...NONE, id, kind, state: DeadlineState.NOT_STARTED, rule, steps: [{ date: null, text }] };
  }
  const completeOn = dayOf(facts.completeAt);
  const rule = ruleOn(law.rules, kind, completeOn);
  if (!rule) return null;
  const extension = facts.extensions.find(each => each.deadlineId === id);
  const days = facts.processingDays + (extension?.days ?? 0);
  const unit = rule.parameters.unit ?? 'CALENDAR_DAYS';
  const counted =
    unit === 'WORKING_DAYS' ? { de: 'Werktage', en: 'working days' } : { de: 'Kalendertage', en: 'calendar days' };
  const endWith = (stops: readonly Stop[]) => {
    const end = endOf(completeOn, { days, unit }, law.holidays, stops);
    const text = { de: `${days} ${counted.de} sind um.`, en: `${days} ${counted.en} are over.` };
    const last = rule.parameters.endsOnWorkingDay ? workingDayFrom(end, law.holidays, stops) : end;
    return lastDay(end, rule, text, law.holidays, last);
  };
  const { stops, pausedSince, tooLate } = stopsAfter(facts, facts.completeAt, endedAt, today, so => endWith(so).dueOn);
  const { dueOn, steps } = endWith(stops);
  const state = pausedSince ? DeadlineState.PAUSED : stateBy(dueOn, endedAt && dayOf(endedAt), today);
  return {
    id,
    kind,
    state,
    doneOn: endedAt && dayOf(endedAt),
    startsOn: addDays(completeOn, 1),
    dueOn,
    pausedSince,
    pausedDays: stops.reduce((sum, { from, to }) => sum + daysBetween(from, to), 0),
    extensionDays: extension?.days ?? 0,
    extensionReason: extension?.reason ?? null,
    atRisk: nears(state, dueOn, rule, today),
    rule,
    steps: [
      { date: completeOn, text: { de: 'Die Unterlagen waren vollständig.', en: 'The documents were complete.' } },
      { date: addDays(completeOn, 1), text: NEXT_DAY },
      ...stops.map(({ from, to }) => ({
        date: from,
        text: {
          de: `Angehalten, weil Unterlagen fehlten: ${daysBetween(from, to)} Tage.`,
          en: `Stopped because documents were missing: ${daysBetween(from, to)} days.`,
        },
      })),
      ...(extension
        ? [
            {
              date: null,
              text: {
                de: `Um ${extension.days} Tage verlängert: ${extension.reason}`,
                en: `Extended by ${extension.days} days: ${extension.reason}`,
              },
            },
          ]
        : []),
      ...steps,
      ...tooLate.map(day => ({
        date: day,
        text: {
          de: 'Unterlagen wurden erst nach dem Ende der Frist angefordert; das hält nichts mehr an.',
          en: 'Documents were asked for only after the end; that stops nothing.',
        },
      })),
    ],
  };
}

/**
 * When the clock stood still after it had started: while the case waited for documents. What has ended cannot be
 * stopped: waiting that begins after the end reached so far hides no miss.
 */
function stopsAfter(
  facts: CaseFacts,
  startedAt: Date,
  endedAt: Date | null,
  today: string,
  endWith: (stops: readonly Stop[]) => string,
) {
  const stops: Stop[] = [];
  const tooLate: string[] = [];
  let pausedSince: Date | null = null;
  for (const { state, at } of facts.states) {
    if (endedAt && at > endedAt) break;
    if (state === 'AWAITING_DOCUMENTS') {
      if (!pausedSince && dayOf(at) > endWith(stops)) tooLate.push(dayOf(at));
      else pausedSince ??= at < startedAt ? startedAt : at;
    } else if (pausedSince) {
      if (at > pausedSince) stops.push({ from: dayOf(pausedSince), to: dayOf(at) });
      pausedSince = null;
    }
  }
  if (pausedSince) {
    const from = dayOf(pausedSince);
    stops.push({ from, to: today > from ? today : from });
  }
  return { stops, pausedSince, tooLate };
}

/**
 * § 26 (2), § 31 (2) and (3) VwVfG: the authority names the last day. Where it is no working day the next one is the
 * last, unless the applicant was told the day with reference to this provision.
 * @returns null where no rule is written down
 */
export function endOfRequest(request: Omit<Round, 'answeredAt'>, law: Law) {
  const { askedAt, dueOn: named, fixedDay = false, endsOn } = request;
  const rule = ruleOn(law.rules, DeadlineKind.DOCUMENT_REQUEST, dayOf(askedAt));
  if (!rule) return null;
  const byName = {
    de: `Diesen Tag hat die Behörde genannt${fixedDay ? ', und zwar unter Hinweis auf § 31 Abs. 3 Satz 2 VwVfG' : ''}.`,
    en: `The authority has named this day${fixedDay ? ', with reference to § 31 (3) sentence 2 VwVfG' : ''}.`,
  };
  const end = fixedDay
    ? { dueOn: named, steps: [{ date: named, text: byName }] }
    : lastDay(named, rule, byName, law.holidays, endsOn);
  return { ...end, rule };
}

/** A new round begins a new period, and does not undo that the one before was missed. */
const missedRounds = (facts: CaseFacts, request: RequestFacts, law: Law, today: string): ReckonedDeadline[] =>
  (request.earlier ?? []).flatMap((round, i) => {
    const id = `${request.id} ${i + 1}`;
    const deadline = documentRequest(facts, { ...round, id, canceled: false }, law, today);
    return deadline?.state === DeadlineState.MISSED ? [deadline] : [];
  });

function documentRequest(facts: CaseFacts, request: RequestFacts, law: Law, today: string): ReckonedDeadline | null {
  const kind = DeadlineKind.DOCUMENT_REQUEST;
  const askedOn = dayOf(request.askedAt);
  const end = endOfRequest(request, law);
  if (!end) return null;
  const { dueOn, rule, steps } = end;
  const endedAt =
    request.answeredAt ?? (request.canceled ? request.closedAt : null) ?? firstTime(facts, 'DECIDED', 'WITHDRAWN');
  const doneOn = endedAt && dayOf(endedAt);
  // taken back after its end it was missed all the same
  if (request.canceled && (doneOn === null || doneOn <= dueOn)) return null;
  const state = stateBy(dueOn, doneOn, today);
  return {
    ...NONE,
    id: deadlineId(facts.applicationId, kind, request.id),
    kind,
    state,
    doneOn,
    startsOn: addDays(askedOn, 1),
    dueOn,
    atRisk: nears(state, dueOn, rule, today),
    rule,
    steps: [
      { date: askedOn, text: { de: 'Die Unterlagen wurden angefordert.', en: 'The documents were asked for.' } },
      ...steps,
    ],
  };
}

/** § 9 OZG or § 110 LVwG SH, by the way the notice took: the day it counts as notified. */
function deemedNotification(facts: CaseFacts, law: Law, today: string): ReckonedDeadline | null {
  if (!facts.notification) return null;
  const { way, at } = facts.notification;
  const kind = DeadlineKind.DEEMED_NOTIFICATION;
  const day = dayOf(at);
  const rule = ruleOn(law.rules, kind, day, way);
  if (!rule) return null;
  const { days } = rule.parameters;
  const { dueOn, steps } = lastDay(
    endOf(day, rule.parameters, law.holidays),
    rule,
    { de: `Am ${days}. Tag danach gilt er als bekannt gegeben.`, en: `It counts as notified ${days} days after that.` },
    law.holidays,
  );
  return {
    ...NONE,
    id: deadlineId(facts.applicationId, kind),
    kind,
    state: today < dueOn ? DeadlineState.RUNNING : DeadlineState.MET,
    startsOn: addDays(day, 1),
    dueOn,
    rule,
    steps: [
      {
        date: day,
        text:
          way === 'MAILBOX'
            ? {
                de: 'Der Bescheid wurde im Postfach bereitgestellt.',
                en: 'The notice was made available in the mailbox.',
              }
            : { de: 'Der Bescheid wurde abgesandt.', en: 'The notice was sent.' },
      },
      ...steps,
    ],
  };
}

/** § 70 VwGO: one month after the notification. */
function objection(facts: CaseFacts, notifiedOn: string, law: Law, today: string): ReckonedDeadline | null {
  const kind = DeadlineKind.OBJECTION;
  const rule = ruleOn(law.rules, kind, notifiedOn);
  if (!rule) return null;
  const { dueOn, steps } = lastDay(
    endOf(notifiedOn, rule.parameters, law.holidays),
    rule,
    {
      de: 'Einen Monat später, am Tag mit derselben Zahl (§ 188 Abs. 2 und 3 BGB).',
      en: 'One month later, on the day with the same number (§ 188 (2) and (3) BGB).',
    },
    law.holidays,
  );
  return {
    ...NONE,
    id: deadlineId(facts.applicationId, kind),
    kind,
    state: today <= notifiedOn ? DeadlineState.NOT_STARTED : stateBy(dueOn, null, today),
    startsOn: addDays(notifiedOn, 1),
    dueOn,
    rule,
    steps: [
      {
        date: notifiedOn,
        text: { de: 'Der Bescheid gilt als bekannt gegeben.', en: 'The notice counts as notified.' },
      },
      { date: addDays(notifiedOn, 1), text: NEXT_DAY },
      ...steps,
    ],
  };
}

/** How long the file is kept once the case is closed or withdrawn. */
function retention(facts: CaseFacts, law: Law, today: string): ReckonedDeadline | null {
  const kind = DeadlineKind.RETENTION;
  const endedAt = firstTime(facts, 'CLOSED', 'WITHDRAWN');
  if (!endedAt) return null;
  const endedOn = dayOf(endedAt);
  const rule = ruleOn(law.rules, kind, endedOn);
  if (!rule) return null;
  const { dueOn, steps } = lastDay(
    endOf(endedOn, rule.parameters, law.holidays),
    rule,
    {
      de: `${rule.parameters.years} Jahre später, am Ende des Jahres.`,
      en: `${rule.parameters.years} years later, at the end of the year.`,
    },
    law.holidays,
  );
  return {
    ...NONE,
    id: deadlineId(facts.applicationId, kind),
    kind,
    state: today <= dueOn ? DeadlineState.RUNNING : DeadlineState.MET,
    startsOn: addDays(endedOn, 1),
    dueOn,
    rule,
    steps: [{ date: endedOn, text: { de: 'Der Vorgang wurde beendet.', en: 'The case ended.' } }, ...steps],
  };
}
