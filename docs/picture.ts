/** A lifecycle as a picture: laid out by Graphviz when the docs are printed, so that no reader needs a program for it. */
import type { Lifecycle } from '../kernel/lifecycle';

const STYLE = {
  graphAttributes: { rankdir: 'TB', bgcolor: 'transparent', fontname: 'sans-serif', nodesep: 0.4, ranksep: 0.6 },
  nodeAttributes: {
    shape: 'box',
    style: 'rounded,filled',
    fillcolor: '#eaf2f8',
    color: '#00507d',
    fontname: 'sans-serif',
    fontsize: 12,
  },
  edgeAttributes: { color: '#4b5a68', fontcolor: '#16212c', fontname: 'sans-serif', fontsize: 10, arrowsize: 0.7 },
};

/** File name → SVG. */
export async function drawLifecycles(lifecycles: readonly Lifecycle[]): Promise<Map<string, string>> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const draw = (one: Lifecycle) =>
    viz
      .renderString({ ...graphOf(one), ...STYLE, directed: true }, { format: 'svg' })
      .replace(/^[\s\S]*?(<svg[^>]*>)/, `$1\n<title>${one.name} (${one.title.de})</title>`);
  const fileOf = ({ name }: Lifecycle) => `${name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.svg`;
  return new Map(lifecycles.map(one => [fileOf(one), draw(one)]));
}

/** Arrows between the same two states are one, with all their names. */
function graphOf({ states, initial, actions, next }: Lifecycle) {
  const arrows = new Map<string, { tail: string; head: string; names: string[] }>();
  for (const tail of states) {
    for (const action of actions(tail)) {
      const head = next(tail, action)!;
      const key = `${tail} ${head}`;
      const arrow = arrows.get(key) ?? { tail, head, names: [] };
      arrow.names.push(action);
      arrows.set(key, arrow);
    }
  }
  return {
    nodes: [
      { name: 'begin', attributes: { shape: 'circle', label: '', width: 0.2, fillcolor: '#00507d' } },
      ...states.map(name => ({ name, attributes: { peripheries: actions(name).length === 0 ? 2 : 1 } })),
    ],
    edges: [
      { tail: 'begin', head: initial },
      ...[...arrows.values()].map(({ tail, head, names }) => ({ tail, head, attributes: { label: names.join('\n') } })),
    ],
  };
}
