/** Questions about types by the names that subgraphs send. */
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

/** Whether an object that calls itself `typename` is meant by the type condition. */
export function isOfType(schema: GraphQLSchema, typename: unknown, condition: string): boolean {
  if (typename === condition) return true;
  if (typeof typename !== 'string') return false;
  const type = schema.getType(typename);
  const meant = schema.getType(condition);
  return isAbstractType(meant) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(meant, type);
}
