/** Lifecycles: one literal table `state → action → next state`; types, checks and pictures follow from it. */

import type { Text } from './language';
import { refuseCommon } from './refusal';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;
type StateOf<T extends Table> = keyof T & string;
type ActionOf<T extends Table> = { [S in keyof T]: keyof T[S] & string }[keyof T];
/** Every target must itself be a state of the table; a wrong one is a compile error. */
type Checked<T extends Table> = { [S in keyof T]: { [A in keyof T[S]]: T[S][A] extends keyof T ? T[S][A] : never } };

export interface Lifecycle<S extends string = string, A extends string = string> {
  readonly name: string;
  readonly title: Text;
  readonly initial: S;
  readonly states: readonly S[];
  /** The next state, or undefined when the action is not possible. */
  next(state: S, action: A): S | undefined;
  /** What is possible in a state. */
  actions(state: S): A[];
  /**
   * The next state.
   * @throws Refusal INVALID_TRANSITION with what is possible instead (`allowed` narrows it to what the asker may)
   */
  step(state: S, action: A, allowed?: readonly string[]): S;
  /** The picture for docs/states.md. */
  mermaid(): string;
}

/** Every lifecycle that was defined, for `npm run docs`. */
export const LIFECYCLES: Lifecycle[] = [];

/**
 * @example
 * const payment = lifecycle('Payment', { de: 'Zahlung', en: 'Payment' }, 'INITIAL', {
 *   INITIAL: { succeed: 'PAYED', fail: 'FAILED' }, PAYED: {}, FAILED: {},
 * });
 */
export function lifecycle<const T extends Table>(
  name: string,
  title: Text,
  initial: StateOf<T>,
  table: T & Checked<T>,
): Lifecycle<StateOf<T>, ActionOf<T>> {
  const next = (state: string, action: string) => (table as Table)[state]?.[action];
  const made: Lifecycle = {
    name,
    title,
    initial,
    states: Object.keys(table),
    next,
    actions: state => Object.keys((table as Table)[state] ?? {}),
    step(state, action, allowed) {
      const to = next(state, action);
      if (to !== undefined) return to;
      const possible = Object.keys((table as Table)[state] ?? {});
      throw refuseCommon('INVALID_TRANSITION', {
        allowedActions: allowed ? possible.filter(one => allowed.includes(one)) : possible,
      });
    },
    mermaid() {
      const edges = Object.entries(table as Table).flatMap(([from, actions]) =>
        Object.entries(actions).map(([action, to]) => `  ${from} --> ${to}: ${action}`),
      );
      const ends = Object.entries(table as Table)
        .filter(([, actions]) => Object.keys(actions).length === 0)
        .map(([state]) => `  ${state} --> [*]`);
      return ['stateDiagram-v2', `  [*] --> ${initial}`, ...edges, ...ends].join('\n');
    },
  };
  LIFECYCLES.push(made);
  return made as unknown as Lifecycle<StateOf<T>, ActionOf<T>>;
}
