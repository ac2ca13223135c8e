/** For the tests of casework: the mutations of a desk, and what to read back. */
import { addDays, dayOf, shiftClock, today } from '../../../kernel/clock';
import type { Principal } from '../../../kernel/principal';
import type { Answer } from '../../../tests/setup/subgraph';
import type { Stage } from '../testing';

const REFUSAL = 'refusal { code message problems { path code message } allowedActions retryable }';

export const DEADLINES = `deadlines { id kind state startsOn dueOn pausedSince pausedDays extensionDays extensionReason
  atRisk rule { id citation text validFrom validTo } steps { date explanation } }`;
export const REQUEST = `id version state round reason dueOn fixedDay endsOn items { requirementCode description } openedAt closedAt
  answers { round submittedAt comment accepted rejectionReason documents { id filename state } } possibleActions`;
export const HANDOVER = `id version state system contentHash externalReference rejectionReason sentAt acknowledgedAt
  possibleActions`;
const CASE = `id version state publicStatus completeAt receivedAt possibleActions assignee { id } authority { id }
  department { id } ${DEADLINES}`;

const RETURNS: Record<string, string> = {
  claimApplication: `application { ${CASE} }`,
  assignApplication: `application { ${CASE} }`,
  forwardApplication: `application { ${CASE} }`,
  confirmCompleteness: `application { ${CASE} }`,
  extendDeadline: `application { ${CASE} }`,
  closeApplication: `application { ${CASE} archiveRecord { version state appraisal retentionUntil } }`,
  decideApplication: `application { ${CASE} decision { outcome reasoning legalRemedy decidedAt deemedNotifiedOn
    objectionUntil notice { id filename mimeType purpose state sha256 byteSize } decidedBy { id } } }`,
  confirmFourEyes: `application { ${CASE} }`,
  requestDocuments: `documentRequest { ${REQUEST} application { id version state ${DEADLINES} } }`,
  answerDocumentRequest: `documentRequest { ${REQUEST} application { id version publicStatus } }`,
  reviewDocumentRequest: `documentRequest { ${REQUEST} application { id version state } }`,
  cancelDocumentRequest: `documentRequest { ${REQUEST} application { id version state } }`,
  startHandover: `handover { ${HANDOVER} application { id version } }`,
  acknowledgeHandover: `handover { ${HANDOVER} application { id } }`,
  addNote: 'note { id text createdAt author { id } }',
  addFollowUp: 'followUp { id version title dueOn completedAt owner { id } application { id } }',
  completeFollowUp: 'followUp { id version completedAt }',
};

/** Runs one mutation. @returns its payload, `{ <thing>, refusal }`; throws the code of an error */
export async function doing(
  { subgraph }: Stage,
  who: Principal,
  mutation: string,
  input: Record<string, unknown>,
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
): Promise<any> {
  const name = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}`;
  const answer: Answer<Record<string, unknown>> = await subgraph
    .as(who)
    .query(`mutation ($input: ${name}Input!) { ${mutation}(input: $input) { ${RETURNS[mutation]} ${REFUSAL} } }`, {
      input,
    });
  if (answer.errors) throw new Error(answer.errors.map(({ extensions }) => extensions.code).join());
  return answer.data[mutation];
}

/** Reads one application; null when the asker may not see it. */
// biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
export async function reading({ subgraph }: Stage, who: Principal, id: string, fields: string): Promise<any> {
  const { data, errors } = await subgraph
    .as(who)
    .query(`query ($id: ID!) { application(id: $id) { ${fields} } }`, { id });
  if (errors && !data?.application) throw new Error(errors.map(({ extensions }) => extensions.code).join());
  return data.application;
}

/** A case that Max has claimed. */
export async function claimed(
  stage: Stage,
  applicant = stage.klara,
): Promise<{ id: string; version: number; reference: string }> {
  const { id, version, reference } = await stage.received(applicant);
  const { application } = await doing(stage, stage.max, 'claimApplication', {
    applicationId: id,
    expectedVersion: version,
  });
  return { id, version: application.version, reference };
}

/** The day so many days from today, as the platform counts. */
export { addDays, today };

/** The next Sunday that is at least so many days away and is followed by a working Monday. */
export async function sundayBeforeWork({ subgraph }: Stage, days = 2): Promise<string> {
  const [found] = await subgraph.sql<{ day: string }>(
    `SELECT day::date::text AS day FROM generate_series($1::date + $2::int, $1::date + $2::int + 60, interval '1 day') AS day
     WHERE extract(isodow FROM day) = 7
       AND NOT EXISTS (SELECT FROM applications.holiday WHERE state = 'SH' AND holiday.day = day.day::date + 1)
     ORDER BY day LIMIT 1`,
    [today(), days],
  );
  return found!.day;
}

/** Lets the clock show 23:59:30 in Berlin on this day, or half a minute past its end. */
export function clockAtEndOf(day: string, past = false): void {
  shiftClock(0);
  let moment = Date.parse(`${addDays(day, 1)}T00:00:00Z`); // 1:00 or 2:00 in Berlin
  while (dayOf(new Date(moment - 1)) > day) moment -= 3_600_000;
  shiftClock(moment + (past ? 30_000 : -30_000) - Date.now());
}
