/**
 * The only writer of an application's state. `move` takes a step of the lifecycle; `touch` counts the version for what
 * does not change the state (answers, assignment, deadlines, handovers); both write the history and the events in the
 * same transaction. The row must be locked (application.rights).
 */
import { dayOf, now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';
import { change } from '../../../kernel/version';
import { type ApplicationChange, type Events, type InboxFacts, publish } from '../../../schema/events';
import { Application } from './application.entity';
import { type Doer, record } from './application.history';
import { possibleActions } from './application.rights';
import { type ApplicationAction, type ApplicationState, applicationLifecycle } from './application.states';

/** The events that tell of a change of an application. */
export type ChangeEvent = {
  [T in keyof Events]: Events[T] extends ApplicationChange ? (T extends `application.${string}` ? T : never) : never;
}[keyof Events];

/** An event, without what every event of an application says. */
export interface Telling {
  readonly type: ChangeEvent;
  readonly extra: object;
}

/** @example tells: [tell('application.assigned', { assigneeId })] */
export const tell = <T extends ChangeEvent>(type: T, extra: Omit<Events[T], keyof ApplicationChange>): Telling => ({
  type,
  extra,
});

export interface Step {
  /** Who does it; null for a clock, a channel or another subgraph. */
  readonly by: Doer;
  /** Columns that change with it. */
  readonly changes?: Partial<Application>;
  /** The events to publish, in this order. */
  readonly tells?: readonly Telling[];
}

/**
 * Takes a step of the lifecycle.
 * @returns the same object, brought up to date
 * @throws Refusal INVALID_TRANSITION with what the doer may do instead
 */
export const move = (tx: Tx, application: Application, action: ApplicationAction, step: Step): Promise<Application> =>
  write(tx, application, action, step, nextState(application, action, step.by));

/**
 * Counts the version up and leaves the state. The action must be possible in this state.
 * @throws Refusal INVALID_TRANSITION with what the doer may do instead
 */
export async function touch(
  tx: Tx,
  application: Application,
  action: ApplicationAction,
  step: Step,
): Promise<Application> {
  nextState(application, action, step.by);
  return write(tx, application, action, step, application.state);
}

function nextState(application: Application, action: ApplicationAction, by: Doer): ApplicationState {
  const allowed = by && by.kind !== 'service' ? possibleActions(application, by) : [];
  return applicationLifecycle.step(application.state, action, allowed) as ApplicationState;
}

async function write(
  tx: Tx,
  application: Application,
  action: ApplicationAction,
  { by, changes = {}, tells = [] }: Step,
  state: ApplicationState,
): Promise<Application> {
  const status = application.publicStatus;
  const before = factsOf(application);
  await change(tx, Application, application, { ...changes, state, changedAt: now() });
  await record(tx, application, action, by, status);
  for (const { type, extra } of tells) await announce(tx, application, type, extra, before);
  return application;
}

/** Publishes one event of a submitted application without changing it (notes, scanned documents). */
export function announce(
  tx: Tx,
  application: Application,
  type: ChangeEvent,
  extra: object,
  before: InboxFacts = factsOf(application),
): Promise<void> {
  const payload = { ...changeOf(application), ...extra, inbox: { before, after: factsOf(application) } };
  return publish(tx, type, application.id, payload as Events[typeof type]);
}

const factsOf = ({ state, assigneeId, departmentId, nextDueOn, receivedAt }: Application): InboxFacts => ({
  state,
  assigneeId,
  departmentId,
  nextDueOn,
  receivedOn: receivedAt && dayOf(receivedAt),
});

/** What every event of a submitted application says. */
function changeOf(application: Application): ApplicationChange {
  if (!application.authorityId || !application.reference) {
    throw new Error('Only a submitted application is told of.');
  }
  return {
    applicationId: application.id,
    version: application.version,
    state: application.state,
    publicStatus: application.publicStatus,
    accountId: application.accountId,
    agentAccountId: application.agentAccountId,
    leikaKey: application.leikaKey,
    authorityId: application.authorityId,
    departmentId: application.departmentId,
    reference: application.reference,
    requiredTrustLevel: application.requiredTrustLevel,
  };
}
