/** The tabs of the playground: each operation of stories.graphql with its comments, its fragments and example variables. */
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, visit } from 'graphql';
import { today } from '../../kernel/clock';

export interface Tab {
  readonly query: string;
  /** JSON text. */
  readonly variables: string;
}

/**
 * @param text operations and fragments; a line `# variables: {…}` above an operation holds example values, whose `validFrom`
 *   becomes today, so that what one tab publishes holds for the next
 */
export function tabsOf(text: string): Tab[] {
  const { definitions } = parse(text);
  const fragments = new Map(
    definitions.filter(one => one.kind === Kind.FRAGMENT_DEFINITION).map(fragment => [fragment.name.value, fragment]),
  );
  return definitions
    .filter(one => one.kind === Kind.OPERATION_DEFINITION)
    .map(operation => {
      const comments = commentsAbove(text, operation.loc!.start);
      const parts = [operation, ...fragmentsOf(operation, fragments)].map(({ loc }) =>
        text.slice(loc!.start, loc!.end),
      );
      const told = comments.filter(line => !line.startsWith('# variables:'));
      const variables = comments.find(line => line.startsWith('# variables:'))?.slice('# variables:'.length);
      return {
        query: `${[...told, parts[0]].join('\n')}\n\n${parts.slice(1).join('\n\n')}`.trim(),
        variables: variables ? JSON.stringify(JSON.parse(variables, fromToday), null, 2) : '',
      };
    });
}

const fromToday = (key: string, value: unknown) => (key === 'validFrom' ? today() : value);

/** The comment lines that end right above a position; a ruled line is no part of them. */
function commentsAbove(text: string, position: number): string[] {
  const lines = text.slice(0, position).split('\n').slice(0, -1);
  const first = lines.findLastIndex(line => !line.startsWith('# ') || line.startsWith('# ---')) + 1;
  return lines.slice(first);
}

/** Every fragment an operation needs, each once, in the order of its first use. */
function fragmentsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] {
  const needed = new Set<FragmentDefinitionNode>();
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode) =>
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (!fragment || needed.has(fragment)) return;
        needed.add(fragment);
        collect(fragment);
      },
    });
  collect(operation);
  return [...needed];
}
