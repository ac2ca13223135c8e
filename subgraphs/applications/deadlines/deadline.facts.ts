/** What the legal clock works on, read from the rows: the history of cases, and the law. */
import type { Tx } from '../../../kernel/database/database';
import { rows } from '../../../kernel/database/database';
import type { Application } from '../application/application.entity';
import { type Holidays, stateOf } from './calendar';
import { LegalRuleRow } from './deadline.entity';
import type { CaseFacts, Law, RequestFacts } from './reckoning';

/** The law as it is written down: all rules, and the holidays of each state. */
export interface LawBook {
  readonly rules: readonly LegalRuleRow[];
  readonly holidays: ReadonlyMap<string, Holidays>;
}

type Place = Pick<Application, 'ars' | 'authorityArs'>;

/** The state whose holidays count: that of the authority in charge; one of the federation sits in none, so that of the place. */
const holidaysAt = ({ ars, authorityArs }: Place): string => stateOf(authorityArs ?? '') || stateOf(ars);

/** The law of a case. */
export const lawOf = (book: LawBook, application: Place): Law => ({
  rules: book.rules,
  holidays: book.holidays.get(holidaysAt(application)) ?? new Map(),
});

/** @param places whose holidays are needed; those of all states when left out */
export async function readLaw(tx: Tx, places?: readonly Place[]): Promise<LawBook> {
  const rules = await rows(tx, LegalRuleRow, 'SELECT * FROM legal_rule');
  const days: { day: string; name: string; state: string }[] = await tx.query(
    `SELECT day::text AS day, name, state FROM holiday WHERE $1::text[] IS NULL OR state = ANY($1)`,
    [places ? [...new Set(places.map(holidaysAt))] : null],
  );
  const holidays = new Map<string, Map<string, string>>();
  for (const { day, name, state } of days) {
    const known = holidays.get(state) ?? new Map<string, string>();
    holidays.set(state, known.set(day, name));
  }
  return { rules, holidays };
}

type OfCase<T> = T & { application_id: string };

/** The facts of many cases at once, by id. */
export async function readFacts(tx: Tx, applications: readonly Application[]): Promise<Map<string, CaseFacts>> {
  const ids = applications.map(({ id }) => id);
  const states: OfCase<{ state: string; at: Date }>[] = await tx.query(
    `SELECT application_id, state, occurred_at AS at FROM (
       SELECT application_id, sequence, state, occurred_at,
              lag(state) OVER (PARTITION BY application_id ORDER BY sequence) AS before
       FROM history_entry WHERE audience = 'STAFF' AND application_id = ANY($1)
     ) AS step WHERE state IS DISTINCT FROM before ORDER BY application_id, sequence`,
    [ids],
  );
  const requests: OfCase<RequestFacts>[] = await tx.query(
    `SELECT application_id, id, asked_at AS "askedAt", due_on::text AS "dueOn", fixed_day AS "fixedDay",
            ends_on::text AS "endsOn", answered_at AS "answeredAt", state = 'CANCELED' AS canceled,
            closed_at AS "closedAt"
     FROM document_request WHERE application_id = ANY($1) ORDER BY id`,
    [ids],
  );
  const earlier: (NonNullable<RequestFacts['earlier']>[number] & { requestId: string })[] = await tx.query(
    `SELECT request.id AS "requestId", answer.asked_at AS "askedAt", answer.due_on::text AS "dueOn",
            answer.fixed_day AS "fixedDay", answer.ends_on::text AS "endsOn", answer.submitted_at AS "answeredAt"
     FROM document_request AS request JOIN document_request_answer AS answer ON answer.document_request_id = request.id
     WHERE request.application_id = ANY($1) AND answer.round < request.round AND answer.due_on IS NOT NULL
     ORDER BY request.id, answer.round`,
    [ids],
  );
  const others: OfCase<{ available_at: Date | null; extensions: CaseFacts['extensions'] }>[] = await tx.query(
    `SELECT asked.id AS application_id,
            (SELECT available_at FROM decision WHERE decision.application_id = asked.id),
            coalesce((SELECT jsonb_agg(jsonb_build_object('deadlineId', deadline_id, 'days', days, 'reason', reason))
              FROM deadline_extension WHERE deadline_extension.application_id = asked.id), '[]') AS extensions
     FROM unnest($1::uuid[]) AS asked (id)`,
    [ids],
  );
  const of = <T>(list: OfCase<T>[], id: string): T[] => list.filter(row => row.application_id === id);
  return new Map(
    applications.map(application => {
      const [other] = of(others, application.id);
      const at = other?.available_at ?? null;
      const facts: CaseFacts = {
        applicationId: application.id,
        states: of(states, application.id),
        editedAt: application.changedAt,
        processingDays: application.processingDays,
        completeAt: application.completeAt,
        requests: of(requests, application.id).map(request => ({
          ...request,
          earlier: earlier.filter(({ requestId }) => requestId === request.id),
        })),
        notification: at && { way: 'MAILBOX', at },
        extensions: other?.extensions ?? [],
      };
      return [application.id, facts];
    }),
  );
}
