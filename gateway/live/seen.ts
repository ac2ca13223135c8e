/** An operation on a live connection as operators see it: a line in the access log, its numbers and its trace, once it has ended. */
import type { ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Span } from '../../kernel/trace';
import { codesOf, operationEnded } from '../seen/operations';

type Errors = ExecutionResult['errors'];

export class SeenOperation {
  readonly began = performance.now();
  /** One of each: a stream may have the same error with every event. */
  private readonly codes = new Set<string>();
  private definition: OperationDefinitionNode | undefined;
  private events = 0;
  private hasAnswered = false;
  private isOver = false;

  constructor(
    private readonly requestId: string,
    readonly span: Span | undefined,
  ) {}

  /** It is one that can be run. */
  is(definition: OperationDefinitionNode): void {
    this.definition = definition;
  }

  /** The client gets an answer, or an event. */
  saw({ data, errors }: ExecutionResult): void {
    this.events += 1;
    if (data !== undefined) this.hasAnswered = true;
    this.note(errors);
  }

  /** Nothing comes any more; what is said after that does not count. @param errors why, as the client sees them */
  end(errors?: Errors): void {
    if (this.isOver) return;
    this.isOver = true;
    this.note(errors);
    const kind = this.definition?.operation ?? 'unknown';
    operationEnded({
      name: this.definition?.name?.value,
      kind,
      requestId: this.requestId,
      ms: performance.now() - this.began,
      codes: [...this.codes],
      answered: this.hasAnswered || this.codes.size === 0,
      span: this.span,
      ...(kind === 'subscription' && { events: this.events }),
    });
  }

  private note(errors: Errors): void {
    for (const code of codesOf(errors)) this.codes.add(code);
  }
}
