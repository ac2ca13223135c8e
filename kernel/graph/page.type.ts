/** Connections: the graph's shape of a page. */
import { type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql';
import type { Page } from '../page';

@Directive('@shareable')
@Directive('@tag(name: "public")')
@ObjectType('PageInfo', { description: 'The position of a page in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True when more follows after endCursor.' })
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the last edge of this page.' })
  endCursor!: string | null;
}

export interface ConnectionOptions {
  /** The name of the node's type in the graph. */
  readonly name: string;
  readonly totalCount?: boolean;
  /** Marks it as part of the public contract. */
  readonly public?: boolean;
}

const words = (name: string): string =>
  name.replace(/(?<!^)[A-Z]/g, letter => ` ${letter.toLowerCase()}`).toLowerCase();

/**
 * `class ThingConnection` and `class ThingEdge` for a node type. For fields of its own, extend the result:
 * `@ObjectType('ThingConnection') class ThingConnection extends connection(…)` is not needed, add a field resolver.
 */
export function connection<T extends object>(node: () => ClassType<T>, options: ConnectionOptions): ClassType<Page<T>> {
  const { name } = options;
  const tagged = (target: ClassType) => (options.public ? Directive('@tag(name: "public")')(target) : undefined);

  @ObjectType(`${name}Edge`, { description: `One ${words(name)} in a page.` })
  class Edge {
    @Field(() => String, { description: 'The position of this entry.' })
    cursor!: string;
  }
  Field(node, { description: 'The entry.' })(Edge.prototype, 'node');
  tagged(Edge);

  @ObjectType(`${name}Connection`, { description: `One page of ${words(name)} objects.` })
  class Connection {
    @Field(() => [Edge], { description: 'The page with cursors.' })
    edges!: Edge[];
  }
  Field(() => [node()] as [ClassType<T>], { description: 'The page without cursors.' })(Connection.prototype, 'nodes');
  Field(() => PageInfo, { description: 'Where the page ends.' })(Connection.prototype, 'pageInfo');
  if (options.totalCount) {
    Field(() => Int, {
      nullable: true,
      description: 'How many there are in all; null when counting would be costly.',
    })(Connection.prototype, 'totalCount');
  }
  tagged(Connection);
  return Connection as unknown as ClassType<Page<T>>;
}
