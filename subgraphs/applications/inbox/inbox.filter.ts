/** The inbox's filter, as SQL for the list and as a function for what an event says. */
import { badInput } from '../../../kernel/errors';
import { fold } from '../../../kernel/fold';
import type { InboxFacts } from '../../../schema/events';
import { ApplicationState } from '../application/application.states';
import type { InboxFilter } from './inbox.inputs';

/** Collects conditions with their values. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  /** @param sql with `?` for the value */
  add(sql: string, value: unknown): this {
    this.values.push(value);
    this.parts.push(sql.replaceAll('?', `$${this.values.length}`));
    return this;
  }

  /** One of these values; of a single one, so that an index keeps its order. @param column of type text */
  addOneOf(column: string, values: readonly string[]): this {
    return values.length === 1 ? this.add(`${column} = ?`, values[0]) : this.add(`${column} = ANY(?::text[])`, values);
  }

  /** A condition without a value. */
  also(sql: string): this {
    this.parts.push(sql);
    return this;
  }

  get where(): string {
    return this.parts.join(' AND ');
  }
}

const MOST_WORDS = 8;

/** Every word must occur somewhere, however it is spelled (kernel/fold.ts); `%` and `_` are taken literally. */
const likeWords = (text: string): string[] =>
  text
    .split(/\s+/)
    .map(fold)
    .filter(Boolean)
    .slice(0, MOST_WORDS)
    .map(word => word.replace(/[\\%_]/g, '\\$&'))
    // "Karl-Heinz" finds "Karlheinz" too; the parts of a number stay together
    .map(word => `%${/\d/.test(word) ? word : word.replaceAll(' ', '%')}%`);

export function checkFilter(filter: InboxFilter | null | undefined): void {
  if ((filter?.text?.length ?? 0) > 200) throw badInput('filter.text');
  if ((filter?.leikaKeys?.length ?? 0) > 100) throw badInput('filter.leikaKeys');
}

/** What never changes once a case is submitted; the same in a list and for an event. */
export function addFixed(conditions: Conditions, filter: InboxFilter | null | undefined): Conditions {
  if (filter?.text?.trim()) conditions.add('searched LIKE ALL (?::text[])', likeWords(filter.text));
  if (filter?.leikaKeys) conditions.addOneOf('leika_key', filter.leikaKeys);
  return conditions;
}

/** All of the filter. */
export function addFilter(conditions: Conditions, filter: InboxFilter | null | undefined): Conditions {
  addFixed(conditions, filter);
  if (filter?.states) conditions.addOneOf('state', filter.states);
  if (filter?.assigneeId) conditions.add('assignee_id = ?', filter.assigneeId);
  if (filter?.unassignedOnly) conditions.also(NOBODYS);
  if (filter?.answeredOnly) conditions.also(ANSWERED);
  if (filter?.deadlineBy) conditions.add(`${DUE_ON} <= ?::date`, filter.deadlineBy);
  if (filter?.receivedFrom)
    conditions.add(`${ARRIVED_AT} >= ?::date::timestamp AT TIME ZONE 'Europe/Berlin'`, filter.receivedFrom);
  if (filter?.receivedTo)
    conditions.add(`${ARRIVED_AT} < (?::date + 1)::timestamp AT TIME ZONE 'Europe/Berlin'`, filter.receivedTo);
  if (filter?.receivedFrom || filter?.receivedTo) conditions.also('received_at IS NOT NULL');
  return conditions;
}

/** What an inbox is ordered by. CASE and not coalesce(): only what leaks nothing is looked up before the rows' wall. */
export const ARRIVED_AT = 'CASE WHEN received_at IS NULL THEN submitted_at ELSE received_at END';
/** What has no deadline comes last. */
export const DUE_ON = `CASE WHEN next_due_on IS NULL THEN 'infinity'::date ELSE next_due_on END`;

const ENDED: readonly ApplicationState[] = [
  ApplicationState.CLOSED,
  ApplicationState.WITHDRAWN,
  ApplicationState.ARCHIVED,
  ApplicationState.DESTROYED,
];

/** Of all cases of an authority these are few, and an index finds them. */
const STILL_OPEN = `state IN (${Object.values(ApplicationState)
  .filter(state => state !== ApplicationState.DRAFT && !ENDED.includes(state))
  .map(state => `'${state}'`)
  .join(', ')})`;

/** Nobody's, or an open one of somebody who has left the authority: it waits for somebody else. */
const NOBODYS = `(assignee_id IS NULL OR (${STILL_OPEN}
  AND NOT EXISTS (SELECT FROM staff_membership AS held WHERE held.staff_member_id = application.assignee_id
    AND held.active AND held.authority_id = application.authority_id)))`;

const ANSWERED = `(${STILL_OPEN} AND EXISTS (
  SELECT FROM document_request AS asked WHERE asked.application_id = application.id AND asked.state = 'SUBMITTED'))`;

/** Does a case with these facts fit what of the filter may change? (`answeredOnly` is asked of the present.) */
export function factsFit(filter: InboxFilter, facts: InboxFacts): boolean {
  const { states, assigneeId, unassignedOnly, deadlineBy, receivedFrom, receivedTo } = filter;
  return (
    (!states || (states as string[]).includes(facts.state)) &&
    (!assigneeId || facts.assigneeId === assigneeId) &&
    (!unassignedOnly || facts.assigneeId === null) &&
    (!deadlineBy || (facts.nextDueOn !== null && facts.nextDueOn <= deadlineBy)) &&
    (!receivedFrom || (facts.receivedOn !== null && facts.receivedOn >= receivedFrom)) &&
    (!receivedTo || (facts.receivedOn !== null && facts.receivedOn <= receivedTo))
  );
}
