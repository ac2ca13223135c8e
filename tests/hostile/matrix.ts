/** Who asks for what is not theirs: each question with the real id and with one that nobody has must sound the same. */
import type { Asker } from './client';
import { type Leaf, plainVariables, type Root, roots, UNKNOWN_ID, withValue } from './shapes';
import { kindAt, type ObjectKind, type Stock } from './stock';
import { key } from './world';

export interface Attempt {
  readonly question: string;
  readonly kind: ObjectKind;
  readonly foreign: string;
  readonly unknown: string;
  /** The code of the first error at the root, or of the refusal. */
  readonly code: string | null;
}

/** What ends the asker's own session, what is public, and giving a mandate, which needs the other's account to exist. */
const LEFT_OUT = ['endSession', 'authority', 'grantMandate'];

/** All roots that take the id of something that is not the asker's. @param except kinds that are the asker's business */
export async function attempts(asker: Asker, ids: Stock, except: readonly ObjectKind[] = []): Promise<Attempt[]> {
  const jobs = roots
    .filter(({ kind, name }) => kind !== 'subscription' && !LEFT_OUT.includes(name))
    .flatMap(root =>
      root.leaves
        .filter(({ type }) => type === 'ID')
        .map(leaf => ({ root, leaf, kind: kindAt(root.name, leaf.path) }))
        .filter((job): job is { root: Root; leaf: Leaf; kind: ObjectKind } => job.kind !== null)
        .filter(({ kind }) => !except.includes(kind)),
    );
  const made: Attempt[] = [];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) made.push(await attempt(asker, ids, job));
    }),
  );
  return made;
}

async function attempt(asker: Asker, ids: Stock, job: { root: Root; leaf: Leaf; kind: ObjectKind }): Promise<Attempt> {
  const { root, leaf, kind } = job;
  const ask = async (id: string) => asker.ask(root.query, withValue(foreignVariables(root, ids), leaf.path, id));
  const [foreign, unknown] = [await ask(ids[kind]), await ask(UNKNOWN_ID)];
  const { errors, data } = foreign.body;
  return {
    question: `${asker.name}: ${root.name} ${leaf.path}`,
    kind,
    foreign: comparable(foreign.text),
    unknown: comparable(unknown.text),
    code: errors?.[0]?.extensions.code ?? data?.[root.name]?.refusal?.code ?? null,
  };
}

/** Well-formed variables whose ids are all those of the stock, so that a deed comes as far as it can. */
export function foreignVariables(root: Root, ids: Stock): Record<string, unknown> {
  let variables = plainVariables(root);
  for (const { path, type, required } of root.leaves) {
    const kind = type === 'ID' && required ? kindAt(root.name, path) : null;
    if (kind) variables = withValue(variables, path, ids[kind]);
    if (path.endsWith('.idempotencyKey')) variables = withValue(variables, path, key());
  }
  return variables;
}

const comparable = (text: string): string => text.replace(/"(requestId|reference|expiresAt|url)":"[^"]*"/g, '"$1":"…"');
