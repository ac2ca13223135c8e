/** The inbox's filter, as SQL for the list and as a function for what an event says. */
import { badInput } from '../../../kernel/errors';
import type { InboxFacts } from '../../../schema/events';
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

/** Every word must occur somewhere; `%` and `_` are taken literally. */
const likeWords = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, MOST_WORDS)
    .map(word => `%${word.replace(/[\\%_]/g, '\\$&')}%`);

export function checkFilter(filter: InboxFilter | null | undefined): void {
  if ((filter?.text?.length ?? 0) > 200) throw badInput('filter.text');
  if ((filter?.leikaKeys?.length ?? 0) > 100) throw badInput('filter.leikaKeys');
}

/** What never changes once a case is submitted; the same in a list and for an event. */
export function addFixed(conditions: Conditions, filter: InboxFilter | null | undefined): Conditions {
  if (filter?.text?.trim()) conditions.add('search_text LIKE ALL (?::text[])', likeWords(filter.text));
  if (filter?.leikaKeys) conditions.add('leika_key = ANY(?::text[])', filter.leikaKeys);
  return conditions;
}

/** All of the filter. */
export function addFilter(conditions: Conditions, filter: InboxFilter | null | undefined): Conditions {
  addFixed(conditions, filter);
  if (filter?.states) conditions.add('state = ANY(?::text[])', filter.states);
  if (filter?.assigneeId) conditions.add('assignee_id = ?', filter.assigneeId);
  if (filter?.unassignedOnly) conditions.also(NOBODYS);
  if (filter?.answeredOnly) conditions.also(ANSWERED);
  if (filter?.deadlineBy) conditions.add('next_due_on <= ?::date', filter.deadlineBy);
  if (filter?.receivedFrom)
    conditions.add(`received_at >= ?::date::timestamp AT TIME ZONE 'Europe/Berlin'`, filter.receivedFrom);
  if (filter?.receivedTo)
    conditions.add(`received_at < (?::date + 1)::timestamp AT TIME ZONE 'Europe/Berlin'`, filter.receivedTo);
  return conditions;
}

/** Nobody's, or an open one of somebody who has left the authority: it waits for somebody else. */
const NOBODYS = `(assignee_id IS NULL OR (state NOT IN ('CLOSED', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED')
  AND NOT EXISTS (SELECT FROM staff_membership AS held WHERE held.staff_member_id = application.assignee_id
    AND held.active AND held.authority_id = application.authority_id)))`;

const ANSWERED = `EXISTS (SELECT FROM document_request AS asked WHERE asked.application_id = application.id AND asked.state = 'SUBMITTED')`;

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
