/** Checks the variables of operations. What GraphQL.js looks up for each request is looked up once for each operation. */
import {
  coerceInputValue,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getVariableValues,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';

interface Variable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly mayBeMissing: boolean;
}

const MOST_ERRORS = 5;
const NONE: readonly GraphQLError[] = [];

export class Variables {
  private readonly known = new WeakMap<OperationDefinitionNode, readonly Variable[] | null>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** What is wrong with the values, in GraphQL.js's words. */
  problems(operation: OperationDefinitionNode, values: Readonly<Record<string, unknown>>): readonly GraphQLError[] {
    if (this.of(operation)?.every(variable => isFine(variable, values))) return NONE;
    const { variableDefinitions = [] } = operation;
    return getVariableValues(this.schema, variableDefinitions, values, { maxErrors: MOST_ERRORS }).errors ?? NONE;
  }

  /** @returns null when one of them has no type that can be sent */
  private of(operation: OperationDefinitionNode): readonly Variable[] | null {
    let found = this.known.get(operation);
    if (found === undefined) {
      found = variablesOf(this.schema, operation);
      this.known.set(operation, found);
    }
    return found;
  }
}

function variablesOf(schema: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode): Variable[] | null {
  const variables: Variable[] = [];
  for (const { variable, type: written, defaultValue } of variableDefinitions) {
    const type = typeFromAST(schema, written as Parameters<typeof typeFromAST>[1]);
    if (!isInputType(type)) return null;
    variables.push({
      name: variable.name.value,
      type,
      mayBeMissing: defaultValue !== undefined || !isNonNullType(type),
    });
  }
  return variables;
}

function isFine({ name, type, mayBeMissing }: Variable, values: Readonly<Record<string, unknown>>): boolean {
  if (!Object.hasOwn(values, name)) return mayBeMissing;
  let fine = true;
  coerceInputValue(values[name], type, () => {
    fine = false;
  });
  return fine;
}
