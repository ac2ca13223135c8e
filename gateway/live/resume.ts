/**
 * How a subscription is taken up again after its upstream broke. By convention the events of every live field have a
 * `cursor`, and the field takes it as `after`. The gateway asks for the cursor under a name of its own, which no answer
 * shows, and sends the last one when it subscribes anew.
 */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type ValueNode,
  visit,
} from 'graphql';
import { badInput } from '../../kernel/errors';

export interface Upstream {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const CURSOR = 'cursorOfGateway';

export class Resumable {
  private readonly operation: OperationDefinitionNode;
  private readonly field: FieldNode;
  private readonly rest: DocumentNode['definitions'];
  /** False when the field has no cursor: then a broken upstream is an error. */
  readonly possible: boolean;
  private last: string | null;

  /**
   * @param api the schema clients see  @param planned the subscription as planned for its subgraph
   * @throws GraphQLError BAD_INPUT when the client's `after` could not be written into a document
   */
  constructor(
    api: GraphQLSchema,
    private readonly planned: Upstream,
  ) {
    const { definitions } = parse(planned.query, { noLocation: true });
    const operation = definitions.find(one => one.kind === Kind.OPERATION_DEFINITION);
    const field = operation?.selectionSet.selections[0];
    if (!operation || field?.kind !== Kind.FIELD) throw new Error('A planned subscription has one root field.');
    this.operation = operation;
    this.field = field;
    this.rest = definitions.filter(one => one !== operation);
    this.possible = hasCursor(api, field.name.value);
    this.last = this.possible ? this.positionOfClient() : null;
    if (this.last?.isWellFormed() === false) throw badInput('after');
  }

  /** Where the stream can be taken up: the client's `after`, or the cursor of the last event. */
  get position(): string | null {
    return this.last;
  }

  /** What is streamed, wherever it begins. */
  withoutPosition(): Upstream {
    return this.possible ? this.from(null) : this.planned;
  }

  goTo(cursor: string): void {
    if (this.possible) this.last = cursor;
  }

  /** Notes where the stream stands before its first event. */
  startsAt(cursor: string): void {
    if (this.possible) this.last ??= cursor;
  }

  /** Notes the position of an event. */
  saw(data: Record<string, unknown> | null | undefined): void {
    const event = data?.[this.field.alias?.value ?? this.field.name.value] as
      | Record<string, unknown>
      | null
      | undefined;
    const cursor = event?.[CURSOR];
    if (typeof cursor === 'string') this.last = cursor;
  }

  /** What to send upstream now. */
  next(): Upstream {
    return this.possible ? this.from(this.last) : this.planned;
  }

  private from(position: string | null): Upstream {
    const selections = this.field.selectionSet?.selections ?? [];
    const cursor: FieldNode = { kind: Kind.FIELD, alias: name(CURSOR), name: name('cursor') };
    const field: FieldNode = {
      ...this.field,
      arguments: this.arguments(position),
      selectionSet: { kind: Kind.SELECTION_SET, selections: [...selections, cursor] },
    };
    const operation = { ...this.operation, selectionSet: { ...this.operation.selectionSet, selections: [field] } };
    return withUsedVariables({ kind: Kind.DOCUMENT, definitions: [operation, ...this.rest] }, this.planned.variables);
  }

  private arguments(position: string | null): readonly ArgumentNode[] {
    const given = this.field.arguments?.filter(one => one.name.value !== 'after') ?? [];
    if (position === null) return given;
    const after: ArgumentNode = {
      kind: Kind.ARGUMENT,
      name: name('after'),
      value: { kind: Kind.STRING, value: position },
    };
    return [...given, after];
  }

  /** The variable by which the client says where it begins; null when it does not, or in another way. */
  get positionVariable(): string | null {
    const value = this.possible ? this.afterOfClient() : undefined;
    return value?.kind === Kind.VARIABLE ? value.name.value : null;
  }

  private afterOfClient(): ValueNode | undefined {
    return this.field.arguments?.find(one => one.name.value === 'after')?.value;
  }

  private positionOfClient(): string | null {
    const value = this.afterOfClient();
    if (value?.kind === Kind.STRING) return value.value;
    if (value?.kind !== Kind.VARIABLE) return null;
    const given = this.planned.variables[value.name.value];
    return typeof given === 'string' ? given : null;
  }
}

const name = (value: string) => ({ kind: Kind.NAME, value }) as const;

function hasCursor(api: GraphQLSchema, fieldName: string): boolean {
  const field = api.getSubscriptionType()?.getFields()[fieldName];
  const type = field && 'ofType' in field.type ? field.type.ofType : field?.type;
  const takesAfter = field?.args.some(({ name: argument }) => argument === 'after') === true;
  return takesAfter && isObjectType(type) && type.getFields().cursor !== undefined;
}

/** Leaves out what nothing refers to any more: a variable that is declared and not used is an error. */
function withUsedVariables(document: DocumentNode, variables: Record<string, unknown>): Upstream {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name: { value } }) => void used.add(value),
  });
  const query = print(
    visit(document, { VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null) }),
  );
  return { query, variables: Object.fromEntries(Object.entries(variables).filter(([key]) => used.has(key))) };
}
