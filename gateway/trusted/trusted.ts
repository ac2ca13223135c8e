/**
 * Trusted documents: texts that front ends have registered, found by the SHA-256 of the text. Production may answer only
 * these; then a stranger has no document of his own to try.
 */
import type { Request, RequestHandler } from 'express';
import { GraphQLError, Kind, parse } from 'graphql';
import { keyOf } from '../documents';
import { knowOperations } from '../seen/metrics';

/** SHA-256 of a text, in hex → the text. */
export type Texts = Readonly<Record<string, string>>;

/** How a client says what it asks: by a text, or by the hash of one that is registered. */
export interface Named {
  readonly query?: unknown;
  /** The hash, with or without `sha256:` before it. */
  readonly documentId?: unknown;
  /** With the hash as `persistedQuery.sha256Hash`. */
  readonly extensions?: unknown;
}

export class TrustedDocuments {
  private texts: ReadonlyMap<string, string> = new Map();

  /**
   * @param only whether nothing else is answered
   * @throws Error when a text is not that of its hash
   */
  constructor(
    private readonly only: boolean,
    texts: Texts = {},
  ) {
    this.replace(texts);
  }

  /** @throws Error when a text is not that of its hash; then nothing has changed */
  replace(texts: Texts): void {
    const known = new Map(Object.entries(texts));
    for (const [hash, text] of known) {
      if (typeof text !== 'string' || keyOf(text) !== hash) throw new Error(`${hash} is not the hash of its document.`);
    }
    knowOperations([...known.values()].flatMap(namesIn));
    this.texts = known;
  }

  /** Whether a text may be asked. @param hash of the text */
  allows(hash: string): boolean {
    return !this.only || this.texts.has(hash);
  }

  /**
   * @returns undefined when nothing is named, or by a hash that an automatic persisted query may have
   * @throws GraphQLError PERSISTED_QUERY_NOT_IN_LIST for what is not registered and must be
   */
  textOf({ query, documentId, extensions }: Named): string | undefined {
    if (typeof query === 'string' && query !== '') {
      if (this.only && !this.texts.has(keyOf(query))) throw notRegistered();
      return query;
    }
    const text = this.registered({ documentId, extensions });
    const isNamed = documentId !== undefined || (this.only && hashIn(extensions) !== undefined);
    if (text === undefined && isNamed) throw notRegistered();
    return text;
  }

  /** The text of a hash; undefined when it has none. */
  registered({ documentId, extensions }: Named): string | undefined {
    const hash = typeof documentId === 'string' ? documentId.replace(/^sha256:/, '') : hashIn(extensions);
    return hash === undefined ? undefined : this.texts.get(hash);
  }

  /** Puts the text in place of its hash, for everything behind it. */
  readonly find: RequestHandler = (request, _response, next) => {
    const sent = namedBy(request);
    const text = this.textOf(sent);
    if (text !== undefined && text !== sent.query) useText(request, text);
    next();
  };
}

const notRegistered = (): GraphQLError =>
  Object.assign(
    new GraphQLError('Only registered documents are answered here, and this is none.', {
      extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST', http: { status: 400 } },
    }),
    { status: 400 },
  );

function hashIn(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { version?: unknown; sha256Hash?: unknown } };
  return persistedQuery?.version === 1 && typeof persistedQuery.sha256Hash === 'string'
    ? persistedQuery.sha256Hash
    : undefined;
}

const addressOf = (request: Request): URL => new URL(request.url, 'http://gateway');

function namedBy(request: Request): Named {
  if (request.method !== 'GET') return (request.body ?? {}) as Named;
  const { searchParams } = addressOf(request);
  const [query, documentId, extensions] = ['query', 'documentId', 'extensions'].map(
    name => searchParams.get(name) ?? undefined,
  );
  return { query, documentId, extensions: parsed(extensions) };
}

function parsed(json: string | undefined): unknown {
  try {
    return json && JSON.parse(json);
  } catch {
    return undefined; // Apollo Server says what is wrong with it
  }
}

function useText(request: Request, query: string): void {
  if (request.method === 'GET') {
    const { pathname, searchParams } = addressOf(request);
    searchParams.set('query', query);
    for (const name of ['documentId', 'extensions']) searchParams.delete(name);
    request.url = `${pathname}?${searchParams}`;
  } else {
    const { documentId: _, extensions: __, ...rest } = request.body as Record<string, unknown>;
    request.body = { ...rest, query };
  }
}

const namesIn = (text: string): string[] =>
  parse(text, { noLocation: true }).definitions.flatMap(one =>
    one.kind === Kind.OPERATION_DEFINITION && one.name ? [one.name.value] : [],
  );
